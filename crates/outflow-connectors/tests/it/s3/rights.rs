//! The rights of the guide are enough, and each that is missing is named.

use outflow_connector_kit::{Connector as _, Erased, FaultClass, NameRule, StepOutcome};
use outflow_connectors::s3::S3;

use super::{MIB, content, context, deliver, moto};

#[tokio::test(flavor = "multi_thread")]
async fn put_get_delete_and_abort_are_enough() {
    let place = moto("minimal").folder("minimal");
    let report = Erased(S3).probe(&place.account, &place.target, &context()).await;
    assert_eq!(report.failure(), None, "{report:?}");
    let session = place.open().await;
    for bytes in [10, 9 * MIB] {
        let sent = content(bytes, 1);
        let name = format!("{bytes}.csv");
        assert!(!deliver(&*session, &name, NameRule::MustBeNew, &sent).await.unwrap().adopted);
        assert!(deliver(&*session, &name, NameRule::MustBeNew, &sent).await.unwrap().adopted);
        let other = deliver(&*session, &name, NameRule::MustBeNew, &content(bytes, 2)).await.unwrap_err();
        assert!(other.message.starts_with("name taken"), "{other}");
    }
    let report = session.sweep(&["10.csv".into()]).await.unwrap();
    assert!(report.advice.is_empty(), "every upload's id is known: {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_that_is_missing_is_named() {
    let cases = [
        ("noput", "Write a test object", "s3:PutObject"),
        ("noget", "Read it back", "s3:GetObject"),
        ("noabort", "Begin and abort an upload", "s3:AbortMultipartUpload"),
    ];
    for (user, step, right) in cases {
        let place = moto(user).folder("rights");
        let report = Erased(S3).probe(&place.account, &place.target, &context()).await;
        let last = report.steps.last().unwrap();
        let StepOutcome::Failed { class, message, .. } = &last.outcome else { panic!("{user}: {report:?}") };
        assert_eq!((last.name.as_str(), *class), (step, FaultClass::Refused), "{message}");
        assert!(message.contains(right), "{message}");
        let left = moto("writer");
        let mut left_at = place.clone();
        left_at.account = left.account;
        assert!(left_at.open().await.list("").await.unwrap().is_empty(), "{user}: the test object remains");
    }
}
