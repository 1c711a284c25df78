//! Host keys: pinned lines, `known_hosts` files, and what a server may present.

use super::*;
use russh::keys::EcdsaCurve;
use serde_json::json;

const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqlzXtrgk44oTTfG1thNacMxbqpu6wI3KlwkscfGuXx";
const A_PRINT: &str = "SHA256:xLDpm3CHAPSgxo4GITGmWFUHO7axK/mhTq3Q+7qT/rQ (ED25519)";
const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP/DmSUgqSEEyLehIA13onTg9yGdQdW0eD5k6Xnnirw9";
const B_PRINT: &str = "SHA256:QOWoHgml8UKopV2Z5ZeIMsniq2ubxFxudW4oCwZP6Vc (ED25519)";
const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCkeEwQgndPbN5U6nUiEX+FuCsoNzrJDmxRqbWGJMU0EvwvT+5ytDD7GjrUNNA4/JMKFPMQkw+O0keIY/Q9efvsQhWVsdBp0X8BN28N69L9Zq2q/ynSY6xJb5RRFP+g/HSQSHR9o1iHDEaWgsNvmzD5cGuGFlNQbchhAVNkynFiTCjhSCqxCrfZEgDHueSxThLhbtX3H8Eyzt2ZCXyKSBRz/onlxuZozONWHaKvKLdxvzanXstOLwANM+SzkxxrLicl9gnrhu051vj7FsH8caeRecgDJMIkFOaviS4pucTg1bUyX5JHaJ6nkECQiVRRn7h4GTDiqx+k8KChA4ugPhhF";
/// What `ssh-keygen -H` made of `sftp.example.com A` and `[sftp.example.com]:2222 B`.
const HASHED: &str = "\
|1|seoy4Se7Uym+b9V1YlBCd4uwREU=|8uGV+vQmvBzYVzaZuV/HxuBLzgg= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqlzXtrgk44oTTfG1thNacMxbqpu6wI3KlwkscfGuXx
|1|QwGAsnZcb/tf5jBSuOG0jVIDBiQ=|C3UqLQMAZVTPYWaYslumb4Is/y4= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP/DmSUgqSEEyLehIA13onTg9yGdQdW0eD5k6Xnnirw9
";

fn key(line: &str) -> PublicKey {
    PublicKey::from_openssh(line).unwrap()
}

fn keys(field: &str, text: &str, port: u16) -> Result<HostKeys, String> {
    let account = json!({"domain": "SFTP.example.com", "port": port, "username": "u", "password": "p", field: text});
    let account: SftpAccount = serde_json::from_value(account).unwrap();
    HostKeys::of(&account).map_err(|e| format!("{}: {}", e.field, e.message))
}

/// "ok", or the first words of the refusal.
fn judged(keys: &HostKeys, presented: &str) -> String {
    match keys.judge(&key(presented), "h:22") {
        Ok(()) => "ok".into(),
        Err(fault) => {
            assert_eq!(fault.class, FaultClass::Credentials);
            assert!(!fault.hint.is_empty());
            fault.message
        }
    }
}

#[test]
fn without_a_key_the_one_to_approve_is_shown() {
    let message = judged(&HostKeys::default(), &format!("{A} some comment"));
    assert!(message.contains(&format!("`{A}`")) && message.contains(A_PRINT), "{message}");
}

#[test]
fn a_changed_key_shows_both_fingerprints() {
    let pinned = keys("hostKey", &format!("# from the admin\n{A} comment\n{RSA}\n"), 22).unwrap();
    assert_eq!(judged(&pinned, A), "ok");
    assert_eq!(judged(&pinned, RSA), "ok");
    let message = judged(&pinned, B);
    assert!(message.contains("changed") && message.contains(A_PRINT) && message.contains(B_PRINT), "{message}");
}

