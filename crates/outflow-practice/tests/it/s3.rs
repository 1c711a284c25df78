//! The S3 endpoint answers as Amazon's does.

use serde_json::{Value, json};

use crate::support::Target;

const CLIENT: &str = "s3_client.py";

fn all(value: &Value, expected: &Value) {
    for (at, one) in value.as_array().unwrap().iter().enumerate() {
        assert_eq!(one, expected, "entry {at} of {value}");
    }
}

#[tokio::test]
async fn sign_in_is_refused_with_the_documented_codes() {
    let seen = Target::start().await.client(CLIENT, "sign_in").await;
    assert_eq!(seen["unknownKey"], json!([403, "InvalidAccessKeyId"]));
    assert_eq!(seen["unknownKeyText"], "The AWS Access Key Id you provided does not exist in our records.");
    assert_eq!(seen["badSecret"], json!([403, "SignatureDoesNotMatch"]));
    assert!(seen["badSecretText"].as_str().unwrap().starts_with("The request signature we calculated"), "{seen}");
    assert_eq!(seen["unsigned"], json!([403, "AccessDenied"]));
    assert_eq!(seen["unsignedLarge"], json!([403, "AccessDenied"]), "the answer must reach who still sends");
    all(&seen["noRights"], &json!([403, "AccessDenied"]));
    // An answer to HEAD has no body, and so no code.
    all(&seen["noRightsHead"], &json!([403, "403"]));
    assert!(seen["noRightsText"].as_str().unwrap().contains("not authorized to perform: s3:PutObject on"), "{seen}");
}

#[tokio::test]
async fn another_region_is_refused_and_the_right_one_named() {
    let seen = Target::start().await.client(CLIENT, "wrong_region").await;
    assert_eq!(seen["header"], json!([400, "AuthorizationHeaderMalformed"]));
    assert_eq!(
        seen["text"],
        "The authorization header is malformed; the region 'us-west-2' is wrong; expecting 'eu-central-1'"
    );
    assert_eq!(seen["region"], "eu-central-1");
    assert_eq!(seen["requestId"], true);
    assert_eq!(seen["presigned"], json!([400, "AuthorizationQueryParametersError"]));
    assert_eq!(seen["version2"], json!([400, "InvalidRequest"]));
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let seen = Target::start().await.client(CLIENT, "missing").await;
    all(&seen["bucket"], &json!([404, "NoSuchBucket"]));
    assert_eq!(seen["bucketHead"], json!([404, "404"]));
    assert_eq!(seen["key"], json!([404, "NoSuchKey"]));
    assert_eq!(seen["keyHead"], json!([404, "404"]));
    assert_eq!(seen["keyDelete"], json!([204, "OK"]));
    all(&seen["upload"], &json!([404, "NoSuchUpload"]));
}

#[tokio::test]
async fn a_refusal_does_not_hurt_the_next_request() {
    assert_eq!(Target::start().await.client(CLIENT, "refused_often").await, json!([]));
}

#[tokio::test]
async fn conditions_hold() {
    let seen = Target::start().await.client(CLIENT, "conditions").await;
    assert_eq!(seen["second"], json!([412, "PreconditionFailed"]));
    assert_eq!(seen["kept"], "one");
    assert_eq!(seen["wrongMatch"], json!([412, "PreconditionFailed"]));
    assert_eq!(seen["rightMatch"], json!([200, "OK"]));
    assert_eq!(seen["matchMissing"], json!([404, "NoSuchKey"]));
    assert_eq!(seen["replaced"], "two");
    assert_eq!(seen["getOld"], json!([412, "PreconditionFailed"]));
    assert_eq!(seen["getSame"], json!([304, "304"]));
}

#[tokio::test]
async fn digests_are_checked_and_echoed() {
    let target = Target::start().await;
    let seen = target.client(CLIENT, "checksums").await;
    for name in ["ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"] {
        assert_eq!(seen["right"][name], true, "{name}: {seen}");
        assert_eq!(seen["head"][name], true, "{name}: {seen}");
        assert_eq!(seen["wrong"][name], json!([400, "BadDigest"]), "{name}");
    }
    assert_eq!(seen["kept"], "123456789");
    assert_eq!(seen["wrongMd5"], json!([400, "BadDigest"]));
    assert_eq!(seen["malformedMd5"], json!([400, "InvalidDigest"]));
    assert_eq!(seen["rightMd5"], json!([200, "OK"]));
    assert_eq!(seen["two"], json!([400, "InvalidRequest"]));
    assert_eq!(seen["etag"], true);
    assert_eq!(seen["payloadHash"], json!([400, "XAmzContentSHA256Mismatch"]));
    assert_eq!(seen["rightTrailer"], json!([200, "y/Q5Jg=="]));
    assert_eq!(seen["wrongTrailer"], json!([400, "BadDigest"]));
    assert_eq!(target.temporaries(), 0);
}

