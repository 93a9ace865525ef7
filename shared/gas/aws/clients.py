"""The one place that makes boto3 clients: every call has a timeout and bounded retries.

The endpoint comes from ``AWS_ENDPOINT_URL``; no other code knows if it talks to AWS or an emulator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore.config import Config
from botocore.hooks import BaseEventHooks

from gas.aws.backoff import retry_conflict
from gas.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

# Connections of one client. Threads beyond it would open a connection for each call; boto3 has 10.
POOL = 32

# The longest wait for the answer to one copy or part: S3 copies some 50 to 100 MB a second.
_COPY_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a process waits for AWS.

    ``attempts`` is the most times that one call is tried, the first included. A call takes at most
    the sum of both times, times ``attempts``, and the pauses in between. ``read_seconds`` is longer
    than the 20 s of a long poll.
    """

    connect_seconds: float = 3
    read_seconds: float = 30
    attempts: int = 4


class Aws:
    """Makes the clients of one process, at start and in one thread: only clients are thread-safe.

    ``attempts`` and ``read_seconds`` of a client replace those of ``patience``.
    """

    def __init__(self, settings: Settings, patience: Patience = Patience()) -> None:
        self._settings = settings
        self._patience = patience
        self._session = boto3.session.Session(region_name=settings.region)

    @property
    def events(self) -> BaseEventHooks:
        """Botocore event hooks; every client made from then on calls what is registered here."""
        return self._session.events

    def s3(
        self,
        *,
        endpoint_url: str | None = None,
        attempts: int | None = None,
        read_seconds: float | None = None,
    ) -> S3Client:
        config = self._config(attempts).merge(Config(signature_version="s3v4"))
        if read_seconds:
            config = config.merge(Config(read_timeout=read_seconds))
        return self._session.client(
            "s3", endpoint_url=endpoint_url or self._settings.endpoint_url, config=config
        )

    def s3_for_copies(self) -> S3Client:
        """A client whose requests are answered only when S3 has copied many bytes."""
        return self.s3(read_seconds=_COPY_SECONDS)

    def dynamodb(self) -> DynamoDBClient:
        client = self._session.client(
            "dynamodb", endpoint_url=self._settings.endpoint_url, config=self._config()
        )
        # The stubs know no answers of handlers; botocore waits as long as this one says.
        handler: Any = retry_conflict
        client.meta.events.register("needs-retry.dynamodb", handler)
        return client

    def sqs(self) -> SQSClient:
        return self._session.client(
            "sqs", endpoint_url=self._settings.endpoint_url, config=self._config()
        )

    def sns(self) -> SNSClient:
        return self._session.client(
            "sns", endpoint_url=self._settings.endpoint_url, config=self._config()
        )

    def ses(self) -> SESClient:
        return self._session.client(
            "ses", endpoint_url=self._settings.endpoint_url, config=self._config()
        )

    def states(self) -> Any:
        # Its type is that of its only user: gas.messaging.executions.
        return self._session.client(
            "stepfunctions", endpoint_url=self._settings.endpoint_url, config=self._config()
        )

    def glacier(self, *, attempts: int | None = None) -> GlacierClient:
        # No endpoint from the settings: AWS_ENDPOINT_URL_GLACIER names that of an emulator.
        return self._session.client("glacier", config=self._config(attempts))

    def cloudformation(self) -> CloudFormationClient:
        return self._session.client(
            "cloudformation", endpoint_url=self._settings.endpoint_url, config=self._config()
        )

    def _config(self, attempts: int | None = None) -> Config:
        # An emulator has no DNS names for buckets; AWS prefers them.
        style: Literal["path", "virtual"] = "path" if self._settings.endpoint_url else "virtual"
        return Config(
            connect_timeout=self._patience.connect_seconds,
            read_timeout=self._patience.read_seconds,
            max_pool_connections=POOL,
            retries={"mode": "standard", "total_max_attempts": attempts or self._patience.attempts},
            s3={"addressing_style": style},
        )
