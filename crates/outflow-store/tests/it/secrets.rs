//! Secrets: sealed, bound to their place, rewrapped by new keys, and nowhere in the database in clear.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chrono::TimeDelta;
use outflow_store::{Connection, Expected, KeyRing, Run, Store, StoreError};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sqlx::Row as _;

use crate::bed::{Bed, KEYS, PROD, new, on_both, random};

on_both!(
    secrets_come_back_and_are_nowhere_in_clear,
    a_sealed_secret_opens_only_where_it_belongs,
    a_new_key_rewraps_everything_in_batches,
    secrets_go_with_their_document,
    secrets_of_runs_go_some_time_after_the_run,
);

const POINTER: &str = "/auth/params/s3SecretKey";
const SECRET: &str = "hush-hush-little-secret";
/// Another key first, then the first one.
const NEW_KEYS: &str =
    "second ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\nfirst AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

async fn account(bed: &Bed, name: &str, secret: &str) -> String {
    account_of(&bed.store, name, secret).await
}

async fn account_of(store: &Store, name: &str, secret: &str) -> String {
    let mut tx = store.begin().await.unwrap();
    let made = tx.insert::<Connection>(new(name, json!({"auth": {"params": {"user": "u"}}}))).await.unwrap();
    tx.put_secret(PROD, &made.id, POINTER, &SecretString::from(secret)).await.unwrap();
    tx.commit().await.unwrap();
    made.id.clone()
}

/// Runs a statement that no user of the store could.
async fn tamper(bed: &Bed, sql: &'static str) -> u64 {
    let pool = sqlx::AnyPool::connect(bed.database.url()).await.unwrap();
    let done = sqlx::query(sql).execute(&pool).await.unwrap();
    pool.close().await;
    done.rows_affected()
}

async fn key_ids(bed: &Bed) -> Vec<String> {
    let pool = sqlx::AnyPool::connect(bed.database.url()).await.unwrap();
    let rows = sqlx::query("SELECT key_id FROM secret ORDER BY key_id").fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows.iter().map(|row| row.get(0)).collect()
}

async fn secrets_come_back_and_are_nowhere_in_clear(bed: Bed) {
    let id = account(&bed, "a", "old one").await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.put_secret(PROD, &id, POINTER, &SecretString::from(SECRET)).await.unwrap();
    tx.put_secret(PROD, &id, "/auth/params/passphrase", &SecretString::from("ü")).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = bed.another().await.read().await.unwrap();
    assert_eq!(reader.secret(&id, POINTER).await.unwrap().unwrap().expose_secret(), SECRET);
    assert!(reader.secret(&id, "/auth").await.unwrap().is_none());
    assert_eq!(reader.secret_pointers(&id).await.unwrap(), ["/auth/params/passphrase", POINTER]);
    let opened = reader.opened::<Connection>(PROD, &id).await.unwrap();
    assert_eq!(opened, json!({"auth": {"params": {"user": "u", "s3SecretKey": SECRET, "passphrase": "ü"}}}));
    assert!(reader.opened::<Connection>("dev", &id).await.is_err());
    drop(reader);
    let stored = stored(&bed).await;
    assert!(stored.len() > 1_000, "nothing was looked at");
    let holds = |text: &[u8]| stored.windows(text.len()).any(|window| window == text);
    assert!(holds(b"s3SecretKey"), "what is looked for would be found");
    assert!(!holds(SECRET.as_bytes()));
    assert!(!holds(b"aHVzaC1odXNoLWxpdHRsZS1zZWNyZXQ"), "nor as Base64");
}

/// Every byte that the database keeps.
async fn stored(bed: &Bed) -> Vec<u8> {
    let Some(folder) = bed.database.folder() else { return bed.database.dump().into_bytes() };
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.flat_map(|file| fs::read(file).unwrap()).collect()
}

