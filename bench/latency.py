"""How long the API takes to answer beside a thousand flows.

Clients, each a process that keeps its connection, ask side by side. What is measured is the time from a request to the
last byte of its answer; reading the JSON is not part of it.
"""

import json
import multiprocessing
import os
import random
import time
from dataclasses import dataclass

import server
from contest import WORK, empty

FLOWS = 1_000
CLIENTS = 2
REQUESTS = 1_000
P99_MS_MAX = 20
FLOW_SERVICE = "/data/foundation/flowservice"
FOLDER_SPEC = {"id": "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61", "version": "1.0"}
FOLDER_FLOWS = {"id": "5d1a3c52-0a0b-4a8e-8f0e-8a4f4a5b9c17", "version": "1.0"}
PROFILES_SPEC = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}


@dataclass
class Latency:
    """Milliseconds of the requests of one kind."""

    name: str
    requests: int
    p50_ms: float
    p99_ms: float
    most_ms: float


def run(options):
    """Answers the latencies of each operation."""
    folder = os.path.join(WORK, "api")
    empty(folder)
    os.makedirs(os.path.join(folder, "exports"))
    variables = {"OUTFLOW_DESTINATIONS_FOLDER_ROOT": os.path.join(folder, "exports")}
    data = os.path.join(folder, "server")
    with server.Serving(options.outflow, data, variables, os.path.join(folder, "log")) as api:
        flows = made(api, os.path.join(folder, "exports", "here"))
        print(f"{len(flows)} flows are made", flush=True)
        return [measured(data, api.token, name, flows) for name in OPERATIONS]


def made(api, exports):
    """Makes the flows; answers their ids."""
    account = {"name": "account", "connectionSpec": FOLDER_SPEC, "auth": {"specName": "None", "params": {}}}
    account = api.call("POST", f"{FLOW_SERVICE}/connections", account)["id"]
    target = {"name": "target", "baseConnectionId": account, "connectionSpec": FOLDER_SPEC}
    target["params"] = {"path": exports, "fileType": "CSV", "compression": "NONE"}
    target = api.call("POST", f"{FLOW_SERVICE}/targetConnections", target)["id"]
    source = {"name": "source", "connectionSpec": PROFILES_SPEC}
    source = api.call("POST", f"{FLOW_SERVICE}/sourceConnections", source)["id"]
    expression = {"type": "PQL", "format": "pql/text", "value": 'loyalty.tier = "gold"'}
    segment = {"name": "gold", "expression": expression, "schema": {"name": "_xdm.context.profile"}}
    segment = api.call("POST", server.SEGMENTS, segment)["id"]
    schedule = {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2999-01-01", "startTime": "06:00"}
    selector = {"id": segment, "name": "gold", "exportMode": "DAILY_FULL_EXPORT", "schedule": schedule}
    fields = ["personalEmail.address", "person.name.firstName", "person.name.lastName", "homeAddress.country"]
    columns = [{"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"}} for path in fields]
    params = {
        "segmentSelectors": {"selectors": [{"type": "PLATFORM_SEGMENT", "value": selector}]},
        "profileSelectors": {"selectors": columns},
    }
    flow = {
        "flowSpec": FOLDER_FLOWS,
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [{"name": "GeneralTransform", "params": params}],
    }
    names = [f"flow {number}" for number in range(FLOWS)]
    return [api.call("POST", f"{FLOW_SERVICE}/flows", {"name": name, **flow})["id"] for name in names]


class Asking:
    """A client with a connection of its own, which notes how long answers take."""

    def __init__(self, data, token, number, flows):
        self.api, self.random = server.Api(data, token), random.Random(number)
        self.flows, self.own = flows, flows[number::CLIENTS]
        self.taken_ms, self.next_page, self.etags = [], None, {}

    def timed(self, method, path, body=None, headers=None):
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.api.token}", **(headers or {})}
        started = time.perf_counter()
        status, _, answer = self.api.send(method, path, text, headers)
        self.taken_ms.append(1000 * (time.perf_counter() - started))
        if status != 200:
            raise RuntimeError(f"{method} {path} was answered with {status}: {answer[:300]}")
        return json.loads(answer)

    def listed(self):
        """The pages one after the other, from the first again behind the last."""
        page = self.timed("GET", self.next_page or f"{FLOW_SERVICE}/flows?limit=100")
        self.next_page = page["_links"].get("next", {}).get("href")
        if self.next_page and not self.next_page.startswith(FLOW_SERVICE):
            self.next_page = FLOW_SERVICE + self.next_page
        expect(len(page["items"]) == 100, "a page has not a hundred flows")

    def by_name(self):
        number = self.random.randrange(FLOWS)
        page = self.timed("GET", f"{FLOW_SERVICE}/flows?property=name==flow%20{number}")
        expect(len(page["items"]) == 1, "a filter by name did not find one flow")

    def by_target(self):
        spec = FOLDER_SPEC["id"]
        path = f"inheritedAttributes.targetConnections[].connectionSpec.id=={spec}"
        page = self.timed("GET", f"{FLOW_SERVICE}/flows?property={path}&property=state==enabled&orderby=name&count=true")
        expect(len(page["items"]) == 20, "a filter by target did not find twenty flows")

    def got(self):
        flow = self.random.choice(self.flows)
        shown = self.timed("GET", f"{FLOW_SERVICE}/flows/{flow}")["items"][0]
        expect(shown["id"] == flow, "another flow was shown")

    def patched(self):
        """With the etag of the last answer; each client has flows of its own."""
        flow = self.random.choice(self.own)
        if flow not in self.etags:
            self.etags[flow] = self.api.call("GET", f"{FLOW_SERVICE}/flows/{flow}")["items"][0]["etag"]
        patch = [{"op": "add", "path": "/description", "value": f"number {self.random.random()}"}]
        answer = self.timed("PATCH", f"{FLOW_SERVICE}/flows/{flow}", patch, {"If-Match": self.etags[flow]})
        expect(answer["etag"] != self.etags[flow], "a patch changed nothing")
        self.etags[flow] = answer["etag"]


OPERATIONS = {
    "list, pages of 100": Asking.listed,
    "list, filtered by name": Asking.by_name,
    "list, filtered by target and state, counted": Asking.by_target,
    "get": Asking.got,
    "patch with etag": Asking.patched,
}


def expect(holds, otherwise):
    if not holds:
        raise RuntimeError(otherwise)


def measured(data, token, name, flows):
    # Processes that begin anew have nothing of this one that could slow them down.
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as clients:
        each = clients.starmap(asked, [(data, token, name, number, flows) for number in range(CLIENTS)], chunksize=1)
    taken = sorted(taken for client in each for taken in client)
    return Latency(name, len(taken), taken[len(taken) // 2], taken[len(taken) * 99 // 100], taken[-1])


def asked(data, token, name, number, flows):
    """One client; answers how long each of its requests took, in milliseconds."""
    client = Asking(data, token, number, flows)
    for _ in range(REQUESTS):
        OPERATIONS[name](client)
    return client.taken_ms
