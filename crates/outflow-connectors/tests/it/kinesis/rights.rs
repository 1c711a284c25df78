//! Keys, secrets and rights, as a service with policies enforces them.

use outflow_connector_kit::{Connector as _, Erased, FaultClass};
use outflow_connectors::kinesis::Kinesis;

use super::{denied, is_accepted, message, moto};
use crate::support::{context, environment, failure, steps};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_and_secrets_are_told_apart() {
    for (field, wrong, words) in [
        ("accessKeyId", "AKIAZZZZZZZZZZZZZZZZ", "does not know this access key"),
        ("secretKey", "wrong", "does not belong to the access key"),
    ] {
        let place = moto("sender").with(field, wrong);
        let fault = place.open_with(context(1)).await.err().unwrap();
        assert_eq!(fault.class, FaultClass::Credentials, "{fault}");
        assert!(fault.message.contains(words) && fault.hint.contains(field), "{fault} {}", fault.hint);
        let (step, message, hint) = failure(&place.probe().await);
        assert_eq!(step, "Sign in");
        assert!(message.contains(words) && hint.contains(field), "{message} {hint}");
        let report = Erased(Kinesis).probe_account(&place.account, &context(1)).await;
        assert_eq!((failure(&report).0.as_str(), report.failure()), ("Sign in", Some(FaultClass::Credentials)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_right_but_that_to_put_is_done_without() {
    let place = moto("minimalSender").stream(1).await;
    let session = place.open().await;
    assert!(session.send(&[message("a", "{}")]).await.iter().all(is_accepted));
    let report = place.probe().await;
    assert_eq!(
        steps(&report),
        [
            "Check the settings: passed",
            "Reach the endpoint: passed",
            "Sign in: passed",
            "Find the stream: limited",
            "Read the shards: limited",
            "Ask to put a record: passed",
        ]
    );
    let text = format!("{report:?}");
    for right in ["kinesis:DescribeStreamSummary on arn:aws:kinesis:us-east-1", "kinesis:ListShards on arn:aws"] {
        assert!(text.contains(right), "{right} is not named: {text}");
    }
    let report = Erased(Kinesis).probe_account(&place.account, &context(1)).await;
    assert_eq!(report.failure(), None, "{report:?}");
    assert_eq!(place.read_back().await.len(), 1, "a probe leaves a record");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_to_put_is_named() {
    let place = moto("noPutRecords").stream(1).await;
    let report = place.probe().await;
    let (step, message, hint) = failure(&report);
    assert_eq!((step.as_str(), report.failure()), ("Ask to put a record", Some(FaultClass::Refused)), "{report:?}");
    let named = format!("kinesis:PutRecords on arn:aws:kinesis:us-east-1:123456789012:stream/{}", place.stream_name());
    assert!(message.contains(&named) && hint.contains("kinesis:PutRecords"), "{message} {hint}");
    // Met while messages are sent, it is no reason to give one up.
    let session = place.open().await;
    let outcomes = session.send(&[super::message("a", "{}"), super::message("b", "{}")]).await;
    for outcome in &outcomes {
        let fault = denied(outcome);
        assert_eq!(fault.class, FaultClass::Refused, "{fault}");
        assert!(fault.message.contains("kinesis:PutRecords"), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_delivers_and_a_wrong_external_id_does_not() {
    let server = environment("OUTFLOW_TEST_MOTO");
    let role = moto("assumer").with("roleArn", server["senderRoleArn"].clone()).stream(2).await;
    let right = role.clone().with("externalId", server["externalId"].clone());
    let session = right.open().await;
    assert!(session.send(&[message("a", "{}")]).await.iter().all(is_accepted));
    let report = right.probe().await;
    assert_eq!(report.failure(), None, "{report:?}");
    assert!(report.steps.iter().any(|step| step.name == "Assume the role"));
    let wrong = role.with("externalId", "another-id");
    let fault = wrong.open_with(context(1)).await.err().unwrap();
    assert_eq!(fault.class, FaultClass::Refused, "{fault}");
    assert!(fault.message.contains("sts:AssumeRole") && fault.hint.contains("externalId"), "{fault} {}", fault.hint);
    assert_eq!(failure(&wrong.probe().await).0, "Assume the role");
}
