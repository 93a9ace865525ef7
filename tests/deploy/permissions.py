"""The IAM permissions that an AWS call needs. Source: the Service Authorization Reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_S3 = {
    "HeadObject": "GetObject",
    "UploadPart": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
}
_S3_LISTS = {
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
}
_SQS = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
_WRITES = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}

Permission = tuple[str, str]
"""An action and the ARN of its resource."""


def needed(operation: str, params: Any, place: str) -> Iterator[Permission]:
    """The permissions for one call (``s3:GetObject``); ``place`` is ``<region>:<account>``."""
    service, _, name = operation.partition(":")
    yield from _BY_SERVICE[service](name, params, place)


def _dynamodb(name: str, params: Any, place: str) -> Iterator[Permission]:
    if name == "TransactWriteItems":
        for item in params["TransactItems"]:
            ((kind, write),) = item.items()
            yield f"dynamodb:{_WRITES[kind]}", _table(write["TableName"], place)
        return
    if name == "BatchGetItem":
        for table in params["RequestItems"]:
            yield f"dynamodb:{name}", _table(table, place)
        return
    index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
    yield f"dynamodb:{name}", _table(params["TableName"], place) + index


def _table(name: str, place: str) -> str:
    return f"arn:aws:dynamodb:{place}:table/{name}"


def _s3(name: str, params: Any, place: str) -> Iterator[Permission]:
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    if name == "CreateBucket":  # botocore builds the form of an upload with it; nothing is sent
        yield "s3:PutObject", f"{bucket}/form"
        return
    if name in _S3_LISTS:
        yield f"s3:{_S3_LISTS[name]}", bucket
        return
    if name == "DeleteObjects":
        for item in params["Delete"]["Objects"]:
            version = "Version" if "VersionId" in item else ""
            yield f"s3:DeleteObject{version}", f"{bucket}/{item['Key']}"
        return
    if name in {"CopyObject", "UploadPartCopy"}:
        source, _, version = str(params["CopySource"]).partition("?versionId=")
        yield f"s3:GetObject{'Version' if version else ''}", f"arn:aws:s3:::{source}"
        yield "s3:PutObject", f"{bucket}/{params['Key']}"
        return
    if name in {"HeadObject", "GetObject"}:
        yield "s3:ListBucket", bucket  # without it a missing key is 403 and not 404
    version = "Version" if name in {"HeadObject", "GetObject"} and "VersionId" in params else ""
    yield f"s3:{_S3.get(name, name)}{version}", f"{bucket}/{params['Key']}"


def _sqs(name: str, params: Any, place: str) -> Iterator[Permission]:
    queue = params.get("QueueName") or params["QueueUrl"].rsplit("/", 1)[-1]
    yield f"sqs:{_SQS.get(name, name)}", f"arn:aws:sqs:{place}:{queue}"


def _sns(name: str, params: Any, place: str) -> Iterator[Permission]:
    yield f"sns:{name}", params["TopicArn"]


def _ses(name: str, params: Any, place: str) -> Iterator[Permission]:
    yield f"ses:{name}", f"arn:aws:ses:{place}:identity/example.org"


def _glacier(name: str, params: Any, place: str) -> Iterator[Permission]:
    yield f"glacier:{name}", f"arn:aws:glacier:{place}:vaults/{params['vaultName']}"


def _states(name: str, params: Any, _: str) -> Iterator[Permission]:
    # A token does not say of which machine it is; test_roles.py has what is done with them.
    if "taskToken" not in params:
        yield f"states:{name}", params.get("stateMachineArn") or params["executionArn"]


_BY_SERVICE = {
    "dynamodb": _dynamodb,
    "s3": _s3,
    "sqs": _sqs,
    "sns": _sns,
    "ses": _ses,
    "glacier": _glacier,
    "stepfunctions": _states,
}
