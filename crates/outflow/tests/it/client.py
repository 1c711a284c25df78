"""Looks at targets through boto3 and asyncssh. usage: client.py COMMAND PARAMETERS [FOLDER | NAME]"""

import asyncio
import hashlib
import json
import os
import sys

import asyncssh
import boto3

command, params = sys.argv[1], json.loads(sys.argv[2])


def s3():
    return boto3.client(
        "s3",
        endpoint_url=params["endpoint"],
        aws_access_key_id=params["key"],
        aws_secret_access_key=params["secret"],
        region_name="us-east-1",
    )


def keep(folder, name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def s3_get(folder):
    client = s3()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=params["bucket"], Prefix=params["prefix"] + "/")
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        body = client.get_object(Bucket=params["bucket"], Key=entry["Key"])["Body"].read()
        keep(folder, entry["Key"][len(params["prefix"]) + 1 :].replace("/", "|"), body)


def s3_put(folder):
    client = s3()
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            # Names hold no slash; the client that reads writes them with a bar.
            client.put_object(Bucket=params["bucket"], Key=params["prefix"] + name.replace("|", "/"), Body=file.read())


def s3_uploads():
    client = s3()
    try:
        listed = client.list_multipart_uploads(Bucket=params["bucket"])
    except client.exceptions.NoSuchUpload:
        # So some servers answer when there are none.
        return
    for upload in listed.get("Uploads", []):
        if upload["Key"].startswith(params["prefix"] + "/"):
            print(upload["Key"])


def s3_corrupt(name):
    client = s3()
    key = params["prefix"] + "/" + name
    data = bytearray(client.get_object(Bucket=params["bucket"], Key=key)["Body"].read())
    data[len(data) // 2] ^= 1
    client.put_object(Bucket=params["bucket"], Key=key, Body=bytes(data))


def s3_sums():
    client = s3()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=params["bucket"], Prefix=params["prefix"] + "/")
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        body = client.get_object(Bucket=params["bucket"], Key=entry["Key"])["Body"].read()
        print(hashlib.sha256(body).hexdigest(), entry["Key"][len(params["prefix"]) + 1 :])


async def sftp_get(folder):
    known = asyncssh.import_known_hosts(f"[{params['host']}]:{params['port']} {params['hostKey']}\n")
    async with asyncssh.connect(
        params["host"],
        params["port"],
        username=params["user"],
        password=params["password"],
        client_keys=None,
        agent_path=None,
        known_hosts=known,
        server_host_key_algs=["ssh-ed25519"],
    ) as connection, connection.start_sftp_client() as sftp:
        for name in await sftp.listdir(params["path"]):
            if name not in (".", ".."):
                async with sftp.open(params["path"] + "/" + name, "rb") as file:
                    keep(folder, name, await file.read())


if command == "s3-get":
    s3_get(sys.argv[3])
elif command == "s3-make":
    s3().create_bucket(Bucket=params["bucket"])
elif command == "s3-put":
    s3_put(sys.argv[3])
elif command == "s3-uploads":
    s3_uploads()
elif command == "s3-sums":
    s3_sums()
elif command == "s3-corrupt":
    s3_corrupt(sys.argv[3])
else:
    asyncio.run(sftp_get(sys.argv[3]))
