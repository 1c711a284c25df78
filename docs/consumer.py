#!/usr/bin/env python3
"""Folds the messages of a flow to the state that they tell: who is in which segment, with which attributes.

    consumer.py < messages > profiles                lines with a message each, of one flow

A message says whose it is: `profileId`. For messages that do not, made before there was that member, a line is
{"key": "CRMID:4711", "message": {...}} with the partition key under which the message came, or --namespace CRMID takes the
first identity of that namespace for the key, which is right only where a profile has one identity of it at most.
The order of the lines does not matter, and neither do lines that come twice.

One line a profile that is in a segment goes out, ordered by key:
    {"key": ..., "sequence": ..., "segments": {id: since when}, "attributes": {...}, "identityMap": {...}}
What was read is counted on stderr. A line that is no message ends it with status 1: nothing is skipped in silence.
"""

import argparse
import json
import sys

OWN_MEMBERS = {"identityMap", "segmentMembership", "profileId", "eventId", "sequence", "runId"}


class State:
    """Of every profile that was heard of, the message with the highest sequence."""

    def __init__(self):
        self.newest = {}
        self.read = self.repeats = self.outdated = 0

    def take(self, key, message):
        """Takes a message. Each is the whole state of its profile, so the newest one is all there is to keep."""
        self.read += 1
        known = self.newest.get(key)
        if known is not None and message["sequence"] <= known["sequence"]:
            if message["eventId"] == known["eventId"]:
                self.repeats += 1
            else:
                # It was overtaken, or is the repeat of an older one.
                self.outdated += 1
            return False
        # Who has left every segment is kept too: an older message may still come.
        self.newest[key] = message
        return True

    def profiles(self):
        """The profiles that are in a segment."""
        for key in sorted(self.newest):
            message = self.newest[key]
            memberships = message["segmentMembership"]["ups"]
            segments = {
                segment: membership["lastQualificationTime"]
                for segment, membership in sorted(memberships.items())
                if membership["status"] == "realized"
            }
            if segments:
                attributes = {name: value for name, value in message.items() if name not in OWN_MEMBERS}
                yield {
                    "key": key,
                    "sequence": message["sequence"],
                    "segments": segments,
                    "attributes": attributes,
                    "identityMap": message["identityMap"],
                }


def key_and_message(line, namespace):
    """Whose message a line has, and the message."""
    value = json.loads(line)
    if "profileId" in value:
        return value["profileId"], value
    if "segmentMembership" not in value:
        return value["message"].get("profileId", value["key"]), value["message"]
    return f"{namespace}:{value['identityMap'][namespace][0]['id']}", value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--namespace", help="the namespace of the keys of messages without a profileId")
    namespace = parser.parse_args().namespace
    state = State()
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            state.take(*key_and_message(line, namespace))
        except (ValueError, KeyError, IndexError, TypeError):
            # What the line holds is somebody's profile, and belongs in no log.
            sys.exit(f"line {number} is no message with a key")
    for profile in state.profiles():
        print(json.dumps(profile, ensure_ascii=False, separators=(",", ":")))
    known = len(state.newest)
    print(f"{state.read} read, {state.repeats} repeated, {state.outdated} outdated, {known} profiles", file=sys.stderr)


if __name__ == "__main__":
    main()