async fn a_sealed_secret_opens_only_where_it_belongs(bed: Bed) {
    let one = account(&bed, "one", "first secret").await;
    let two = account(&bed, "two", "other secret").await;
    let refused = async |id: &str, why: &str| {
        let error = bed.store.read().await.unwrap().secret(id, POINTER).await.unwrap_err();
        assert!(matches!(&error, StoreError::Keys(text) if text.contains("does not open")), "{why}: {error}");
        assert!(!error.to_string().contains("secret secret"), "{error}");
    };
    let keep = "CREATE TABLE kept AS SELECT * FROM secret";
    tamper(&bed, keep).await;
    let restore = async || {
        tamper(&bed, "DELETE FROM secret").await;
        tamper(&bed, "INSERT INTO secret SELECT * FROM kept").await;
    };
    let swap = "UPDATE secret SET sealed = (SELECT k.sealed FROM kept k WHERE k.id <> secret.id), \
                wrapped_key = (SELECT k.wrapped_key FROM kept k WHERE k.id <> secret.id)";
    assert_eq!(tamper(&bed, swap).await, 2);
    refused(&one, "another row's ciphertext").await;
    restore().await;
    tamper(&bed, "UPDATE secret SET owner = CASE WHEN owner = (SELECT MIN(owner) FROM kept) THEN 'x' ELSE owner END")
        .await;
    tamper(&bed, "UPDATE secret SET owner = (SELECT MIN(owner) FROM kept) WHERE owner <> 'x'").await;
    let smaller = one.clone().min(two.clone());
    refused(&smaller, "a row that was given to another owner").await;
    restore().await;
    let pointer = "UPDATE secret SET pointer = '/name'";
    tamper(&bed, pointer).await;
    let error = bed.store.read().await.unwrap().opened::<Connection>(PROD, &one).await.unwrap_err();
    assert!(matches!(error, StoreError::Keys(_)), "moved to a member that is shown: {error}");
    restore().await;
    for column in ["sealed", "wrapped_key"] {
        let flip: &'static str = match column {
            "sealed" => "UPDATE secret SET sealed = REPLACE(sealed, SUBSTR(sealed, 21, 4), 'AAAA')",
            _ => "UPDATE secret SET wrapped_key = REPLACE(wrapped_key, SUBSTR(wrapped_key, 21, 4), 'AAAA')",
        };
        assert_eq!(tamper(&bed, flip).await, 2);
        refused(&one, column).await;
        restore().await;
        let cut: &'static str = match column {
            "sealed" => "UPDATE secret SET sealed = 'AAAA'",
            _ => "UPDATE secret SET wrapped_key = ''",
        };
        tamper(&bed, cut).await;
        refused(&one, column).await;
        restore().await;
    }
    assert_eq!(
        bed.store.read().await.unwrap().secret(&one, POINTER).await.unwrap().unwrap().expose_secret(),
        "first secret"
    );
}

async fn a_new_key_rewraps_everything_in_batches(bed: Bed) {
    let mut ids = Vec::new();
    for n in 0..7 {
        ids.push(account(&bed, "a", &format!("secret {n}")).await);
    }
    let rotating = bed.another_with(NEW_KEYS).await.unwrap();
    let mut done = Vec::new();
    loop {
        let rotated = rotating.rotate_secrets(3).await.unwrap();
        done.push((rotated.rewrapped, rotated.left));
        if rotated.left == 0 {
            break;
        }
    }
    assert_eq!(done, [(3, 4), (3, 1), (1, 0)]);
    assert!(key_ids(&bed).await.iter().all(|id| id == "second"));
    let only_new = NEW_KEYS.lines().next().unwrap();
    let store = bed.another_with(only_new).await.unwrap();
    for (n, id) in ids.iter().enumerate() {
        let secret = store.read().await.unwrap().secret(id, POINTER).await.unwrap().unwrap();
        assert_eq!(secret.expose_secret(), format!("secret {n}"));
    }
    let missing = bed.another_with(KEYS).await.err().unwrap();
    assert!(matches!(&missing, StoreError::Keys(text) if text.contains("key second")), "{missing}");
    let other = "second AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let wrong = bed.another_with(other).await.err().unwrap();
    assert!(matches!(&wrong, StoreError::Keys(text) if text.contains("another one of the same name")), "{wrong}");
}

