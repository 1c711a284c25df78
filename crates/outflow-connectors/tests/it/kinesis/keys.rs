//! Where records go: partition keys, shards, streams that are split.

use bytes::Bytes;

use super::{is_accepted, kinesalite, message};

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_kept_and_long_ones_hashed() {
    let place = kinesalite().stream(2).await;
    let session = place.open().await;
    let long = "k".repeat(257);
    let sent = [message("profile-1", "{\"a\":1}"), message(&long, "{\"a\":2}"), message(&"ü".repeat(256), "{\"a\":3}")];
    assert!(session.send(&sent).await.iter().all(is_accepted));
    let found = place.read_back().await;
    let key_of = |body: &str| found.iter().find(|(_, b)| *b == body.as_bytes()).map(|(key, _)| key.clone()).unwrap();
    assert_eq!(key_of("{\"a\":1}"), Bytes::from_static(b"profile-1"));
    assert_eq!(key_of("{\"a\":2}").len(), 64);
    assert_eq!(key_of("{\"a\":3}").len(), 512);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_split_under_a_session_goes_on() {
    let place = kinesalite().stream(1).await;
    let session = place.open().await;
    let send = async |round: u32| {
        let messages: Vec<_> = (0..50).map(|n| message(&format!("p{n}"), &format!("{{\"r\":{round}}}"))).collect();
        assert!(session.send(&messages).await.iter().all(is_accepted), "round {round}");
    };
    send(0).await;
    place.python(SPLIT, &[place.stream_name()]).await;
    send(1).await;
    send(2).await;
    assert_eq!(place.read_back().await.len(), 150);
}

const SPLIT: &str = r#"
shard = kinesis.list_shards(StreamName=args[0])["Shards"][0]["ShardId"]
kinesis.split_shard(StreamName=args[0], ShardToSplit=shard, NewStartingHashKey=str(2**127))
wait(args[0])
"#;
