"""What a call of boto3 saw."""

import botocore.exceptions


def seen(call, *args, **kwargs):
    """Status and code of an answer, or the kind of failure."""
    try:
        return [call(*args, **kwargs)["ResponseMetadata"]["HTTPStatusCode"], "OK"]
    except botocore.exceptions.ClientError as e:
        return [e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"]]
    except (botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError) as e:
        return [0, type(e).__name__]


def message(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
        return None
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Message"]