#[test]
fn known_hosts_are_found_by_name_port_pattern_and_hash() {
    for (file, port, presented, expected) in [
        (format!("sftp.example.com,10.0.0.1 {A}\nother {B}"), 22, A, "ok"),
        (format!("sftp.example.com {A}\n[sftp.example.com]:2222 {B}"), 2222, B, "ok"),
        (format!("sftp.example.com {A}\n[sftp.example.com]:2222 {B}"), 2222, A, "the server's key has changed"),
        (format!("sftp.example.com {A}"), 2222, A, "ok"),
        (format!("*.example.com {A}"), 22, A, "ok"),
        (format!("s?tp.*.com,!other.example.com {A}"), 22, A, "ok"),
        (HASHED.to_owned(), 22, A, "ok"),
        (HASHED.to_owned(), 2222, B, "ok"),
        (HASHED.to_owned(), 22, B, "the server's key has changed"),
        (format!("sftp.example.com {A}\n@revoked * {B}"), 22, B, "the server's key SHA256:QOW"),
        (format!("@revoked * {A}\nsftp.example.com {A}"), 2222, A, "the server's key SHA256:xLD"),
        (format!("broken\nsftp.example.com rubbish\nsftp.example.com {A}"), 22, A, "ok"),
    ] {
        let message = judged(&keys("knownHosts", &file, port).unwrap(), presented);
        assert!(message.starts_with(expected), "{file}\nport {port}: {message}");
    }
}

#[test]
fn a_file_that_does_not_know_the_host_asks_for_approval() {
    for (file, expected) in [
        (format!("other.example.com {A}"), "add `sftp.example.com ssh-ed25519 AAAA"),
        (format!("!sftp.example.com,*.example.com {A}"), "add `sftp.example.com ssh-ed25519 AAAA"),
        (format!("@cert-authority *.example.com {A}"), "authorities in knownHosts are not supported"),
    ] {
        let keys = keys("knownHosts", &file, 22).unwrap();
        let fault = keys.judge(&key(B), "h:22").unwrap_err();
        assert!(fault.message.contains("not approved yet"), "{fault:?}");
        assert!(fault.hint.contains(expected), "{fault:?}");
    }
}

#[test]
fn a_line_that_is_no_key_is_a_problem_of_its_field() {
    assert_eq!(
        keys("hostKey", &format!("{A}\nSHA256:abc"), 22).unwrap_err(),
        "hostKey: line 2 is not a public key of the form `ssh-ed25519 AAAA…`"
    );
}

#[test]
fn a_key_to_approve_comes_with_its_line_for_the_member_that_has_the_others() {
    let presented = |keys: &HostKeys| keys.judge(&key(B), "h:22").unwrap_err().host_key().cloned();
    let print = |shown: &str| shown.trim_end_matches(" (ED25519)").to_owned();
    let unknown = presented(&HostKeys::default()).unwrap();
    assert_eq!((unknown.field.as_str(), unknown.line.as_str()), ("hostKey", B));
    assert_eq!((unknown.fingerprint, unknown.algorithm.as_str()), (print(B_PRINT), "ssh-ed25519"));
    assert!(unknown.approved.is_empty());
    let changed = presented(&keys("hostKey", A, 22).unwrap()).unwrap();
    assert_eq!((changed.field.as_str(), changed.approved), ("hostKey", vec![print(A_PRINT)]));
    let known = keys("knownHosts", &format!("sftp.example.com {A}"), 2222).unwrap();
    let listed = presented(&known).unwrap();
    assert_eq!((listed.field.as_str(), listed.line), ("knownHosts", format!("[sftp.example.com]:2222 {B}")));
    let revoked = keys("knownHosts", &format!("@revoked * {B}\nsftp.example.com {A}"), 22).unwrap();
    assert_eq!(presented(&revoked), None);
}

#[test]
fn a_pinned_kind_is_asked_for_first() {
    let sha2 = Algorithm::Rsa { hash: Some(HashAlg::Sha256) };
    let p256 = Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 };
    let offered = [Algorithm::Ed25519, p256.clone(), sha2.clone()];
    let pinned = keys("hostKey", RSA, 22).unwrap();
    assert_eq!(pinned.order(&offered), [sha2, Algorithm::Ed25519, p256]);
}

#[test]
fn globs_match_like_ssh() {
    for (pattern, text, expected) in
        [("*", "", true), ("a*c*e", "abcde", true), ("a?c", "abc", true), ("a?c", "ac", false), ("a*b", "aXc", false)]
    {
        assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
    }
}
