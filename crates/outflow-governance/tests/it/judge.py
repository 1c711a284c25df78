"""Prints random conditions over labels, one a line, each with what it says of every set of labels.

A condition is translated into Python's own `and` and `or` over membership tests, and evaluated by Python. Bit i of a set's
number says whether the label i is in it.
"""

import json
import random
import sys

LABELS = ["C1", "C2", "C10", "I1", "Third-Party", "L2"]


def condition(draw, depth):
    if depth == 0 or draw.random() < 0.3:
        return {"label": draw.choice(LABELS)}
    operands = [condition(draw, depth - 1) for _ in range(draw.randint(1, 4))]
    return {"operator": draw.choice(["AND", "OR"]), "operands": operands}


def source(node):
    if "label" in node:
        return f"({node['label']!r} in present)"
    word = {"AND": " and ", "OR": " or "}[node["operator"]]
    return "(" + word.join(source(operand) for operand in node["operands"]) + ")"


def main(count, seed):
    draw = random.Random(seed)
    for _ in range(count):
        deny = condition(draw, draw.randint(0, 4))
        code = compile(source(deny), "condition", "eval")
        table = ""
        for number in range(2 ** len(LABELS)):
            present = {label for bit, label in enumerate(LABELS) if number >> bit & 1}
            table += "1" if eval(code, {"present": present}) else "0"
        print(json.dumps({"deny": deny, "labels": LABELS, "table": table}))


main(int(sys.argv[1]), int(sys.argv[2]))
