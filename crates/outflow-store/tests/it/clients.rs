//! Clients and their tokens.

use std::time::Duration;

use chrono::TimeDelta;
use outflow_model::access::AccessScope;
use outflow_model::{Fault, FaultClass};
use outflow_store::{AuditQuery, Conflict, NewClient, SERVER_WIDE, Store, StoreError};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::bed::{Bed, on_both};

on_both!(
    the_administrator_is_made_once,
    the_administrator_is_there_once_its_secret_is_kept,
    more_secrets_than_can_wait_are_turned_away,
    a_token_opens_until_it_expires_or_is_revoked,
    what_happens_to_clients_is_recorded_without_secrets,
    only_the_right_secret_gives_a_token,
    a_new_secret_ends_the_old_one_and_its_tokens,
    neither_tokens_nor_secrets_are_stored,
);

const HOUR: Duration = Duration::from_secs(3600);

fn client(id: &str) -> NewClient {
    let words = |words: &[&str]| words.iter().map(|&w| w.to_owned()).collect();
    NewClient {
        id: id.to_owned(),
        name: "A client".to_owned(),
        scopes: vec![AccessScope::Write],
        sandboxes: words(&["prod", "dev"]),
    }
}

async fn the_administrator_is_made_once(bed: Bed) {
    let mut servers = Vec::new();
    for _ in 0..3 {
        let store = bed.another().await;
        servers.push(tokio::spawn(async move { admin(&store).await }));
    }
    let mut secrets = Vec::new();
    for server in servers {
        secrets.extend(server.await.unwrap());
    }
    assert_eq!(secrets.len(), 1);
    assert!(admin(&bed.store).await.is_none());
    assert_eq!(secrets[0].expose_secret().len(), 43, "256 bits");
    let issued = bed.store.issue_token("admin", &secrets[0], &[], HOUR).await.unwrap();
    let access = bed.store.authenticate(issued.token.expose_secret()).await.unwrap().unwrap();
    assert_eq!(access.client_id, "admin");
    assert!(access.may_use("any sandbox") && access.has_scope(AccessScope::All));
    let local = bed.store.issue_token_locally("admin", HOUR).await.unwrap();
    assert_ne!(local.token.expose_secret(), issued.token.expose_secret());
    assert!(bed.store.authenticate(local.token.expose_secret()).await.unwrap().is_some());
}

/// The secret of `admin` where this store is the one that makes it.
async fn admin(store: &Store) -> Option<SecretString> {
    let mut kept = None;
    let keep = |secret: &SecretString| {
        kept = Some(secret.clone());
        Ok(())
    };
    let made = store.bootstrap_admin(keep).await.unwrap();
    assert_eq!(made, kept.is_some());
    kept
}

async fn the_administrator_is_there_once_its_secret_is_kept(bed: Bed) {
    let refused = |_: &SecretString| Err(Fault::new(FaultClass::Refused, "the disk is full"));
    let error = bed.store.bootstrap_admin(refused).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Refused);
    assert!(bed.store.clients().await.unwrap().is_empty());
    let secret = admin(&bed.store).await.unwrap();
    bed.store.issue_token("admin", &secret, &[], HOUR).await.unwrap();
}

async fn more_secrets_than_can_wait_are_turned_away(bed: Bed) {
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let store = bed.store.clone();
        asked.spawn(
            async move { store.issue_token("nobody", &"wrong".to_owned().into(), &[], HOUR).await.unwrap_err() },
        );
    }
    let errors = asked.join_all().await;
    let busy = errors.iter().filter(|error| matches!(error, StoreError::Busy(_))).count();
    assert!(busy > 0 && errors.iter().all(|error| matches!(error, StoreError::Busy(_) | StoreError::Denied)));
    // At least those that could wait were looked at, and later ones are again.
    assert!(errors.len() - busy >= 64, "{busy} of {}", errors.len());
    let later = bed.store.issue_token("nobody", &"wrong".to_owned().into(), &[], HOUR).await;
    assert!(matches!(later, Err(StoreError::Denied)), "{later:?}");
}

async fn what_happens_to_clients_is_recorded_without_secrets(bed: Bed) {
    let (_, first) = bed.store.create_client(client("c"), "ann").await.unwrap();
    let second = bed.store.reset_secret("c", "bob").await.unwrap();
    bed.store.delete_client("c", "ann").await.unwrap();
    assert!(bed.store.delete_client("c", "ann").await.is_err());
    let query = AuditQuery { limit: 10, ..AuditQuery::default() };
    let mut reader = bed.store.read().await.unwrap();
    let records = reader.audit(SERVER_WIDE, &query).await.unwrap().records;
    let told: Vec<_> = records.iter().map(|r| (r.actor.as_str(), r.action.as_str(), r.object_id.as_str())).collect();
    assert_eq!(told, [("ann", "created", "c"), ("bob", "secretReset", "c"), ("ann", "deleted", "c")]);
    let after = records[0].after.as_ref().unwrap();
    assert_eq!((&after["id"], &after["scopes"]), (&json!("c"), &json!(["write"])));
    assert_eq!(records[2].before.as_ref(), Some(after));
    let text = format!("{records:?}");
    for secret in [first, second] {
        assert!(!text.contains(secret.expose_secret()));
    }
    assert_eq!(reader.check_audit(SERVER_WIDE).await.unwrap().records, 3);
}

