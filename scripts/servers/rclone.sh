# rclone serve s3: objects are plain files below a folder, so a test can look at the very bytes. It knows keys, secrets,
# buckets and multipart; it ignores conditional writes, and its one key may do everything.
start_rclone() {
  RCLONE_PORT=$(choose_port "${OUTFLOW_DEV_RCLONE_PORT:-25015}")
  local folder=$STATE/rclone key=outflowtestkey0001 secret
  secret=$(random_text)
  rm -rf "$folder"
  mkdir -p "$folder/exports"
  # Not as an argument, which every user can read. The quotes keep key and secret one value.
  RCLONE_AUTH_KEY="\"$key,$secret\"" start rclone "$DEV/venv/bin/rclone" --config /dev/null serve s3 \
    --addr "127.0.0.1:$RCLONE_PORT" "$folder"
  wait_port rclone "$RCLONE_PORT" 20
  OUTFLOW_TEST_RCLONE=$(json endpoint "http://127.0.0.1:$RCLONE_PORT" accessKeyId "$key" secretAccessKey "$secret" \
    bucket exports folder "$folder/exports")
}
