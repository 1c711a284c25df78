"""Reads the events of a hub with the vendor's client: a line {"key", "raw"} for each, in the order of each partition.

Of those that an earlier call read, which the file of places says, none comes again.
"""

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from azure.eventhub import EventHubConsumerClient

connection_string, hub, places_file = sys.argv[1:4]
places = {}
if os.path.exists(places_file):
    with open(places_file) as file:
        places = json.load(file)


def connect():
    return EventHubConsumerClient.from_connection_string(connection_string, "$Default", eventhub_name=hub)


class Reading:
    """Reads a partition to what is its end now."""

    def __init__(self, partition, after, last):
        self.partition, self.last = partition, last
        self.lines, self.done, self.receiver = [], threading.Event(), connect()
        start = after if after >= 0 else "-1"
        self.thread = threading.Thread(
            target=lambda: self.receiver.receive_batch(
                self.take, partition_id=partition, starting_position=start, max_batch_size=1000, max_wait_time=1
            ),
            daemon=True,
        )
        self.thread.start()

    def take(self, context, events):
        for event in events:
            # What came since is the next call's.
            if event.sequence_number > self.last:
                break
            key = (event.properties or {}).get(b"profileId") or event.partition_key
            key = key.decode() if isinstance(key, bytes) else key
            self.lines.append(json.dumps({"key": key, "raw": event.body_as_str()}))
            if event.sequence_number == self.last:
                self.done.set()
                break


def read_new(partition):
    client = connect()
    properties = client.get_partition_properties(partition)
    client.close()
    after, last = places.get(partition, -1), properties["last_enqueued_sequence_number"]
    is_new = not properties["is_empty"] and last > after
    return Reading(partition, after, last) if is_new else None


client = connect()
partitions = client.get_partition_ids()
client.close()
with ThreadPoolExecutor(len(partitions)) as pool:
    readings = [reading for reading in pool.map(read_new, partitions) if reading]
for reading in readings:
    if not reading.done.wait(60):
        sys.exit(f"partition {reading.partition} did not come to its end")
    places[reading.partition] = reading.last
    for line in reading.lines:
        print(line)
with open(places_file, "w") as file:
    json.dump(places, file)
sys.stdout.flush()
# The clients take a second to end, and have nothing to say any more.
os._exit(0)
