//! The SFTP endpoint as asyncssh and OpenSSH's own client see it.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use crate::support::Target;

const CLIENT: &str = "sftp_client.py";

#[tokio::test]
async fn only_the_seeded_user_gets_in() {
    let target = Target::start().await;
    let seen = target.client(CLIENT, "sign_in").await;
    assert_eq!((&seen["password"], &seen["key"]), (&json!("OK"), &json!("OK")), "{seen}");
    for refused in ["wrongPassword", "unknownUser", "otherKey", "keyOfUnknownUser"] {
        assert_eq!(seen[refused], "PermissionDenied", "{refused}");
    }
    assert_eq!(seen["wrongHostKey"], "HostKeyNotVerifiable");
    assert_eq!(target.client(CLIENT, "shell").await, "ChannelOpenError", "there is no shell");
}

#[tokio::test]
async fn files_folders_and_extensions_work() {
    let seen = Target::start().await.client(CLIENT, "files").await;
    let expected = json!({
        "fstat": 3_145_745, "fsync": "OK", "stat": 3_145_745, "whole": true, "part": true,
        "missing": 2, "missingFolder": 2, "folderAsFile": 4, "exclusive": 4,
        "listed": true, "rmdirFull": 4, "rmdirRoot": 3,
        "renameOnto": 4, "posixRenameOnto": "OK", "rename": "OK", "renameMissing": 2, "renamed": "one",
        "attributes": [2000, 0o600], "truncated": 1, "appended": 5, "removed": ["OK", 2],
        "realpath": ["/", "/upload/x"], "statvfs": [true, true, true],
        "limits": [261_120, 261_120], "symlink": 8,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&seen[name], value, "{name}");
    }
}

#[tokio::test]
async fn nobody_leaves_the_folder() {
    let target = Target::start().await;
    let outside = target.folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret"), "keep").unwrap();
    std::os::unix::fs::symlink(&outside, target.uploaded("out")).unwrap();
    std::os::unix::fs::symlink(outside.join("secret"), target.uploaded("file-out")).unwrap();
    let seen = target.client(CLIENT, "jail").await;
    assert_eq!(seen["up"], 2);
    for refused in ["through", "write", "list", "fileLink", "overFileLink"] {
        assert_eq!(seen[refused], 3, "{refused}: {seen}");
    }
    assert_eq!(seen["seen"], json!(["file-out", "out"]));
    assert_eq!(std::fs::read(outside.join("secret")).unwrap(), b"keep");
    assert!(!outside.join("new").exists());
}

#[tokio::test]
async fn hundreds_of_requests_under_way_do_not_block() {
    assert_eq!(Target::start().await.client(CLIENT, "pipelined").await, true);
}

#[tokio::test]
async fn handles_and_connections_are_limited() {
    let target = Target::start().await;
    assert_eq!(target.client(CLIENT, "handles").await, json!([128, 4, "OK"]));
    let seen = target.client(CLIENT, "many_connections").await;
    assert_eq!((&seen[0], &seen[2]), (&json!(31), &json!("OK")), "{seen}");
    assert_ne!(seen[1], "OK");
}

/// Runs OpenSSH's `sftp` with a batch of commands and the seeded key.
pub async fn openssh(target: &Target, batch: &str) -> std::process::Output {
    let sftp = target.practice.sftp();
    let scratch = target.folder.path();
    std::fs::write(scratch.join("known_hosts"), format!("[{}]:{} {}\n", sftp.host, sftp.port, sftp.host_key)).unwrap();
    std::fs::write(scratch.join("batch"), batch).unwrap();
    let option = |name: &str, path: &Path| format!("{name}={}", path.display());
    tokio::process::Command::new("sftp")
        .args(["-q", "-F", "/dev/null", "-b"])
        .arg(scratch.join("batch"))
        .args(["-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "PasswordAuthentication=no"])
        .args(["-o", &option("UserKnownHostsFile", &scratch.join("known_hosts"))])
        .args(["-o", &option("IdentityFile", &sftp.client_key)])
        .args(["-P", &sftp.port.to_string()])
        .arg(format!("{}@{}", sftp.user, sftp.host))
        .current_dir(scratch)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("OpenSSH's sftp must be installed (package openssh-client)")
}

#[tokio::test]
async fn openssh_puts_renames_lists_and_gets() {
    let target = Target::start().await;
    let body: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(target.folder.path().join("body"), &body).unwrap();
    let batch = "put body /upload/body.part\nrename /upload/body.part /upload/body\nmkdir /upload/more\nls -l /upload\n\
                 df /upload\nget /upload/body back\n";
    let output = openssh(&target, batch).await;
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.contains("20000000") && said.contains("more"), "{said}");
    assert_eq!(std::fs::read(target.uploaded("body")).unwrap(), body);
    assert_eq!(std::fs::read(target.folder.path().join("back")).unwrap(), body);
}
