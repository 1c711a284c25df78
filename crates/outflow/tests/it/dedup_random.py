"""Random profiles with many ties, and who of them should stay. usage: dedup_random.py make FILE SEED | check FILE OUT KEY"""

import csv
import json
import random
import sys

import pyarrow as pa
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("a", pa.string()),
        ("b", pa.int32()),
        ("number", pa.float64()),
        ("word", pa.string()),
        ("time", pa.timestamp("ms", "UTC")),
        ("identityMap", pa.map_(pa.string(), pa.list_(pa.struct([("id", pa.string())])))),
        ("filler", pa.string()),
    ]
)


def make(file, seed):
    r = random.Random(seed)
    rows = []
    for n in range(30_000):
        ids = [{"id": f"n{r.randrange(20_000)}" if r.random() > 0.05 else None} for _ in range(r.choice([0, 1, 1, 1, 2]))]
        namespaces = [("Other", [{"id": "same for all"}])] + ([("Email", ids)] if ids or r.random() < 0.5 else [])
        rows.append(
            {
                "id": n,
                "a": r.choice([None, "", "é", "Z", "z"] + [f"k{r.randrange(3000)}"] * 40),
                "b": r.choice([None, 0, -1, r.randrange(50)]),
                "number": r.choice([None, -2.5, 10.0, 9.0, 1e300, -0.5, r.random()]),
                "word": r.choice([None, "", " ", "a", "B", "b", "\U0001f600", "\uffee", "a,b", "a\nb"]),
                "time": r.choice([None, 0, -1, 1, r.randrange(10)]),
                "identityMap": namespaces,
                "filler": "%030x" % r.getrandbits(120) * 8,
            }
        )
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), file, row_group_size=1000)


def tie(row):
    """The other selected scalar columns in mapping order: number, word, id."""
    number, word = row["number"], row["word"]
    return (
        (0, 0.0) if number is None else (1, number),
        (0, b"") if word is None else (1, word.encode("utf-8")),
        row["id"],
    )


def newest(rows):
    time = lambda row: -(1 << 62) if row["time"] is None else row["time"].timestamp()
    last = max(map(time, rows))
    return min((row for row in rows if time(row) == last), key=tie)


def by_key(rows, names):
    groups, kept = {}, []
    for row in rows:
        key = tuple(row[name] for name in names)
        if None in key:
            kept.append(row)
        else:
            groups.setdefault(key, []).append(row)
    kept += [newest(group) for group in groups.values()]
    return [[row] for row in sorted(kept, key=lambda row: row["id"])]


def by_namespace(rows):
    parent, owner = list(range(len(rows))), {}

    def root(n):
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    own = []
    for n, row in enumerate(rows):
        ids = [i["id"] for i in row["identityMap"].get("Email") or [] if i["id"] is not None]
        own.append(list(dict.fromkeys(ids)))
        for i in ids:
            parent[root(n)] = root(owner.setdefault(i, n))
    groups = {}
    for n, row in enumerate(rows):
        groups.setdefault(root(n), []).append(row)
    kept = sorted((newest(group) for group in groups.values()), key=lambda row: row["id"])
    return [[row, i] for row in kept for i in own[row["id"]] or [None]]


def cell(value):
    return "" if value is None else value


def check(file, out, key):
    rows = pq.read_table(file).to_pylist(maps_as_pydicts="strict")
    wanted = by_namespace(rows) if key == "Email" else by_key(rows, key.split(","))
    found = list(csv.reader(open(out, encoding="utf-8", newline="")))
    header, found = found[0], found[1:]
    assert header == (["Email"] if key == "Email" else []) + ["number", "word", "id", "filler"], header
    assert len(found) == len(wanted), f"{len(found)} rows, expected {len(wanted)}"
    for f, w in zip(found, wanted):
        row = w[0]
        numbers = f[-4]
        assert (None if numbers == "" else float(numbers)) == row["number"], (f, row)
        assert f[-3:] == [cell(row["word"]), str(row["id"]), row["filler"]], (f, row)
        assert key != "Email" or f[0] == cell(w[1]), (f, w)
    print(len({w[0]["id"] for w in wanted}))


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    check(*sys.argv[2:])
