"""Compares delivered files, row by row and in order, with what DuckDB selects and PyArrow reads of the profiles.

usage: round_trip.py LAKE FOLDER FORMAT FILE...      FORMAT is csv, tsv, json or parquet; .gz and .zst are decompressed
"""

import base64
import csv
import datetime
import glob
import gzip
import io
import json
import os
import sys

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

lake, folder, kind, names = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
SEGMENT = "81af1551-73f2-4d65-ae0d-a77e94212419"
HEADER = [
    "profileId",
    "person_name_firstName",
    "last name",
    "person_birthDate",
    "email",
    "identityMap_Email_0_id",
    f"segmentMembership_{SEGMENT}_status",
    "homeAddress_city",
    "loyalty_points",
    "lifetimeValue",
    "lastPurchaseDate",
    "identityMap_ECID_1_primary",
]
SELECTION = f"""
    select profileId from read_parquet($lake, file_row_number = true, filename = true)
    where loyalty.points > 50000
      and (segmentMembership['{SEGMENT}'].status in ('realized', 'existing') or homeAddress.country = 'US')
      and not (person.gender = 'male')
    order by filename, file_row_number
"""


def expected():
    files = sorted(glob.glob(os.path.join(lake, "*.parquet")))
    selected = [row[0] for row in duckdb.execute(SELECTION, {"lake": files}).fetchall()]
    profiles = {p["profileId"]: p for file in files for p in pq.read_table(file).to_pylist(maps_as_pydicts="strict")}
    return [row(profiles[profile_id]) for profile_id in selected]


def row(p):
    def at(value, *steps):
        for step in steps:
            if value is None:
                return None
            if isinstance(value, list):
                value = value[step] if step < len(value) else None
            else:
                value = value.get(step)
        return value

    return [
        at(p, "profileId"),
        at(p, "person", "name", "firstName"),
        at(p, "person", "name", "lastName"),
        at(p, "person", "birthDate"),
        at(p, "personalEmail", "address"),
        at(p, "identityMap", "Email", 0, "id"),
        at(p, "segmentMembership", SEGMENT, "status"),
        at(p, "homeAddress", "city"),
        at(p, "loyalty", "points"),
        at(p, "lifetimeValue"),
        at(p, "lastPurchaseDate"),
        at(p, "identityMap", "ECID", 1, "primary"),
    ]


