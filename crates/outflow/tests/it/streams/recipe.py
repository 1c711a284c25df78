"""What a reader of the documentation does with the files of practice targets: the messages, then the consumer."""

import json
import pathlib
import subprocess
import sys

folder, member, consumer = sys.argv[1:4]
lines = [line for file in sorted(pathlib.Path(folder).glob("*.jsonl")) for line in file.read_text().split("\n") if line]
messages = "".join(json.loads(line)[member] + "\n" for line in lines)
subprocess.run([sys.executable, consumer], input=messages.encode(), check=True)
