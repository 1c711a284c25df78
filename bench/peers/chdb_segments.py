"""Segments in chDB, in their cheapest known form: memberships as bits of integers, joined by profile id."""

import chdb
from segments_options import parse, sql

options = parse()


def word(bits):
    return " + ".join(f"if({sql(tree)}, toInt64({1 << bit}), toInt64(0))" for bit, tree in bits)


columns = ", ".join(f"{word(bits)} AS w{number}" for number, bits in enumerate(options.words))
query = f"""
    SELECT id, {columns} FROM (
        SELECT assumeNotNull(profileId) AS id, homeAddress.country AS country, loyalty.tier AS tier,
            person.gender AS gender, consents.marketing.email.val AS consent, lifetimeValue AS spent,
            loyalty.points AS points, toUnixTimestamp64Milli(lastPurchaseDate) AS purchase,
            toInt32(person.birthDate) AS birth
        FROM file('{options.profiles}', Parquet)
    )
"""
if options.previous:

    def compared(number):
        now, before = f"now.w{number}", f"before.w{number}"
        return (
            f"{now} AS w{number}, bitAnd({now}, bitNot({before})) AS e{number}, "
            f"bitAnd({before}, bitNot({now})) AS x{number}"
        )

    compared = ", ".join(compared(number) for number in range(len(options.words)))
    query = f"""
        SELECT if(now.id = '', before.id, now.id) AS id, {compared}
        FROM ({query}) AS now FULL JOIN file('{options.previous}', Parquet) AS before ON now.id = before.id
    """
limits = "max_query_size = 100000000, max_ast_elements = 10000000, max_expanded_ast_elements = 10000000"
settings = f"SETTINGS {limits}, output_format_parquet_compression_method = 'zstd'"
chdb.query(f"{query} INTO OUTFILE '{options.output}' TRUNCATE FORMAT Parquet {settings}")
