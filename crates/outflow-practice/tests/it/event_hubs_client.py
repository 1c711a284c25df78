"""Microsoft's SDK for Python (azure-eventhub). Each function is one case; what it returns is what it saw."""

import json
import logging
import os
import sys
import threading
import time

from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient
from azure.eventhub.exceptions import EventHubError

ROOT, SEND, LISTEN, HUB_SEND = (os.environ[f"EVENT_HUBS_{name}"] for name in ("ROOT", "SEND", "LISTEN", "HUB_SEND"))
HUB = "exports"
# What the SDK complains of while it tries again is of no interest.
logging.getLogger("azure").setLevel(logging.CRITICAL)


def producer(connection=ROOT, hub=HUB):
    given = {} if "EntityPath" in connection else {"eventhub_name": hub}
    return EventHubProducerClient.from_connection_string(
        connection, retry_total=0, retry_backoff_factor=0.1, auth_timeout=10, **given
    )


def consumer(connection=ROOT, hub=HUB, group="$Default"):
    return EventHubConsumerClient.from_connection_string(
        connection, group, eventhub_name=hub, retry_total=0, auth_timeout=10
    )


def seen(act):
    """OK, or the kind of failure and what it says."""
    try:
        act()
        return "OK"
    except (EventHubError, ValueError, TimeoutError, ConnectionError) as e:
        return [type(e).__name__, str(e)]


def batch(client, bodies, **where):
    made = client.create_batch(**where)
    for body in bodies:
        made.add(EventData(body))
    return made


def send_one(connection=ROOT, hub=HUB, **where):
    def act():
        with producer(connection, hub) as client:
            client.send_batch(batch(client, ["one"], **where))

    return seen(act)


def read(count, partition=None, connection=ROOT, hub=HUB, group="$Default", **start):
    """Up to `count` events, in order per partition; stops after 20 s."""
    found, failed, lock, full = [], [], threading.Lock(), threading.Event()

    def on_event(context, event):
        with lock:
            found.append((context.partition_id, event))
            if len(found) >= count:
                full.set()

    def on_error(context, error):
        failed.append([type(error).__name__, str(error)])
        full.set()

    start.setdefault("starting_position", "-1")
    client = consumer(connection, hub, group)
    given = {} if partition is None else {"partition_id": partition}
    reader = threading.Thread(target=lambda: client.receive(on_event=on_event, on_error=on_error, **given, **start), daemon=True)
    reader.start()
    full.wait(20)
    client.close()
    reader.join(10)
    if failed:
        return failed[0]
    return sorted(found, key=lambda pair: (pair[0], pair[1].sequence_number))[:count]


def bodies(events):
    return [event.body_as_str() for _, event in events]


def properties():
    with producer() as client:
        hub = client.get_eventhub_properties()
        empty = client.get_partition_properties("3")
        client.send_batch([EventData("a"), EventData("b")], partition_id="3")
        after = client.get_partition_properties("3")
    with producer(hub="missing") as client:
        missing = seen(client.get_eventhub_properties)
    with producer() as client:
        no_partition = seen(lambda: client.get_partition_properties("9"))
    return {
        "name": hub["eventhub_name"], "ids": hub["partition_ids"], "recent": abs(time.time() - hub["created_at"].timestamp()) < 600,
        "empty": [empty["is_empty"], empty["last_enqueued_sequence_number"], empty["last_enqueued_offset"]],
        "after": [after["is_empty"], after["beginning_sequence_number"], after["last_enqueued_sequence_number"], after["last_enqueued_offset"] != "-1"],
        "missing": missing, "noPartition": no_partition,
    }


