//! Keys that break careless encoders.

use outflow_connector_kit::{FaultClass, NameRule};

use super::{MIB, content, deliver, moto, rclone, read};

const NASTY: &[&str] = &[
    "plain.csv",
    "folder/deeper/file.csv",
    "with space.csv",
    "plus+and&and=and%25.csv",
    "quote'\"<>.csv",
    "umlaut-äöü-日本-🦀.csv",
    "!-_.'()^[]$*~,;:@.csv",
    "hash#question?.csv",
    "a..b...csv",
];

#[tokio::test(flavor = "multi_thread")]
async fn nasty_names_come_back_as_they_are() {
    for place in [moto("writer"), rclone()] {
        let session = place.folder("names").open().await;
        for (i, name) in NASTY.iter().enumerate() {
            // Every third as an upload in parts, whose URLs have a query.
            let bytes = if i % 3 == 2 { 8 * MIB + 5 } else { 50 + i };
            let sent = content(bytes, i as u64);
            deliver(&*session, name, NameRule::MustBeNew, &sent).await.unwrap();
            assert!(read(&*session, name).await == sent, "{name}");
        }
        let mut listed: Vec<String> = session.list("").await.unwrap().into_iter().map(|(name, _)| name).collect();
        let mut wanted: Vec<String> = NASTY.iter().map(ToString::to_string).collect();
        listed.sort();
        wanted.sort();
        assert_eq!(listed, wanted);
        let below: Vec<String> = session.list("folder").await.unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(below, ["folder/deeper/file.csv"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_cannot_be_addressed_are_refused_before_anything_is_sent() {
    let session = moto("writer").folder("names").open().await;
    for name in ["", "a//b.csv", "a/../b.csv", "./a.csv", &"x/".repeat(600), &"x".repeat(250)] {
        let fault = deliver(&*session, name, NameRule::Replace, &content(10, 1)).await.unwrap_err();
        assert_eq!(fault.class, FaultClass::Input, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_without_a_folder_and_an_endpoint_with_a_slash_work() {
    let mut place = moto("writer");
    let endpoint = format!("{}/", place.account["endpoint"].as_str().unwrap());
    place.account["endpoint"] = endpoint.into();
    let session = place.open().await;
    let name = format!("root-{}.csv", super::unique());
    deliver(&*session, &name, NameRule::MustBeNew, &content(10, 1)).await.unwrap();
    assert_eq!(session.sink_path(&name), name);
    assert_eq!(session.url(&name), format!("s3://exports/{name}"));
    assert!(session.list("").await.unwrap().iter().any(|(listed, _)| *listed == name));
}
