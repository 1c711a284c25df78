"""An independent Kinesis client (boto3). Each function is one case; what it returns is what it saw."""

import datetime
import hashlib
import http.client
import json
import os
import sys
import time
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
from answers import message, seen

URL = os.environ["KINESIS_URL"]
REGION = os.environ["KINESIS_REGION"]
KEY, SECRET = os.environ["KINESIS_KEY"], os.environ["KINESIS_SECRET"]
STREAM = "exports"
MIB = 1024 * 1024
TOP = 2**128 - 1


def client(key=KEY, secret=SECRET, token=None, region=REGION, read_timeout=60):
    return boto3.client(
        "kinesis", endpoint_url=URL, aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token,
        region_name=region,
        config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout,
                                      parameter_validation=False),
    )


kinesis = client()


def record(key, data=b"{}", **more):
    return dict(PartitionKey=key, Data=data, **more)


def put(records, stream=STREAM, by=kinesis):
    return by.put_records(StreamName=stream, Records=records)


def codes(answer):
    return [r.get("ErrorCode", "OK") for r in answer["Records"]]


def shards(stream=STREAM):
    return kinesis.describe_stream(StreamName=stream)["StreamDescription"]["Shards"]


def iterator(shard, kind="TRIM_HORIZON", stream=STREAM, **more):
    return kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]


def read(shard, kind="TRIM_HORIZON", stream=STREAM, limit=10000, **more):
    """All records from an iterator on, until the end or until nothing more comes."""
    at, found = iterator(shard, kind, stream, **more), []
    while at:
        answer = kinesis.get_records(ShardIterator=at, Limit=limit)
        found += answer["Records"]
        if not answer["Records"]:
            break
        at = answer.get("NextShardIterator")
    return found


def everything(stream=STREAM):
    return {s["ShardId"]: [[r["PartitionKey"], r["Data"].decode()] for r in read(s["ShardId"], stream=stream)]
            for s in shards(stream)}


def raw(headers=None, body=b'{"StreamName":"exports"}', sign=True, target="DescribeStreamSummary", service="kinesis",
        method="POST", date=None, region=REGION):
    """One request without an SDK's help: status and JSON."""
    given = {"X-Amz-Target": f"Kinesis_20131202.{target}", "Content-Type": "application/x-amz-json-1.1", **(headers or {})}
    request = botocore.awsrequest.AWSRequest(method=method, url=URL + "/", data=body, headers=given)
    if sign:
        signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(KEY, SECRET), service, region)
        if date:
            # What the signer does, at another time.
            at = datetime.datetime.now(datetime.timezone.utc) + date
            request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
            request.headers["X-Amz-Date"] = request.context["timestamp"]
            request.headers["Authorization"] = signer._inject_signature_to_request(
                request, signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
            ).headers["Authorization"]
        else:
            signer.add_auth(request)
    connection = http.client.HTTPConnection(urllib.parse.urlparse(URL).netloc, timeout=60)
    connection.request(method, "/", body, dict(request.headers.items()))
    response = connection.getresponse()
    text = response.read()
    return response.status, json.loads(text) if text else None, {k.lower(): v for k, v in response.getheaders()}


def code(*args, **kwargs):
    status, answer, _ = raw(*args, **kwargs)
    return [status, answer.get("__type", "OK")]


