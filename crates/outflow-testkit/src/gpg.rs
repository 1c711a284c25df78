//! GnuPG: the receiver of encrypted files. Each value has keys of its own.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What keys can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RSA of 3,072 bits, with a subkey for encryption.
    Rsa3072,
    /// Ed25519 with a subkey on Curve25519, as GnuPG makes them today.
    Curve25519,
    /// NIST P-256 for both.
    NistP256,
    /// NIST P-384 for both.
    NistP384,
    /// ECDSA with a subkey on a Brainpool curve.
    Brainpool,
    /// RSA of 1,024 bits without a subkey.
    Rsa1024,
    /// Ed25519 without a subkey.
    SignOnly,
}

impl Kind {
    fn parameters(self) -> &'static str {
        match self {
            Kind::Rsa3072 => {
                "Key-Type: RSA\nKey-Length: 3072\nKey-Usage: sign\nSubkey-Type: RSA\nSubkey-Length: 3072\n\
                 Subkey-Usage: encrypt\n"
            }
            Kind::Curve25519 => {
                "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: cv25519\n\
                 Subkey-Usage: encrypt\n"
            }
            Kind::NistP256 => {
                "Key-Type: ECDSA\nKey-Curve: nistp256\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: nistp256\n\
                 Subkey-Usage: encrypt\n"
            }
            Kind::NistP384 => {
                "Key-Type: ECDSA\nKey-Curve: nistp384\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: nistp384\n\
                 Subkey-Usage: encrypt\n"
            }
            Kind::Brainpool => {
                "Key-Type: ECDSA\nKey-Curve: nistp256\nKey-Usage: sign\nSubkey-Type: ECDH\n\
                 Subkey-Curve: brainpoolP256r1\nSubkey-Usage: encrypt\n"
            }
            Kind::Rsa1024 => "Key-Type: RSA\nKey-Length: 1024\nKey-Usage: sign,encrypt\n",
            Kind::SignOnly => "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\n",
        }
    }
}

/// A GnuPG home of its own, which goes away with the value.
#[derive(Debug)]
pub struct Gpg {
    home: TempDir,
}

impl Default for Gpg {
    fn default() -> Gpg {
        Gpg::new()
    }
}

impl Gpg {
    /// A home without keys.
    ///
    /// # Panics
    /// Where GnuPG is missing.
    pub fn new() -> Gpg {
        let gpg = Gpg { home: crate::temp_dir() };
        gpg.run(&["--list-keys"], b"");
        gpg
    }

    /// Makes a key that does not expire; answers its fingerprint.
    pub fn key(&self, kind: Kind) -> String {
        self.key_with(kind, "0", &[])
    }

    /// Makes a key that expires when `expires` says in GnuPG's words; `options` are GnuPG's own.
    pub fn key_with(&self, kind: Kind, expires: &str, options: &[&str]) -> String {
        let before = self.fingerprints();
        let parameters = format!(
            "%no-protection\n{}Name-Real: Acme {kind:?}\nName-Email: files@acme.example\nExpire-Date: {expires}\n%commit\n",
            kind.parameters()
        );
        self.run(&[options, &["--generate-key"]].concat(), parameters.as_bytes());
        let made = self.fingerprints().into_iter().find(|fingerprint| !before.contains(fingerprint));
        made.unwrap_or_else(|| panic!("gpg made no key"))
    }

    /// The fingerprints of keys, without those of subkeys.
    fn fingerprints(&self) -> Vec<String> {
        let listed = self.text(&["--with-colons", "--list-keys"]);
        let mut lines = listed.lines();
        let mut found = Vec::new();
        while let Some(line) = lines.next() {
            if line.starts_with("pub:") {
                found.extend(lines.next().and_then(|line| line.split(':').nth(9)).map(str::to_owned));
            }
        }
        found
    }

    /// The fingerprints of a key's subkeys, in order.
    pub fn subkeys(&self, fingerprint: &str) -> Vec<String> {
        let listed = self.text(&["--with-colons", "--list-keys", fingerprint]);
        let prints = listed.lines().filter(|line| line.starts_with("fpr:"));
        prints.skip(1).filter_map(|line| line.split(':').nth(9)).map(str::to_owned).collect()
    }

    /// A public key, armored.
    pub fn public(&self, fingerprint: &str) -> String {
        self.text(&["--armor", "--export", fingerprint])
    }

    /// A public key as packets.
    pub fn public_binary(&self, fingerprint: &str) -> Vec<u8> {
        self.run(&["--export", fingerprint], b"").stdout
    }

    /// A private key, armored.
    pub fn private(&self, fingerprint: &str) -> String {
        self.text(&["--armor", "--export-secret-keys", fingerprint])
    }

    /// Revokes a key.
    pub fn revoke(&self, fingerprint: &str) {
        let file = self.home.path().join("openpgp-revocs.d").join(format!("{fingerprint}.rev"));
        let prepared = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.run(&["--import"], prepared.replace(":-----BEGIN", "-----BEGIN").as_bytes());
    }

    /// Decrypts a file.
    ///
    /// # Errors
    /// What gpg says, where it does not end well.
    pub fn decrypt(&self, file: &[u8]) -> Result<Vec<u8>, String> {
        let output = self.output(&["--decrypt"], file);
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// What a command prints.
    pub fn text(&self, args: &[&str]) -> String {
        String::from_utf8_lossy(&self.run(args, b"").stdout).into_owned()
    }

    /// Runs a command that must end well.
    ///
    /// # Panics
    /// Where it does not.
    pub fn run(&self, args: &[&str], input: &[u8]) -> Output {
        let output = self.output(args, input);
        assert!(output.status.success(), "gpg {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    fn output(&self, args: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.home.path());
        command.args(["--batch", "--no-tty", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""]).args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().unwrap_or_else(|e| panic!("gpg cannot be run ({e}); `scripts/servers/up` installs it"));
        let stdin = child.stdin.take();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // A gpg that gives up stops reading; what it says is what counts.
                let _ = stdin.map(|mut stdin| stdin.write_all(input));
            });
            child.wait_with_output().unwrap_or_else(|e| panic!("gpg was lost: {e}"))
        })
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // Its agent outlives every command.
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "all"]).output();
    }
}
