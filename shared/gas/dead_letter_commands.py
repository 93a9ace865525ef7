"""What ``python -m gas dlq …`` prints, and which queues it looks at."""

from __future__ import annotations

import argparse
import sys

from gas.messaging.dead_letters import DEAD_LETTER_QUEUES
from gas.messaging.queue import Message

_BEGIN_CHARACTERS = 200  # of a body in a list


def summary(queue: str, message: Message) -> dict[str, str]:
    """A dead letter of that queue, as JSON types; ``begins`` is the beginning of its body."""
    return {
        "queue": queue,
        "id": message.id,
        # SQS itself moves a message without a reason, after ``maxReceiveCount`` deliveries.
        "reason": message.reason
        or "moved by SQS: no delivery ended, or its process died each time",
        "begins": message.body[:_BEGIN_CHARACTERS],
    }


def no_such_message(arguments: argparse.Namespace) -> int:
    """Say that there is no such message; the exit status."""
    print(
        f"no message {arguments.message_id} in the dead-letter queue of {arguments.queue}",
        file=sys.stderr,
    )
    return 1


def chosen(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The queue that was named, or all of them."""
    return (arguments.queue,) if arguments.queue else DEAD_LETTER_QUEUES
