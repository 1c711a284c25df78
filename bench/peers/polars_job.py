"""The job in Polars, in its cheapest known form: streaming, the newest of each address by grouping."""

import polars as pl
from options import COLUMNS, S3_KEY, S3_REGION, S3_SECRET, parse

options = parse()
membership = pl.col("segmentMembership").map.get(options.segment)


def at(path):
    first, *rest = path.split(".")
    column = pl.col(first)
    for name in rest:
        column = column.struct.field(name)
    return column


rows = (
    pl.scan_parquet(options.profiles)
    .filter(at("personalEmail.address").is_not_null())
    .select(
        at("person.name.firstName"),
        at("person.name.lastName"),
        at("personalEmail.address").alias("email"),
        at("mobilePhone.number").alias("phone"),
        at("homeAddress.city"),
        at("homeAddress.country"),
        at("loyalty.tier"),
        membership.alias("membership"),
    )
    .with_columns(at("membership.status").alias("status"), at("membership.lastQualificationTime").alias("time"))
    .drop("membership")
    .filter(pl.col("status").is_in(["realized", "existing"]))
)
if options.dedup:
    others = [column for column in COLUMNS if column != "email"]
    newest = pl.struct(others).get(pl.col("time").arg_max()).alias("newest")
    rows = rows.group_by("email").agg(newest).unnest("newest")
arguments = {"compression": "gzip"} if options.gzip else {}
if options.s3:
    arguments["storage_options"] = {
        "aws_endpoint_url": f"http://{options.s3_endpoint}",
        "aws_access_key_id": S3_KEY,
        "aws_secret_access_key": S3_SECRET,
        "aws_region": S3_REGION,
        "aws_allow_http": "true",
    }
rows.select(COLUMNS).sink_csv(options.destination, engine="streaming", **arguments)