def sign_in():
    env = os.environ
    unknown, wrong = client(key="PRACTICEUNKNOWN00000"), client(secret="no" + SECRET[2:])
    session = [env["KINESIS_SESSION_KEY"], env["KINESIS_SESSION_SECRET"], env["KINESIS_SESSION_TOKEN"]]
    one = dict(StreamName=STREAM, **record("k"))
    minutes = datetime.timedelta(minutes=1)
    return {
        "fine": code(),
        "unknownKey": seen(unknown.list_streams), "unknownKeyText": message(unknown.put_record, **one),
        "badSecret": seen(wrong.list_streams), "badSecretText": message(wrong.put_record, **one),
        "unsigned": code(sign=False),
        "noSignature": code(sign=False, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/kinesis/aws4_request"}),
        "otherBody": code(headers={"X-Amz-Content-Sha256": "00"}),
        "region": seen(client(region="us-west-2").list_streams),
        "service": code(service="s3"),
        "early": code(date=20 * minutes), "late": code(date=-20 * minutes), "close": code(date=-10 * minutes),
        "session": seen(client(*session).put_record, **one),
        "withoutToken": seen(client(*session[:2]).put_record, **one),
        "otherToken": seen(client(*session[:2], token="unknown").put_record, **one),
        "tokenOfNobody": seen(client(token="unknown").put_record, **one),
        "unknownOperation": code(target="StartTheMachine"),
        "get": code(method="GET", body=b""),
        "requestId": "x-amzn-requestid" in raw()[2],
    }


def rights():
    none = client(os.environ["KINESIS_KEY_NO_RIGHTS"], os.environ["KINESIS_SECRET_NO_RIGHTS"])
    some = client(os.environ["KINESIS_KEY_PUT_ONLY"], os.environ["KINESIS_SECRET_PUT_ONLY"])
    return {
        "none": [seen(put, [record("k")], by=none), seen(none.list_streams)],
        "text": message(put, [record("k")], by=none),
        "textWithoutStream": message(none.list_streams),
        "puts": [seen(put, [record("k")], by=some), seen(some.put_record, StreamName=STREAM, **record("k"))],
        "looks": [seen(some.list_streams), seen(some.list_shards, StreamName=STREAM),
                  seen(some.describe_stream_summary, StreamName=STREAM)],
    }


def streams():
    made = kinesis.create_stream(StreamName="more", ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName="more")
    kinesis.create_stream(StreamName="on-demand", StreamModeDetails={"StreamMode": "ON_DEMAND"}, MaxRecordSizeInKiB=2048)
    page = kinesis.list_streams(Limit=2)
    rest = kinesis.list_streams(Limit=2, NextToken=page["NextToken"])
    ranges = [[int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])] for s in shards("more")]
    first = kinesis.list_shards(StreamName="more", MaxResults=2)
    second = kinesis.list_shards(NextToken=first["NextToken"])
    seeded = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
    by_arn = kinesis.describe_stream_summary(StreamARN=seeded["StreamARN"])["StreamDescriptionSummary"]
    on_demand = kinesis.describe_stream_summary(StreamName="on-demand")["StreamDescriptionSummary"]
    answer = {
        "seeded": [seeded["StreamStatus"], seeded["OpenShardCount"], seeded["MaxRecordSizeInKiB"], seeded["StreamARN"]],
        "age": abs(time.time() - seeded["StreamCreationTimestamp"].timestamp()) < 60,
        "byArn": by_arn == {**seeded},
        "onDemand": [on_demand["StreamModeDetails"]["StreamMode"], on_demand["OpenShardCount"], on_demand["MaxRecordSizeInKiB"]],
        "again": seen(kinesis.create_stream, StreamName="more", ShardCount=1),
        "names": page["StreamNames"] + rest["StreamNames"], "more": [page["HasMoreStreams"], rest["HasMoreStreams"]],
        "whole": ranges[0][0] == 0 and ranges[-1][1] == TOP and all(a[1] + 1 == b[0] for a, b in zip(ranges, ranges[1:])),
        "paged": [s["ShardId"] for s in first["Shards"] + second["Shards"]],
        "badName": seen(kinesis.create_stream, StreamName="../x", ShardCount=1),
        "dots": seen(kinesis.create_stream, StreamName="..", ShardCount=1),
        "noCount": seen(kinesis.create_stream, StreamName="x"),
    }
    kinesis.delete_stream(StreamName="more")
    kinesis.get_waiter("stream_not_exists").wait(StreamName="more")
    answer["deleted"] = seen(kinesis.list_shards, StreamName="more")
    answer["text"] = message(put, [record("k")], stream="more")
    return answer


