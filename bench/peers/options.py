"""What every peer's script is told."""

import argparse
import os


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("profiles", help="Parquet files, as a pattern")
    parser.add_argument("destination", help="a file, or s3://BUCKET/KEY at BENCH_S3_ENDPOINT (HOST:PORT)")
    parser.add_argument("segment")
    parser.add_argument("--dedup", action="store_true", help="keep the newest of each e-mail address")
    parser.add_argument("--gzip", action="store_true")
    options = parser.parse_args()
    options.s3 = options.destination.startswith("s3://")
    options.s3_endpoint = os.environ.get("BENCH_S3_ENDPOINT")
    return options


S3_KEY, S3_SECRET, S3_REGION = "bench", "bench-secret", "us-east-1"
COLUMNS = ["firstName", "lastName", "email", "phone", "city", "country", "tier", "status"]
