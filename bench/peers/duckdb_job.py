"""The job in DuckDB, in its cheapest known form: a window over the addresses, order of rows left open."""

import duckdb
from options import S3_KEY, S3_REGION, S3_SECRET, parse

options = parse()
connection = duckdb.connect()
connection.execute("SET preserve_insertion_order = false")
if options.s3:
    from duckdb_extensions import import_extension

    import_extension("httpfs", con=connection)
    connection.execute("LOAD httpfs")
    settings = {
        "s3_endpoint": options.s3_endpoint,
        "s3_url_style": "path",
        "s3_access_key_id": S3_KEY,
        "s3_secret_access_key": S3_SECRET,
        "s3_region": S3_REGION,
    }
    for name, value in settings.items():
        connection.execute(f"SET {name} = '{value}'")
    connection.execute("SET s3_use_ssl = false")

newest = "QUALIFY row_number() OVER (PARTITION BY email ORDER BY membership.lastQualificationTime DESC) = 1"
query = f"""
    SELECT * EXCLUDE membership, membership.status AS status FROM (
        SELECT person.name.firstName AS "firstName", person.name.lastName AS "lastName",
            personalEmail.address AS email, mobilePhone.number AS phone, homeAddress.city AS city,
            homeAddress.country AS country, loyalty.tier AS tier,
            segmentMembership['{options.segment}'] AS membership
        FROM read_parquet('{options.profiles}')
    ) WHERE membership.status IN ('realized', 'existing') AND email IS NOT NULL
    {newest if options.dedup else ""}
"""
compression = "gzip" if options.gzip else "none"
connection.execute(f"COPY ({query}) TO '{options.destination}' (FORMAT csv, HEADER, COMPRESSION {compression})")
