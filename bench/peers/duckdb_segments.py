"""Segments in DuckDB, in their cheapest known form: memberships as bits of integers, joined by profile id."""

import duckdb
from segments_options import parse, sql

options = parse()
connection = duckdb.connect()
connection.execute("SET preserve_insertion_order = false")


def word(bits):
    return " + ".join(f"CASE WHEN {sql(tree)} THEN {1 << bit} ELSE 0 END::BIGINT" for bit, tree in bits)


columns = ", ".join(f"{word(bits)} AS w{number}" for number, bits in enumerate(options.words))
query = f"""
    SELECT id, {columns} FROM (
        SELECT profileId AS id, homeAddress.country AS country, loyalty.tier AS tier, person.gender AS gender,
            consents.marketing.email.val AS consent, lifetimeValue AS spent, loyalty.points AS points,
            epoch_ms(lastPurchaseDate) AS purchase, person.birthDate - DATE '1970-01-01' AS birth
        FROM read_parquet('{options.profiles}')
    )
"""
if options.previous:

    def compared(number):
        now, before = f"coalesce(now.w{number}, 0)", f"coalesce(before.w{number}, 0)"
        return f"{now} AS w{number}, {now} & ~{before} AS e{number}, {before} & ~{now} AS x{number}"

    compared = ", ".join(compared(number) for number in range(len(options.words)))
    query = f"""
        SELECT coalesce(now.id, before.id) AS id, {compared}
        FROM ({query}) AS now FULL JOIN read_parquet('{options.previous}') AS before ON now.id = before.id
    """
connection.execute(f"COPY ({query}) TO '{options.output}' (FORMAT parquet, COMPRESSION zstd)")
