"""How many messages queues have, for operators: a port, and the implementation on SQS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """About how many messages wait, are being handled, and are delayed until later."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.visible + self.in_flight + self.delayed


class QueueCounter(Protocol):
    """Counts the messages of the queues of one installation."""

    def count(self, name: str) -> QueueCounts:
        """Those of the queue with that short name; SQS's counts lag by seconds."""


class SqsQueueCounter:
    """The queues ``<prefix>-<name>`` in SQS."""

    def __init__(self, client: SQSClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._urls: dict[str, str] = {}

    def count(self, name: str) -> QueueCounts:
        url = self._urls.get(name)
        if url is None:
            url = self._client.get_queue_url(QueueName=f"{self._prefix}-{name}")["QueueUrl"]
            self._urls[name] = url
        found = self._client.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )["Attributes"]
        return QueueCounts(
            int(found["ApproximateNumberOfMessages"]),
            int(found["ApproximateNumberOfMessagesNotVisible"]),
            int(found["ApproximateNumberOfMessagesDelayed"]),
        )
