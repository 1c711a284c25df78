"""Random cells in every dialect, read back by Python's csv and by PyArrow.

usage: dialects.py make FOLDER SEED    writes N.parquet for each case; prints the cases as JSON
       dialects.py check FOLDER        compares FOLDER/out/N.csv of each case that can be written with its cells
"""

import csv
import itertools
import json
import os
import random
import sys

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

DELIMITERS, QUOTES, ESCAPES = [",", "\t", "|"], ['"', "'", ""], ["", "\\"]
NULLS, EMPTIES, LINE_ENDINGS = ["", "NULL", "\\N"], ['""', "", "EMPTY"], ["lf", "crlf"]
PIECES = ["a", "é", "😀", ",", ";", "\t", "|", '"', "'", "\\", "\n", "\r", " ", "NULL", "\\N", "EMPTY", '""', "=1+1"]
ROWS = 30


def dialects():
    for dialect in itertools.product(DELIMITERS, QUOTES, ESCAPES, NULLS, EMPTIES, LINE_ENDINGS):
        delimiter, quote, escape, null, empty, line_ending = dialect
        # To a reader of that escape, \N is an N.
        if not (escape and escape in null):
            yield dict(delimiter=delimiter, quote=quote, escape=escape, null=null, empty=empty, lineEnding=line_ending)


def cell(chance):
    if chance.random() < 0.15:
        return None
    return "".join(chance.choices(PIECES, k=chance.randrange(5)))


def is_representable(text, dialect):
    """By RFC 4180 anything can be in quotes; an escape does the same without; with neither, what ends a cell cannot."""
    return bool(dialect["quote"] or dialect["escape"]) or not any(c in (text or "") for c in dialect["delimiter"] + "\r\n")


def make(folder, seed):
    chance, cases = random.Random(seed), []
    for dialect in dialects():
        cells = [[cell(chance), cell(chance)] for _ in range(ROWS)]
        good = [row for row in cells if all(is_representable(text, dialect) for text in row)]
        bad = [row for row in cells if row not in good]
        write(folder, cases, dialect, good, False)
        if bad:
            # One such row among others, anywhere.
            write(folder, cases, dialect, good[:9] + [chance.choice(bad)] + good[9:], True)
    with open(os.path.join(folder, "cases.json"), "w") as file:
        json.dump(cases, file)
    print(json.dumps([{key: case[key] for key in ("dialect", "fails")} for case in cases]))


def write(folder, cases, dialect, rows, fails):
    table = pa.table(
        {
            "id": pa.array(range(len(rows)), pa.int64()),
            "s": pa.array([row[0] for row in rows], pa.string()),
            "t": pa.array([row[1] for row in rows], pa.string()),
        }
    )
    # The dictionary of one column and the plain text of the other take different ways.
    pa.parquet.write_table(table, os.path.join(folder, f"{len(cases)}.parquet"), use_dictionary=["s"])
    cases.append(dict(dialect=dialect, fails=fails, rows=rows))


def check(folder):
    with open(os.path.join(folder, "cases.json")) as file:
        cases = json.load(file)
    read = 0
    for number, case in enumerate(cases):
        if case["fails"]:
            continue
        path, dialect = os.path.join(folder, "out", f"{number}.csv"), case["dialect"]
        wanted = [[str(i), *(as_text(text, dialect) for text in row)] for i, row in enumerate(case["rows"])]
        agree(number, dialect, "csv", by_csv(path, dialect), wanted)
        agree(number, dialect, "PyArrow", by_pyarrow(path, dialect, False), wanted)
        nulls = [[str(i), *(with_nulls(text, dialect) for text in row)] for i, row in enumerate(case["rows"])]
        agree(number, dialect, "PyArrow with nulls", by_pyarrow(path, dialect, True), nulls)
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
    """None where a reader that knows the null text finds a null: also where the dialect cannot tell the two apart."""
    if text is None:
        return None
    if text == "":
        return None if dialect["empty"] == dialect["null"] else empty_text(dialect)
    return None if text == dialect["null"] and not dialect["quote"] else text


def by_csv(path, dialect):
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
    assert header == ["id", "s", "t"], header
    return rows


def by_pyarrow(path, dialect, nulls):
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
            column_types={name: pa.string() for name in ("id", "s", "t")},
            null_values=[dialect["null"]] if nulls else [],
            strings_can_be_null=nulls,
            quoted_strings_can_be_null=False,
        ),
    )
    return [list(row) for row in zip(*(table[name].to_pylist() for name in ("id", "s", "t")))]


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    check(sys.argv[2])
