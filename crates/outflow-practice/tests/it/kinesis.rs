//! The Kinesis endpoint answers as Amazon's does.

use outflow_practice::Practice;
use serde_json::{Value, json};

use crate::support::{Target, options};

const CLIENT: &str = "kinesis_client.py";

fn refused(code: &str) -> Value {
    json!([400, code])
}

#[tokio::test]
async fn sign_in_is_refused_with_the_documented_codes() {
    let seen = Target::start().await.client(CLIENT, "sign_in").await;
    assert_eq!(seen["fine"], json!([200, "OK"]));
    assert_eq!(seen["unknownKey"], refused("UnrecognizedClientException"));
    assert_eq!(seen["unknownKeyText"], "The security token included in the request is invalid.");
    assert_eq!(seen["badSecret"], refused("InvalidSignatureException"));
    assert!(seen["badSecretText"].as_str().unwrap().starts_with("The request signature we calculated"), "{seen}");
    assert_eq!(seen["unsigned"], refused("MissingAuthenticationTokenException"));
    assert_eq!(seen["noSignature"], refused("IncompleteSignatureException"));
    assert_eq!(
        seen["otherBody"],
        refused("InvalidSignatureException"),
        "the hash of the body is not what the client says"
    );
    for wrong in ["region", "service", "early", "late"] {
        assert_eq!(seen[wrong], refused("InvalidSignatureException"), "{wrong}");
    }
    assert_eq!(seen["close"], json!([200, "OK"]), "ten minutes are within bounds");
    assert_eq!(seen["session"], json!([200, "OK"]));
    for wrong in ["withoutToken", "otherToken", "tokenOfNobody"] {
        assert_eq!(seen[wrong], refused("UnrecognizedClientException"), "{wrong}");
    }
    assert_eq!(seen["unknownOperation"], json!([404, "UnknownOperationException"]));
    assert_eq!(seen["get"], json!([404, "UnknownOperationException"]));
    assert_eq!(seen["requestId"], true);
}

#[tokio::test]
async fn keys_have_rights_of_their_own() {
    let seen = Target::start().await.client(CLIENT, "rights").await;
    let (denied, fine) = (refused("AccessDeniedException"), json!([200, "OK"]));
    assert_eq!(seen["none"], json!([denied, denied]));
    assert_eq!(
        seen["text"],
        "User: arn:aws:iam::000000000000:user/no-rights is not authorized to perform: kinesis:PutRecords on resource: \
         arn:aws:kinesis:eu-central-1:000000000000:stream/exports because no identity-based policy allows the \
         kinesis:PutRecords action"
    );
    assert!(seen["textWithoutStream"].as_str().unwrap().contains(":stream/* because"), "{seen}");
    assert_eq!(seen["puts"], json!([fine, fine]));
    assert_eq!(seen["looks"], json!([denied, denied, denied]));
}

#[tokio::test]
async fn streams_are_made_described_listed_and_deleted() {
    let seen = Target::start().await.client(CLIENT, "streams").await;
    let arn = "arn:aws:kinesis:eu-central-1:000000000000:stream/exports";
    assert_eq!(seen["seeded"], json!(["ACTIVE", 2, 1024, arn]));
    assert_eq!((&seen["age"], &seen["byArn"], &seen["whole"]), (&json!(true), &json!(true), &json!(true)), "{seen}");
    assert_eq!(seen["onDemand"], json!(["ON_DEMAND", 4, 2048]));
    assert_eq!(seen["again"], refused("ResourceInUseException"));
    assert_eq!(seen["names"], json!(["exports", "more", "on-demand"]));
    assert_eq!(seen["more"], json!([true, false]));
    assert_eq!(seen["paged"], json!(["shardId-000000000000", "shardId-000000000001", "shardId-000000000002"]));
    for wrong in ["badName", "dots", "noCount"] {
        assert_eq!(seen[wrong], refused("ValidationException"), "{wrong}");
    }
    assert_eq!(seen["deleted"], refused("ResourceNotFoundException"));
    assert_eq!(seen["text"], "Stream more under account 000000000000 not found.");
}

