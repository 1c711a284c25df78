# kinesalite: Kinesis data streams in memory, by who knew how the service answers. It believes every key, throttles never,
# and knows shards, hash keys and streams that are being created.
KINESALITE_VERSION=3.3.3

# install_kinesalite: into .outflow-dev/kinesalite. Without scripts of packages: what they would build is not used.
install_kinesalite() {
  local folder=$DEV/kinesalite
  [ "$(cat "$folder/installed.txt" 2>/dev/null)" = "$KINESALITE_VERSION" ] && return 0
  command -v npm >/dev/null || install_system nodejs npm
  say "installing into .outflow-dev/kinesalite: kinesalite@$KINESALITE_VERSION"
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error \
    "kinesalite@$KINESALITE_VERSION" >"$STATE/log/npm.log" 2>&1 \
    || die "npm could not install kinesalite; its log is $STATE/log/npm.log"
  echo "$KINESALITE_VERSION" >"$folder/installed.txt"
}

start_kinesalite() {
  KINESALITE_PORT=$(choose_port "${OUTFLOW_DEV_KINESALITE_PORT:-24567}")
  install_kinesalite
  # Its own command listens to the whole network.
  local program='const [kinesalite, port] = process.argv.slice(1)
    const options = { createStreamMs: 300, deleteStreamMs: 100, updateStreamMs: 100, shardLimit: 1000 }
    require(kinesalite)(options).listen(Number(port), "127.0.0.1")'
  start kinesalite node -e "$program" "$DEV/kinesalite/node_modules/kinesalite" "$KINESALITE_PORT"
  wait_port kinesalite "$KINESALITE_PORT" 30
  OUTFLOW_TEST_KINESALITE=$(json endpoint "http://127.0.0.1:$KINESALITE_PORT" region us-east-1 \
    accessKeyId AKIAIOSFODNN7EXAMPLE secretAccessKey "$(random_text)")
}