def send_and_read():
    """Single events, batches, a key, a partition; everything comes back as it was."""
    with producer() as client:
        event = EventData(b"\xff\x00")
        event.properties = {"text": "ü", "number": 7}
        event.content_type, event.message_id, event.correlation_id = "application/json", "m1", "c1"
        client.send_event(event, partition_id="0")
        client.send_batch(batch(client, [f"p{n}" for n in range(3)], partition_id="0"))
        client.send_batch(batch(client, [f"k{n}" for n in range(20)], partition_key="some key"))
        for n in range(8):
            client.send_batch(batch(client, [f"r{n}"]))
    events = read(32)
    mine = next(event for partition, event in events if event.message_id == "m1")
    keyed = [(partition, event) for partition, event in events if event.body_as_str(encoding="latin1").startswith("k")]
    rounds = [partition for partition, event in events if event.body_as_str(encoding="latin1").startswith("r")]
    return {
        "count": len(events), "partition": [partition for partition, event in events if event.body_as_str(encoding="latin1").startswith("p")],
        "body": list(b"".join(mine.body)), "properties": {k.decode(): v.decode() if isinstance(v, bytes) else v for k, v in mine.properties.items()},
        "more": [mine.content_type, mine.correlation_id, mine.sequence_number, mine.offset],
        "recent": abs(time.time() - mine.enqueued_time.timestamp()) < 60,
        "keyPartitions": len({partition for partition, _ in keyed}), "keys": sorted({event.partition_key.decode() for _, event in keyed}),
        "keyOrder": bodies(keyed) == [f"k{n}" for n in range(20)], "rounds": sorted(rounds),
    }


def positions():
    with producer() as client:
        client.send_batch(batch(client, [f"e{n}" for n in range(600)], partition_id="1"))
    everything = read(600, "1")
    middle = everything[299][1]
    with producer() as client:
        time.sleep(0.01)
        client.send_batch(batch(client, ["late"], partition_id="1"))
    return {
        "all": bodies(everything) == [f"e{n}" for n in range(600)],
        "offset": bodies(read(3, "1", starting_position=middle.offset))[:2],
        "inclusive": bodies(read(3, "1", starting_position=middle.offset, starting_position_inclusive=True))[:2],
        "sequence": bodies(read(3, "1", starting_position=middle.sequence_number))[:2],
        "time": bodies(read(1, "1", starting_position=everything[-1][1].enqueued_time)),
    }


def latest():
    """A reader that waits gets what comes in after it began."""
    with producer() as client:
        client.send_batch(batch(client, ["before"], partition_id="2"))
        got = []
        reader = threading.Thread(target=lambda: got.extend(bodies(read(1, "2", starting_position="@latest"))))
        reader.start()
        for n in range(100):
            if got or not reader.is_alive():
                break
            client.send_batch(batch(client, [f"after {n}"], partition_id="2"))
            time.sleep(0.2)
        reader.join()
    return bool(got) and all(text.startswith("after") for text in got)


def large():
    """Batches near the limit go in many frames, and come back in many."""
    with producer() as client:
        made = client.create_batch(partition_id="0")
        body = "x" * 300_000
        count = 0
        try:
            while True:
                made.add(EventData(body))
                count += 1
        except ValueError:
            pass
        client.send_batch(made)
        most = made.max_size_in_bytes
    events = read(count, "0")
    return {"limit": most, "count": count, "same": [text == body for text in bodies(events)]}


def rights():
    wrong = ROOT.replace("SharedAccessKey=", "SharedAccessKey=x")
    return {
        "root": send_one(), "send": send_one(SEND), "hubSend": send_one(HUB_SEND), "listen": send_one(LISTEN),
        "wrongKey": send_one(wrong), "unknownPolicy": send_one(ROOT.replace("Root", "Toot")), "missingHub": send_one(hub="missing"),
        "missingPartition": send_one(partition_id="7"),
        "readListen": len(read(2, connection=LISTEN)), "readSend": read(1, "0", connection=SEND), "readMissing": read(1, "0", hub="missing"),
        "readGroup": read(1, "0", group="other"),
    }


def stored():
    """How many events there are."""
    with producer() as client:
        return sum(client.get_partition_properties(p)["last_enqueued_sequence_number"] + 1 for p in client.get_partition_ids())


# Faults: they are set before the case is run.


def send_once():
    return send_one()


def send_three():
    """Three sends over one link."""
    with producer() as client:
        made = [batch(client, [f"s{n}"], partition_id="0") for n in range(3)]
        return [seen(lambda one=one: client.send_batch(one)) for one in made]


def send_impatiently():
    def act():
        with producer() as client:
            client.send_batch(batch(client, ["one"]), timeout=2)

    return seen(act)


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))
