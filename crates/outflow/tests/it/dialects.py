"""Random cells in every dialect, read back by Python's csv and by PyArrow.

usage: dialects.py make FOLDER SEED    writes N.parquet for each case; prints the cases as JSON
       dialects.py check FOLDER        compares FOLDER/out/N.csv of each case that can be written with its cells
"""

import csv
import datetime
import itertools
import json
import os
import random
import sys

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

DELIMITERS, QUOTES, ESCAPES = [",", "\t", "|", ";", ":"], ['"', "'", ""], ["", "\\", "'"]
NULLS, EMPTIES, LINE_ENDINGS = ["", "NULL", "\\N"], ['""', "", "EMPTY"], ["lf", "crlf"]
PIECES = ["a", "é", "😀", ",", ";", "\t", ":", "|", '"', "'", "\\", "\n", "\r", " ", "NULL", "\\N", "EMPTY", '""', "=1+1"]
ROWS = 30
COLUMNS = ["id", "s", "t", "at"]
EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def dialects():
    for number, dialect in enumerate(itertools.product(DELIMITERS, QUOTES, ESCAPES, NULLS, EMPTIES, LINE_ENDINGS)):
        delimiter, quote, escape, null, empty, line_ending = dialect
        # An escape that is the quote is no other way to write; to a reader of the escape, \N is an N.
        if escape and (escape == quote or escape in null):
            continue
        # Of the rarer marks every fifth dialect is enough.
        if not (delimiter in ";:" or escape == "'") or number % 5 == 0:
            yield dict(delimiter=delimiter, quote=quote, escape=escape, null=null, empty=empty, lineEnding=line_ending)


def cell(chance):
    if chance.random() < 0.15:
        return None
    return "".join(chance.choices(PIECES, k=chance.randrange(5)))


def instant(chance):
    seconds = chance.randrange(10**7)
    return None if chance.random() < 0.3 else (EPOCH + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_representable(text, dialect):
    """By RFC 4180 anything can be in quotes. Without, nothing tells a value from the same text that means a null or an
    empty string, and with no escape either, what ends a cell cannot be in one."""
    if dialect["quote"] or not text:
        return True
    if text in (dialect["null"], dialect["empty"]):
        return False
    return bool(dialect["escape"]) or not any(c in text for c in dialect["delimiter"] + "\r\n")


def make(folder, seed):
    chance, cases = random.Random(seed), []
    for number, dialect in enumerate(dialects()):
        # A file of one column has empty lines.
        columns = COLUMNS if number % 6 else ["s"]
        cells = [[cell(chance), cell(chance), instant(chance)] for _ in range(ROWS)]
        good = [row for row in cells if all(is_representable(text, dialect) for text in row)]
        bad = [row for row in cells if row not in good]
        write(folder, cases, dialect, columns, good, False)
        if bad:
            # One such row among others, anywhere.
            write(folder, cases, dialect, COLUMNS, good[:9] + [chance.choice(bad)] + good[9:], True)
    with open(os.path.join(folder, "cases.json"), "w") as file:
        json.dump(cases, file)
    print(json.dumps([{key: case[key] for key in ("dialect", "columns", "fails")} for case in cases]))


def write(folder, cases, dialect, columns, rows, fails):
    times = [at and datetime.datetime.fromisoformat(at.replace("Z", "+00:00")) for _, _, at in rows]
    table = pa.table(
        {
            "id": pa.array(range(len(rows)), pa.int64()),
            "s": pa.array([row[0] for row in rows], pa.string()),
            "t": pa.array([row[1] for row in rows], pa.string()),
            "at": pa.array(times, pa.timestamp("us", "UTC")),
        }
    )
    # The dictionary of one column and the plain text of the other take different ways.
    pa.parquet.write_table(table, os.path.join(folder, f"{len(cases)}.parquet"), use_dictionary=["s"])
    rows = [dict(zip(COLUMNS, [str(i), *row])) for i, row in enumerate(rows)]
    cases.append(dict(dialect=dialect, columns=columns, fails=fails, rows=[[row[name] for name in columns] for row in rows]))


def check(folder):
    with open(os.path.join(folder, "cases.json")) as file:
        cases = json.load(file)
    read = 0
    for number, case in enumerate(cases):
        if case["fails"]:
            continue
        path, dialect, columns = os.path.join(folder, "out", f"{number}.csv"), case["dialect"], case["columns"]
        wanted = [[as_text(text, dialect) for text in row] for row in case["rows"]]
        agree(number, dialect, "csv", by_csv(path, dialect, columns), wanted)
        agree(number, dialect, "PyArrow", by_pyarrow(path, dialect, columns, False), wanted)
        nulls = [[with_nulls(text, dialect) for text in row] for row in case["rows"]]
        agree(number, dialect, "PyArrow with nulls", by_pyarrow(path, dialect, columns, True), nulls)
        with open(path, "rb") as file:
            text = file.read()
        assert text.endswith(b"\r\n" if dialect["lineEnding"] == "crlf" else b"\n"), f"{number} {dialect}"
        read += 1
    print(read)


def agree(number, dialect, reader, found, wanted):
    assert len(found) == len(wanted), f"{reader} finds {len(found)} rows of {len(wanted)}: {number} {dialect}"
    for row, (a, b) in enumerate(zip(found, wanted)):
        assert a == b, f"{reader} reads {a} where {b} was written: {number} {dialect}, row {row}"


def empty_text(dialect):
    """What the text of an empty string is to a reader: two of its quotes are nothing."""
    return "" if dialect["empty"] == dialect["quote"] * 2 else dialect["empty"]


def as_text(text, dialect):
    if text is None:
        return dialect["null"]
    return text if text else empty_text(dialect)


def with_nulls(text, dialect):
    """None where a reader that knows the null text finds a null, and nowhere else unless one text was chosen for both."""
    if text is None:
        return None
    if text == "":
        return None if dialect["empty"] == dialect["null"] else empty_text(dialect)
    return text


def by_csv(path, dialect, columns):
    options = dict(
        delimiter=dialect["delimiter"],
        escapechar=dialect["escape"] or None,
        doublequote=not dialect["escape"],
        strict=True,
    )
    if dialect["quote"]:
        options["quotechar"] = dialect["quote"]
    else:
        options["quoting"] = csv.QUOTE_NONE
        options["quotechar"] = None
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file, **options)
    assert header == columns, header
    return [row or [""] for row in rows]


def by_pyarrow(path, dialect, columns, nulls):
    table = pa.csv.read_csv(
        path,
        parse_options=pa.csv.ParseOptions(
            delimiter=dialect["delimiter"],
            quote_char=dialect["quote"] or False,
            double_quote=not dialect["escape"],
            escape_char=dialect["escape"] or False,
            newlines_in_values=True,
            ignore_empty_lines=False,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in columns},
            null_values=[dialect["null"]] if nulls else [],
            strings_can_be_null=nulls,
            quoted_strings_can_be_null=False,
        ),
    )
    return [list(row) for row in zip(*(table[name].to_pylist() for name in columns))]


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    check(sys.argv[2])
