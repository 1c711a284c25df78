//! Which keys a server may present.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use outflow_model::fault::HostKey;
use outflow_model::{Fault, FaultClass};
use russh::keys::{Algorithm, HashAlg, PublicKey};

use super::config::SftpAccount;

/// The keys that an account pins for its server.
#[derive(Debug, Default)]
pub(super) struct HostKeys {
    trusted: Vec<PublicKey>,
    revoked: Vec<PublicKey>,
    /// A certificate authority is given for the server.
    has_authority: bool,
    /// How a line of `knownHosts` names the server, where that is used.
    known_as: Option<String>,
}

/// What is wrong with the text that should give the keys.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub field: &'static str,
    pub message: String,
}

impl HostKeys {
    /// Reads `hostKey` or `knownHosts`. Neither gives no trusted key, and so no connection.
    pub fn of(account: &SftpAccount) -> Result<HostKeys, Unreadable> {
        let text = |field: &'static str, value: &Option<String>| {
            let value = value.as_deref().map(str::trim).filter(|v| !v.is_empty());
            value.map(|v| (field, v.to_owned()))
        };
        match (text("hostKey", &account.host_key), text("knownHosts", &account.known_hosts)) {
            (None, None) => Ok(HostKeys::default()),
            (Some((field, lines)), None) => HostKeys::from_lines(field, &lines),
            (None, Some((_, file))) => Ok(HostKeys::from_known_hosts(&file, &account.domain, account.port)),
            (Some(_), Some((field, _))) => {
                Err(Unreadable { field, message: "give hostKey or knownHosts, not both".into() })
            }
        }
    }

    fn from_lines(field: &'static str, lines: &str) -> Result<HostKeys, Unreadable> {
        let mut keys = HostKeys::default();
        for (n, line) in numbered(lines) {
            let key = PublicKey::from_openssh(line).map_err(|_| Unreadable {
                field,
                message: format!("line {n} is not a public key of the form `ssh-ed25519 AAAA…`"),
            })?;
            keys.trusted.push(key);
        }
        Ok(keys)
    }

    fn from_known_hosts(file: &str, host: &str, port: u16) -> HostKeys {
        let host = host.to_lowercase();
        let with_port = if port == 22 { host.clone() } else { format!("[{host}]:{port}") };
        let mut keys = HostKeys::known(file, &with_port);
        if port != 22 {
            // As ssh does: a host on another port is looked up with its port first, then without. Revoked is revoked.
            let anywhere = HostKeys::known(file, &host);
            keys.revoked.extend(anywhere.revoked);
            if keys.trusted.is_empty() {
                keys.trusted = anywhere.trusted;
                keys.has_authority |= anywhere.has_authority;
            }
        }
        keys.known_as = Some(with_port);
        keys
    }

    /// What the lines for `wanted` say. Lines for others and lines that cannot be read are passed over, as ssh does.
    fn known(file: &str, wanted: &str) -> HostKeys {
        let mut keys = HostKeys::default();
        for (_, line) in numbered(file) {
            let (marker, rest) = match line.strip_prefix('@').and_then(|l| l.split_once(char::is_whitespace)) {
                Some((marker, rest)) => (Some(marker), rest.trim_start()),
                None => (None, line),
            };
            let Some((hosts, key)) = rest.split_once(char::is_whitespace) else { continue };
            if !matches_host(hosts, wanted) {
                continue;
            }
            let Ok(key) = PublicKey::from_openssh(key.trim()) else { continue };
            match marker {
                None => keys.trusted.push(key),
                Some("revoked") => keys.revoked.push(key),
                Some(_) => keys.has_authority = true,
            }
        }
        keys
    }

    /// The algorithms to offer: those of pinned keys first, so that a server with several keys presents the pinned one.
    pub fn order(&self, offered: &[Algorithm]) -> Vec<Algorithm> {
        let pinned = |a: &Algorithm| self.trusted.iter().any(|k| same_kind(&k.algorithm(), a));
        let (mut first, rest): (Vec<_>, Vec<_>) = offered.iter().cloned().partition(pinned);
        first.extend(rest);
        first
    }

    /// Judges the key that the server presented and proved to have.
    ///
    /// # Errors
    /// `Credentials`: revoked, changed, or not approved yet. Each says what to do.
    pub fn judge(&self, presented: &PublicKey, server: &str) -> Result<(), Fault> {
        let refuse =
            |message: String| Fault::new(FaultClass::Credentials, message).tried(format!("connect to {server}"));
        let same = |known: &PublicKey| known.key_data() == presented.key_data();
        let shown = fingerprint(presented);
        if self.revoked.iter().any(same) {
            return Err(refuse(format!("the server's key {shown} is revoked in knownHosts"))
                .hint("do not connect: ask the server's administrator for the key that replaces it"));
        }
        if self.trusted.iter().any(same) {
            return Ok(());
        }
        let line = key_line(presented);
        if self.trusted.is_empty() {
            return Err(refuse(format!(
                "the server's key is not approved yet: it is `{line}` with fingerprint {shown}"
            ))
            .hint(self.how_to_approve(&line))
            .presented(self.to_approve(presented)));
        }
        let pinned: Vec<String> = self.trusted.iter().map(fingerprint).collect();
        Err(refuse(format!("the server's key has changed: it presents {shown}, approved is {}", pinned.join(", "))).hint(format!(
            "someone may be in between, or the server was set up anew: ask its administrator; only if they confirm it, set hostKey to `{line}`"
        ))
        .presented(self.to_approve(presented)))
    }
}

