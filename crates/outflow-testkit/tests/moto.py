"""moto's users may do what their names say, by boto3. usage: moto.py PARAMETERS"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

params = json.loads(sys.argv[1])
config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})


def client(key, service="s3", token=None):
    return boto3.client(
        service,
        endpoint_url=params["endpoint"],
        region_name=params["region"],
        aws_access_key_id=key["accessKeyId"],
        aws_secret_access_key=key["secretAccessKey"],
        aws_session_token=token,
        config=config,
    )


def refused(code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"expected {code}")


here = {"Bucket": "exports", "Key": "testkit/a.txt"}
writer = client(params["writer"])
writer.put_object(**here, Body=b"x")
assert writer.get_object(**here)["Body"].read() == b"x"
upload = writer.create_multipart_upload(**here)["UploadId"]
refused("AccessDenied", client(params["noabort"]).abort_multipart_upload, **here, UploadId=upload)
client(params["minimal"]).abort_multipart_upload(**here, UploadId=upload)
refused("AccessDenied", writer.put_object, Bucket="forbidden", Key="a", Body=b"x")
refused("AccessDenied", client(params["minimal"]).list_objects_v2, Bucket="exports")
refused("AccessDenied", client(params["noperms"]).put_object, **here, Body=b"x")
refused("AccessDenied", client(params["noput"]).put_object, **here, Body=b"x")
refused("AccessDenied", client(params["noget"]).get_object, **here)
client(params["noget"]).put_object(**here, Body=b"y")
client(params["noput"]).get_object(**here)
refused("SignatureDoesNotMatch", client({**params["writer"], "secretAccessKey": "wrong"}).put_object, **here, Body=b"x")
refused("InvalidAccessKeyId", client({**params["writer"], "accessKeyId": "AKIAUNKNOWN"}).put_object, **here, Body=b"x")

sts = client(params["assumer"], "sts")
role = {"RoleArn": params["roleArn"], "RoleSessionName": "testkit"}
refused("AccessDenied", sts.assume_role, **role, ExternalId="wrong")
given = sts.assume_role(**role, ExternalId=params["externalId"])["Credentials"]
key = {"accessKeyId": given["AccessKeyId"], "secretAccessKey": given["SecretAccessKey"]}
client(key, token=given["SessionToken"]).put_object(**here, Body=b"z")
refused("AccessDenied", client(params["assumer"]).put_object, **here, Body=b"x")
print("as described")
