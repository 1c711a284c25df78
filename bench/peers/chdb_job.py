"""The job in chDB, in its cheapest known form: newest first, then one row of each address."""

import chdb
from options import COLUMNS, S3_KEY, S3_SECRET, parse

options = parse()
query = f"""
    SELECT {", ".join(COLUMNS)} FROM (
        SELECT person.name.firstName AS firstName, person.name.lastName AS lastName, personalEmail.address AS email,
            mobilePhone.number AS phone, homeAddress.city AS city, homeAddress.country AS country,
            loyalty.tier AS tier, segmentMembership['{options.segment}'] AS membership,
            tupleElement(membership, 'status') AS status, tupleElement(membership, 'lastQualificationTime') AS time
        FROM file('{options.profiles}', Parquet)
        WHERE status IN ('realized', 'existing') AND email IS NOT NULL
    )
    {"ORDER BY time DESC LIMIT 1 BY email" if options.dedup else ""}
"""
settings = "SETTINGS format_csv_null_representation = ''"
if options.s3:
    url = f"http://{options.s3_endpoint}/{options.destination.removeprefix('s3://')}"
    target = f"s3('{url}', '{S3_KEY}', '{S3_SECRET}', 'CSVWithNames')"
    chdb.query(f"INSERT INTO FUNCTION {target} {settings}, s3_truncate_on_insert = 1 {query}")
else:
    chdb.query(f"{query} INTO OUTFILE '{options.destination}' TRUNCATE FORMAT CSVWithNames {settings}")
