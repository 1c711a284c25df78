//! A probe says what works, what fails and why, and leaves nothing behind.

use outflow_connector_kit::{Connector as _, Erased, FaultClass, ProbeReport, StepOutcome};
use outflow_connectors::s3::S3;

use super::fake::{self, Reply, error};
use super::{Place, context, moto, rclone, server};

async fn probe(place: &Place) -> ProbeReport {
    Erased(S3).probe(&place.account, &place.target, &context()).await
}

fn failed(report: &ProbeReport) -> (&str, FaultClass, String) {
    let last = report.steps.last().unwrap();
    let StepOutcome::Failed { class, message, hint, .. } = &last.outcome else { panic!("{report:?}") };
    assert!(!hint.is_empty());
    (&last.name, *class, message.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_passes_every_step_and_keeps_nothing() {
    let place = moto("writer").folder("probe");
    let report = probe(&place).await;
    assert!(report.failure().is_none(), "{report:?}");
    let names: Vec<&str> = report.steps.iter().map(|s| s.name.as_str()).collect();
    let wanted = [
        "Check the settings",
        "Reach the endpoint",
        "Sign in",
        "Find the bucket's region",
        "Write a test object",
        "Begin and abort an upload",
        "Create only if new",
        "Read it back",
        "Remove it",
    ];
    assert_eq!(names, wanted);
    assert!(report.steps.iter().all(|s| matches!(s.outcome, StepOutcome::Passed { .. })), "{report:?}");
    assert!(place.open().await.list("").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_overwrites_is_usable_and_said_to_overwrite() {
    let place = rclone().folder("probe");
    let report = probe(&place).await;
    assert!(report.failure().is_none(), "{report:?}");
    let step = report.steps.iter().find(|s| s.name == "Create only if new").unwrap();
    assert!(matches!(&step.outcome, StepOutcome::Limited { found } if found.contains("overwrites")), "{report:?}");
    assert!(place.open().await.list("").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_step_that_failed_says_why() {
    let report = probe(&moto("writer").with("s3AccessKey", "AKIAZZZZZZZZZZZZZZZZ")).await;
    let (step, class, message) = failed(&report);
    assert_eq!((step, class), ("Sign in", FaultClass::Credentials), "{message}");

    let report = probe(&moto("writer").with("s3SecretKey", "wrong")).await;
    let (step, class, message) = failed(&report);
    assert_eq!((step, class), ("Sign in", FaultClass::Credentials), "{message}");
    assert!(message.contains("secret key"));

    let report = probe(&moto("noperms")).await;
    let (step, class, message) = failed(&report);
    assert_eq!((step, class), ("Write a test object", FaultClass::Refused));
    assert!(message.contains("s3:PutObject on arn:aws:s3:::exports/*"), "{message}");

    let report = probe(&rclone().bucket("no-such-bucket")).await;
    let (step, class, message) = failed(&report);
    assert_eq!((step, class), ("Find the bucket's region", FaultClass::Config));
    assert!(message.contains("no-such-bucket"), "{message}");

    let report = probe(&fake::place("http://127.0.0.1:9")).await;
    assert_eq!((failed(&report).0, failed(&report).1), ("Reach the endpoint", FaultClass::Unavailable));

    let web = |_| -> Reply { (404, vec![], b"<html>not here</html>".to_vec()) };
    let report = probe(&fake::place(&fake::serve(web).await)).await;
    assert_eq!((failed(&report).0, failed(&report).1), ("Reach the endpoint", FaultClass::Config));

    let report = probe(&moto("writer").bucket("Bad_Bucket")).await;
    assert_eq!((failed(&report).0, failed(&report).1), ("Check the settings", FaultClass::Config));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_read_or_delete_is_told_so() {
    for (method, step, limited) in [("GET", "Read it back", false), ("DELETE", "Remove it", true)] {
        let handle = move |request: fake::Request| -> Reply {
            let object = request.path != "/exports";
            let upload = request.query.contains("upload");
            match request.method.as_str() {
                m if m == method && object && !upload => error(403, "AccessDenied", "Access Denied"),
                "PUT" if request.headers.contains_key("if-none-match") => error(412, "PreconditionFailed", "exists"),
                "PUT" => (200, vec![("etag", "\"x\"".into())], vec![]),
                "POST" => (200, vec![], b"<R><UploadId>1</UploadId></R>".to_vec()),
                "GET" if object => (200, vec![], b"Written by a connection test; safe to delete.\n".to_vec()),
                _ => (204, vec![], vec![]),
            }
        };
        let report = probe(&fake::place(&fake::serve(handle).await)).await;
        let last = report.steps.last().unwrap();
        assert_eq!(last.name, step, "{report:?}");
        match &last.outcome {
            StepOutcome::Limited { found } => assert!(limited && found.contains("s3:DeleteObject"), "{found}"),
            StepOutcome::Failed { class, message, .. } => {
                assert!(!limited && *class == FaultClass::Refused && message.contains("s3:GetObject"), "{message}");
            }
            StepOutcome::Passed { .. } => panic!("{report:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_has_a_step_of_its_own() {
    let server = server("OUTFLOW_TEST_MOTO");
    let role = moto("assumer").with("roleArn", super::role::role_of(&server).0.as_str());
    let report =
        probe(&role.clone().folder("probe").with("externalId", super::role::role_of(&server).1.as_str())).await;
    assert!(report.failure().is_none(), "{report:?}");
    assert!(report.steps.iter().any(|s| s.name == "Assume the role"));
    let report = probe(&role.with("externalId", "another-id")).await;
    let (step, class, message) = failed(&report);
    assert_eq!((step, class), ("Assume the role", FaultClass::Refused), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_checked_in_the_region_that_was_found() {
    let handle = |request: fake::Request| -> Reply {
        if request.header("authorization").contains("/eu-west-1/") {
            return error(
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            );
        }
        let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
        (400, vec![], body.into())
    };
    let report = probe(&fake::place(&fake::serve(handle).await)).await;
    assert_eq!((failed(&report).0, failed(&report).1), ("Sign in", FaultClass::Credentials), "{report:?}");
}

async fn probe_account(place: &Place) -> ProbeReport {
    Erased(S3).probe_account(&place.account, &context()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_tried_before_it_has_a_bucket() {
    for place in [moto("writer"), moto("noperms"), rclone()] {
        let report = probe_account(&place).await;
        assert!(report.failure().is_none(), "{report:?}");
        assert!(report.steps.iter().any(|s| s.name == "Sign in"), "{report:?}");
    }
    for (place, wrong) in [
        (moto("writer"), ("s3AccessKey", "AKIAZZZZZZZZZZZZZZZZ")),
        (moto("writer"), ("s3SecretKey", "wrong")),
        (rclone(), ("s3SecretKey", "wrong")),
    ] {
        let report = probe_account(&place.with(wrong.0, wrong.1)).await;
        assert_eq!((failed(&report).0, failed(&report).1), ("Sign in", FaultClass::Credentials), "{report:?}");
    }
    let report = probe_account(&moto("writer").with("endpoint", "http://127.0.0.1:9")).await;
    assert_eq!((failed(&report).0, failed(&report).1), ("Reach the endpoint", FaultClass::Unavailable), "{report:?}");
    let report = probe_account(&moto("writer").with("endpoint", "nonsense")).await;
    assert_eq!(failed(&report).0, "Check the settings");
}
