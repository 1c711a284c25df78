//! Reading the account's private key.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use outflow_model::{Fault, FaultClass};
use russh::keys::{Error, PrivateKey, decode_secret_key};
use secrecy::{ExposeSecret as _, SecretString};

use super::config::SftpAccount;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key of the account, or `None` when it has none. Works for up to a second when the key has a passphrase.
///
/// # Errors
/// `Input` when `sshKey` is no private key; `Credentials` when `passphrase` is missing or does not open it.
pub(super) fn of(account: &SftpAccount) -> Result<Option<PrivateKey>, Fault> {
    let given = |secret: &'_ Option<SecretString>| {
        secret.as_ref().map(|s| s.expose_secret().to_owned()).filter(|s| !s.trim().is_empty())
    };
    let Some(text) = given(&account.ssh_key) else { return Ok(None) };
    read(&text, given(&account.passphrase).as_deref()).map(Some)
}

fn read(text: &str, passphrase: Option<&str>) -> Result<PrivateKey, Fault> {
    let unreadable = |message: &str| {
        Fault::input(format!("sshKey: {message}"))
            .tried("read the private key")
            .hint("give the whole text of the private key file, from -----BEGIN to -----END, or that text in Base64")
            .about(["sshKey"])
    };
    let text = key_text(text).ok_or_else(|| unreadable("this is not a private key"))?;
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.contains("PUBLIC KEY-----") {
        return Err(unreadable("this is a public key, the private one is needed"));
    }
    // PEM says in clear text whether it is encrypted, and then only is a passphrase to be used; OpenSSH's own form is asked.
    let pem_encrypted = text.contains("ENCRYPTED");
    let openssh = text.contains("OPENSSH PRIVATE KEY") || text.starts_with("PuTTY-User-Key-File");
    let encrypted = match decode_secret_key(&text, None) {
        Ok(key) => return Ok(key),
        Err(Error::KeyIsEncrypted) => true,
        Err(_) if pem_encrypted => true,
        Err(_) if openssh => passphrase.is_some(),
        Err(e) => return Err(unreadable("this private key cannot be read").because(e)),
    };
    let fault = |message: &str, hint: &str| {
        Fault::new(FaultClass::Credentials, format!("passphrase: {message}"))
            .tried("open the private key")
            .hint(hint)
            .about(["passphrase"])
    };
    match passphrase {
        _ if !encrypted => Err(unreadable("this private key cannot be read")),
        None => Err(fault("the SSH key is protected by one, and none is given", "set passphrase to the key's passphrase")),
        Some(passphrase) => decode_secret_key(&text, Some(passphrase)).map_err(|e| {
            fault(
                "it does not open the SSH key",
                "correct the passphrase; if it is right, convert the key with `ssh-keygen -p -f KEYFILE` and give the result",
            )
            .because(e)
        }),
    }
}

/// The key's lines without indentation, from plain text, text with `\n` written out, or Base64 of either.
fn key_text(given: &str) -> Option<String> {
    let looks_like_key = |text: &str| {
        ["-----BEGIN ", "PuTTY-User-Key-File", "ssh-", "ecdsa-"].iter().any(|start| text.starts_with(start))
    };
    let tidy = |text: &str| {
        let text = if text.trim().contains('\n') { text.to_owned() } else { text.replace("\\n", "\n") };
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let plain = tidy(given);
    if looks_like_key(&plain) {
        return Some(plain);
    }
    let packed: String = given.split_whitespace().collect();
    let decoded = tidy(&String::from_utf8(BASE64.decode(packed).ok()?).ok()?);
    looks_like_key(&decoded).then_some(decoded)
}
