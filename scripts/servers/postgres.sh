# PostgreSQL in a folder of its own, with a superuser who signs in by password (SCRAM). It forgets everything with each
# start and does not wait for the disk: it serves tests, which make a database each. The folder is not below the
# checkout: the server runs as the user postgres, who may not be allowed to look in there.
POSTGRES_HOME=${OUTFLOW_DEV_POSTGRES_DIR:-/srv/outflow-test-postgres}
POSTGRES_DIR=$POSTGRES_HOME/$(printf %s "$ROOT" | cksum | cut -d ' ' -f 1)

start_postgres() {
  local bin password log
  bin=$(postgres_bin)
  if [ -z "$bin" ]; then
    install_system postgresql
    bin=$(postgres_bin)
    [ -n "$bin" ] || die "the package postgresql brought no server into /usr/lib/postgresql"
  fi
  POSTGRES_PORT=$(choose_port "${OUTFLOW_DEV_POSTGRES_PORT:-25432}")
  password=$(random_text)
  log=$STATE/log/postgres.log
  rm -rf "$POSTGRES_DIR"
  mkdir -p "$POSTGRES_DIR"
  chmod 755 "$POSTGRES_HOME"
  chmod 700 "$POSTGRES_DIR"
  (umask 077 && printf %s "$password" >"$POSTGRES_DIR/password")
  [ "$(id -u)" != 0 ] || chown -R postgres: "$POSTGRES_DIR"
  as_postgres "$bin/initdb" --pgdata "$POSTGRES_DIR/data" --username outflow --pwfile "$POSTGRES_DIR/password" \
    --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8 --no-sync >"$log" 2>&1 || { cat "$log" >&2; die "initdb failed"; }
  as_postgres tee -a "$POSTGRES_DIR/data/postgresql.conf" >/dev/null <<CONFIG
listen_addresses = '127.0.0.1'
port = $POSTGRES_PORT
unix_socket_directories = '$POSTGRES_DIR'
max_connections = 400
fsync = off
synchronous_commit = off
full_page_writes = off
CONFIG
  start postgres $(as_whom) "$bin/postgres" -D "$POSTGRES_DIR/data"
  wait_port postgres "$POSTGRES_PORT" 30
  OUTFLOW_TEST_POSTGRES=$(json host 127.0.0.1 port: "$POSTGRES_PORT" user outflow password "$password" bin "$bin")
}

# stop_postgres: at once. What `stop` sends lets a server wait for its clients.
stop_postgres() {
  if running postgres; then
    kill -INT "$(recorded postgres)" 2>/dev/null || true
    for _ in $(seq 50); do
      running postgres || break
      sleep 0.1
    done
  fi
  stop postgres
  rm -rf "$POSTGRES_DIR"
}

# postgres_bin: the folder of the newest server that is installed; nothing where there is none.
postgres_bin() {
  { find /usr/lib/postgresql /usr/pgsql-* -maxdepth 3 -path '*/bin/postgres' 2>/dev/null || true; } | sort -V | tail -n 1 \
    | xargs -r dirname
}

# as_whom: how a command becomes one of the user postgres. The server refuses to run as root.
as_whom() {
  [ "$(id -u)" != 0 ] || printf '%s ' setpriv --reuid=postgres --regid=postgres --init-groups
}

as_postgres() { (cd / && $(as_whom) "$@"); }
