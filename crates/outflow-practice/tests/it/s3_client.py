"""An independent S3 client (boto3). Each function is one case; what it returns is what it saw."""

import base64
import hashlib
import http.client
import io
import json
import os
import sys
import time
import urllib.parse
import zlib

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
from answers import message, seen

URL = os.environ["S3_URL"]
REGION = os.environ["S3_REGION"]
KEY, SECRET = os.environ["S3_KEY"], os.environ["S3_SECRET"]
MIB = 1024 * 1024


def client(key=KEY, secret=SECRET, region=REGION, **config):
    config.setdefault("request_checksum_calculation", "when_required")
    return boto3.client(
        "s3", endpoint_url=URL, aws_access_key_id=key, aws_secret_access_key=secret, region_name=region,
        config=botocore.config.Config(
            s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, read_timeout=60,
            response_checksum_validation="when_required", **config),
    )


s3 = client()


class Signer(botocore.auth.S3SigV4Auth):
    def __init__(self, region, payload):
        super().__init__(botocore.credentials.Credentials(KEY, SECRET), "s3", region)
        self.fixed = payload

    def payload(self, request):
        return self.fixed


def raw(method, path, region=REGION, headers=None, body=b"", payload=None, sign=True):
    """One request without an SDK's help: status, headers, body."""
    request = botocore.awsrequest.AWSRequest(method=method, url=URL + path, data=body, headers=headers or {})
    if sign:
        Signer(region, payload or hashlib.sha256(body).hexdigest()).add_auth(request)
    connection = http.client.HTTPConnection(urllib.parse.urlparse(URL).netloc, timeout=60)
    connection.request(method, path, body, dict(request.headers.items()))
    response = connection.getresponse()
    return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode()


def element(xml, name):
    return xml.split(f"<{name}>")[1].split(f"</{name}>")[0] if f"<{name}>" in xml else None


def b64(raw_bytes):
    return base64.b64encode(raw_bytes).decode()


def crc32(data):
    return b64(zlib.crc32(data).to_bytes(4, "big"))


def sign_in():
    put = dict(Bucket="exports", Key="a", Body=b"x")
    unknown, wrong = client(key="PRACTICEUNKNOWN00000"), client(secret="no" + SECRET[2:])
    none = client(os.environ["S3_KEY_NO_RIGHTS"], os.environ["S3_SECRET_NO_RIGHTS"])
    status, _, xml = raw("PUT", "/exports/a", body=b"x", sign=False)
    large = raw("PUT", "/exports/a", body=b"x" * (20 * MIB), sign=False)
    return {
        "unsignedLarge": [large[0], element(large[2], "Code")],
        "unknownKey": seen(unknown.put_object, **put), "unknownKeyText": message(unknown.put_object, **put),
        "badSecret": seen(wrong.put_object, **put), "badSecretText": message(wrong.put_object, **put),
        "unsigned": [status, element(xml, "Code")],
        "noRights": [
            seen(none.put_object, **put),
            seen(none.get_object, Bucket="exports", Key="a"),
            seen(none.delete_object, Bucket="exports", Key="a"),
            seen(none.create_multipart_upload, Bucket="exports", Key="a"),
            seen(none.list_objects_v2, Bucket="exports"),
            seen(none.list_multipart_uploads, Bucket="exports"),
            seen(none.create_bucket, Bucket="other"),
        ],
        "noRightsHead": [seen(none.head_bucket, Bucket="exports"), seen(none.head_object, Bucket="exports", Key="a")],
        "noRightsText": message(none.create_multipart_upload, Bucket="exports", Key="a"),
    }


