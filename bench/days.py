"""Makes two days of profiles out of one folder of files.

usage: days.py PROFILES DAY_1 DAY_2

All files but the last are the same on both days (links to the files in PROFILES). Of the last one's profiles each has
other attributes on the second day, a hundredth is gone then, and a hundredth is new.
"""

import glob
import os
import shutil
import sys

import pyarrow as pa
import pyarrow.parquet as pq

IDS = ["profileId", "identityMap"]


def main(profiles, *days):
    files = sorted(glob.glob(f"{profiles}/*.parquet"))
    for day in days:
        shutil.rmtree(day, ignore_errors=True)
        os.makedirs(day)
        for file in files[:-1]:
            os.link(file, os.path.join(day, os.path.basename(file)))
    last = pq.read_table(files[-1])
    moved = last.num_rows // 3
    others = [name for name in last.column_names if name not in IDS]
    shifted = pa.concat_tables([last.select(others).slice(moved), last.select(others).slice(0, moved)])
    changed = last
    for name in others:
        changed = changed.set_column(changed.column_names.index(name), changed.field(name), shifted[name])
    few = last.num_rows // 100
    for day, table in zip(days, [last.slice(0, last.num_rows - few), changed.slice(few)], strict=True):
        path = os.path.join(day, os.path.basename(files[-1]))
        pq.write_table(table, path, compression="zstd", compression_level=1, row_group_size=131_072)


if __name__ == "__main__":
    main(*sys.argv[1:])