async fn secrets_go_with_their_document(bed: Bed) {
    let id = account(&bed, "a", SECRET).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.put_secret(PROD, &id, "/other", &SecretString::from("x")).await.unwrap();
    tx.delete_secret(&id, "/other").await.unwrap();
    assert_eq!(tx.secret_pointers(&id).await.unwrap(), [POINTER]);
    tx.delete::<Connection>(PROD, &id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(key_ids(&bed).await, [] as [String; 0]);
}

async fn secrets_of_runs_go_some_time_after_the_run(bed: Bed) {
    let run = |segment: &str, state: &str| json!({"flowId": "f", "segmentId": segment, "state": state});
    let account = account(&bed, "a", SECRET).await;
    let failed = bed.make::<Run>("", run("a", "failed")).await;
    let live = bed.make::<Run>("", run("b", "queued")).await;
    bed.wait(100);
    let young = bed.make::<Run>("", run("c", "failed")).await;
    let mut tx = bed.store.begin().await.unwrap();
    for run in [&failed, &live, &young] {
        tx.put_secret(PROD, &run.id, "/x", &SecretString::from("x")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let before = bed.now() - TimeDelta::seconds(50);
    assert_eq!(bed.store.purge_run_secrets(before, 10).await.unwrap(), 1);
    assert_eq!(bed.store.purge_run_secrets(before, 10).await.unwrap(), 0);
    let mut reader = bed.store.read().await.unwrap();
    assert!(reader.secret_pointers(&failed.id).await.unwrap().is_empty());
    for kept in [&live.id, &young.id, &account] {
        assert_eq!(reader.secret_pointers(kept).await.unwrap().len(), 1);
    }
}

#[test]
fn a_key_file_is_private_and_grows_in_front() {
    let folder = outflow_testkit::temp_dir();
    let path = folder.path().join("keys");
    let random = random(7);
    let made = KeyRing::create(&path, &random).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(KeyRing::create(&path, &random), Err(StoreError::Keys(_))), "it is never written over");
    let read = KeyRing::read(&path).unwrap();
    assert_eq!(read.ids(), made.ids());
    // A rotation that was killed halfway left this.
    std::fs::write(format!("{}.new", path.display()), "half").unwrap();
    let grown = KeyRing::add_to(&path, &random).unwrap();
    assert_eq!(grown.ids().len(), 2);
    assert_eq!(grown.ids()[1], made.active_id());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left");
    let keys: Vec<String> =
        fs::read_to_string(&path).unwrap().lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect();
    for line in &keys {
        let key = line.split(' ').next_back().unwrap();
        assert!(!format!("{grown:?}").contains(key), "{grown:?}");
    }
    for mode in [0o640, 0o604, 0o660, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = KeyRing::read(&path).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{mode:o}: {error}");
    }
    assert!(matches!(KeyRing::read(&folder.path().join("none")), Err(StoreError::Keys(_))));
}

#[test]
fn wrong_keys_are_refused_by_line_and_never_shown() {
    let key = KEYS.split(' ').next_back().unwrap();
    let cases = [
        ("", "no key"),
        ("# only a comment\n\n", "no key"),
        ("alone", "line 1"),
        ("# x\nbad/name AAAA", "line 2"),
        ("short AAAA", "32 bytes"),
        ("odd not-base64-at-all!", "32 bytes"),
        (&format!("{KEYS}\nfirst {key}"), "repeats"),
        (&format!("{} {key}", "n".repeat(65)), "name"),
    ];
    for (text, expected) in cases {
        let error = KeyRing::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains(key) && !error.contains("not-base64"), "{error}");
    }
    let ring = KeyRing::parse(&format!("\n# keys\n  {KEYS}  \r\nother-1\t{key}\n")).unwrap();
    assert_eq!(ring.ids(), ["first", "other-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_server_follows_the_key_file() {
    let bed = Bed::sqlite().await;
    let path = bed.database.folder().unwrap().join("keys");
    KeyRing::create(&path, &random(9)).unwrap();
    let server = bed.another_from(&path).await;
    let id = account_of(&server, "a", SECRET).await;
    let grown = KeyRing::add_to(&path, &random(10)).unwrap();
    let rotating = bed.another_from(&path).await;
    assert_eq!(rotating.rotate_secrets(100).await.unwrap().left, 0);
    assert_eq!(key_ids(&bed).await, [grown.active_id()]);
    let secret = server.read().await.unwrap().secret(&id, POINTER).await.unwrap().unwrap();
    assert_eq!(secret.expose_secret(), SECRET);
    let other = account_of(&server, "b", "another").await;
    assert_eq!(key_ids(&bed).await, [grown.active_id(), grown.active_id()], "and seals with the new key");
    fs::write(&path, "nonsense").unwrap();
    let secret = server.read().await.unwrap().secret(&other, POINTER).await.unwrap().unwrap();
    assert_eq!(secret.expose_secret(), "another", "a damaged file takes no key away");
}
