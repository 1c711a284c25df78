# OpenSSH's sshd on a loopback port, apart from the system's own, with three users locked into folders of their own:
#   outflow-w    password and keys; /upload is writable, /locked is not
#   outflow-ro   password; a read-only server
#   outflow-q    password; a folder of 16 MiB, for a disk that is full
# The folders are not below /tmp: sshd refuses to lock a user into a folder that anyone could swap. Each checkout has its
# own; the users and their password are the machine's.
SFTP_HOME=${OUTFLOW_DEV_SFTP_DIR:-/srv/outflow-test-sftp}
SFTP_DIR=$SFTP_HOME/$(printf %s "$ROOT" | cksum | cut -d ' ' -f 1)
SFTP_USERS=(outflow-w outflow-ro outflow-q)
SFTP_PASSPHRASE=outflow-test-passphrase
QUOTA_BYTES=16777216

start_sshd() {
  [ "$(id -u)" = 0 ] || die "the SFTP server locks its users into folders, which only root may set up: run this as root"
  install_system openssh-server openssh-client openssl
  SSHD_PORT=$(choose_port "${OUTFLOW_DEV_SSHD_PORT:-22222}")
  mkdir -p "$SFTP_DIR/keys" /run/sshd
  chmod 755 "$SFTP_HOME" "$SFTP_DIR" "$SFTP_DIR/keys"
  make_sftp_users
  make_sftp_keys
  make_sftp_folders
  write_sshd_config
  /usr/sbin/sshd -t -f "$SFTP_DIR/sshd_config" || die "sshd refuses its configuration"
  start sshd /usr/sbin/sshd -D -e -f "$SFTP_DIR/sshd_config"
  wait_port sshd "$SSHD_PORT" 15
  OUTFLOW_TEST_SSHD=$(json host 127.0.0.1 port: "$SSHD_PORT" user outflow-w password "$SFTP_PASSWORD" \
    readOnlyUser outflow-ro quotaUser outflow-q quotaBytes: "$QUOTA_BYTES" \
    keyEd25519 "$SFTP_DIR/client_ed25519" keyRsa "$SFTP_DIR/client_rsa" keyEcdsa "$SFTP_DIR/client_ecdsa" \
    keyEncrypted "$SFTP_DIR/client_encrypted" passphrase "$SFTP_PASSPHRASE" keyUnknown "$SFTP_DIR/client_unknown" \
    hostKey "$(public_key host_ed25519)" otherHostKey "$(public_key host_other)" secondHostKey "$(public_key host_rsa)" \
    uploadDir "$SFTP_DIR/jail-outflow-w/upload" lockedDir /locked)
}

# unmount_quota FOLDER: of one checkout.
unmount_quota() {
  ! mountpoint -q "$1/jail-outflow-q" || umount -l "$1/jail-outflow-q"
}

# wipe_sshd: also removes the users and every checkout's folders. Nothing else on the machine may be testing.
wipe_sshd() {
  local user folder
  for user in "${SFTP_USERS[@]}"; do
    ! id "$user" >/dev/null 2>&1 || userdel "$user"
  done
  for folder in "$SFTP_HOME"/*/; do unmount_quota "$folder"; done
  rm -rf "$SFTP_HOME"
}

# The password is random and readable by root alone: the system's own sshd would accept it too.
make_sftp_users() {
  local user hash
  [ -s "$SFTP_HOME/password" ] || (umask 077 && random_text >"$SFTP_HOME/password")
  SFTP_PASSWORD=$(cat "$SFTP_HOME/password")
  hash=$(printf %s "$SFTP_PASSWORD" | openssl passwd -6 -stdin)
  for user in "${SFTP_USERS[@]}"; do
    if ! id "$user" >/dev/null 2>&1; then
      say "adding the system user $user (scripts/servers/down --wipe removes it)"
      useradd --system --no-create-home --home-dir / --shell /usr/sbin/nologin "$user"
    fi
    printf '%s:%s\n' "$user" "$hash" | chpasswd --encrypted
  done
}

make_sftp_keys() {
  make_key host_ed25519 ed25519
  make_key host_rsa rsa
  make_key host_other ed25519
  make_key client_ed25519 ed25519
  make_key client_rsa rsa
  make_key client_ecdsa ecdsa
  make_key client_encrypted ed25519 "$SFTP_PASSPHRASE"
  make_key client_unknown ed25519
  cat "$SFTP_DIR"/client_{ed25519,rsa,ecdsa,encrypted}.pub >"$SFTP_DIR/keys/outflow-w"
  chmod 644 "$SFTP_DIR/keys/outflow-w"
}

# make_key NAME TYPE [PASSPHRASE]
make_key() {
  [ -f "$SFTP_DIR/$1" ] || ssh-keygen -q -t "$2" -N "${3:-}" -C "outflow-test-$1" -f "$SFTP_DIR/$1"
}

public_key() { cut -d ' ' -f 1,2 "$SFTP_DIR/$1.pub"; }

# sshd wants root to own what it locks a user into; the user owns only /upload.
make_sftp_folders() {
  local user jail
  for user in "${SFTP_USERS[@]}"; do
    jail=$SFTP_DIR/jail-$user
    mkdir -p "$jail"
    if [ "$user" = outflow-q ]; then
      mountpoint -q "$jail" || mount -t tmpfs -o "size=$QUOTA_BYTES,mode=755" tmpfs "$jail" \
        || die "the disk that fills up is a small tmpfs, and this system refuses to mount one"
    fi
    rm -rf "$jail/upload"
    mkdir -p "$jail/upload" "$jail/locked"
    chmod 755 "$jail"
    chmod 555 "$jail/locked"
    chown "$user" "$jail/upload"
  done
}

write_sshd_config() {
  cat >"$SFTP_DIR/sshd_config" <<CONFIG
Port $SSHD_PORT
ListenAddress 127.0.0.1
HostKey $SFTP_DIR/host_ed25519
HostKey $SFTP_DIR/host_rsa
PidFile none
AuthorizedKeysFile $SFTP_DIR/keys/%u
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin no
AllowUsers ${SFTP_USERS[*]}
MaxAuthTries 3
# Tests connect many at a time; the default would drop some of them at random.
MaxStartups 100:30:200
MaxSessions 100
AllowTcpForwarding no
X11Forwarding no
Subsystem sftp internal-sftp
ChrootDirectory $SFTP_DIR/jail-%u
Match User outflow-ro
  ForceCommand internal-sftp -R
Match User outflow-w,outflow-q
  ForceCommand internal-sftp
CONFIG
}