def wrong_region():
    status, headers, xml = raw("PUT", "/exports/a", region="us-west-2", body=b"x")
    presigned = client(region="us-west-2", signature_version="s3v4").generate_presigned_url("get_object", {"Bucket": "exports", "Key": "a"})
    link = urllib.parse.urlparse(presigned)
    p_status, _, p_xml = raw("GET", f"{link.path}?{link.query}", sign=False)
    old = raw("GET", "/exports/a", headers={"Authorization": "AWS key:signature", "Date": "now"}, sign=False)
    return {
        "header": [status, element(xml, "Code")], "text": element(xml, "Message"), "region": element(xml, "Region"),
        "requestId": bool(headers.get("x-amz-request-id")) and headers["x-amz-request-id"] == element(xml, "RequestId"),
        "presigned": [p_status, element(p_xml, "Code")],
        "version2": [old[0], element(old[2], "Code")],
    }


def missing():
    return {
        "bucket": [
            seen(s3.put_object, Bucket="no-such", Key="a", Body=b"x"),
            seen(s3.get_object, Bucket="no-such", Key="a"),
            seen(s3.create_multipart_upload, Bucket="no-such", Key="a"),
            seen(s3.list_objects_v2, Bucket="no-such"),
            seen(s3.list_multipart_uploads, Bucket="no-such"),
            seen(s3.get_bucket_location, Bucket="no-such"),
        ],
        "bucketHead": seen(s3.head_bucket, Bucket="no-such"),
        "key": seen(s3.get_object, Bucket="exports", Key="no-such"),
        "keyHead": seen(s3.head_object, Bucket="exports", Key="no-such"),
        "keyDelete": seen(s3.delete_object, Bucket="exports", Key="no-such"),
        "upload": [
            seen(s3.upload_part, Bucket="exports", Key="a", UploadId="x" * 64, PartNumber=1, Body=b"x"),
            seen(s3.abort_multipart_upload, Bucket="exports", Key="a", UploadId="0" * 64),
            seen(s3.list_parts, Bucket="exports", Key="a", UploadId="../../etc"),
            seen(s3.complete_multipart_upload, Bucket="exports", Key="a", UploadId="0" * 64,
                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "x"}]}),
        ],
    }


def conditions():
    put = dict(Bucket="exports", Key="name.csv")
    first = s3.put_object(**put, Body=b"one", IfNoneMatch="*")
    return {
        "second": seen(s3.put_object, **put, Body=b"two", IfNoneMatch="*"),
        "kept": s3.get_object(**put)["Body"].read().decode(),
        "wrongMatch": seen(s3.put_object, **put, Body=b"two", IfMatch='"0123"'),
        "rightMatch": seen(s3.put_object, **put, Body=b"two", IfMatch=first["ETag"]),
        "matchMissing": seen(s3.put_object, Bucket="exports", Key="none", Body=b"x", IfMatch=first["ETag"]),
        "replaced": s3.get_object(**put)["Body"].read().decode(),
        "getOld": seen(s3.get_object, **put, IfMatch=first["ETag"]),
        "getSame": seen(s3.get_object, **put, IfNoneMatch=s3.head_object(**put)["ETag"]),
    }


def checksums():
    put = dict(Bucket="exports", Key="sum")
    body = b"123456789"
    right = {
        "ChecksumCRC32": "y/Q5Jg==", "ChecksumCRC32C": "4waSgw==", "ChecksumCRC64NVME": "rosUhgp5mIg=",
        "ChecksumSHA1": b64(hashlib.sha1(body).digest()), "ChecksumSHA256": b64(hashlib.sha256(body).digest()),
    }
    out = {"right": {}, "wrong": {}, "head": {}}
    for name, value in right.items():
        echoed = s3.put_object(**put, Body=body, **{name: value})
        out["right"][name] = echoed.get(name) == value
        out["head"][name] = s3.head_object(**put, ChecksumMode="ENABLED").get(name) == value
        out["wrong"][name] = seen(s3.put_object, **put, Body=b"12345678X", **{name: value})
    out["kept"] = s3.get_object(**put)["Body"].read().decode()
    out["wrongMd5"] = seen(s3.put_object, **put, Body=body, ContentMD5=b64(hashlib.md5(b"other").digest()))
    out["malformedMd5"] = seen(s3.put_object, **put, Body=body, ContentMD5="AAAA")
    out["rightMd5"] = seen(s3.put_object, **put, Body=body, ContentMD5=b64(hashlib.md5(body).digest()))
    out["two"] = seen(s3.put_object, **put, Body=body, ChecksumCRC32=right["ChecksumCRC32"], ChecksumSHA256=right["ChecksumSHA256"])
    out["etag"] = s3.head_object(**put)["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    status, _, xml = raw("PUT", "/exports/sum", body=body, payload=hashlib.sha256(b"other").hexdigest())
    out["payloadHash"] = [status, element(xml, "Code")]
    for name, value in (("rightTrailer", right["ChecksumCRC32"]), ("wrongTrailer", "AAAAAA==")):
        chunked = b"9\r\n" + body + b"\r\n0\r\nx-amz-checksum-crc32:" + value.encode() + b"\r\n\r\n"
        status, headers, xml = raw("PUT", "/exports/sum", body=chunked, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER", headers={
            "X-Amz-Decoded-Content-Length": str(len(body)), "X-Amz-Trailer": "x-amz-checksum-crc32", "Content-Encoding": "aws-chunked"})
        out[name] = [status, headers.get("x-amz-checksum-crc32") or element(xml, "Code")]
    return out


