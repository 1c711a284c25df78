"""The batch job's contest; job.py says what the job is."""

import glob
import json
import os
import subprocess
import sys
import urllib.request

from contest import WORK, Result, empty, generated, take, turns
from job import JOBS, outflow, peer
from measure import measure

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check.py")
S3_BUCKET = "bench"


def run_job(job, options, profiles):
    results = {name: Result() for name in (["outflow"] if options.outflow else []) + options.peers}
    if not job.s3:
        for name in turns(results, options.rounds):
            folder = os.path.join(WORK, "out", name)
            empty(folder)
            cost = run_contender(job, options, profiles, name, folder)
            paths = delivered(folder, job)
            take(results[name], cost, paths, checker=[CHECK, *paths])
        return results
    sink = Sink(options.sink)
    try:
        # What the sink keeps is compared in a round that does not count; then it drops what it gets, at full speed.
        sink.put("_keep")
        for name in results:
            cost = run_contender(job, options, profiles, name, f"{S3_BUCKET}/{name}", sink.address)
            paths = delivered(os.path.join(sink.folder, S3_BUCKET, name), job)
            take(results[name], cost, paths, checker=[CHECK, *paths])
        for result in results.values():
            result.costs.clear()
            result.bytes.clear()
        sink.put("_discard")
        for name in turns(results, options.rounds):
            sink.put("_reset")
            cost = run_contender(job, options, profiles, name, f"{S3_BUCKET}/{name}", sink.address)
            take(results[name], cost, [], size=sink.stats()["objectBytes"])
    finally:
        sink.stop()
    return results


def run_contender(job, options, profiles, name, destination, s3_endpoint=None):
    if name == "outflow":
        contender = outflow(options.outflow, job, profiles, destination, s3_endpoint)
    else:
        contender = peer(name, job, profiles, destination, s3_endpoint)
    cost = measure(contender.command, contender.environment, options.timeout_secs)
    outcome = cost.error or f"wall {cost.wall_secs:.2f} s, CPU {cost.cpu_secs:.2f} s"
    print(f"{job.name} {name}: {outcome}", flush=True)
    return cost


def delivered(folder, job):
    """The job's files, parts included; the manifest beside them is not data."""
    base, extensions = job.file_name.split(".", 1)
    return sorted(glob.glob(f"{folder}/**/{base}*.{extensions}", recursive=True))


def memory(options):
    job = JOBS[0]
    costs = {}
    for count in sorted(set(options.memory)):
        folder = os.path.join(WORK, "out", "memory")
        empty(folder)
        cost = run_contender(job, options, generated(options.outflow, count), "outflow", folder)
        if cost.error:
            sys.exit(f"error: the product failed at {count} profiles: {cost.error}")
        costs[count] = cost
    return costs


class Sink:
    """The S3 server that the job uploads to."""

    def __init__(self, binary):
        self.folder = os.path.join(WORK, "out", "sink")
        empty(self.folder)
        self.process = subprocess.Popen([binary, "127.0.0.1:0", self.folder], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().removeprefix("ready ").strip()

    def put(self, what):
        request = urllib.request.Request(f"http://{self.address}/{what}", data=b"", method="PUT")
        urllib.request.urlopen(request, timeout=10).read()

    def stats(self):
        with urllib.request.urlopen(f"http://{self.address}/_stats", timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
