"""Streaming: what a message costs, from the profiles to an endpoint that does nothing with it.

Outflow derives the messages about everybody of a profile lake and sends them. The vendors' clients send the very same
messages, which they have read into memory before they are measured: what they are spared is to make them, to remember what
was told, and to survive a crash.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass

import server
from contest import WORK, Result, empty, generated, turns, warm
from job import BENCH, DEV, FIELDS, RSS_MIB_MAX
from measure import Cost

COUNT = 1_000_000
FLOW_SERVICE = "/data/foundation/flowservice"
STREAM_FLOWS = {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
PROFILES_SPEC = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
# A message has identities and memberships by itself.
ATTRIBUTES = [path for path in FIELDS.values() if not path.startswith("segmentMembership")]
TICKS_PER_SEC = os.sysconf("SC_CLK_TCK")
# No shard of the endpoint is slow: nothing is to be paced.
PACE_MAX = 1 << 40


@dataclass(frozen=True)
class StreamJob:
    """A service, the programs that send to it, and what is wanted of the product beside the first."""

    name: str
    title: str
    spec: str
    auth: str
    params: dict
    target: dict
    peers: dict
    cpu_max: float = 1.3
    rss_mib_max: int = RSS_MIB_MAX


JOBS = [
    StreamJob(
        "streams-kinesis",
        "messages to Kinesis",
        "86043421-563b-46ec-8e6c-e23184711bf6",
        "Aws Kinesis authentication credentials",
        {"accessKeyId": "bench", "secretKey": "bench-secret", "region": "us-east-1", "endpointUrl": "http://{}"},
        {"stream": "bench", "shardBytesPerSecMax": PACE_MAX, "shardRecordsPerSecMax": PACE_MAX},
        {"aws-sdk-kinesis": "kinesis-client", "boto3": "kinesis_stream.py"},
    ),
    StreamJob(
        "streams-event-hubs",
        "messages to Event Hubs",
        "bf9f5905-92b7-48bf-bf20-455bc6b60a4e",
        "Azure EventHub authentication credentials",
        {"sasKeyName": "send", "sasKey": "YmVuY2gtc2VjcmV0", "namespace": "bench", "endpointUrl": "amqp://{}"},
        {"eventHubName": "bench"},
        {"azure_messaging_eventhubs": "event-hubs-client", "azure-eventhub": "event_hubs_stream.py"},
    ),
]


def run_jobs(jobs, options):
    """Yields each job with its results."""
    if not jobs:
        return
    product = Product(options)
    for job in jobs:
        yield job, run(job, options, product)


def run(job, options, product):
    results = {name: Result() for name in ["outflow", *job.peers]}
    # What is sent is compared in a first round that does not count; the product's is what the others send.
    recorded = product.path("messages")
    sent = {}
    for name in results:
        path = recorded if name == "outflow" else recorded + ".peer"
        cost, stats = contend(job, options, product, name, path)
        if cost.error:
            sys.exit(f"error: {name} does not send: {cost.error}")
        sent[name] = {key: stats[key] for key in ("messages", "hash")}
    os.remove(recorded + ".peer")
    print(f"{job.name}: {os.path.getsize(recorded) / sent['outflow']['messages']:.0f} bytes a message, key included")
    for name in turns(results, options.rounds):
        cost, stats = contend(job, options, product, name)
        if cost.error:
            results[name].errors.append(cost.error)
            continue
        results[name].costs.append(cost)
        results[name].bytes.append(stats["bytes"])
        # In the rounds that count there is no hash, for it would have to be computed.
        results[name].outputs.append({**sent[name], "now": stats["messages"]})
    os.remove(recorded)
    return results


def contend(job, options, product, name, record=None):
    """Answers what a contender cost, and what the endpoint got."""
    sink = Sink(options.stream_sink, record)
    try:
        if name == "outflow":
            cost = product.send(job, sink)
        else:
            cost = ask(job, options, name, sink.address, product.path("messages"))
        stats = sink.stats()
    finally:
        sink.stop()
    outcome = cost.error or f"wall {cost.wall_secs:.2f} s, CPU {cost.cpu_secs:.2f} s, {stats['messages']} messages"
    print(f"{job.name} {name}{' (recorded)' if record else ''}: {outcome}", flush=True)
    return cost, stats


def ask(job, options, name, address, messages):
    """Runs a vendor's client, which says itself what its sending cost."""
    program = job.peers[name]
    if program.endswith(".py"):
        command = [os.path.join(DEV, "venv-bench-streams", "bin", "python"), os.path.join(BENCH, "peers", program)]
    else:
        command = [os.path.join(options.stream_clients, program)]
    try:
        done = subprocess.run(
            [*command, address, messages], capture_output=True, text=True, timeout=options.timeout_secs, check=False
        )
    except subprocess.TimeoutExpired:
        return Cost(0, 0, 0, f"took longer than {options.timeout_secs} s")
    if done.returncode != 0:
        return Cost(0, 0, 0, f"ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    said = json.loads(done.stdout.strip().splitlines()[-1])
    return Cost(said["wallSecs"], said["cpuSecs"], said["rssBytes"])


class Product:
    """A server that has read the profiles and evaluated a segment of everybody."""

    def __init__(self, options):
        self.options = options
        self.folder = os.path.join(WORK, f"streams-{options.stream_count}")
        self.data, self.saved = self.path("server"), self.path("saved")
        empty(self.folder)
        profiles = generated(options.outflow, options.stream_count)
        warm(profiles)
        with server.Serving(options.outflow, self.data, log=self.path("log")) as api:
            source = {"format": "parquet", "urls": [f"{profiles}/*.parquet"]}
            identity = {"path": "profileId", "namespace": "ProfileID", "primary": True}
            body = {"name": "profiles", "source": source, "identities": [identity]}
            api.refreshed(api.call("POST", server.DATASETS, body)["id"])
            expression = {"type": "PQL", "format": "pql/text", "value": "profileId is not null"}
            body = {"name": "everybody", "expression": expression, "schema": {"name": "_xdm.context.profile"}}
            self.segment = api.call("POST", server.SEGMENTS, body)["id"]
            api.evaluated([self.segment])
            self.token = api.token
        server.save(self.data, self.saved)

    def path(self, name):
        return os.path.join(self.folder, name)

    def send(self, job, sink):
        """Activates a flow, from the state before any: answers what the server took until everything was sent."""
        server.put_back(self.data, self.saved)
        serving = server.Serving(self.options.outflow, self.data, log=self.path("log"))
        pid = serving.process.pid
        with serving as api:
            flow = self.flow(api, job, sink)
            forget_peak(pid)
            started, before = time.perf_counter(), cpu_secs(pid)
            try:
                self.until_sent(api, api.call("POST", f"{FLOW_SERVICE}/flows", flow)["id"])
            except RuntimeError as error:
                return Cost(0, 0, 0, str(error))
            finally:
                wall_secs, took = time.perf_counter() - started, cpu_secs(pid) - before
                peak = peak_bytes(pid)
        shutil.rmtree(os.path.join(self.data, "data", "prod", "streams"), ignore_errors=True)
        return Cost(wall_secs, took, peak)

    def flow(self, api, job, sink):
        """The flow as it is to be made: with account and target, which are made here."""
        spec = {"id": job.spec, "version": "1.0"}
        params = {name: value.format(sink.address) for name, value in job.params.items()}
        account = {"name": "account", "connectionSpec": spec, "auth": {"specName": job.auth, "params": params}}
        account = api.call("POST", f"{FLOW_SERVICE}/connections", account)["id"]
        target = {"name": "target", "baseConnectionId": account, "connectionSpec": spec, "params": job.target}
        target = api.call("POST", f"{FLOW_SERVICE}/targetConnections", target)["id"]
        source = {"name": "source", "connectionSpec": PROFILES_SPEC}
        source = api.call("POST", f"{FLOW_SERVICE}/sourceConnections", source)["id"]
        selector = {"type": "PLATFORM_SEGMENT", "value": {"id": self.segment, "name": "everybody"}}
        columns = [{"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"}} for path in ATTRIBUTES]
        params = {"segmentSelectors": {"selectors": [selector]}, "profileSelectors": {"selectors": columns}}
        return {
            "name": "flow",
            "flowSpec": STREAM_FLOWS,
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": [{"name": "GeneralTransform", "params": params}],
        }

    def until_sent(self, api, flow):
        deadline = time.monotonic() + self.options.timeout_secs
        while time.monotonic() < deadline:
            status = api.call("GET", f"{FLOW_SERVICE}/flows/{flow}")["items"][0].get("streamStatus") or {}
            if status.get("state") == "idle" and status["sequence"] > 0 and status["complete"]:
                return
            if status.get("state") == "blocked":
                raise RuntimeError(f"the flow is blocked: {status['fault']}")
            time.sleep(server.ASK_SECS)
        raise RuntimeError(f"took longer than {self.options.timeout_secs} s")


def cpu_secs(pid):
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SEC


def forget_peak(pid):
    """From here on the kernel notes a process's peak memory anew; where it may not be told so, since its start."""
    try:
        with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
    except OSError:
        pass


def peak_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next((int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:")), 0)


class Sink:
    """The endpoint that takes everything."""

    def __init__(self, binary, record=None):
        command = [binary, "127.0.0.1:0"] + (["--record", record] if record else [])
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().removeprefix("ready ").strip()

    def stats(self):
        with urllib.request.urlopen(f"http://{self.address}/_stats", timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
