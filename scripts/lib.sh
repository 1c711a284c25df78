# Shared by the scripts: where things are kept, and how something missing is installed.
#
# Everything but system packages lands in .outflow-dev of the checkout, so removing that folder removes it all.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEV=$ROOT/.outflow-dev
# Where user management and sshd live; not every way of becoming root has it in the path.
PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# install_python VENV REQUIREMENTS: makes .outflow-dev/VENV hold what the file in scripts/ pins.
# A copy of the file is kept beside the packages: while it is equal there is nothing to do and no network is needed.
install_python() {
  local venv=$DEV/$1 wanted=$ROOT/scripts/$2
  cmp -s "$wanted" "$venv/installed.txt" && return 0
  command -v python3 >/dev/null || install_system python3 python3-venv
  say "installing into .outflow-dev/$1: $(grep -v '^#' "$wanted" | tr '\n' ' ')"
  mkdir -p "$DEV"
  if ! [ -x "$venv/bin/pip" ]; then
    python3 -m venv "$venv" || { install_system python3-venv; python3 -m venv --clear "$venv"; }
  fi
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" \
    || die "pip could not install $2; what it said is above"
  cp "$wanted" "$venv/installed.txt"
}

# install_node: makes .outflow-dev/node hold what scripts/node/package-lock.json pins; as above, nothing is done while it does.
install_node() {
  local wanted=$ROOT/scripts/node into=$DEV/node
  command -v node >/dev/null || install_system nodejs
  cmp -s "$wanted/package-lock.json" "$into/installed.json" && return 0
  command -v npm >/dev/null || install_system npm
  say "installing into .outflow-dev/node: $(grep -o '"@azure/event-hubs": "[^"]*"' "$wanted/package.json")"
  mkdir -p "$into"
  cp "$wanted/package.json" "$wanted/package-lock.json" "$into/"
  npm --prefix "$into" ci --silent --no-audit --no-fund --ignore-scripts \
    || die "npm could not install scripts/node/package.json; what it said is above"
  cp "$wanted/package-lock.json" "$into/installed.json"
}

# install_system PACKAGE...: system packages through apt-get, without letting any of them start its own service.
install_system() {
  local missing=() package
  for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || die "install ${missing[*]} with this system's package manager, then run this again"
  [ "$(id -u)" = 0 ] || die "run this as root once, or install ${missing[*]}"
  say "installing system packages: ${missing[*]}"
  local log=$DEV/apt.log
  mkdir -p "$DEV"
  (install_quietly "${missing[@]}") >"$log" 2>&1 \
    || { tail -n 20 "$log" >&2; die "apt-get could not install ${missing[*]}; its log is $log"; }
}

# install_quietly PACKAGE...: for a shell of its own, whose traps take the policy away however it ends.
install_quietly() {
  local policy=/usr/sbin/policy-rc.d
  if ! [ -e $policy ]; then
    trap "rm -f $policy" EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
  fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}
