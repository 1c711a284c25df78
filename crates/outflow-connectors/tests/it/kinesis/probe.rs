//! A probe says what works, what fails and why, and leaves no record.

use outflow_connector_kit::{Connector as _, Erased, FaultClass};
use outflow_connectors::kinesis::Kinesis;

use super::{fake, kinesalite, moto};
use crate::s3::fake::serve;
use crate::s3::unique;
use crate::support::{context, failure, steps};

#[tokio::test(flavor = "multi_thread")]
async fn a_good_stream_passes_and_stays_empty() {
    for place in [kinesalite().stream(2).await, moto("sender").stream(2).await] {
        let report = place.probe().await;
        assert_eq!(
            steps(&report),
            [
                "Check the settings: passed",
                "Reach the endpoint: passed",
                "Sign in: passed",
                "Find the stream: passed",
                "Read the shards: passed",
                "Ask to put a record: passed",
            ],
            "{report:#?}"
        );
        assert!(format!("{report:?}").contains("2 open"), "{report:#?}");
        assert_eq!(place.read_back().await.len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_named() {
    let missing = kinesalite().target("stream", "nowhere");
    let (step, message, hint) = failure(&missing.probe().await);
    assert_eq!(step, "Find the stream");
    assert!(message.contains("there is no stream nowhere") && hint.contains("region"), "{message} {hint}");
    assert_eq!(missing.open_with(context(1)).await.err().unwrap().class, FaultClass::Config);

    let down = kinesalite().with("endpointUrl", "http://127.0.0.1:9");
    let report = down.probe().await;
    assert_eq!((failure(&report).0.as_str(), report.failure()), ("Reach the endpoint", Some(FaultClass::Unavailable)));

    let report = kinesalite().with("endpointUrl", "nonsense").probe().await;
    assert_eq!((failure(&report).0.as_str(), report.failure()), ("Check the settings", Some(FaultClass::Config)));

    let other = fake(&serve(|_| (200, vec![], b"<html>hello</html>".to_vec())).await);
    let report = other.probe().await;
    assert_eq!((failure(&report).0.as_str(), report.failure()), ("Find the stream", Some(FaultClass::Config)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_being_made_is_waited_for() {
    let place = kinesalite().target("stream", format!("messages-creating-{}", unique()));
    let create = "kinesis.create_stream(StreamName=args[0], ShardCount=1)";
    place.python(create, &[place.stream_name()]).await;
    // The stream may be there by now; whoever asks soon enough is told to wait.
    if let Err(fault) = place.open_with(context(1)).await {
        assert_eq!(fault.class, FaultClass::Unavailable, "{fault}");
        assert!(fault.message.contains("is being created"), "{fault}");
    }
    place.python("wait(args[0])", &[place.stream_name()]).await;
    place.open().await;

    let body = r#"{"StreamDescriptionSummary":{"StreamARN":"arn:aws:kinesis:us-east-1:1:stream/messages","StreamStatus":"CREATING"}}"#;
    let report = fake(&serve(move |_| (200, vec![], body.into())).await).probe().await;
    assert_eq!((failure(&report).0.as_str(), report.failure()), ("Find the stream", Some(FaultClass::Unavailable)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_tried_before_it_has_a_stream() {
    for mut place in [kinesalite(), moto("sender")] {
        place.account["region"] = serde_json::Value::Null;
        let report = Erased(Kinesis).probe_account(&place.account, &context(1)).await;
        assert_eq!(report.failure(), None, "{report:?}");
        assert!(report.steps.iter().any(|step| step.name == "Sign in"), "{report:?}");
    }
}
