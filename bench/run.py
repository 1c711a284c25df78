"""Measures Outflow's batch job beside other engines.

Contenders take turns within one run and their order rotates, since the same machine is faster in one minute than in the
next: only ratios inside one run mean anything. Every output is parsed and compared with the others'.
"""

import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import asdict, dataclass, field

import report
from job import DEV, JOBS, PEERS, outflow, peer
from measure import measure

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check.py")
WORK = os.path.join(DEV, "bench")
S3_BUCKET = "bench"


@dataclass
class Result:
    """What one contender did in one job."""

    costs: list = field(default_factory=list)
    bytes: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    expected: dict | None = None

    def problem(self):
        if self.errors:
            return self.errors[0]
        if any(output != self.expected for output in self.outputs):
            return f"holds {self.outputs[0]} where most hold {self.expected}"
        return None

    def verdict(self):
        return "WRONG" if self.problem() else "equal"


def main():
    options = parse()
    os.makedirs(WORK, exist_ok=True)
    missed, wrong, record = 0, 0, {}
    profiles = options.profiles or generated(options.outflow, options.count)
    warm(profiles)
    print(f"profiles: {profiles}; rounds: {options.rounds}; cores: {os.cpu_count()}; load: {os.getloadavg()[0]:.1f}")
    for job in [job for job in JOBS if job.name in options.jobs]:
        results = run_job(job, options, profiles)
        settle(results)
        counts = report.print_job(job, results)
        missed, wrong = missed + counts[0], wrong + counts[1]
        record[job.name] = {name: asdict(result) for name, result in results.items()}
    if options.memory:
        costs = memory(options)
        missed += report.print_memory(costs)
        record["memory"] = {str(count): asdict(cost) for count, cost in costs.items()}
    with open(os.path.join(WORK, "results.json"), "w") as file:
        json.dump(record, file, indent=1)
    print(f"\n{missed} targets missed, {wrong} contenders went wrong; figures in .outflow-dev/bench/results.json")
    return 1 if wrong else 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda text: [int(word.replace("_", "")) for word in text.split(",")]
    words = lambda text: text.split(",")
    parser.add_argument("--count", type=int, default=10_000_000, help="profiles to generate (default 10000000)")
    parser.add_argument("--rounds", type=int, default=3, help="times each contender runs (default 3)")
    parser.add_argument("--jobs", type=words, default=[job.name for job in JOBS], help="dedup,nodedup,gzip,s3")
    parser.add_argument("--peers", type=words, default=PEERS, help="duckdb,polars,chdb")
    parser.add_argument("--memory", type=numbers, help="also peak memory at these sizes: 1000000,10000000,30000000")
    parser.add_argument("--timeout-secs", type=int, default=600, help="longest time of one run (default 600)")
    parser.add_argument("--profiles", help="a folder of Parquet files to use in place of generated profiles")
    parser.add_argument("--outflow", help="the product; without it only the peers run")
    parser.add_argument("--sink", help="the S3 server to upload to; without it the job s3 is left out")
    options = parser.parse_args()
    if unknown := set(options.jobs) - {job.name for job in JOBS} | set(options.peers) - set(PEERS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if not options.outflow and (options.memory or not options.profiles):
        parser.error("generating profiles and measuring memory need --outflow")
    if not options.sink:
        options.jobs = [name for name in options.jobs if name != "s3"]
    return options


def generated(binary, count):
    """A folder of that many profiles, made once."""
    folder = os.path.join(WORK, f"profiles-{count}")
    if not os.path.isdir(folder):
        print(f"generating {count:,} profiles", flush=True)
        unfinished = folder + ".part"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [binary, "profiles", "generate", "--count", str(count), "--seed", "1", "--out", unfinished]
        subprocess.run(command, check=True)
        os.rename(unfinished, folder)
    return folder


def warm(profiles):
    """Reads every file once, so that nobody pays for the disk."""
    paths = glob.glob(f"{profiles}/*.parquet")
    if not paths:
        sys.exit(f"error: there are no Parquet files in {profiles}")
    for path in paths:
        with open(path, "rb") as file:
            while file.read(8 << 20):
                pass


def run_job(job, options, profiles):
    results = {name: Result() for name in (["outflow"] if options.outflow else []) + options.peers}
    if not job.s3:
        for name in turns(results, options.rounds):
            folder = os.path.join(WORK, "out", name)
            empty(folder)
            cost = run_contender(job, options, profiles, name, folder)
            take(results[name], cost, delivered(folder, job), check=True)
        return results
    sink = Sink(options.sink)
    try:
        # What the sink keeps is compared in a round that does not count; then it drops what it gets, at full speed.
        sink.put("_keep")
        for name in results:
            cost = run_contender(job, options, profiles, name, f"{S3_BUCKET}/{name}", sink.address)
            take(results[name], cost, delivered(os.path.join(sink.folder, S3_BUCKET, name), job), check=True)
        for result in results.values():
            result.costs.clear()
            result.bytes.clear()
        sink.put("_discard")
        for name in turns(results, options.rounds):
            sink.put("_reset")
            cost = run_contender(job, options, profiles, name, f"{S3_BUCKET}/{name}", sink.address)
            take(results[name], cost, [], check=False, size=sink.stats()["objectBytes"])
    finally:
        sink.stop()
    return results


def turns(names, rounds):
    """Everybody once a round, beginning one further each round."""
    names = list(names)
    for i in range(rounds):
        start = i % len(names)
        yield from names[start:] + names[:start]


def run_contender(job, options, profiles, name, destination, s3_endpoint=None):
    if name == "outflow":
        contender = outflow(options.outflow, job, profiles, destination, s3_endpoint)
    else:
        contender = peer(name, job, profiles, destination, s3_endpoint)
    cost = measure(contender.command, contender.environment, options.timeout_secs)
    outcome = cost.error or f"wall {cost.wall_secs:.2f} s, CPU {cost.cpu_secs:.2f} s"
    print(f"{job.name} {name}: {outcome}", flush=True)
    return cost


def take(result, cost, paths, check, size=0):
    if cost.error:
        result.errors.append(cost.error)
        return
    result.costs.append(cost)
    result.bytes.append(sum(os.path.getsize(path) for path in paths) or size)
    if check:
        # In a process of its own: see measure.py on why this one must stay small.
        checked = subprocess.run([sys.executable, CHECK, *paths], capture_output=True, text=True, check=False)
        if checked.returncode == 0:
            result.outputs.append(json.loads(checked.stdout))
        else:
            result.errors.append(f"its output cannot be read: {checked.stderr.strip()[-300:]}")


def delivered(folder, job):
    """The job's files, parts included; the manifest beside them is not data."""
    base, extensions = job.file_name.split(".", 1)
    return sorted(glob.glob(f"{folder}/**/{base}*.{extensions}", recursive=True))


def settle(results):
    """What most outputs hold is taken for right."""
    seen = [json.dumps(output) for result in results.values() for output in result.outputs]
    if seen:
        expected = json.loads(max(set(seen), key=seen.count))
        for result in results.values():
            result.expected = expected


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


def empty(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)


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


if __name__ == "__main__":
    sys.exit(main())
