"""rclone's S3 server knows its key and its bucket, by boto3. usage: rclone.py PARAMETERS"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

params = json.loads(sys.argv[1])


def client(secret):
    return boto3.client(
        "s3",
        endpoint_url=params["endpoint"],
        region_name="us-east-1",
        aws_access_key_id=params["accessKeyId"],
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


body = b"by an independent client"
client(params["secretAccessKey"]).put_object(Bucket=params["bucket"], Key="testkit/a.txt", Body=body)
for bucket, secret, code in [
    ("missing", params["secretAccessKey"], "NoSuchBucket"),
    (params["bucket"], "wrong", "SignatureDoesNotMatch"),
]:
    try:
        client(secret).put_object(Bucket=bucket, Key="a", Body=b"x")
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"expected {code}")
print("as described")
