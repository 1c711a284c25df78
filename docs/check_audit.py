"""Checks an export of the audit log without the server: python3 check_audit.py audit.ndjson"""

import datetime
import hashlib
import json
import sys

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def members(line):
    """The members of the object on a line, each as the text that stands there."""
    decoder, at, found = json.JSONDecoder(), 1, {}
    while line[at - 1] != "}":
        name, at = decoder.raw_decode(line, at)
        begin = at + 1
        _, at = decoder.raw_decode(line, begin)
        found[name] = line[begin:at]
        at += 1
    return found


def text(value):
    """JSON as the text that it is kept as."""
    return value if value == "null" else json.dumps(value, ensure_ascii=False)


previous, seq = "0" * 64, 0
for line in open(sys.argv[1], encoding="utf-8"):
    record, seq = members(line), seq + 1
    at = datetime.datetime.fromisoformat(json.loads(record["at"]).replace("Z", "+00:00"))
    array = [json.dumps(previous), record["sandboxName"], record["seq"], str((at - EPOCH) // datetime.timedelta(microseconds=1))]
    array += [record[name] for name in ("actor", "action", "noun", "objectId", "objectName")]
    array += [text(record[name]) for name in ("before", "after", "detail")]
    previous = hashlib.sha256(("[" + ",".join(array) + "]").encode()).hexdigest()
    if record["seq"] != str(seq) or record["hash"] != json.dumps(previous):
        sys.exit(f"broken at record {seq}")
print(f"{seq} records, the last with the hash {previous}")
