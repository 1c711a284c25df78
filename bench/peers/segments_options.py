"""What every peer's script for segments is told: profiles, rules, where to write, and what was found the day before."""

import argparse
import json
import os
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from rules import sql, words  # noqa: E402, F401


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("profiles", help="Parquet files, as a pattern")
    parser.add_argument("rules", help="the segments, as rules.py makes them")
    parser.add_argument("output", help="a Parquet file: profile id and, as bits of integers, segments")
    parser.add_argument("--previous", help="such a file of the day before; without one nothing is compared")
    options = parser.parse_args()
    with open(options.rules, encoding="utf-8") as file:
        options.words = words(json.load(file))
    return options
