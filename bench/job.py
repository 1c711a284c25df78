"""The batch job: what is asked of every contender, and how each is asked.

One segment of a profile lake goes to CSV: eight columns, members with an e-mail address only, and with deduplication the
most recently qualified profile of each address.
"""

import os
from dataclasses import dataclass, field

SEGMENT = "81af1551-73f2-4d65-ae0d-a77e94212419"
EMAIL = "personalEmail.address"
MEMBERSHIP = f"segmentMembership.`{SEGMENT}`"
FIELDS = {
    "firstName": "person.name.firstName",
    "lastName": "person.name.lastName",
    "email": EMAIL,
    "phone": "mobilePhone.number",
    "city": "homeAddress.city",
    "country": "homeAddress.country",
    "tier": "loyalty.tier",
    "status": f"{MEMBERSHIP}.status",
}

BENCH = os.path.dirname(os.path.abspath(__file__))
DEV = os.path.join(os.path.dirname(BENCH), ".outflow-dev")
PEERS = ["duckdb", "polars", "chdb"]
RSS_MIB_MAX = 256


@dataclass(frozen=True)
class Job:
    """One way to run the job, and what is wanted of the product: ratios to the best peer of the same run."""

    name: str
    title: str
    cpu_max: float
    wall_max: float | None = None
    dedup: bool = True
    gzip: bool = False
    s3: bool = False
    rss_mib_max: int = RSS_MIB_MAX

    @property
    def file_name(self):
        return "out.csv.gz" if self.gzip else "out.csv"


JOBS = [
    Job("dedup", "deduplicated, CSV to a folder", cpu_max=0.50, wall_max=0.50),
    Job("nodedup", "every member, CSV to a folder", cpu_max=0.60, wall_max=0.60, dedup=False),
    Job("gzip", "deduplicated, gzip CSV to a folder", cpu_max=0.70, wall_max=0.70, gzip=True),
    Job("s3", "deduplicated, CSV to S3 (client only)", cpu_max=0.55, s3=True),
]


@dataclass
class Contender:
    """A command that does the job."""

    name: str
    command: list
    environment: dict = field(default_factory=dict)


def outflow(binary, job, profiles, destination, s3_endpoint=None):
    """The product. `destination` is a folder, or for S3 `BUCKET/PREFIX`."""
    fields = ",".join(f"{path}:{header}" for header, path in FIELDS.items())
    command = [binary, "export", "--profiles", f"{profiles}/*.parquet"]
    command += ["--where", f'{MEMBERSHIP}.status in ["realized", "existing"]', "--fields", fields, "--require", EMAIL]
    if job.dedup:
        command += ["--dedup", EMAIL, "--newest-by", f"{MEMBERSHIP}.lastQualificationTime"]
    if job.gzip:
        command += ["--compression", "gzip"]
    command += ["--to", f"s3://{destination}" if job.s3 else f"file://{destination}", "--name", "out.csv"]
    return Contender("outflow", command, s3_environment(s3_endpoint) if job.s3 else {})


def peer(name, job, profiles, destination, s3_endpoint=None):
    """One of `PEERS`."""
    venv = "venv-bench-s3" if name == "duckdb" and job.s3 else "venv-bench"
    script = os.path.join(BENCH, "peers", f"{name}_job.py")
    url = f"s3://{destination}/{job.file_name}" if job.s3 else f"{destination}/{job.file_name}"
    command = [os.path.join(DEV, venv, "bin", "python"), script, f"{profiles}/*.parquet", url, SEGMENT]
    command += ["--dedup"] if job.dedup else []
    command += ["--gzip"] if job.gzip else []
    environment = {**s3_environment(s3_endpoint), "BENCH_S3_ENDPOINT": s3_endpoint} if job.s3 else {}
    return Contender(name, command, environment)


def s3_environment(endpoint):
    return {
        "AWS_ENDPOINT_URL": f"http://{endpoint}",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench-secret",
        "AWS_REGION": "us-east-1",
    }
