"""Reads all events of a hub with the vendor's client: a line {"key", "raw"} for each, in the order of each partition."""

import json
import sys
import threading

from azure.eventhub import EventHubConsumerClient

connection_string, hub = sys.argv[1:3]
client = EventHubConsumerClient.from_connection_string(connection_string, "$Default", eventhub_name=hub)
for partition in client.get_partition_ids():
    properties = client.get_partition_properties(partition)
    last = properties["last_enqueued_sequence_number"]
    if properties["is_empty"] or last < 0:
        continue
    done = threading.Event()

    def take(context, events):
        for event in events:
            key = (event.properties or {}).get(b"profileId") or event.partition_key
            key = key.decode() if isinstance(key, bytes) else key
            print(json.dumps({"key": key, "raw": event.body_as_str()}))
            if event.sequence_number >= last:
                done.set()

    receiver = EventHubConsumerClient.from_connection_string(connection_string, "$Default", eventhub_name=hub)
    thread = threading.Thread(
        target=lambda: receiver.receive_batch(
            take, partition_id=partition, starting_position="-1", max_batch_size=1000, max_wait_time=1
        ),
        daemon=True,
    )
    thread.start()
    if not done.wait(60):
        sys.exit(f"partition {partition} did not come to its end")
    receiver.close()
    thread.join(30)
client.close()