def text(value):
    """The text of a value in CSV; floats stay what they are, for their shortest text is not everybody's."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return (value.isoformat().rstrip("0") if value.microsecond else value.isoformat()) + "Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return value


def content(name):
    data = open(os.path.join(folder, name), "rb").read()
    if name.endswith(".gz"):
        return gzip.decompress(data)
    if name.endswith(".zst"):
        return pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()
    return data


def cells(data, delimiter):
    """A strict reader of RFC 4180 that tells nothing (null) from two quotes (empty); lines end in LF alone."""
    rows, row, at, source = [], [], 0, data.decode("utf-8")
    while at < len(source):
        if source[at] == '"':
            value = ""
            while True:
                end = source.index('"', at + 1)
                value += source[at + 1 : end]
                at = end + 1
                if source[at] != '"':
                    break
                value += '"'
            row.append(value)
        else:
            end = at
            while source[end] not in (delimiter, "\n"):
                assert source[end] not in '"\r', f"a bare {source[end]!r} at {end}"
                end += 1
            row.append(source[at:end] or None)
            at = end
        if source[at] == "\n":
            rows.append(row)
            row = []
        else:
            assert source[at] == delimiter, f"{source[at]!r} after a value at {at}"
            if source[at + 1] == "\n":
                row.append(None)
                at += 1
                rows.append(row)
                row = []
        at += 1
    assert row == [], "the last line has no end"
    return rows


def same(found, wanted, where):
    assert len(found) == len(wanted), f"{len(found)} rows, expected {len(wanted)}"
    for number, (a, b) in enumerate(zip(found, wanted)):
        assert a == b, f"{where}: row {number}:\n  {a!r}\n  {b!r}"


def delimited(delimiter, wanted):
    wanted = [[text(value) for value in row] for row in wanted]
    floats = HEADER.index("lifetimeValue")

    def normal(row):
        """The float as a number, and its text no longer than Python's shortest."""
        if row[floats] is not None and isinstance(row[floats], str):
            number = float(row[floats])
            assert len(row[floats]) <= len(repr(number)), row[floats]
            row[floats] = number
        return row

    whole, own, module, duck, arrow = [], [], [], [], []
    for name in names:
        data = content(name)
        assert not data.startswith(b"\xef\xbb\xbf")
        rows = cells(data, delimiter)
        assert rows[0] == HEADER, rows[0]
        own += [normal(r) for r in rows[1:]]
        module += list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=delimiter))[1:]
        plain = os.path.join(folder, "plain")
        open(plain, "wb").write(data)
        duck += duckdb.execute(
            "select * from read_csv($f, header = true, all_varchar = true, delim = $d, quote = '\"', escape = '\"', "
            "nullstr = '', allow_quoted_nulls = false, new_line = '\\n', parallel = false, sample_size = -1, "
            "auto_detect = false, columns = $c)",
            {"f": plain, "d": delimiter, "c": {h: "VARCHAR" for h in HEADER}},
        ).fetchall()
        table = pyarrow.csv.read_csv(
            plain,
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={h: pa.string() for h in HEADER},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        arrow += [list(r.values()) for r in table.to_pylist()]
        os.remove(plain)
    same(own, wanted, "strict reader")
    without_null = [["" if v is None else v for v in row] for row in wanted]
    same([normal([None if i == floats and v == "" else v for i, v in enumerate(r)]) for r in module],
         [[v if i != floats else wanted[n][i] for i, v in enumerate(row)] for n, row in enumerate(without_null)],
         "csv module")
    same([normal(list(r)) for r in duck], wanted, "DuckDB")
    same([normal(r) for r in arrow], wanted, "PyArrow")


def lines(wanted):
    found = []
    for name in names:
        data = content(name).decode("utf-8")
        assert data.endswith("\n") or data == ""
        for line in data.split("\n")[:-1]:
            pairs = json.loads(line, object_pairs_hook=list)
            assert [key for key, _ in pairs] == HEADER
            found.append([value for _, value in pairs])
    as_json = lambda v: v if v is None or isinstance(v, (bool, int, float)) else text(v)
    same(found, [[as_json(v) for v in row] for row in wanted], "NDJSON")


def parquet(wanted):
    found = []
    for name in names:
        table = pq.read_table(os.path.join(folder, name))
        assert table.column_names == HEADER
        types = {
            "person_birthDate": pa.date32(),
            "loyalty_points": pa.int32(),
            "lifetimeValue": pa.float64(),
            "lastPurchaseDate": pa.timestamp("ms", "UTC"),
            "identityMap_ECID_1_primary": pa.bool_(),
        }
        for column, kind_of in types.items():
            assert table.schema.field(column).type == kind_of, table.schema.field(column)
        found += [list(r.values()) for r in table.to_pylist()]
    same(found, wanted, "Parquet")


wanted = expected()
strings = [v for r in wanted for v in r if isinstance(v, str)]
# Otherwise the comparison would prove little.
assert len(wanted) > 1000, len(wanted)
assert "" in strings and any("\n" in s for s in strings) and any('"' in s for s in strings), "too tame"
assert any("\r" in s for s in strings) and any("\t" in s for s in strings) and any("," in s for s in strings)
assert all(any(r[c] is None for r in wanted) for c in (4, 5, 6, 11)), "too full"
if kind in ("csv", "tsv"):
    delimited("," if kind == "csv" else "\t", wanted)
elif kind == "json":
    lines(wanted)
else:
    parquet(wanted)
print(len(wanted))
