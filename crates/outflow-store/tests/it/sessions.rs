//! Sessions and the links that begin them.

use std::time::Duration;

use chrono::TimeDelta;
use outflow_model::access::AccessScope;
use outflow_store::{AuditQuery, NewClient, SERVER_WIDE, SessionLifetime, StoreError};
use secrecy::{ExposeSecret as _, SecretString};

use crate::bed::{Bed, on_both};

on_both!(
    a_session_lasts_while_it_is_used_and_not_for_ever,
    only_sessions_are_prolonged,
    a_link_begins_one_session_in_its_time,
    links_go_with_their_clients_secret_and_with_the_client,
    no_session_outlives_the_secret_that_began_it,
    who_signs_in_is_recorded,
);

const HOUR: Duration = Duration::from_secs(3600);
const LIFETIME: SessionLifetime = SessionLifetime { idle: HOUR, longest: Duration::from_secs(2 * 3600 + 600) };

async fn client(bed: &Bed) -> SecretString {
    let new = NewClient {
        id: "c".to_owned(),
        name: "A client".to_owned(),
        scopes: vec![AccessScope::Write],
        sandboxes: vec!["dev".to_owned()],
    };
    bed.store.create_client(new, "tester").await.unwrap().1
}

async fn is_valid(bed: &Bed, token: &SecretString) -> bool {
    bed.another().await.authenticate(token.expose_secret()).await.unwrap().is_some()
}

async fn a_session_lasts_while_it_is_used_and_not_for_ever(bed: Bed) {
    let secret = client(&bed).await;
    let begun = bed.now();
    let session = bed.store.begin_session("c", &secret, LIFETIME).await.unwrap();
    assert_eq!(
        (session.expires_at, session.scopes.as_slice()),
        (begun + TimeDelta::hours(1), &[AccessScope::Write][..])
    );
    let token = session.token.expose_secret();
    let access = async || bed.store.authenticate(token).await.unwrap().unwrap();
    assert_eq!(access().await.renewable_until, Some(begun + TimeDelta::minutes(130)));
    for (wait_secs, ends_after_mins) in [(3000, 110), (3000, 130), (1500, 130)] {
        bed.wait(wait_secs);
        bed.store.renew_session(token, HOUR).await.unwrap();
        assert_eq!(access().await.expires_at, begun + TimeDelta::minutes(ends_after_mins));
    }
    bed.wait(300);
    bed.store.renew_session(token, HOUR).await.unwrap();
    assert!(!is_valid(&bed, &session.token).await, "what is over stays over");
    let left = bed.store.begin_session("c", &secret, LIFETIME).await.unwrap();
    bed.wait(3600);
    assert!(!is_valid(&bed, &left.token).await, "nobody used it for an hour");
    let signed_out = bed.store.begin_session("c", &secret, LIFETIME).await.unwrap();
    assert!(bed.store.revoke_token(signed_out.token.expose_secret()).await.unwrap());
    bed.store.renew_session(signed_out.token.expose_secret(), 2 * HOUR).await.unwrap();
    assert!(!is_valid(&bed, &signed_out.token).await);
    let wrong = SecretString::from("wrong");
    assert!(matches!(bed.store.begin_session("c", &wrong, LIFETIME).await, Err(StoreError::Denied)));
    assert!(matches!(bed.store.begin_session("nobody", &secret, LIFETIME).await, Err(StoreError::Denied)));
}

async fn only_sessions_are_prolonged(bed: Bed) {
    let secret = client(&bed).await;
    let issued = bed.store.issue_token("c", &secret, &[], HOUR).await.unwrap();
    bed.store.renew_session(issued.token.expose_secret(), 5 * HOUR).await.unwrap();
    let access = bed.store.authenticate(issued.token.expose_secret()).await.unwrap().unwrap();
    assert_eq!((access.expires_at, access.renewable_until), (issued.expires_at, None));
    let session = bed.store.begin_session("c", &secret, LIFETIME).await.unwrap();
    bed.store.renew_session(session.token.expose_secret(), HOUR / 2).await.unwrap();
    let access = bed.store.authenticate(session.token.expose_secret()).await.unwrap().unwrap();
    assert_eq!(access.expires_at, session.expires_at, "an end does not come nearer");
}