def records():
    """Where records go, and that they come back."""
    answers = []
    for at in range(0, 1000, 250):
        answers.append(put([record(f"key-{n}", json.dumps({"n": n, "ü": '"\n'}).encode()) for n in range(at, at + 250)]))
    single = kinesis.put_record(StreamName=STREAM, **record("single", b"\xff\x00\xfe"))
    edges = put([record("k", b"low", ExplicitHashKey="0"), record("k", b"high", ExplicitHashKey=str(TOP))])
    placed = [r["ShardId"] for a in answers for r in a["Records"]]
    ids = [s["ShardId"] for s in shards()]
    half = int(shards()[1]["HashKeyRange"]["StartingHashKey"])
    right = all(ids[int(hashlib.md5(f"key-{n}".encode()).hexdigest(), 16) >= half] == placed[n] for n in range(1000))
    back = {shard: read(shard, limit=77) for shard in ids}
    numbers = {shard: [int(r["SequenceNumber"]) for r in found] for shard, found in back.items()}
    first = back[ids[0]]
    put_numbers = sorted(int(r["SequenceNumber"]) for a in answers + [edges] for r in a["Records"])
    middle = first[10]["SequenceNumber"]
    time.sleep(1.1)
    before_last = datetime.datetime.now(datetime.timezone.utc)
    time.sleep(0.1)
    latest = iterator(ids[0], "LATEST")
    put([record("k", b"last", ExplicitHashKey="0")])
    return {
        "shards": ids, "failed": sum(a["FailedRecordCount"] for a in answers), "placed": right,
        "edges": [r["ShardId"] for r in edges["Records"]],
        "count": sum(map(len, back.values())),
        "growing": all(n == sorted(set(n)) for n in numbers.values()),
        "numbers": set(put_numbers) <= set(sum(numbers.values(), [])),
        "contents": sorted(json.loads(r["Data"])["n"] for found in back.values() for r in found
                           if r["PartitionKey"].startswith("key-")) == list(range(1000)),
        "binary": [r["Data"] == b"\xff\x00\xfe" for r in back[single["ShardId"]] if r["PartitionKey"] == "single"],
        "arrived": abs(time.time() - first[0]["ApproximateArrivalTimestamp"].timestamp()) < 60,
        "at": read(ids[0], "AT_SEQUENCE_NUMBER", StartingSequenceNumber=middle)[0]["PartitionKey"] == first[10]["PartitionKey"],
        "after": read(ids[0], "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=middle)[0]["PartitionKey"] == first[11]["PartitionKey"],
        "latest": [r["Data"].decode() for r in kinesis.get_records(ShardIterator=latest)["Records"]],
        "timestamp": [r["Data"].decode() for r in read(ids[0], "AT_TIMESTAMP", Timestamp=before_last)],
        "otherShard": seen(iterator, ids[1], "AT_SEQUENCE_NUMBER", StartingSequenceNumber=middle),
        "badIterator": seen(kinesis.get_records, ShardIterator="AAAA"),
        "badShard": seen(iterator, "shardId-000000000009"),
    }


def refused():
    """Requests that break a rule, each with its code."""
    big = b"x" * MIB
    return {
        "tooMany": seen(put, [record(str(n)) for n in range(501)]),
        "tooManyText": message(put, [record(str(n)) for n in range(501)]),
        "most": seen(put, [record(str(n)) for n in range(500)]),
        "none": seen(put, []),
        "noRecords": seen(kinesis.put_records, StreamName=STREAM),
        "noKey": seen(put, [dict(Data=b"x")]), "noKeyText": message(put, [record("k"), dict(Data=b"x")]),
        "noData": seen(put, [dict(PartitionKey="k")]),
        "noStream": seen(kinesis.put_records, Records=[record("k")]),
        "longKey": seen(put, [record("k" * 257)]), "longestKey": seen(put, [record("ü" * 256)]),
        "emptyKey": seen(put, [record("")]),
        "tooLarge": seen(put, [record("k", big)]), "largest": seen(put, [record("k", big[1:])]),
        "tooLargeOne": seen(kinesis.put_record, StreamName=STREAM, **record("k", big)),
        "requestTooLarge": seen(put, [record("k", big[1:])] * 11), "largestRequest": seen(put, [record("k", big[1:])] * 10),
        "requestTooLargeText": message(put, [record("k", big[1:])] * 11),
        "bodyTooLarge": seen(put, [record("k", big)] * 20),
        "hashKey": seen(put, [record("k", ExplicitHashKey=str(TOP + 1))]),
        "hashKeyText": message(put, [record("k", ExplicitHashKey=str(TOP + 1))]),
        "hashKeyNoNumber": seen(put, [record("k", ExplicitHashKey="x")]),
        "missingStream": seen(put, [record("k")], stream="missing"),
        "notJson": code(body=b"{"),
        "afterwards": seen(put, [record("k")]),
    }


def reshard():
    put([record("before", b"1", ExplicitHashKey="0"), record("before", b"2", ExplicitHashKey=str(TOP))])
    low = shards()[0]
    end = int(low["HashKeyRange"]["EndingHashKey"])
    kinesis.split_shard(StreamName=STREAM, ShardToSplit=low["ShardId"], NewStartingHashKey=str(end // 2))
    after_split = shards()
    put([record("split", b"3", ExplicitHashKey="0"), record("split", b"4", ExplicitHashKey=str(end))])
    old = kinesis.get_records(ShardIterator=iterator(low["ShardId"]))
    kinesis.merge_shards(StreamName=STREAM, ShardToMerge=after_split[3]["ShardId"], AdjacentShardToMerge=after_split[1]["ShardId"])
    put([record("merged", b"5", ExplicitHashKey=str(TOP))])
    merged = shards()[-1]
    return {
        "afterSplit": [[s["ShardId"][-2:], s.get("ParentShardId", "")[-2:], "EndingSequenceNumber" in s["SequenceNumberRange"]]
                       for s in after_split],
        "old": [[r["Data"].decode() for r in old["Records"]], old.get("NextShardIterator")],
        "children": [c["ShardId"][-2:] for c in old["ChildShards"]],
        "afterEnd": read(low["ShardId"], "AFTER_SEQUENCE_NUMBER",
                         StartingSequenceNumber=shards()[0]["SequenceNumberRange"]["EndingSequenceNumber"]),
        "merged": [merged["ShardId"][-2:], merged["ParentShardId"][-2:], merged["AdjacentParentShardId"][-2:],
                   merged["HashKeyRange"]["EndingHashKey"] == str(TOP)],
        "open": [s["ShardId"][-2:] for s in kinesis.list_shards(StreamName=STREAM, ShardFilter={"Type": "AT_LATEST"})["Shards"]],
        "openCount": kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["OpenShardCount"],
        "records": everything(),
        "again": seen(kinesis.split_shard, StreamName=STREAM, ShardToSplit=low["ShardId"], NewStartingHashKey="5"),
        "outside": seen(kinesis.split_shard, StreamName=STREAM, ShardToSplit=merged["ShardId"], NewStartingHashKey="5"),
        "apart": seen(kinesis.merge_shards, StreamName=STREAM, ShardToMerge=after_split[2]["ShardId"], AdjacentShardToMerge=after_split[2]["ShardId"]),
    }


def kept():
    return {"records": everything(), "shards": [[s["ShardId"], "EndingSequenceNumber" in s["SequenceNumberRange"]] for s in shards()],
            "put": seen(put, [record("more", b"6", ExplicitHashKey="0")]), "streams": kinesis.list_streams()["StreamNames"]}


def ten():
    """Ten records at once: what each got, and what is there."""
    answer = put([record(str(n), str(n).encode()) for n in range(10)])
    texts = sorted({r["ErrorMessage"] for r in answer["Records"] if "ErrorMessage" in r})
    there = sorted(int(data) for found in everything().values() for _, data in found)
    return {"failed": answer["FailedRecordCount"], "codes": codes(answer), "texts": texts, "there": there}


def one():
    try:
        answer = kinesis.put_record(StreamName=STREAM, **record("k"))
        return [answer["ResponseMetadata"]["HTTPStatusCode"], "OK"]
    except botocore.exceptions.ClientError as e:
        return [e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"]]


def limited():
    """More than two shards take: 500 records to one, thrice, and the same with bytes to the other."""
    low, high = "0", str(TOP)
    many = [codes(put([record("k", ExplicitHashKey=low)] * 500)).count("OK") for _ in range(3)]
    large = codes(put([record("k", b"x" * (200 * 1024), ExplicitHashKey=high)] * 8))
    time.sleep(1.1)
    return {"many": many, "large": large.count("OK"), "other": sorted(set(large)),
            "later": codes(put([record("k", ExplicitHashKey=low)] * 500)).count("OK")}


def three():
    return [seen(put, [record("k", str(n).encode())]) for n in range(3)]


def three_and_there():
    return {"seen": three(), "there": sum(map(len, everything().values()))}


def impatient():
    quick = client(read_timeout=1)
    return {"first": seen(put, [record("k")], by=quick), "second": seen(put, [record("k")]),
            "there": sum(map(len, everything().values()))}


def timed():
    begun = time.monotonic()
    put([record("k", b"x" * (MIB // 2))])
    return time.monotonic() - begun


def state():
    summary = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
    return [summary["StreamStatus"], seen(put, [record("k")])]


def denied():
    return {"put": seen(put, [record("k")]), "list": seen(kinesis.list_streams), "text": message(kinesis.list_streams)}


def sessions():
    env = os.environ
    session = client(env["KINESIS_SESSION_KEY"], env["KINESIS_SESSION_SECRET"], env["KINESIS_SESSION_TOKEN"])
    return [seen(put, [record("k")], by=session), seen(put, [record("k")]), message(put, [record("k")], by=session)]


def small_requests():
    return [seen(put, [record("k", b"x" * 900)] * n) for n in (1, 2)] + [message(put, [record("k", b"x" * 900)] * 2)]


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))
