"""What all contests have in common: contenders that take turns, what each did, and the data that they work on."""

import glob
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

from job import DEV

WORK = os.path.join(DEV, "bench")


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


def turns(names, rounds):
    """Everybody once a round, beginning one further each round."""
    names = list(names)
    for i in range(rounds):
        start = i % len(names)
        yield from names[start:] + names[:start]


def take(result, cost, paths, checker=None, size=0):
    """Notes a run. `checker` is the command that says what its output holds; without one it is not looked at."""
    if cost.error:
        result.errors.append(cost.error)
        return
    result.costs.append(cost)
    result.bytes.append(sum(os.path.getsize(path) for path in paths) or size)
    if checker:
        # In a process of its own: see measure.py on why this one must stay small.
        checked = subprocess.run([sys.executable, *checker], capture_output=True, text=True, check=False)
        if checked.returncode == 0:
            result.outputs.append(json.loads(checked.stdout))
        else:
            result.errors.append(f"its output cannot be read: {checked.stderr.strip()[-300:]}")


def settle(results):
    """What most outputs hold is taken for right."""
    seen = [json.dumps(output) for result in results.values() for output in result.outputs]
    if seen:
        expected = json.loads(max(set(seen), key=seen.count))
        for result in results.values():
            result.expected = expected


def generated(binary, count, files=0):
    """A folder of that many profiles in that many files (0: as many as is usual), made once."""
    folder = os.path.join(WORK, f"profiles-{count}" + (f"-{files}" if files else ""))
    if not os.path.isdir(folder):
        print(f"generating {count:,} profiles", flush=True)
        unfinished = folder + ".part"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [binary, "profiles", "generate", "--count", str(count), "--seed", "1", "--files", str(files)]
        subprocess.run([*command, "--out", unfinished], check=True)
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


def empty(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
