"""Evaluating segments: what is asked of every contender, and how each is asked.

There are profiles of yesterday and of today, and what each contender found yesterday. Today's profiles are evaluated,
compared with yesterday's memberships by profile id, and who is in which segment, entered and left is written.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

import rules
import server
from contest import WORK, Result, empty, generated, take, turns, warm
from job import BENCH, DEV
from measure import measure

CHECK = os.path.join(BENCH, "check_segments.py")
# Of the files one has changed from one day to the next: so many hundredths of the profiles.
FILES = 16
SANDBOX = "prod"
NAMESPACE = "ProfileID"


@dataclass(frozen=True)
class SegmentJob:
    """So many segments, and what is wanted of the product."""

    name: str
    title: str
    segments: int
    cpu_max: float | None = None
    # Only a tenth of the profiles: the peers would take too long.
    tenth: bool = False
    alone: bool = False
    wall_max: float | None = None
    gzip: bool = False
    rss_mib_max: int = 512


JOBS = [
    SegmentJob("segments-20", "20 segments", 20, cpu_max=0.5),
    SegmentJob("segments-200", "200 segments", 200, cpu_max=0.2),
    SegmentJob("segments-1000", "1,000 segments over a tenth of the profiles", 1_000, cpu_max=0.1, tenth=True),
    SegmentJob("segments-1000-alone", "1,000 segments over all profiles, Outflow alone", 1_000, alone=True),
]


def run_jobs(jobs, options):
    """Yields each job with its results, and behind them `("refresh", ROWS)` for each number of profiles."""
    for tenth in (False, True):
        chosen = [job for job in jobs if job.tenth == tenth]
        if not chosen:
            continue
        ground = Ground(options, options.count // 10 if tenth else options.count, {job.segments for job in chosen})
        for job in chosen:
            yield job, ground.run(job)
        yield "refresh", ground.refreshes


@dataclass
class Ground:
    """Profiles of two days, and what each contender knows of the first."""

    options: object
    count: int
    sizes: set
    refreshes: list = field(default_factory=list)

    def __post_init__(self):
        self.folder = os.path.join(WORK, f"segments-{self.count}")
        os.makedirs(self.folder, exist_ok=True)
        self.days = [self.path("day-1"), self.path("day-2")]
        profiles = generated(self.options.outflow, self.count, FILES)
        subprocess.run([sys.executable, os.path.join(BENCH, "days.py"), profiles, *self.days], check=True)
        for size in self.sizes:
            self.write(f"rules-{size}.json", rules.segments(size))
        self.product = Product(self) if self.options.outflow else None
        for day in self.days:
            warm(day)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, value):
        with open(self.path(name), "w", encoding="utf-8") as file:
            json.dump(value, file)

    def run(self, job):
        names = (["outflow"] if self.product else []) + ([] if job.alone else self.options.peers)
        results = {name: Result() for name in names}
        for name in [name for name in names if name != "outflow"]:
            cost = self.ask(name, job, self.days[0], self.path(f"{name}-{job.segments}.parquet"))
            if cost.error:
                sys.exit(f"error: {name} found no memberships of the first day: {cost.error}")
        for name in turns(names, self.options.rounds):
            if name == "outflow":
                self.product.evaluate(job, results[name])
                continue
            output = self.path("out.parquet")
            cost = self.ask(name, job, self.days[1], output, self.path(f"{name}-{job.segments}.parquet"))
            told(job, name, cost)
            take(results[name], cost, [output], checker=[CHECK, "peer", output, str(job.segments)])
        return results

    def ask(self, name, job, day, output, previous=None):
        python = os.path.join(DEV, "venv-bench", "bin", "python")
        script = os.path.join(BENCH, "peers", f"{name}_segments.py")
        command = [python, script, f"{day}/*.parquet", self.path(f"rules-{job.segments}.json"), output]
        return measure(command + (["--previous", previous] if previous else []), {}, self.options.timeout_secs)


class Product:
    """A server that has evaluated the segments on the first day, and has refreshed its profiles since."""

    def __init__(self, ground):
        self.ground, self.options = ground, ground.options
        self.data, self.current = ground.path("server"), ground.path("current")
        self.ids, self.dataset, self.token = {}, None, None
        empty(self.data)
        self.switch(ground.days[0])
        self.refresh("first", self.attach)
        with server.Serving(self.options.outflow, self.data) as api:
            for size in sorted(ground.sizes):
                self.define(api, size)
                print(f"{size} segments are evaluated for the first time", flush=True)
                api.evaluated(self.ids[size])
            self.token = api.token
        self.switch(ground.days[1])
        self.refresh("a file of 16 has changed", self.again)
        self.saved = ground.path("saved")
        server.save(self.data, self.saved)

    def switch(self, day):
        """Makes the dataset's files those of another day."""
        empty(self.current)
        for name in os.listdir(day):
            os.link(os.path.join(day, name), os.path.join(self.current, name))

    def serve(self, meanwhile):
        """Runs a server from its start to its end, `meanwhile` asking it for something."""

        def asked(process):
            meanwhile(server.Api(self.data, self.token))
            process.terminate()

        server.forget(self.data)
        return measure(server.command(self.options.outflow, self.data), {}, self.options.timeout_secs, asked)

    def refresh(self, what, ask):
        cost = self.serve(ask)
        if cost.error:
            sys.exit(f"error: the product could not refresh {self.ground.count} profiles: {cost.error}")
        print(f"refresh, {what}: wall {cost.wall_secs:.2f} s, CPU {cost.cpu_secs:.2f} s", flush=True)
        self.ground.refreshes.append((f"{self.ground.count:,}, {what}", cost))

    def attach(self, api):
        source = {"format": "parquet", "urls": [f"{self.current}/*.parquet"]}
        identity = {"path": "profileId", "namespace": NAMESPACE, "primary": True}
        body = {"name": "profiles", "source": source, "identities": [identity]}
        self.dataset = api.call("POST", server.DATASETS, body)["id"]
        api.refreshed(self.dataset)

    def again(self, api):
        api.call("POST", f"{server.DATASETS}/{self.dataset}/refresh")
        api.refreshed(self.dataset)

    def define(self, api, size):
        self.ids[size] = []
        for number, tree in enumerate(rules.segments(size)):
            expression = {"type": "PQL", "format": "pql/text", "value": rules.pql(tree)}
            body = {"name": f"{size}-{number}", "expression": expression, "schema": {"name": "_xdm.context.profile"}}
            self.ids[size].append(api.call("POST", server.SEGMENTS, body)["id"])
        self.ground.write(f"ids-{size}.json", self.ids[size])

    def evaluate(self, job, result):
        """One run, from the state after the second refresh."""
        server.put_back(self.data, self.saved)
        done = {}
        cost = self.serve(lambda api: done.update(api.evaluated(self.ids[job.segments])))
        told(job, "outflow", cost)
        sandbox = os.path.join(self.data, "data", SANDBOX)
        folder = os.path.join(sandbox, "evaluations", done.get("evaluationId", "none"))
        files = [os.path.join(folder, "membership.parquet")]
        ids = self.ground.path(f"ids-{job.segments}.json")
        take(result, cost, files, checker=[CHECK, "outflow", folder, ids])
        shutil.rmtree(folder, ignore_errors=True)


def told(job, name, cost):
    outcome = cost.error or f"wall {cost.wall_secs:.2f} s, CPU {cost.cpu_secs:.2f} s"
    print(f"{job.name} {name}: {outcome}", flush=True)
