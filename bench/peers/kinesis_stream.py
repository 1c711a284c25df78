"""Sends messages with boto3: put_records of at most 500 records and 5 MiB, one after the other.

usage: kinesis_stream.py HOST:PORT FILE
"""

import sys

import boto3
from botocore.config import Config
from stream_messages import Meter, read

RECORDS_MAX = 500
REQUEST_BYTES_MAX = 5 << 20


def main(address, path):
    messages = read(path)
    client = boto3.client(
        "kinesis",
        endpoint_url=f"http://{address}",
        region_name="us-east-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench-secret",
        config=Config(retries={"mode": "standard"}),
    )
    meter = Meter()
    records, size = [], 0
    for key, body in messages:
        weight = len(key) + len(body)
        if records and (len(records) == RECORDS_MAX or size + weight > REQUEST_BYTES_MAX):
            put(client, records)
            records, size = [], 0
        records.append({"Data": body, "PartitionKey": key})
        size += weight
    if records:
        put(client, records)
    meter.end(len(messages))


def put(client, records):
    answer = client.put_records(StreamName="bench", Records=records)
    if answer["FailedRecordCount"] or len(answer["Records"]) != len(records):
        sys.exit("records were not taken")


if __name__ == "__main__":
    main(*sys.argv[1:])