#[tokio::test]
async fn objects_come_back_as_they_were_put() {
    let target = Target::start().await;
    std::fs::write(target.object("by-hand.csv"), "a,b\n").unwrap();
    let seen = target.client(CLIENT, "objects").await;
    assert_eq!(seen["whole"], true);
    assert_eq!(seen["head"], json!([3 * 1024 * 1024 + 17, "text/csv", "gzip", {"run-id": "r1"}]));
    assert_eq!(seen["listed"], json!(["a b/ü+%&", "by-hand.csv"]));
    for (range, answer) in seen["ranges"].as_object().unwrap() {
        assert_eq!(answer, &json!([206, true, true]), "{range}");
    }
    assert_eq!(seen["badRange"], json!([416, "InvalidRange"]));
    assert_eq!(seen["empty"], json!([200, ""]));
    assert_eq!(seen["deleted"], json!([204, 404]));
    assert!(!target.object("a b").exists());
    assert!(target.object("empty").exists());
}

#[tokio::test]
async fn listings_are_ordered_paged_and_grouped() {
    let seen = Target::start().await.client(CLIENT, "listing").await;
    assert_eq!(seen["paged"], true);
    assert_eq!(seen["pages"], 4);
    assert_eq!(seen["sizes"], true);
    assert_eq!(seen["folders"], json!(["a+b c/", "run-2/", "run/"]));
    assert_eq!(seen["top"], json!(["top"]));
    assert_eq!(seen["below"], json!(["run/023.csv", "run/024.csv"]));
    assert_eq!(seen["none"], 0);
    assert_eq!(seen["buckets"], json!(["exports"]));
}

#[tokio::test]
async fn buckets_know_their_region() {
    let seen = Target::start().await.client(CLIENT, "buckets").await;
    assert_eq!(seen["made"], json!([200, "OK"]));
    assert_eq!(seen["again"], json!([409, "BucketAlreadyOwnedByYou"]));
    assert_eq!(seen["elsewhere"], json!([400, "IllegalLocationConstraintException"]));
    assert_eq!(seen["region"], "eu-central-1");
    assert_eq!(seen["header"], "eu-central-1");
    assert_eq!(seen["location"], "eu-central-1");
}

#[tokio::test]
async fn multipart_uploads_are_invisible_until_complete() {
    let target = Target::start().await;
    let seen = target.client(CLIENT, "multipart").await;
    assert_eq!(seen["hidden"], json!([404, 0]));
    assert_eq!(seen["uploads"], json!([["big", true]]));
    assert_eq!(seen["parts"], json!([[1, 5_242_880], [2, 5_242_880], [3, 1000], true, false]));
    assert_eq!(seen["etag"], true);
    assert_eq!(seen["content"], json!([true, "text/csv", {"run-id": "r1"}, true]));
    assert_eq!(seen["again"], json!([404, "NoSuchUpload"]));
    assert_eq!(seen["tooSmall"], json!([400, "EntityTooSmall"]));
    assert_eq!(seen["order"], json!([400, "InvalidPartOrder"]));
    assert_eq!(seen["wrongEtag"], json!([400, "InvalidPart"]));
    assert_eq!(seen["noSuchPart"], json!([400, "InvalidPart"]));
    assert_eq!(seen["nothing"], json!([400, "MalformedXML"]));
    assert_eq!(seen["wrongSize"], json!([400, "InvalidRequest"]));
    assert_eq!(seen["partNumber"], json!([400, "InvalidArgument"]));
    assert_eq!(seen["otherKey"], json!([404, "NoSuchUpload"]));
    assert_eq!(seen["abort"], json!([204, "OK"]));
    assert_eq!(seen["aborted"], json!([[404, "NoSuchUpload"], false]));
    assert_eq!(seen["notNew"], json!([412, "PreconditionFailed"]));
    assert_eq!(seen["stillThere"], 2 * 5_242_880 + 1000);
    assert_eq!(seen["pagedUploads"], json!([["a+b c", "a+b c", "a+b c"], true]));
    assert_eq!(target.temporaries(), 0);
}

#[tokio::test]
async fn checksums_of_parts_make_the_objects() {
    let seen = Target::start().await.client(CLIENT, "part_checksums").await;
    assert_eq!(seen["wrongPart"], json!([400, "BadDigest"]));
    assert_eq!(
        seen["otherAlgorithm"],
        "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha256"
    );
    assert_eq!(
        seen["noChecksum"],
        "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: null"
    );
    assert_eq!(seen["missingInComplete"], json!([400, "InvalidRequest"]));
    assert_eq!(seen["wrongInComplete"], json!([400, "InvalidPart"]));
    assert_eq!(seen["composite"], json!([true, "COMPOSITE", true, "COMPOSITE"]));
    assert_eq!(seen["wrongWhole"], json!([400, "BadDigest"]));
    assert_eq!(seen["whole"], json!([true, "FULL_OBJECT"]));
    assert_eq!(
        seen["unannounced"],
        "Checksum Type mismatch occurred, expected checksum Type: null, actual checksum Type: crc32"
    );
}

#[tokio::test]
async fn the_sdks_own_upload_works() {
    let seen = Target::start().await.client(CLIENT, "managed").await;
    assert_eq!(seen, json!({"equal": true, "etag": "-4"}));
}
