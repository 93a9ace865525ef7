"""The exceptions of boto3, and their codes."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

AwsError = (ClientError, BotoCoreError)
"""For ``except``: AWS refused the call (ClientError), or did not answer (BotoCoreError)."""


def error_code(error: BaseException) -> str:
    """The AWS error code of a ClientError, or an empty string."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
