"""Segments in Polars, in their cheapest known form: streaming, memberships as bits of integers, joined by profile id."""

from functools import reduce

import polars as pl
from segments_options import parse

options = parse()
number_of_words = len(options.words)


def condition(tree):
    if tree[0] == "all":
        return pl.all_horizontal([condition(part) for part in tree[1]])
    if tree[0] == "any":
        return pl.any_horizontal([condition(part) for part in tree[1]])
    field, operator, value = tree
    column = pl.col(field)
    if operator == "in":
        return column.is_in(value) if len(value) > 1 else column == value[0]
    return column > value if operator == ">" else column <= value


def word(bits):
    none = pl.lit(0, pl.Int64)
    each = [pl.when(condition(tree)).then(pl.lit(1 << bit, pl.Int64)).otherwise(none) for bit, tree in bits]
    return reduce(lambda sum, bit: sum + bit, each)


def at(path):
    first, *rest = path.split(".")
    column = pl.col(first)
    for name in rest:
        column = column.struct.field(name)
    return column


now = (
    pl.scan_parquet(options.profiles)
    .select(
        pl.col("profileId").alias("id"),
        at("homeAddress.country").alias("country"),
        at("loyalty.tier").alias("tier"),
        at("person.gender").alias("gender"),
        at("consents.marketing.email.val").alias("consent"),
        pl.col("lifetimeValue").alias("spent"),
        at("loyalty.points").alias("points"),
        pl.col("lastPurchaseDate").to_physical().alias("purchase"),
        at("person.birthDate").to_physical().alias("birth"),
    )
    .select(pl.col("id"), *[word(bits).alias(f"w{number}") for number, bits in enumerate(options.words)])
)
if options.previous:
    before = pl.scan_parquet(options.previous).rename({f"w{number}": f"b{number}" for number in range(number_of_words)})
    columns = []
    for number in range(number_of_words):
        member, was = pl.col(f"w{number}").fill_null(0), pl.col(f"b{number}").fill_null(0)
        columns += [member, (member & ~was).alias(f"e{number}"), (was & ~member).alias(f"x{number}")]
    now = now.join(before, on="id", how="full", coalesce=True).select(pl.col("id"), *columns)
now.sink_parquet(options.output, compression="zstd", engine="streaming")
