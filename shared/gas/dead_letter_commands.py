"""What ``python -m gas dlq …`` prints, and which queues it looks at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from gas.messaging.dead_letters import DEAD_LETTER_QUEUES, DeadLetters
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


def redrive(
    arguments: argparse.Namespace,
    letters_of: Callable[[str], DeadLetters],
    before: Callable[[Message], None],
) -> int:
    """Send letters back and print how many; exit status 1 if one had to stay, or is not there."""
    moved, stayed = 0, []

    def left(message: Message, reason: str) -> None:
        stayed.append(message.id)
        print(f"{message.id} stays: {reason}", file=sys.stderr)

    for name in chosen(arguments):
        count = letters_of(name).redrive(arguments.message_id, before, left=left)
        print(f"{name}: {count} sent back")
        moved += count
    if stayed:
        return 1
    return 0 if moved or not arguments.message_id else no_such_message(arguments)


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
