# moto: S3, Kinesis, IAM and STS in memory, with signatures and policies enforced. It answers like the real services where
# keys, rights and buckets are concerned, with errors in XML for Kinesis too, and does not check checksums.
start_moto() {
  MOTO_PORT=$(choose_port "${OUTFLOW_DEV_MOTO_PORT:-25000}")
  start moto "$DEV/venv/bin/moto_server" -H 127.0.0.1 -p "$MOTO_PORT"
  wait_port moto "$MOTO_PORT" 60
  OUTFLOW_TEST_MOTO=$("$PYTHON" "$SERVERS/moto_seed.py" "http://127.0.0.1:$MOTO_PORT") || die "moto could not be seeded"
}
