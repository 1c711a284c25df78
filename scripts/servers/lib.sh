# Shared by the server scripts: processes that we start, wait for, and stop, and no others.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

SERVERS=$ROOT/scripts/servers
STATE=$DEV/servers
ENV_FILE=$DEV/servers.env
PYTHON=$DEV/venv/bin/python
mkdir -p "$STATE/run" "$STATE/log"

# birth PID: when the kernel started it. With the number it names one process for good, though numbers come round again.
birth() { cut -d ')' -f 2- "/proc/$1/stat" 2>/dev/null | awk '{print $20}'; }

# running NAME: whether the process that we recorded under NAME is still that process.
running() {
  local pid born
  read -r pid born 2>/dev/null <"$STATE/run/$1" || return 1
  [ -n "$born" ] && [ "$(birth "$pid")" = "$born" ]
}

# start NAME COMMAND...: in the background, in a session of its own so that an interrupt at the terminal reaches it only
# through `down`.
start() {
  local name=$1
  shift
  setsid "$@" >"$STATE/log/$name.log" 2>&1 </dev/null &
  local pid=$!
  printf '%s %s\n' "$pid" "$(birth "$pid")" >"$STATE/run/$name"
}

# stop NAME...: asks all of them, waits up to 5 s, then insists.
stop() {
  local name
  for name in "$@"; do
    ! running "$name" || kill "$(recorded "$name")" 2>/dev/null || true
  done
  for name in "$@"; do
    for _ in $(seq 50); do
      running "$name" || break
      sleep 0.1
    done
    ! running "$name" || kill -9 "$(recorded "$name")" 2>/dev/null || true
    rm -f "$STATE/run/$name"
  done
}

recorded() { cut -d ' ' -f 1 "$STATE/run/$1"; }

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# choose_port WANTED: WANTED where it is free, else a free one that the system picks, so that two checkouts can test at
# the same time.
choose_port() {
  if port_answers "$1"; then
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
  else
    echo "$1"
  fi
}

# wait_port NAME PORT SECONDS
wait_port() {
  for _ in $(seq $(($3 * 10))); do
    port_answers "$2" && return 0
    running "$1" || break
    sleep 0.1
  done
  tail -n 20 "$STATE/log/$1.log" >&2
  die "$1 did not answer on port $2 within $3 s; its log is above"
}

# random_text: 32 hexadecimal digits, for passwords that nobody needs to know in advance.
random_text() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# json KEY VALUE...: one object of strings; a key that ends in `:` has a number (json host a port: 1). Values may be
# secrets, so they go through a pipe: arguments can be read by every user.
json() {
  printf '%s\0' "$@" | python3 -c '
import json, sys
words = sys.stdin.read().split("\0")
pairs = zip(words[0::2], words[1::2])
print(json.dumps({k.rstrip(":"): int(v) if k.endswith(":") else v for k, v in pairs}))'
}
