"""Sends messages with azure-eventhub: batches of up to a megabyte, each to one partition, each event with a key of its own.

Keys are hashed to partitions here, as the client in Rust does beside it, so that profiles keep their order.

usage: event_hubs_stream.py HOST:PORT FILE
"""

import sys
import zlib

from azure.eventhub import EventHubProducerClient
from azure.eventhub.amqp import AmqpAnnotatedMessage, AmqpMessageProperties
from stream_messages import Meter, read

HUB = "bench"
PARTITION_KEY = b"x-opt-partition-key"
EVENT_ID = b'"eventId":"'


def main(address, path):
    messages = read(path)
    # For an emulator the client does without encryption.
    access = (
        f"Endpoint=sb://{address};SharedAccessKeyName=send;SharedAccessKey=YmVuY2gtc2VjcmV0;UseDevelopmentEmulator=true"
    )
    with EventHubProducerClient.from_connection_string(access, eventhub_name=HUB) as client:
        partitions = client.get_partition_ids()
        meter = Meter()
        batches = {}
        for key, body in messages:
            partition = partitions[zlib.crc32(key.encode()) % len(partitions)]
            batch = batches.get(partition)
            if batch is None:
                batch = batches[partition] = client.create_batch(partition_id=partition)
            event = made(key, body)
            try:
                batch.add(event)
            except ValueError:
                # It is full.
                client.send_batch(batch)
                batch = batches[partition] = client.create_batch(partition_id=partition)
                batch.add(event)
        for batch in batches.values():
            client.send_batch(batch)
        meter.end(len(messages))


def made(key, body):
    begin = body.rfind(EVENT_ID) + len(EVENT_ID)
    properties = AmqpMessageProperties(message_id=body[begin : begin + 32].decode(), content_type="application/json")
    return AmqpAnnotatedMessage(data_body=body, annotations={PARTITION_KEY: key}, properties=properties)


if __name__ == "__main__":
    main(*sys.argv[1:])
