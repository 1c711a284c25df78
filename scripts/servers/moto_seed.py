"""Gives a fresh moto server its buckets, streams, users and roles, then switches authentication on.

usage: moto_seed.py ENDPOINT    prints what the tests need to know as one JSON object
"""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config

REGION = "us-east-1"
EXTERNAL_ID = "outflow-test-external-id"
BUCKETS = ["exports", "forbidden"]
STREAM = "messages"

# What a delivery needs, on its own keys.
DELIVERY = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
# What makes a delivery more comfortable. moto asks for s3:HeadBucket, an action that the real service does not have: it
# answers HeadBucket by s3:ListBucket.
COMFORT = [
    "s3:ListBucket",
    "s3:HeadBucket",
    "s3:GetBucketLocation",
    "s3:ListMultipartUploadParts",
    "s3:ListBucketMultipartUploads",
]

# What messages to a stream need, and what makes them more comfortable.
MESSAGES = ["kinesis:PutRecords", "kinesis:DescribeStreamSummary", "kinesis:ListShards"]


def main(endpoint):
    def client(service):
        config = Config(s3={"addressing_style": "path"})
        keys = {"aws_access_key_id": "seed", "aws_secret_access_key": "seed"}
        return boto3.client(service, endpoint_url=endpoint, region_name=REGION, config=config, **keys)

    require_authentication_after(endpoint, 10**9)
    s3, iam, kinesis = client("s3"), client("iam"), client("kinesis")
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket)
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)

    def user(name, statements):
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=policy(statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}

    everything = DELIVERY + COMFORT
    parameters = {
        "endpoint": endpoint,
        "region": REGION,
        "writer": user("writer", [allow(everything)]),
        "minimal": user("minimal", [allow(DELIVERY)]),
        "noperms": user("noperms", []),
        "noput": user("noput", [allow(without(everything, "s3:PutObject"))]),
        "noget": user("noget", [allow(without(everything, "s3:GetObject"))]),
        "noabort": user("noabort", [allow(without(everything, "s3:AbortMultipartUpload"))]),
        "assumer": user("assumer", [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]),
        "roleArn": role(iam, "export-writer", [allow(everything)]),
        "externalId": EXTERNAL_ID,
        "buckets": BUCKETS,
        "stream": STREAM,
        "sender": user("sender", [allow_streams(MESSAGES)]),
        "minimalSender": user("minimal-sender", [allow_streams(["kinesis:PutRecords"])]),
        "noPutRecords": user("no-put-records", [allow_streams(without(MESSAGES, "kinesis:PutRecords"))]),
        "streamOwner": user("stream-owner", [allow_streams("kinesis:*")]),
        "senderRoleArn": role(iam, "message-sender", [allow_streams(MESSAGES)]),
    }
    require_authentication_after(endpoint, 0)
    print(json.dumps(parameters))


def allow(actions):
    bucket = f"arn:aws:s3:::{BUCKETS[0]}"
    return {"Effect": "Allow", "Action": actions, "Resource": [bucket, f"{bucket}/*"]}


def allow_streams(actions):
    """moto looks at the resource of S3's actions only: any other than the star would deny everything."""
    return {"Effect": "Allow", "Action": actions, "Resource": "*"}


def without(actions, denied):
    return [action for action in actions if action != denied]


def policy(statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def role(iam, name, statements):
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/assumer"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy([trust]))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=policy(statements))
    return made["Arn"]


def require_authentication_after(endpoint, requests):
    """moto lets that many further requests through unchecked. Without the content type it reads no body and fails."""
    url, headers = f"{endpoint}/moto-api/reset-auth", {"Content-Type": "text/plain"}
    request = urllib.request.Request(url, data=str(requests).encode(), headers=headers, method="POST")
    urllib.request.urlopen(request, timeout=10).read()


if __name__ == "__main__":
    main(sys.argv[1])
