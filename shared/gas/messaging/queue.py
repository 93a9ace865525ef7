"""One SQS queue with its dead-letter queue: a port, and the implementation on SQS.

Limits: Amazon SQS developer guide, "Message quotas".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        MessageAttributeValueOutputTypeDef,
        MessageAttributeValueTypeDef,
        MessageTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

MAX_DELAY_SECONDS = 900
"""SQS delays no message for longer; a longer wait is several messages, one after the other."""

MAX_BATCH = 10
"""SQS receives and sends at most so many messages in one call."""

# Attributes count towards the message's size, and a reason may contain a whole exception text.
_MAX_REASON_CHARACTERS = 1_000


class BatchRefused(BotoCoreError):
    """SQS did not send or delete all messages of a batch, only the others."""

    fmt = "SQS refused {count} messages of a batch: {code}"


@dataclass(frozen=True, slots=True)
class History:
    """What became of a message before this copy of it was sent.

    ``failures`` counts deliveries that failed or ended with their process, ``interruptions`` those
    that an orderly stop of the process ended.
    """

    failures: int = 0
    interruptions: int = 0


FRESH = History()
"""Of a message that was not sent before."""


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery of a message; ``receives`` is the number of its deliveries, this one included.

    ``receipt`` identifies the delivery, ``id`` the message. Only dead letters have a ``reason``.
    ``group`` is the id of the user that the message is about: SQS shares a queue fairly
    between groups. ``sent_at`` is when the message was sent to ``queue``.
    """

    id: str
    body: str
    receipt: str
    receives: int
    reason: str | None = None
    group: str | None = None
    queue: str = ""
    sent_at: datetime | None = None
    history: History = FRESH

    @property
    def attempts(self) -> int:
        """The deliveries that count as attempts, over all copies, this one included."""
        return self.history.failures + self.receives


_HISTORY = tuple(field.name for field in fields(History))  # names of message attributes


class Queue(Protocol):
    """At-least-once delivery: what is not deleted comes again after its visibility timeout."""

    def receive(self, limit: int, wait_seconds: int, visibility_seconds: int) -> Sequence[Message]:
        """Up to ``limit`` messages (10 at most), hidden for ``visibility_seconds``.

        Waits up to ``wait_seconds`` for the first one.
        """

    def extend(self, message: Message, seconds: int) -> None:
        """Hide the message for ``seconds`` from now; 0 makes it visible to others at once."""

    def delete(self, message: Message) -> None:
        """Delete the message: it is not delivered again."""

    def delete_all(self, messages: Sequence[Message]) -> None:
        """Delete up to 10 messages. Raises BatchRefused if some may be delivered again."""

    def send(
        self,
        body: str,
        delay_seconds: int = 0,
        group: str | None = None,
        history: History = FRESH,
    ) -> None:
        """Send a message to be delivered after ``delay_seconds``, 900 at most."""

    def send_all(self, bodies: Sequence[str], group: str) -> None:
        """Send up to 10 messages of one group, without delay. Raises BatchRefused."""

    def dead_letter(self, message: Message, reason: str) -> None:
        """Move the message to the dead-letter queue, with ``reason`` as an attribute."""

    def depth(self) -> int:
        """The approximate number of messages in the queue, hidden and delayed ones included."""


class SqsQueue:
    """The SQS queue ``name``; raises QueueDoesNotExist where there is none."""

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
            MessageAttributeNames=["reason", *_HISTORY],
        )
        return [_message(found, self.name) for found in answer.get("Messages", [])]

    def extend(self, message: Message, seconds: int) -> None:
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
        )

    def delete(self, message: Message) -> None:
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    def delete_all(self, messages: Sequence[Message]) -> None:
        if len(messages) == 1:
            self.delete(messages[0])
            return
        answer = self._client.delete_message_batch(
            QueueUrl=self._url,
            Entries=[
                {"Id": str(n), "ReceiptHandle": message.receipt}
                for n, message in enumerate(messages)
            ],
        )
        if failed := answer.get("Failed"):
            raise BatchRefused(count=len(failed), code=failed[0].get("Code", ""))

    def send(
        self,
        body: str,
        delay_seconds: int = 0,
        group: str | None = None,
        history: History = FRESH,
    ) -> None:
        # boto3 refuses None for an optional argument.
        group_argument: Any = {"MessageGroupId": group} if group else {}
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body,
            # An explicit 0 overrides the queue's own delay, which is the grace period.
            DelaySeconds=min(delay_seconds, MAX_DELAY_SECONDS),
            MessageAttributes={
                name: {"DataType": "Number", "StringValue": str(count)}
                for name, count in asdict(history).items()
                if count
            },
            **group_argument,
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
            MessageAttributes=reason_attribute(reason),
        )
        # Deleted last: a crash in between makes a duplicate, the other order loses the message.
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


def reason_attribute(reason: str) -> dict[str, MessageAttributeValueTypeDef]:
    """The reason of a dead letter as a message attribute, which SQS accepts whatever it is."""
    # SQS refuses an empty value, and most control characters.
    kept = "".join(c if c.isprintable() else "?" for c in reason[:_MAX_REASON_CHARACTERS])
    return {"reason": {"DataType": "String", "StringValue": kept or "unknown"}}


def _message(found: MessageTypeDef, queue: str) -> Message:
    attributes = found.get("MessageAttributes", {})
    sent = int(found["Attributes"]["SentTimestamp"]) / 1000  # SQS gives milliseconds
    return Message(
        id=found["MessageId"],
        body=found["Body"],
        receipt=found["ReceiptHandle"],
        receives=int(found["Attributes"]["ApproximateReceiveCount"]),
        reason=attributes["reason"].get("StringValue") if "reason" in attributes else None,
        group=found["Attributes"].get("MessageGroupId"),
        queue=queue,
        sent_at=datetime.fromtimestamp(sent, UTC),
        history=History(**{name: _count(attributes.get(name)) for name in _HISTORY}),
    )


def _count(attribute: MessageAttributeValueOutputTypeDef | None) -> int:
    return int(attribute.get("StringValue", "0")) if attribute else 0