async fn a_link_begins_one_session_in_its_time(bed: Bed) {
    client(&bed).await;
    let link = bed.store.issue_login_link("c", Some("ann"), HOUR).await.unwrap();
    assert_eq!(link.expires_at, bed.now() + TimeDelta::hours(1));
    assert!(!is_valid(&bed, &link.token).await, "a link is no token");
    let mut tries = Vec::new();
    for _ in 0..4 {
        let (store, token) = (bed.another().await, link.token.clone());
        tries.push(tokio::spawn(async move { store.begin_session_by_link(&token, LIFETIME).await }));
    }
    let mut sessions = Vec::new();
    for one in tries {
        match one.await.unwrap() {
            Ok(session) => sessions.push(session),
            Err(error) => assert!(matches!(error, StoreError::Denied), "{error}"),
        }
    }
    assert_eq!(sessions.len(), 1, "it is used once");
    let access = bed.store.authenticate(sessions[0].token.expose_secret()).await.unwrap().unwrap();
    assert_eq!((access.client_id.as_str(), access.scopes.as_slice()), ("c", &[AccessScope::Write][..]));
    assert!(access.may_use("dev") && !access.may_use("prod"));

    let late = bed.store.issue_login_link("c", Some("ann"), HOUR).await.unwrap();
    bed.wait(3600);
    assert!(matches!(bed.store.begin_session_by_link(&late.token, LIFETIME).await, Err(StoreError::Denied)));
    for nonsense in ["", "x", &"x".repeat(100_000)] {
        let nonsense = SecretString::from(nonsense);
        assert!(matches!(bed.store.begin_session_by_link(&nonsense, LIFETIME).await, Err(StoreError::Denied)));
    }
    assert!(matches!(bed.store.issue_login_link("nobody", Some("ann"), HOUR).await, Err(StoreError::NotFound { .. })));
    let kept = bed.store.issue_login_link("c", Some("ann"), HOUR).await.unwrap();
    // The session, which is over by now, and the late link.
    assert_eq!(bed.store.purge_tokens(10).await.unwrap(), 1);
    assert_eq!(bed.store.purge_tokens(10).await.unwrap(), 0);
    assert!(bed.store.begin_session_by_link(&kept.token, LIFETIME).await.is_ok());
}

async fn links_go_with_their_clients_secret_and_with_the_client(bed: Bed) {
    client(&bed).await;
    let link = bed.store.issue_login_link("c", Some("ann"), HOUR).await.unwrap();
    bed.store.reset_secret("c", "tester").await.unwrap();
    assert!(matches!(bed.store.begin_session_by_link(&link.token, LIFETIME).await, Err(StoreError::Denied)));
    let link = bed.store.issue_login_link("c", Some("ann"), HOUR).await.unwrap();
    bed.store.delete_client("c", "tester").await.unwrap();
    assert!(matches!(bed.store.begin_session_by_link(&link.token, LIFETIME).await, Err(StoreError::Denied)));
}

async fn no_session_outlives_the_secret_that_began_it(bed: Bed) {
    let mut secret = client(&bed).await;
    for _ in 0..6 {
        // All check or hash a secret meanwhile, which takes about as long.
        let (one, other, given) = (bed.another().await, bed.another().await, secret.clone());
        let session = tokio::spawn(async move { one.begin_session("c", &given, LIFETIME).await });
        let given = secret.clone();
        let token = tokio::spawn(async move { other.issue_token("c", &given, &[], HOUR).await });
        secret = bed.store.reset_secret("c", "tester").await.unwrap();
        for begun in [session.await.unwrap(), token.await.unwrap()] {
            match begun {
                Ok(issued) => assert!(!is_valid(&bed, &issued.token).await, "its secret is gone"),
                Err(error) => assert!(matches!(error, StoreError::Denied), "{error}"),
            }
        }
    }
    assert!(bed.store.begin_session("c", &secret, LIFETIME).await.is_ok());
}

async fn who_signs_in_is_recorded(bed: Bed) {
    let secret = client(&bed).await;
    let link = bed.store.issue_login_link("c", Some("ann"), HOUR).await.unwrap();
    let session = bed.store.begin_session_by_link(&link.token, LIFETIME).await.unwrap();
    assert!(bed.store.begin_session_by_link(&link.token, LIFETIME).await.is_err(), "and what fails is not");
    bed.store.begin_session("c", &secret, LIFETIME).await.unwrap();
    bed.store.issue_login_link("c", None, HOUR).await.unwrap();
    let query = AuditQuery { limit: 10, ..AuditQuery::default() };
    let records = bed.store.read().await.unwrap().audit(SERVER_WIDE, &query).await.unwrap().records;
    let told: Vec<_> = records.iter().map(|r| (r.actor.as_str(), r.action.as_str(), r.object_id.as_str())).collect();
    let expected = [("ann", "loginLinkMade"), ("c", "signedIn"), ("c", "signedIn"), ("outflow", "loginLinkMade")];
    assert_eq!(told[1..], expected.map(|(actor, action)| (actor, action, "c")));
    let text = format!("{records:?}");
    for token in [&secret, &link.token, &session.token] {
        assert!(!text.contains(token.expose_secret()));
    }
}
