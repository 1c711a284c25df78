"""Whether messages that were read back tell what the profiles say. Prints one JSON object: counts, and the problems."""

import importlib.util
import json
import sys

import jsonschema

people_file, messages_file, schema_file, consumer_file, rich, american, known = sys.argv[1:8]
problems = []


def problem(text):
    if len(problems) < 10:
        problems.append(text)


spec = importlib.util.spec_from_file_location("consumer", consumer_file)
consumer = importlib.util.module_from_spec(spec)
spec.loader.exec_module(consumer)

with open(schema_file) as file:
    validator = jsonschema.Draft202012Validator(json.load(file))

# Read back: equal event ids have equal bytes, and of one profile nothing new comes behind something newer.
state = consumer.State()
seen, newest, number = {}, {}, -1
with open(messages_file) as file:
    for number, line in enumerate(file):
        record = json.loads(line)
        raw = record["raw"]
        key, message = consumer.key_and_message(raw, None)
        if key != record["key"]:
            problem(f"the message of {key} came under the key {record['key']}")
        event = message["eventId"]
        if event in seen:
            if seen[event] != raw:
                problem(f"event {event} came with other bytes")
            state.take(key, message)
            continue
        seen[event] = raw
        # The first ones were found to be of the schema by an earlier call.
        error = next(validator.iter_errors(message), None) if number >= int(known) else None
        if error is not None:
            problem(f"a message is not of the schema at {list(error.absolute_path)}: {error.message[:200]}")
        if message["sequence"] <= newest.get(key, -1):
            problem(f"{key}: sequence {message['sequence']} came behind {newest[key]}")
        newest[key] = max(message["sequence"], newest.get(key, -1))
        state.take(key, message)

# What must be there, by our own reading of the file and the rules.
expected = {}
with open(people_file) as file:
    for line in file:
        person = json.loads(line)
        segments = set()
        if (person["loyalty"]["points"] or 0) > 500:
            segments.add(rich)
        if person["homeAddress"]["country"] == "US":
            segments.add(american)
        if not segments:
            continue
        attributes = {}
        for path in (("person", "name", "firstName"), ("person", "age"), ("personalEmail", "address"), ("loyalty", "points")):
            value = person
            for step in path:
                value = value[step]
            if value is None:
                continue
            here = attributes
            for step in path[:-1]:
                here = here.setdefault(step, {})
            here[path[-1]] = value
        identities = {"CRMID": [person["id"]], "Email": [person["personalEmail"]["address"]]}
        expected["CRMID:" + person["id"]] = (segments, attributes, identities)

folded = {}
for profile in state.profiles():
    identities = {
        namespace: sorted(identity["id"] for identity in each) for namespace, each in profile["identityMap"].items()
    }
    folded[profile["key"]] = (set(profile["segments"]), profile["attributes"], identities)

for key in sorted(expected.keys() | folded.keys()):
    if expected.get(key) != folded.get(key):
        problem(f"{key}: expected {expected.get(key)}, folded {folded.get(key)}")

print(
    json.dumps(
        {
            "lines": number + 1,
            "messages": len(seen),
            "repeats": state.repeats,
            "profiles": len(folded),
            "problems": problems,
        }
    )
)
