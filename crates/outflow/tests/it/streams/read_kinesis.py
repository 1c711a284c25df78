"""Reads the records of a stream with the vendor's client: a line {"key", "raw"} for each, in the order of each shard.

Of those that an earlier call read, which the file of places says, none comes again.
"""

import json
import os
import sys

import boto3

endpoint, region, key, secret, stream, places_file = sys.argv[1:7]
places = {}
if os.path.exists(places_file):
    with open(places_file) as file:
        places = json.load(file)
client = boto3.client(
    "kinesis", endpoint_url=endpoint, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret
)
shards = client.list_shards(StreamName=stream)["Shards"]
for shard in shards:
    place = {"ShardIteratorType": "TRIM_HORIZON"}
    if shard["ShardId"] in places:
        place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": places[shard["ShardId"]]}
    iterator = client.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], **place)["ShardIterator"]
    while iterator:
        answer = client.get_records(ShardIterator=iterator, Limit=10000)
        for record in answer["Records"]:
            print(json.dumps({"key": record["PartitionKey"], "raw": record["Data"].decode()}))
            places[shard["ShardId"]] = record["SequenceNumber"]
        iterator = answer.get("NextShardIterator")
        if not answer["Records"] and answer.get("MillisBehindLatest", 0) == 0:
            break
with open(places_file, "w") as file:
    json.dump(places, file)
