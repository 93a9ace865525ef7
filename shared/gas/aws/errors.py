"""What a call to AWS may raise."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

AwsError = (ClientError, BotoCoreError)
"""What a call to AWS may raise: a refusal, or no answer."""


def error_code(error: BaseException) -> str:
    """The AWS error code of a ClientError, or an empty string."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
