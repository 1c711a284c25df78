"""Runs one command and says what it cost.

CPU is user plus system time of the command and everything it started and waited for. Memory is the largest of the
resident sizes of the whole process tree, sampled every 20 ms, and of the command's own peak as the kernel kept it. This
module stays small: until a child has loaded its own program, the kernel counts its parent's memory as the child's.
"""

import http.client
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

import psutil

SAMPLE_SECS = 0.02


@dataclass
class Cost:
    """What one run took; `error` says why it does not count."""

    wall_secs: float
    cpu_secs: float
    rss_bytes: int
    error: str | None = None


def measure(command, environment, timeout_secs, meanwhile=None):
    """`meanwhile` is given the process; it has it work, for a process that waits to be asked, and ends it."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        # A group of its own, so that a run that takes too long can be ended with all it started.
        process = subprocess.Popen(
            command,
            env={**inherited(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        sampler = Sampler(process.pid)
        overdue = threading.Event()
        timer = threading.Timer(timeout_secs, end, [process.pid, overdue])
        timer.start()
        broken = attended(process, meanwhile)
        _, status, used = os.wait4(process.pid, 0)
        wall_secs = time.perf_counter() - started
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        rss_bytes = max(sampler.stop(), used.ru_maxrss * 1024)
        error = None
        if overdue.is_set():
            error = f"took longer than {timeout_secs} s"
        elif process.returncode != 0:
            error = f"ended with {process.returncode}: {last_words(said)}"
        elif broken:
            error = f"{broken}: {last_words(said)}"
        return Cost(wall_secs, used.ru_utime + used.ru_stime, rss_bytes, error)


def attended(process, meanwhile):
    """Does what is to be done beside the process; answers what went wrong."""
    try:
        if meanwhile:
            meanwhile(process)
    except (OSError, RuntimeError, http.client.HTTPException) as error:
        process.terminate()
        return f"{type(error).__name__}: {error}"
    return None


def inherited():
    """This process's environment without the accounts of whoever runs it, which the job would mix with its own."""
    accounts = ("AWS_", "OUTFLOW_")
    return {name: value for name, value in os.environ.items() if not name.startswith(accounts)}


def last_words(said):
    said.seek(max(0, said.seek(0, os.SEEK_END) - 2000))
    lines = said.read().decode(errors="replace").strip().splitlines()
    return " / ".join(line.strip() for line in lines[-3:])[-400:]


def end(pid, overdue):
    overdue.set()
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Sampler:
    """Watches the memory of a process tree from a thread of its own."""

    def __init__(self, pid):
        self.pid, self.peak_bytes, self.stopped = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.stopped.wait(SAMPLE_SECS):
            self.peak_bytes = max(self.peak_bytes, self.resident_bytes())

    def resident_bytes(self):
        try:
            root = psutil.Process(self.pid)
            return sum(resident_bytes(process) for process in [root, *root.children(recursive=True)])
        except psutil.Error:
            return 0

    def stop(self):
        self.stopped.set()
        self.thread.join()
        return self.peak_bytes


def resident_bytes(process):
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0
