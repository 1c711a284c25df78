//! What the SSH library's errors mean for whoever waits for the files.

use outflow_model::{Fault, FaultClass};
use russh::{AlgorithmKind, Error};
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::StatusCode;

/// A connection that is gone. `reason` is the server's or the library's word for it, if there is one.
pub(super) fn lost(server: &str, what: &str, reason: Option<&str>) -> Fault {
    let reason = reason.map(|r| format!(": {r}")).unwrap_or_default();
    Fault::new(FaultClass::Unavailable, format!("the connection was lost{reason}"))
        .tried(format!("{what} at {server}"))
        .hint("run it again; if it keeps happening, look at the server's log and the network in between")
}

/// A server that takes the connection and then says nothing.
pub(super) fn silent(server: &str, what: &str, secs: u64) -> Fault {
    Fault::new(FaultClass::Unavailable, format!("the server did not answer within {secs} seconds"))
        .tried(format!("{what} at {server}"))
        .hint("check that the server is up and that no firewall drops the connection, then run it again")
}

/// How the line begins by which a server says that it speaks SSH 2 (RFC 4253, sections 4.2 and 5.1).
const SSH_GREETINGS: [&[u8]; 2] = [b"SSH-2.0-", b"SSH-1.99-"];

/// Whether `unfinished`, a line without its end, is as much of an SSH greeting as came. Nothing is no part of one.
fn begins_ssh_greeting(unfinished: &[u8]) -> bool {
    !unfinished.is_empty()
        && SSH_GREETINGS.iter().any(|start| start.starts_with(unfinished) || unfinished.starts_with(start))
}

/// A handshake that failed. `greeting` is what the server said first, as far as it came.
pub(super) fn handshake(server: &str, error: &Error, greeting: &[u8]) -> Fault {
    let tried = format!("connect to {server}");
    let lines = || greeting.split(|b| *b == b'\n');
    // What stands behind the last line's end was still being said when the connection ended.
    if lines().next_back().is_some_and(begins_ssh_greeting) {
        return lost(server, "connect", Some("it was cut within the server's greeting"));
    }
    let is_ssh = lines().any(|line| SSH_GREETINGS.iter().any(|start| line.starts_with(start)));
    if !is_ssh && !greeting.is_empty() {
        let line = greeting.split(|b| *b == b'\n').next().unwrap_or_default();
        let line: String = String::from_utf8_lossy(line).chars().filter(|c| !c.is_control()).take(60).collect();
        return Fault::new(FaultClass::Config, format!("this is not an SSH server: it answers `{line}`"))
            .tried(tried)
            .hint("correct domain and port; SFTP usually runs on port 22, and is something else than FTP or FTPS");
    }
    match error {
        Error::NoCommonAlgo { kind, ours, theirs } => no_common_algorithm(kind, ours, theirs).tried(tried),
        Error::WrongServerSig | Error::Signature(_) | Error::PacketAuth | Error::DecryptionError => {
            Fault::new(FaultClass::Credentials, "the server could not prove that it holds its key")
                .tried(tried)
                .hint("someone may be in between: ask the server's administrator")
        }
        Error::Version => Fault::new(FaultClass::Config, "this is not an SSH server: it sends no SSH greeting")
            .tried(tried)
            .hint("correct domain and port"),
        _ if greeting.is_empty() => lost(server, "connect", Some("it was closed before the server's greeting"))
            .hint("the server may be busy or may not allow this address; if it always happens, check domain and port"),
        other => lost(server, "agree on encryption", Some(&other.to_string())),
    }
}

/// Names of old algorithms that `legacyAlgorithms` switches on.
const LEGACY: [&str; 7] = [
    "ssh-rsa",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1",
    "aes256-cbc",
    "aes128-cbc",
    "hmac-sha1",
    "hmac-sha1-etm@openssh.com",
];

