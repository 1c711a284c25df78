"""What the clients of streams do alike: they read the messages into memory, and say what sending them cost."""

import json
import resource
import time


def read(path):
    """Pairs of key and body."""
    with open(path, "rb") as file:
        pairs = (line.rstrip(b"\n").split(b"\t", 1) for line in file)
        return [(key.decode(), body) for key, body in pairs]


class Meter:
    """Measures from here on."""

    def __init__(self):
        try:
            # From here on the kernel notes the peak anew.
            with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
                file.write("5")
        except OSError:
            pass
        self.resident = status_bytes("VmRSS:")
        self.begun, self.cpu_secs = time.perf_counter(), cpu_secs()

    def end(self, messages):
        """Prints what came since. Memory is what was taken beyond the messages that had been read."""
        cost = {
            "messages": messages,
            "wallSecs": time.perf_counter() - self.begun,
            "cpuSecs": cpu_secs() - self.cpu_secs,
            "rssBytes": max(0, status_bytes("VmHWM:") - self.resident),
        }
        print(json.dumps(cost))


def cpu_secs():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def status_bytes(name):
    with open("/proc/self/status", encoding="ascii") as file:
        return next((int(line.split()[1]) * 1024 for line in file if line.startswith(name)), 0)
