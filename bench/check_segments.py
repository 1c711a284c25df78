"""Says what an evaluation holds, whatever its form.

usage: check_segments.py peer FILE SEGMENTS
       check_segments.py outflow FOLDER IDS

Prints how many memberships began, go on and ended, and a hash of both the three counts of each segment and the profile
ids of those that entered and left it. Two contenders that found the same print the same.
"""

import hashlib
import json
import os
import sys

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rules import BITS_PER_WORD


class Found:
    """Counts and ids of each segment; ids are 64-bit hashes, of which the sum is kept."""

    def __init__(self, segments):
        self.counts = np.zeros((3, segments), dtype=np.int64)
        self.ids = np.zeros((2, segments), dtype=np.uint64)

    def told(self):
        each = [self.counts.tolist(), self.ids.tolist()]
        realized, existing, exited = (int(count) for count in self.counts.sum(axis=1))
        text = hashlib.sha256(json.dumps(each).encode()).hexdigest()[:16]
        return {"realized": realized, "existing": existing, "exited": exited, "hash": text}


def hashes(ids):
    """A 64-bit hash of each profile id, as a column of Arrow."""
    texts = pa.table({"id": ids})  # noqa: F841, DuckDB finds it by its name
    return duckdb.sql("SELECT hash(id::VARCHAR) AS hash FROM texts").fetchnumpy()["hash"].astype(np.uint64)


def bits(words):
    """The bits of each of 64-bit words, as rows of zeros and ones."""
    return np.unpackbits(np.ascontiguousarray(words).view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")


def peer(path, segments):
    """A row for each profile: its id, the segments that it is in (`w`), entered (`e`) and left (`x`), as bits of words."""
    found = Found(segments)
    for batch in pq.ParquetFile(path).iter_batches(131_072):
        for word, first in enumerate(range(0, segments, BITS_PER_WORD)):
            here = slice(first, min(first + BITS_PER_WORD, segments))
            member, entered, left = (
                batch.column(f"{kind}{word}").to_numpy(zero_copy_only=False).astype(np.int64) for kind in "wex"
            )
            for number, words in enumerate([entered, member & ~entered, left]):
                each = bits(words).sum(axis=0, dtype=np.int64)
                found.counts[number, here] += each[: here.stop - here.start]
            changed = np.flatnonzero(entered | left)
            ids = hashes(batch.column("id").take(pa.array(changed)))
            for number, words in enumerate([entered, left]):
                of_word = (bits(words[changed]).astype(np.uint64) * ids[:, None]).sum(axis=0, dtype=np.uint64)
                found.ids[number, here] += of_word[: here.stop - here.start]
    return found


def outflow(folder, ids_path):
    """For each file of the row space a row group of `membership.parquet`, in it bitmaps of rows."""
    from pyroaring import BitMap

    with open(ids_path, encoding="utf-8") as file:
        numbers = {segment: number for number, segment in enumerate(json.load(file))}
    with open(os.path.join(folder, "evaluation.json"), encoding="utf-8") as file:
        evaluation = json.load(file)
    files = evaluation["snapshot"]["parts"] + [ghost["part"] for ghost in evaluation["ghosts"]]
    memberships = pq.ParquetFile(os.path.join(folder, "membership.parquet"))
    now = pa.array([evaluation["time"]]).cast(pa.timestamp("us", "UTC"))[0].value
    found = Found(len(numbers))
    for group, number in enumerate(evaluation["groups"]):
        rows = memberships.read_row_group(group)
        texts = pq.read_table(files[number]["file"], columns=["_outflow_id"])["_outflow_id"]
        # Without the namespace before it.
        ids = hashes(pa.compute.replace_substring_regex(texts, "^[^:]*:", ""))
        columns = [rows[name].to_pylist() for name in ["segment", "exited", "rows"]]
        times = rows["time"].cast(pa.int64()).to_pylist()
        for segment, exited, encoded, time in zip(*columns, times, strict=True):
            bitmap, at = BitMap.deserialize(encoded), numbers[segment]
            if time != now:
                found.counts[1, at] += 0 if exited else len(bitmap)
                continue
            found.counts[2 if exited else 0, at] += len(bitmap)
            # Arrays add without a word about an overflow, which is wanted; single numbers warn.
            found.ids[int(exited), at : at + 1] += ids[np.asarray(bitmap.to_array())].sum(dtype=np.uint64)
    return found


if __name__ == "__main__":
    what, path, more = sys.argv[1:]
    print(json.dumps((peer(path, int(more)) if what == "peer" else outflow(path, more)).told()))
