"""Measures Outflow beside other engines.

Contenders take turns within one run and their order rotates, since the same machine is faster in one minute than in the
next: only ratios inside one run mean anything. Every output is read and compared with the others'.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict

import batch
import latency
import report
import segments
import streams
from contest import WORK, generated, settle, warm
from job import JOBS, PEERS

API = "api"
COUNT = 10_000_000
NAMES = [job.name for job in JOBS + segments.JOBS + streams.JOBS] + [API]


def main():
    options = parse()
    os.makedirs(WORK, exist_ok=True)
    print(f"rounds: {options.rounds}; cores: {os.cpu_count()}; load: {os.getloadavg()[0]:.1f}", flush=True)
    tally = Tally()
    batches = [job for job in JOBS if job.name in options.jobs]
    if batches or options.memory:
        profiles = options.profiles or generated(options.outflow, options.count)
        warm(profiles)
        for job in batches:
            tally.job(job, batch.run_job(job, options, profiles))
    if options.memory:
        costs = batch.memory(options)
        tally.missed += report.print_memory(costs)
        tally.record["memory"] = {str(count): asdict(cost) for count, cost in costs.items()}
    for job, results in segments.run_jobs([job for job in segments.JOBS if job.name in options.jobs], options):
        if job == "refresh":
            report.print_refreshes(results)
            tally.record.setdefault(job, {}).update({name: asdict(cost) for name, cost in results})
        else:
            tally.job(job, results)
    for job, results in streams.run_jobs([job for job in streams.JOBS if job.name in options.jobs], options):
        tally.job(job, results, report.print_stream)
    if API in options.jobs:
        latencies = latency.run(options)
        tally.missed += report.print_latencies(latencies, latency)
        tally.record[API] = [asdict(one) for one in latencies]
    with open(os.path.join(WORK, "results.json"), "w", encoding="utf-8") as file:
        json.dump(tally.record, file, indent=1)
    told = f"{tally.missed} targets missed, {tally.wrong} contenders went wrong"
    print(f"\n{told}; figures in .outflow-dev/bench/results.json")
    return 1 if tally.wrong else 0


class Tally:
    """What was found so far."""

    def __init__(self):
        self.missed, self.wrong, self.record = 0, 0, {}

    def job(self, job, results, print_job=report.print_job):
        settle(results)
        missed, wrong = print_job(job, results)
        self.missed, self.wrong = self.missed + missed, self.wrong + wrong
        self.record[job.name] = {name: asdict(result) for name, result in results.items()}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda text: [int(word.replace("_", "")) for word in text.split(",")]
    words = lambda text: text.split(",")
    parser.add_argument("--count", type=int, help="profiles to generate (default 10000000; of streams 1000000)")
    parser.add_argument("--rounds", type=int, default=3, help="times each contender runs (default 3)")
    parser.add_argument("--jobs", type=words, default=NAMES, help=",".join(NAMES))
    parser.add_argument("--peers", type=words, default=PEERS, help="duckdb,polars,chdb")
    parser.add_argument("--memory", type=numbers, help="also peak memory at these sizes: 1000000,10000000,30000000")
    parser.add_argument("--timeout-secs", type=int, default=600, help="longest time of one run (default 600)")
    parser.add_argument("--profiles", help="for the batch jobs, a folder of Parquet files in place of generated ones")
    parser.add_argument("--outflow", help="the product; without it only the peers run, over --profiles")
    parser.add_argument("--sink", help="the S3 server to upload to; without it the job s3 is left out")
    parser.add_argument("--stream-sink", help="the stream service to send to; without it streams are left out")
    parser.add_argument("--stream-clients", help="the folder with the vendors' clients in Rust; likewise")
    options = parser.parse_args()
    options.stream_count = options.count or streams.COUNT
    options.count = options.count or COUNT
    if unknown := set(options.jobs) - set(NAMES) | set(options.peers) - set(PEERS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if not (options.stream_sink and options.stream_clients):
        options.jobs = [name for name in options.jobs if name not in {job.name for job in streams.JOBS}]
    of_product = {job.name for job in segments.JOBS + streams.JOBS} | {API}
    if not options.outflow and (options.memory or not options.profiles or of_product & set(options.jobs)):
        parser.error("generating profiles, segments, streams, the API and measuring memory need --outflow")
    if not options.sink:
        options.jobs = [name for name in options.jobs if name != "s3"]
    return options


if __name__ == "__main__":
    sys.exit(main())