def objects():
    key, body = "a b/ü+%&", os.urandom(3 * MIB + 17)
    put = dict(Bucket="exports", Key=key)
    s3.put_object(**put, Body=body, ContentType="text/csv", ContentEncoding="gzip", Metadata={"run-id": "r1"})
    got, head = s3.get_object(**put), s3.head_object(**put)
    ranges = {}
    for text, want in (("bytes=0-0", body[:1]), ("bytes=100-1099", body[100:1100]), (f"bytes={len(body)-5}-", body[-5:]),
                       ("bytes=-7", body[-7:]), ("bytes=3145700-99999999", body[3145700:])):
        part = s3.get_object(**put, Range=text)
        ranges[text] = [part["ResponseMetadata"]["HTTPStatusCode"], part["Body"].read() == want, part["ContentRange"].endswith(f"/{len(body)}")]
    return {
        "whole": got["Body"].read() == body,
        "head": [head["ContentLength"], head["ContentType"], head["ContentEncoding"], head["Metadata"]],
        "listed": [o["Key"] for o in s3.list_objects_v2(Bucket="exports")["Contents"]],
        "ranges": ranges,
        "badRange": seen(s3.get_object, **put, Range="bytes=99999999-"),
        "empty": [seen(s3.put_object, Bucket="exports", Key="empty", Body=b"")[0], s3.get_object(Bucket="exports", Key="empty")["Body"].read().decode()],
        "deleted": [seen(s3.delete_object, **put)[0], seen(s3.head_object, **put)[0]],
    }


def listing():
    keys = sorted([f"run/{n:03}.csv" for n in range(25)] + ["a+b c/ü", "run-2/x", "top"], key=lambda k: k.encode())
    for key in keys:
        s3.put_object(Bucket="exports", Key=key, Body=key.encode())
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="exports", PaginationConfig={"PageSize": 7}))
    folders = list(s3.get_paginator("list_objects_v2").paginate(Bucket="exports", Delimiter="/", PaginationConfig={"PageSize": 1}))
    below = s3.list_objects_v2(Bucket="exports", Prefix="run/", StartAfter="run/022.csv")
    return {
        "paged": [o["Key"] for p in pages for o in p.get("Contents", [])] == keys, "pages": len(pages),
        "sizes": all(o["Size"] == len(o["Key"].encode()) and o["ETag"] == f'"{hashlib.md5(o["Key"].encode()).hexdigest()}"' for p in pages for o in p.get("Contents", [])),
        "folders": [c["Prefix"] for p in folders for c in p.get("CommonPrefixes", [])],
        "top": [o["Key"] for p in folders for o in p.get("Contents", [])],
        "below": [o["Key"] for o in below["Contents"]],
        "none": s3.list_objects_v2(Bucket="exports", Prefix="zzz")["KeyCount"],
        "buckets": [b["Name"] for b in s3.list_buckets()["Buckets"]],
    }


