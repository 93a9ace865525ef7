"""One SQS queue with its dead-letter queue, as the consumer loop needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef, SendMessageBatchRequestEntryTypeDef

MAX_DELAY_SECONDS = 900
MAX_BATCH = 10
_MAX_REASON = 1_000


class BatchRefused(BotoCoreError):
    """The queue did not take all of several messages."""

    fmt = "{count} messages were not taken: {code}"


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery of a message; ``receives`` counts its deliveries, this one included.

    ``group`` is the user that it is about: queues are shared fairly between groups. ``sent_at`` is
    when ``queue`` got it.
    """

    id: str
    body: str
    receipt: str
    receives: int
    reason: str | None = None
    group: str | None = None
    queue: str = ""
    sent_at: datetime | None = None


class Queue(Protocol):
    """At-least-once delivery: what is not deleted comes back after its visibility timeout."""

    def receive(self, limit: int, wait_seconds: int, visibility_seconds: int) -> Sequence[Message]:
        """Up to ``limit`` messages (10 at most); waits for the first up to ``wait_seconds``."""

    def extend(self, message: Message, seconds: int) -> None:
        """Keep the message hidden for ``seconds`` from now; 0 gives it back at once."""

    def delete(self, message: Message) -> None:
        """The message is done with."""

    def send(self, body: str, delay_seconds: int = 0, group: str | None = None) -> None:
        """Put a message in, hidden for ``delay_seconds`` (900 at most)."""

    def send_all(self, bodies: Sequence[str], group: str) -> None:
        """Put messages of one group in, 10 at most, to be received at once. Raises NotTaken."""

    def dead_letter(self, message: Message, reason: str) -> None:
        """Move the message to the dead-letter queue, with the reason as an attribute."""

    def depth(self) -> int:
        """About how many messages are in the queue, hidden and delayed ones included."""


class SqsQueue:
    """The queue ``name``; raises QueueDoesNotExist where there is none yet."""

    def __init__(self, client: SQSClient, name: str) -> None:
        self._client = client
        self.name = name
        self._url = client.get_queue_url(QueueName=name)["QueueUrl"]

    def receive(self, limit: int, wait_seconds: int, visibility_seconds: int) -> list[Message]:
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(limit, MAX_BATCH),
            WaitTimeSeconds=wait_seconds,
            VisibilityTimeout=visibility_seconds,
            MessageSystemAttributeNames=[
                "ApproximateReceiveCount",
                "MessageGroupId",
                "SentTimestamp",
            ],
            MessageAttributeNames=["reason"],
        )
        return [_message(found, self.name) for found in answer.get("Messages", [])]

    def extend(self, message: Message, seconds: int) -> None:
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
        )

    def delete(self, message: Message) -> None:
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    def send(self, body: str, delay_seconds: int = 0, group: str | None = None) -> None:
        fair: Any = {"MessageGroupId": group} if group else {}
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body,
            # An explicit 0 overrides the queue's own delay, which is the grace period.
            DelaySeconds=min(delay_seconds, MAX_DELAY_SECONDS),
            **fair,
        )

    def send_all(self, bodies: Sequence[str], group: str) -> None:
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(n), "MessageBody": body, "DelaySeconds": 0, "MessageGroupId": group}
            for n, body in enumerate(bodies)
        ]
        answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        if failed := answer.get("Failed"):
            raise BatchRefused(count=len(failed), code=failed[0].get("Code", ""))

    def dead_letter(self, message: Message, reason: str) -> None:
        dead_letters = self._client.get_queue_url(QueueName=f"{self.name}-dlq")["QueueUrl"]
        self._client.send_message(
            QueueUrl=dead_letters,
            MessageBody=message.body,
            MessageAttributes={
                "reason": {"DataType": "String", "StringValue": reason[:_MAX_REASON] or "unknown"}
            },
        )
        self.delete(message)

    def depth(self) -> int:
        answer = self._client.get_queue_attributes(
            QueueUrl=self._url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )
        return sum(int(count) for count in answer["Attributes"].values())


def _message(found: MessageTypeDef, queue: str) -> Message:
    attributes = found.get("MessageAttributes", {})
    sent = int(found["Attributes"]["SentTimestamp"]) / 1000
    return Message(
        id=found["MessageId"],
        body=found["Body"],
        receipt=found["ReceiptHandle"],
        receives=int(found["Attributes"]["ApproximateReceiveCount"]),
        reason=attributes["reason"].get("StringValue") if "reason" in attributes else None,
        group=found["Attributes"].get("MessageGroupId"),
        queue=queue,
        sent_at=datetime.fromtimestamp(sent, UTC),
    )
