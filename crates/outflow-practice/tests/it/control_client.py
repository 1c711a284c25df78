"""An independent client of the control endpoint."""

import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ["CONTROL_URL"]


def call(method, body=None, url=URL):
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as e:
        assert "detail" in json.load(e)
        return e.code


def faults():
    return {
        "before": call("GET"),
        "put": call("PUT", {"s3": {"throttle": {"times": 3}}}),
        "mistyped": call("PUT", {"s3": {"throtle": {"times": 3}}}),
        "post": call("POST", {}),
        "elsewhere": call("GET", url=URL + "/more"),
    }


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))
