# The fault proxy in front of moto, rclone and sshd. See fault_proxy.py for what it can do.
start_fault_proxy() {
  local control moto rclone sshd
  control=$(choose_port "${OUTFLOW_DEV_FAULT_PORT:-28474}")
  moto=$(choose_port 28000)
  rclone=$(choose_port 28015)
  sshd=$(choose_port 28022)
  start fault_proxy "$PYTHON" -u "$SERVERS/fault_proxy.py" "$control" "$moto:127.0.0.1:$MOTO_PORT" \
    "$rclone:127.0.0.1:$RCLONE_PORT" "$sshd:127.0.0.1:$SSHD_PORT"
  wait_port fault_proxy "$control" 15
  OUTFLOW_TEST_FAULTPROXY=$(json control "http://127.0.0.1:$control" moto: "$moto" rclone: "$rclone" sshd: "$sshd")
}
