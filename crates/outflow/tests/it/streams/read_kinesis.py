"""Reads all records of a stream with the vendor's client: a line {"key", "raw"} for each, in the order of each shard."""

import json
import sys

import boto3

endpoint, region, key, secret, stream = sys.argv[1:6]
client = boto3.client(
    "kinesis", endpoint_url=endpoint, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret
)
shards = client.list_shards(StreamName=stream)["Shards"]
for shard in shards:
    iterator = client.get_shard_iterator(
        StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while iterator:
        answer = client.get_records(ShardIterator=iterator, Limit=10000)
        for record in answer["Records"]:
            print(json.dumps({"key": record["PartitionKey"], "raw": record["Data"].decode()}))
        iterator = answer.get("NextShardIterator")
        if not answer["Records"] and answer.get("MillisBehindLatest", 0) == 0:
            break