async fn a_token_opens_until_it_expires_or_is_revoked(bed: Bed) {
    let (made, secret) = bed.store.create_client(client("c"), "tester").await.unwrap();
    assert!(made.may_use("dev") && !made.may_use("other"));
    assert_eq!(bed.store.clients().await.unwrap(), [made]);
    let issue = async || bed.store.issue_token("c", &secret, &[], HOUR).await.unwrap();
    let [one, two, three] = [issue().await, issue().await, issue().await];
    assert_eq!((one.expires_at, one.scopes.len()), (bed.now() + TimeDelta::hours(1), 1));
    let valid = async |token: &SecretString| {
        let access = bed.another().await.authenticate(token.expose_secret()).await.unwrap();
        access.is_some_and(|a| {
            let reads = a.has_scope(AccessScope::Read) && !a.has_scope(AccessScope::All);
            reads && a.may_use("dev") && !a.may_use("other")
        })
    };
    assert!(valid(&one.token).await && valid(&two.token).await && valid(&three.token).await);
    assert!(bed.store.revoke_token(one.token.expose_secret()).await.unwrap());
    assert!(!bed.store.revoke_token(one.token.expose_secret()).await.unwrap());
    assert!(!valid(&one.token).await && valid(&two.token).await);
    assert_eq!(bed.store.revoke_tokens_of("c").await.unwrap(), 2);
    assert!(!valid(&two.token).await && !valid(&three.token).await);
    let four = issue().await;
    bed.wait(3599);
    assert!(valid(&four.token).await);
    bed.wait(1);
    assert!(!valid(&four.token).await, "its hour is over");
    let kept = issue().await;
    assert_eq!(bed.store.purge_tokens(3).await.unwrap(), 3);
    assert_eq!(bed.store.purge_tokens(3).await.unwrap(), 1);
    assert!(valid(&kept.token).await);
    bed.store.delete_client("c", "tester").await.unwrap();
    assert!(!valid(&kept.token).await, "tokens go with their client");
    assert!(matches!(bed.store.delete_client("c", "tester").await, Err(StoreError::NotFound { .. })));
    for nonsense in ["", "x", "\u{0}", &"x".repeat(100_000)] {
        assert_eq!(bed.store.authenticate(nonsense).await.unwrap(), None);
    }
}

async fn only_the_right_secret_gives_a_token(bed: Bed) {
    let (_, secret) = bed.store.create_client(client("c"), "tester").await.unwrap();
    let (_, other) = bed.store.create_client(client("d"), "tester").await.unwrap();
    let taken = bed.store.create_client(client("c"), "tester").await.unwrap_err();
    assert!(matches!(taken, StoreError::Conflict(Conflict::Exists { noun: "client", .. })), "{taken}");
    let long = SecretString::from("x".repeat(1 << 20));
    let empty = SecretString::from("");
    for (id, secret) in [("c", &other), ("nobody", &secret), ("c", &empty), ("c", &long), ("C", &secret)] {
        let error = bed.store.issue_token(id, secret, &[], HOUR).await.unwrap_err();
        assert!(matches!(error, StoreError::Denied), "{id}: {error}");
        assert_eq!(Fault::from(error).class, FaultClass::Credentials);
    }
    let some = bed.store.issue_token("c", &secret, &[AccessScope::Read, AccessScope::All], HOUR).await.unwrap();
    assert_eq!(some.scopes, [AccessScope::Read]);
    let stored = bed.store.authenticate(some.token.expose_secret()).await.unwrap().unwrap();
    assert_eq!(stored.scopes, [AccessScope::Read]);
    let none = bed.store.issue_token("c", &secret, &[AccessScope::All], HOUR).await;
    assert!(matches!(none, Err(StoreError::Invalid(_))));
    let wrong = bed.store.issue_token("c", &other, &[AccessScope::All], HOUR).await;
    assert!(matches!(wrong, Err(StoreError::Denied)), "who does not know the secret learns nothing of scopes");
    let endless = bed.store.issue_token("c", &secret, &[], Duration::MAX).await;
    assert!(matches!(endless, Err(StoreError::Invalid(_))));
    assert!(matches!(bed.store.issue_token_locally("nobody", HOUR).await, Err(StoreError::NotFound { .. })));
}

async fn a_new_secret_ends_the_old_one_and_its_tokens(bed: Bed) {
    let (_, old) = bed.store.create_client(client("c"), "tester").await.unwrap();
    let issued = bed.store.issue_token("c", &old, &[], HOUR).await.unwrap();
    let new = bed.store.reset_secret("c", "tester").await.unwrap();
    assert!(bed.store.authenticate(issued.token.expose_secret()).await.unwrap().is_none());
    assert!(matches!(bed.store.issue_token("c", &old, &[], HOUR).await, Err(StoreError::Denied)));
    assert!(bed.store.issue_token("c", &new, &[], HOUR).await.is_ok());
    assert!(matches!(bed.store.reset_secret("nobody", "tester").await, Err(StoreError::NotFound { .. })));
}

async fn neither_tokens_nor_secrets_are_stored(bed: Bed) {
    let (_, secret) = bed.store.create_client(client("c"), "tester").await.unwrap();
    let issued = bed.store.issue_token("c", &secret, &[], HOUR).await.unwrap();
    assert!(!format!("{issued:?}").contains(issued.token.expose_secret()));
    let stored = match bed.database.folder() {
        None => bed.database.dump().into_bytes(),
        Some(folder) => {
            let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
            files.flat_map(|file| std::fs::read(file).unwrap()).collect()
        }
    };
    let holds = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("$argon2id$v=19$"), "what is looked for would be found");
    assert!(!holds(secret.expose_secret()) && !holds(issued.token.expose_secret()));
}