def buckets():
    made = seen(s3.create_bucket, Bucket="more", CreateBucketConfiguration={"LocationConstraint": REGION})
    return {
        "made": made, "again": seen(s3.create_bucket, Bucket="more", CreateBucketConfiguration={"LocationConstraint": REGION}),
        "elsewhere": seen(s3.create_bucket, Bucket="other", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}),
        "region": s3.head_bucket(Bucket="more")["BucketRegion"],
        "header": s3.head_bucket(Bucket="more")["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region"),
        "location": s3.get_bucket_location(Bucket="more")["LocationConstraint"],
    }


def begin(key, bodies, **create):
    """An upload with parts 1..n: its id, and what a request to complete it lists."""
    put = dict(Bucket="exports", Key=key)
    upload = s3.create_multipart_upload(**put, **create)["UploadId"]
    parts = []
    for number, body in enumerate(bodies, 1):
        sums = {}
        if create.get("ChecksumAlgorithm") == "CRC32":
            sums["ChecksumCRC32"] = crc32(body)
        answer = s3.upload_part(**put, UploadId=upload, PartNumber=number, Body=body, **sums)
        assert answer["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', answer
        assert all(answer[k] == v for k, v in sums.items()), answer
        parts.append({"PartNumber": number, "ETag": answer["ETag"], **sums})
    return upload, parts


def complete(key, upload, parts, **more):
    return s3.complete_multipart_upload(Bucket="exports", Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **more)


def multipart():
    big, small = os.urandom(5 * MIB), os.urandom(1000)
    out = {}
    upload, parts = begin("big", [big, big, small], ContentType="text/csv", Metadata={"run-id": "r1"})
    out["hidden"] = [seen(s3.head_object, Bucket="exports", Key="big")[0], s3.list_objects_v2(Bucket="exports")["KeyCount"]]
    out["uploads"] = [[u["Key"], u["UploadId"] == upload] for u in s3.list_multipart_uploads(Bucket="exports")["Uploads"]]
    page = s3.list_parts(Bucket="exports", Key="big", UploadId=upload, MaxParts=2)
    rest = s3.list_parts(Bucket="exports", Key="big", UploadId=upload, PartNumberMarker=page["NextPartNumberMarker"])
    out["parts"] = [[p["PartNumber"], p["Size"]] for p in page["Parts"] + rest["Parts"]] + [page["IsTruncated"], rest["IsTruncated"]]
    answer = complete("big", upload, parts)
    want = hashlib.md5(b"".join(hashlib.md5(b).digest() for b in (big, big, small))).hexdigest()
    out["etag"] = answer["ETag"] == f'"{want}-3"'
    got = s3.get_object(Bucket="exports", Key="big")
    out["content"] = [got["Body"].read() == big + big + small, got["ContentType"], got["Metadata"], got["ETag"] == answer["ETag"]]
    out["again"] = seen(complete, "big", upload, parts)

    upload, parts = begin("small", [small, small])
    out["tooSmall"] = seen(complete, "small", upload, parts)
    out["order"] = seen(complete, "small", upload, parts[::-1])
    out["wrongEtag"] = seen(complete, "small", upload, [{"PartNumber": 1, "ETag": '"0123"'}])
    out["noSuchPart"] = seen(complete, "small", upload, [{"PartNumber": 7, "ETag": parts[0]["ETag"]}])
    out["nothing"] = seen(complete, "small", upload, [])
    out["wrongSize"] = seen(complete, "small", upload, parts[:1], MpuObjectSize=999)
    out["partNumber"] = seen(s3.upload_part, Bucket="exports", Key="small", UploadId=upload, PartNumber=10001, Body=b"x")
    out["otherKey"] = seen(s3.abort_multipart_upload, Bucket="exports", Key="other", UploadId=upload)
    out["abort"] = seen(s3.abort_multipart_upload, Bucket="exports", Key="small", UploadId=upload)
    out["aborted"] = [seen(s3.list_parts, Bucket="exports", Key="small", UploadId=upload), "Uploads" in s3.list_multipart_uploads(Bucket="exports")]

    upload, parts = begin("big", [small])
    out["notNew"] = seen(complete, "big", upload, parts, IfNoneMatch="*")
    out["stillThere"] = s3.head_object(Bucket="exports", Key="big")["ContentLength"]
    s3.abort_multipart_upload(Bucket="exports", Key="big", UploadId=upload)

    same = [begin("a+b c", [])[0] for _ in range(3)]
    pages = list(s3.get_paginator("list_multipart_uploads").paginate(Bucket="exports", PaginationConfig={"PageSize": 2}))
    out["pagedUploads"] = [[u["Key"] for p in pages for u in p["Uploads"]], sorted(u["UploadId"] for p in pages for u in p["Uploads"]) == sorted(same)]
    return out


def part_checksums():
    big, small = os.urandom(5 * MIB), os.urandom(1000)
    out = {}
    upload, parts = begin("sum", [big, small], ChecksumAlgorithm="CRC32")
    part = dict(Bucket="exports", Key="sum", UploadId=upload, PartNumber=3)
    out["wrongPart"] = seen(s3.upload_part, **part, Body=small, ChecksumCRC32="AAAAAA==")
    out["otherAlgorithm"] = message(s3.upload_part, **part, Body=small, ChecksumSHA256=b64(hashlib.sha256(small).digest()))
    out["noChecksum"] = message(s3.upload_part, **part, Body=small)
    out["missingInComplete"] = seen(complete, "sum", upload, [{k: p[k] for k in ("PartNumber", "ETag")} for p in parts])
    out["wrongInComplete"] = seen(complete, "sum", upload, [dict(p, ChecksumCRC32="AAAAAA==") for p in parts])
    answer = complete("sum", upload, parts)
    want = crc32(b"".join(zlib.crc32(b).to_bytes(4, "big") for b in (big, small))) + "-2"
    head = s3.head_object(Bucket="exports", Key="sum", ChecksumMode="ENABLED")
    out["composite"] = [answer["ChecksumCRC32"] == want, answer["ChecksumType"], head["ChecksumCRC32"] == want, head["ChecksumType"]]

    upload, parts = begin("whole", [big, small], ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    out["wrongWhole"] = seen(complete, "whole", upload, parts, ChecksumCRC32="AAAAAA==", ChecksumType="FULL_OBJECT")
    answer = complete("whole", upload, parts, ChecksumCRC32=crc32(big + small), ChecksumType="FULL_OBJECT")
    out["whole"] = [answer["ChecksumCRC32"] == crc32(big + small), answer["ChecksumType"]]

    upload, _ = begin("none", [])
    out["unannounced"] = message(s3.upload_part, Bucket="exports", Key="none", UploadId=upload, PartNumber=1, Body=small, ChecksumCRC32=crc32(small))
    return out


def managed():
    """The SDK's own multipart upload with its default checksums."""
    body = os.urandom(20 * MIB + 3)
    default = client(request_checksum_calculation="when_supported")
    default.upload_fileobj(io.BytesIO(body), "exports", "managed", Config=boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=6 * MIB))
    back = io.BytesIO()
    default.download_fileobj("exports", "managed", back)
    return {"equal": back.getvalue() == body, "etag": default.head_object(Bucket="exports", Key="managed")["ETag"][-3:-1]}


# Faults: they are set before the case is run.


def put():
    return {"put": seen(s3.put_object, Bucket="exports", Key="f", Body=os.urandom(4 * MIB)), "there": seen(s3.head_object, Bucket="exports", Key="f")[0]}


def put_four_times():
    return [seen(s3.put_object, Bucket="exports", Key="f", Body=os.urandom(4 * MIB)) for _ in range(4)]


def throttled():
    answers = [raw("PUT", "/exports/f", body=b"x") for _ in range(3)]
    return [[status, element(xml, "Code"), headers.get("retry-after")] for status, headers, xml in answers]


def full():
    return {
        "put": seen(s3.put_object, Bucket="exports", Key="f", Body=b"x"),
        "create": seen(s3.create_multipart_upload, Bucket="exports", Key="f"),
        "get": seen(s3.list_objects_v2, Bucket="exports"),
    }


def lost():
    """Puts with a fresh connection each, then what is there."""
    out = {"first": seen(client().put_object, Bucket="exports", Key="f", Body=b"one")}
    out["there"] = seen(client().head_object, Bucket="exports", Key="f")
    out["second"] = seen(client().put_object, Bucket="exports", Key="f", Body=b"two")
    return out


def lost_complete():
    upload, parts = begin("f", [os.urandom(1000)])
    return {"complete": seen(complete, "f", upload, parts), "there": seen(s3.head_object, Bucket="exports", Key="f")[0],
            "again": seen(complete, "f", upload, parts)}


def overwrite():
    out = {"one": seen(s3.put_object, Bucket="exports", Key="f", Body=b"one", IfNoneMatch="*"),
           "two": seen(s3.put_object, Bucket="exports", Key="f", Body=b"two", IfNoneMatch="*")}
    upload, parts = begin("f", [b"three"])
    out["three"] = seen(complete, "f", upload, parts, IfNoneMatch="*")
    return out


def without_checksums():
    upload = s3.create_multipart_upload(Bucket="exports", Key="u")["UploadId"]
    out = {"wrong": seen(s3.put_object, Bucket="exports", Key="f", Body=b"x", ChecksumCRC32="AAAAAA=="),
           "part": seen(s3.upload_part, Bucket="exports", Key="u", UploadId=upload, PartNumber=1, Body=b"x", ChecksumCRC32="AAAAAA=="),
           "create": seen(s3.create_multipart_upload, Bucket="exports", Key="u", ChecksumAlgorithm="CRC32"),
           "plain": seen(s3.put_object, Bucket="exports", Key="f", Body=b"x", ContentMD5=b64(hashlib.md5(b"x").digest()))}
    _, headers, _ = raw("PUT", "/exports/f", body=b"x", headers={"x-amz-checksum-crc32": crc32(b"x")})
    out["echo"] = headers.get("x-amz-checksum-crc32")
    return out


def denied():
    upload = s3.create_multipart_upload(Bucket="exports", Key="u")["UploadId"]
    return {"put": seen(s3.put_object, Bucket="exports", Key="f", Body=b"x"), "list": seen(s3.list_objects_v2, Bucket="exports"),
            "headBucket": seen(s3.head_bucket, Bucket="exports"), "missing": seen(s3.head_object, Bucket="exports", Key="no"),
            "there": seen(s3.head_object, Bucket="exports", Key="f"), "abort": seen(s3.abort_multipart_upload, Bucket="exports", Key="u", UploadId=upload)}


def refused_often():
    """Refused puts and good requests in turn, over the SDK's pool: no request may run into a connection that ended."""
    answers = []
    for _ in range(40):
        answers.append(seen(s3.put_object, Bucket="no-such", Key="f", Body=b"x" * 100_000))
        answers.append(seen(s3.list_objects_v2, Bucket="exports"))
    return [a for a in answers if a not in ([404, "NoSuchBucket"], [200, "OK"])]


def timed():
    body, begun = os.urandom(1 * MIB), time.monotonic()
    s3.put_object(Bucket="exports", Key="f", Body=body)
    return time.monotonic() - begun


def fast_put():
    """MB/s of a multipart put of 256 MiB from a file."""
    path = os.path.join(os.environ["SCRATCH"], "big")
    with open(path, "wb") as file:
        for _ in range(16):
            file.write(os.urandom(16 * MIB))
    begun = time.monotonic()
    s3.upload_file(path, "exports", "big", Config=boto3.s3.transfer.TransferConfig(multipart_chunksize=16 * MIB, max_concurrency=4))
    return 256 * MIB / 1e6 / (time.monotonic() - begun)


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))