#[tokio::test]
async fn records_go_where_their_keys_say_and_come_back_in_order() {
    let target = Target::start().await;
    let seen = target.client(CLIENT, "records").await;
    let ids = json!(["shardId-000000000000", "shardId-000000000001"]);
    assert_eq!((&seen["shards"], &seen["edges"]), (&ids, &ids));
    assert_eq!((&seen["failed"], &seen["count"]), (&json!(0), &json!(1003)));
    for holds in ["placed", "growing", "numbers", "contents", "arrived", "at", "after"] {
        assert_eq!(seen[holds], true, "{holds}: {seen}");
    }
    assert_eq!(seen["binary"], json!([true]));
    assert_eq!(seen["latest"], json!(["last"]));
    assert_eq!(seen["timestamp"], json!(["last"]));
    assert_eq!(seen["otherShard"], refused("InvalidArgumentException"));
    assert_eq!(seen["badIterator"], refused("InvalidArgumentException"));
    assert_eq!(seen["badShard"], refused("ResourceNotFoundException"));

    let lines = std::fs::read_to_string(target.practice.kinesis().folder.join("exports/shardId-000000000000.jsonl"));
    let lines = lines.unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(first["partitionKey"].as_str().unwrap().starts_with("key-"), "{first}");
    assert!(first["text"].as_str().unwrap().starts_with("{\"n\": "), "a person can read it: {first}");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_whole() {
    let seen = Target::start().await.client(CLIENT, "refused").await;
    for wrong in ["tooMany", "none", "noRecords", "noKey", "noData", "longKey", "emptyKey", "hashKeyNoNumber"] {
        assert_eq!(seen[wrong], refused("ValidationException"), "{wrong}");
    }
    for wrong in ["tooLarge", "tooLargeOne", "requestTooLarge", "hashKey", "noStream"] {
        assert_eq!(seen[wrong], refused("InvalidArgumentException"), "{wrong}");
    }
    for fine in ["most", "longestKey", "largest", "largestRequest", "afterwards"] {
        assert_eq!(seen[fine], json!([200, "OK"]), "{fine}");
    }
    assert_eq!(
        seen["tooManyText"],
        "1 validation error detected: Value '[501 records]' at 'records' failed to satisfy constraint: Member must have \
         length less than or equal to 500"
    );
    assert_eq!(
        seen["noKeyText"],
        "1 validation error detected: Value null at 'records.2.member.partitionKey' failed to satisfy constraint: \
         Member must not be null"
    );
    assert_eq!(seen["requestTooLargeText"], "Records size exceeds 10 MB limit");
    assert!(seen["hashKeyText"].as_str().unwrap().contains("[0, 2^128-1]"), "{seen}");
    assert_eq!(seen["bodyTooLarge"], json!([413, "RequestEntityTooLargeException"]));
    assert_eq!(seen["missingStream"], refused("ResourceNotFoundException"));
    assert_eq!(seen["notJson"], refused("SerializationException"));
}

#[tokio::test]
async fn shards_are_split_and_merged_and_a_restart_keeps_all() {
    let target = Target::start().await;
    let seen = target.client(CLIENT, "reshard").await;
    assert_eq!(
        seen["afterSplit"],
        json!([["00", "", true], ["01", "", false], ["02", "00", false], ["03", "00", false]])
    );
    assert_eq!(seen["old"], json!([["1"], null]), "a closed shard has an end");
    assert_eq!(seen["children"], json!(["02", "03"]));
    assert_eq!(seen["afterEnd"], json!([]));
    assert_eq!(seen["merged"], json!(["04", "03", "01", true]));
    assert_eq!((&seen["open"], &seen["openCount"]), (&json!(["02", "04"]), &json!(2)));
    let records = json!({
        "shardId-000000000000": [["before", "1"]],
        "shardId-000000000001": [["before", "2"]],
        "shardId-000000000002": [["split", "3"]],
        "shardId-000000000003": [["split", "4"]],
        "shardId-000000000004": [["merged", "5"]],
    });
    assert_eq!(seen["records"], records);
    for wrong in ["again", "outside", "apart"] {
        assert_eq!(seen[wrong], refused("InvalidArgumentException"), "{wrong}");
    }

    let Target { practice, folder } = target;
    practice.shutdown().await;
    let target = Target { practice: Practice::start(options(&folder)).await.unwrap(), folder };
    let seen = target.client(CLIENT, "kept").await;
    assert_eq!(seen["records"], records);
    let closed: Vec<_> = seen["shards"].as_array().unwrap().iter().map(|shard| shard[1].as_bool().unwrap()).collect();
    assert_eq!(closed, [true, true, false, true, false]);
    assert_eq!(seen["put"], json!([200, "OK"]));
    assert_eq!(seen["streams"], json!(["exports"]));
}