fn no_common_algorithm(kind: &AlgorithmKind, ours: &[String], theirs: &[String]) -> Fault {
    let what = match kind {
        AlgorithmKind::Kex => "key exchange",
        AlgorithmKind::Key => "host key",
        AlgorithmKind::Cipher => "cipher",
        AlgorithmKind::Compression => "compression",
        AlgorithmKind::Mac => "integrity",
    };
    let legacy = theirs.iter().any(|name| LEGACY.contains(&name.as_str()) && !ours.contains(name));
    let hint = if legacy {
        "ask the server's administrator for newer algorithms, or set legacyAlgorithms to accept the old ones"
    } else {
        "ask the server's administrator to allow one of the supported algorithms"
    };
    let message = format!(
        "no common {what} algorithm: the server offers {}; supported are {}",
        theirs.join(", "),
        ours.join(", ")
    );
    Fault::new(FaultClass::Config, message).hint(hint)
}

/// An SFTP request that failed. `what` is an infinitive with its object: "write sftp://…/a.csv".
pub(super) fn from_sftp(error: &SftpError, server: &str, what: &str) -> Fault {
    let SftpError::Status(status) = error else {
        return match error {
            SftpError::Timeout => silent(server, what, super::connection::ANSWER_SECS_MAX),
            SftpError::Limited(limit) => {
                Fault::internal(format!("a request exceeds the server's limits: {limit}")).tried(what)
            }
            _ => lost(server, what, None),
        };
    };
    let said =
        if status.error_message.is_empty() { status.status_code.to_string() } else { status.error_message.clone() };
    let (class, message, hint) = match status.status_code {
        StatusCode::NoSuchFile => (
            FaultClass::Config,
            "the server has no such file or folder".to_owned(),
            "correct the destination's folder, or have it made",
        ),
        StatusCode::PermissionDenied => (
            FaultClass::Refused,
            format!("the server does not allow it ({said})"),
            "the user needs the right to create, write, rename and remove files in this folder; the server may also be read-only",
        ),
        StatusCode::OpUnsupported => (
            FaultClass::Refused,
            format!("the server does not support it ({said})"),
            "ask the server's administrator to allow it",
        ),
        StatusCode::NoConnection | StatusCode::ConnectionLost => return lost(server, what, Some(&said)),
        _ => (
            FaultClass::Refused,
            format!("the server refuses without a reason ({said})"),
            "look at the server's log; a quota or a full disk are common causes",
        ),
    };
    Fault::new(class, message).tried(what).hint(hint)
}

/// A full disk, told by the free space that the server reports.
pub(super) fn disk_full(free_bytes: u64, what: &str) -> Fault {
    Fault::new(FaultClass::Refused, format!("the server's disk is full ({free_bytes} bytes free)"))
        .tried(what)
        .hint("ask the server's administrator to free space, then run it again; nothing half-written stays")
}

/// Whether `error` is the server's answer `code`.
pub(super) fn is(error: &SftpError, code: StatusCode) -> bool {
    matches!(error, SftpError::Status(status) if status.status_code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "sftp.example.com:22";

    #[test]
    fn a_greeting_cut_behind_any_byte_is_a_lost_connection() {
        for whole in ["SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-1.99-old\n", "Authorized use only\r\nSSH-2.0-Go\r\n"] {
            let from = whole.find("SSH-").unwrap_or_default();
            for cut in from + 1..=whole.len() {
                let fault = handshake(SERVER, &Error::Disconnect, &whole.as_bytes()[..cut]);
                assert_eq!(fault.class, FaultClass::Unavailable, "{:?}: {fault:?}", &whole[..cut]);
            }
        }
        assert_eq!(handshake(SERVER, &Error::Disconnect, b"").class, FaultClass::Unavailable);
    }

    #[test]
    fn other_answers_are_no_ssh_server() {
        for answer in
            ["HTTP/1.1 400 Bad Request\r\n", "220 ftp ready\r\n", "220 ftp", "SSH-1.5-ancient\n", "SSH-1.5", "\n"]
        {
            let fault = handshake(SERVER, &Error::Disconnect, answer.as_bytes());
            assert_eq!(fault.class, FaultClass::Config, "{answer:?}: {fault:?}");
        }
    }
}
