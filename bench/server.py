"""A server of the product, and a client of its API."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.parse

from measure import inherited

READY_SECS_MAX = 60
# The server is asked this often whether a job is done: more rarely than a job of a second would notice, and often enough
# not to be what is measured.
ASK_SECS = 0.2
CLIENT = "admin"
DATASETS = "/data/foundation/datasets"
SEGMENTS = "/data/core/ups/segment/definitions"
EVALUATIONS = "/data/core/ups/segment/jobs"
DATABASE = ["outflow.db", "outflow.db-wal", "outflow.db-shm"]


def command(binary, data):
    """Serves the data folder on a free port."""
    return [binary, "serve", "--data-dir", data, "--listen", "127.0.0.1:0"]


class Api:
    """One connection to the server of a data folder, which is waited for."""

    def __init__(self, data, token=None):
        self.data = data
        self.address = urllib.parse.urlsplit(ready(data)).netloc
        self.connection = http.client.HTTPConnection(self.address, timeout=60)
        self.token = token or self.sign_in()

    def sign_in(self):
        with open(os.path.join(self.data, "admin-secret"), encoding="utf-8") as file:
            form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": file.read().strip()}
        status, _, text = self.send("POST", "/ims/token/v3", urllib.parse.urlencode(form), {})
        if status != 200:
            raise RuntimeError(f"no token: {text}")
        return json.loads(text)["access_token"]

    def send(self, method, path, body, headers):
        """Answers status, headers and text."""
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def call(self, method, path, body=None, **headers):
        """Answers what the server says, which must be a success."""
        text = None if body is None else json.dumps(body)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        status, _, answer = self.send(method, path, text, {"Authorization": f"Bearer {self.token}", **names})
        if status not in (200, 201, 202, 204):
            raise RuntimeError(f"{method} {path} was answered with {status}: {answer.decode(errors='replace')[:300]}")
        return json.loads(answer) if answer else None

    def refreshed(self, dataset):
        """Waits until a dataset has been refreshed; answers the dataset."""
        while True:
            shown = self.call("GET", f"{DATASETS}/{dataset}")["items"][0]
            state = shown["refresh"]["state"]
            if state == "success":
                return shown
            if state in ("failed", "cancelled"):
                raise RuntimeError(f"the refresh ended as {state}: {shown['refresh']}")
            time.sleep(ASK_SECS)

    def evaluated(self, segments):
        """Evaluates segments, by their ids; answers the job when it is over."""
        job = self.call("POST", EVALUATIONS, [{"segmentId": segment} for segment in segments])["id"]
        while True:
            shown = self.call("GET", f"{EVALUATIONS}/{job}")
            if shown["status"] == "SUCCEEDED":
                return shown
            if shown["status"] in ("FAILED", "CANCELLED"):
                raise RuntimeError(f"the evaluation ended as {shown['status']}: {shown.get('errors')}")
            time.sleep(ASK_SECS)


def ready(data):
    """The server's URL, once it listens."""
    path, started = os.path.join(data, "server-url"), time.monotonic()
    while time.monotonic() - started < READY_SECS_MAX:
        try:
            with open(path, encoding="utf-8") as file:
                if url := file.read().strip():
                    return url
        except FileNotFoundError:
            pass
        time.sleep(0.01)
    raise RuntimeError(f"the server was not ready within {READY_SECS_MAX} s")


class Serving:
    """A server that runs while a block of statements does."""

    def __init__(self, binary, data, variables=None, log=None):
        forget(data)
        self.log = open(log or os.devnull, "ab")
        environment = {**inherited(), **(variables or {})}
        self.process = subprocess.Popen(
            command(binary, data), env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        self.data = data

    def __enter__(self):
        return Api(self.data)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def forget(data):
    """A server that was killed leaves its address behind."""
    try:
        os.remove(os.path.join(data, "server-url"))
    except FileNotFoundError:
        pass


def save(data, saved):
    """Keeps what the database of a server that has ended holds."""
    shutil.rmtree(saved, ignore_errors=True)
    os.makedirs(saved)
    for name in DATABASE:
        if os.path.exists(os.path.join(data, name)):
            shutil.copy(os.path.join(data, name), saved)


def put_back(data, saved):
    """Makes the database what it was."""
    for name in DATABASE:
        if os.path.exists(os.path.join(data, name)):
            os.remove(os.path.join(data, name))
    for name in os.listdir(saved):
        shutil.copy(os.path.join(saved, name), data)