impl HostKeys {
    /// What approves a key, where the account has its others.
    fn to_approve(&self, presented: &PublicKey) -> HostKey {
        let line = key_line(presented);
        let (field, line) = match &self.known_as {
            Some(host) if !self.has_authority => ("knownHosts", format!("{host} {line}")),
            _ => ("hostKey", line),
        };
        HostKey {
            field: field.into(),
            line,
            fingerprint: presented.fingerprint(HashAlg::Sha256).to_string(),
            algorithm: presented.algorithm().to_string(),
            approved: self.trusted.iter().map(|key| key.fingerprint(HashAlg::Sha256).to_string()).collect(),
        }
    }

    fn how_to_approve(&self, line: &str) -> String {
        let then = match &self.known_as {
            None => "set hostKey to that line, or knownHosts to a known_hosts file that has it".to_owned(),
            Some(_) if self.has_authority => {
                "set hostKey to that line: certificate authorities in knownHosts are not supported".to_owned()
            }
            Some(host) => format!("add `{host} {line}` to knownHosts, or set hostKey to that line instead"),
        };
        format!("compare the fingerprint with the one the server's administrator gives you, then {then}")
    }
}

/// `SHA256:… (ED25519)`, as ssh shows it.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    let kind = match key.algorithm() {
        Algorithm::Rsa { .. } => "RSA".to_owned(),
        Algorithm::Ecdsa { .. } => "ECDSA".to_owned(),
        Algorithm::Ed25519 => "ED25519".to_owned(),
        other => other.to_string(),
    };
    format!("{} ({kind})", key.fingerprint(HashAlg::Sha256))
}

/// The key as a line to paste, without a comment.
fn key_line(key: &PublicKey) -> String {
    let bare = PublicKey::new(key.key_data().clone(), "");
    bare.to_openssh().map_or_else(|_| fingerprint(key), |line| line.trim().to_owned())
}

/// RSA keys sign with several hashes; the kind of key is one.
fn same_kind(a: &Algorithm, b: &Algorithm) -> bool {
    matches!((a, b), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. })) || a == b
}

/// The lines that say something, counted from 1.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().map(str::trim).enumerate().map(|(n, line)| (n + 1, line));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// Whether a known_hosts host field names `wanted`: names, `*` and `?`, `!` to exclude, or a hash.
fn matches_host(field: &str, wanted: &str) -> bool {
    if let Some(hashed) = field.strip_prefix("|1|") {
        let Some((salt, hash)) = hashed.split_once('|') else { return false };
        let (Ok(salt), Ok(hash)) = (BASE64.decode(salt), BASE64.decode(hash)) else { return false };
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &salt);
        return hmac::verify(&key, wanted.as_bytes(), &hash).is_ok();
    }
    let mut found = false;
    for pattern in field.split(',') {
        match pattern.strip_prefix('!') {
            Some(excluded) if glob(excluded.to_lowercase().as_bytes(), wanted.as_bytes()) => return false,
            Some(_) => {}
            None => found |= glob(pattern.to_lowercase().as_bytes(), wanted.as_bytes()),
        }
    }
    found
}

/// `*` stands for any text, `?` for one character. Iterative, so a hostile pattern costs no more than length squared.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
#[path = "host_key_tests.rs"]
mod tests;
