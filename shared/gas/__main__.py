"""The operator's command line: ``python -m gas COMMAND``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

from gas.aws.clients import Aws
from gas.aws.errors import AwsError
from gas.eventstore.projections import ProjectionTables
from gas.eventstore.rebuild import rebuild, verify
from gas.messaging.dead_letters import MOST, QUEUES, DeadLetters, reopen
from gas.messaging.queue import Message
from gas.runtime.repositories import job_repository, write_context_for
from gas.settings import Settings, load

_SHOWN = 100
_WORDS = 200


class Operator:
    """The commands, on one installation."""

    def __init__(self, settings: Settings) -> None:
        aws = Aws(settings)
        dynamodb = aws.dynamodb()
        self._settings = settings
        self._sqs = aws.sqs()
        write_context = write_context_for("operator", settings, aws)
        self._log = write_context.log
        self._jobs = job_repository(write_context)
        self._tables = ProjectionTables(dynamodb, settings.prefix)

    def rebuild(self, _: argparse.Namespace) -> int:
        """Write the projections anew from the event log."""
        written, dropped = rebuild(self._log, self._tables)
        print(f"{written} rows written, {dropped} rows without events dropped")
        return 0

    def verify(self, _: argparse.Namespace) -> int:
        """Compare the projections with the event log."""
        count = 0
        for difference in verify(self._log, self._tables):
            print(f"{difference.stream}: {difference.what}")
            count += 1
        print(f"{count} differences" if count else "no difference")
        return 1 if count else 0

    def events(self, arguments: argparse.Namespace) -> int:
        """Print a job's events, one JSON object a line."""
        events = self._log.read(f"job/{arguments.job_id}")
        if not events:
            print(f"there is no job {arguments.job_id}", file=sys.stderr)
            return 1
        print("\n".join(event.to_json() for event in events))
        return 0

    def dlq_list(self, arguments: argparse.Namespace) -> int:
        """Print what is in the dead-letter queues, one JSON object a line."""
        for name in _chosen(arguments):
            letters = self._letters(name)
            for message in letters.peek(_SHOWN):
                print(json.dumps(_line(name, message)))
            print(f"{name}: {letters.count()} dead letters", file=sys.stderr)
        return 0

    def dlq_show(self, arguments: argparse.Namespace) -> int:
        """Print one dead letter, whole."""
        for message in self._letters(arguments.queue).peek(MOST):
            if message.id == arguments.message_id:
                print(json.dumps(_line(arguments.queue, message) | {"body": message.body}))
                return 0
        return _no_such_letter(arguments)

    def dlq_redrive(self, arguments: argparse.Namespace) -> int:
        """Send dead letters back to their queue; jobs that failed for them are tried again."""
        moved = 0
        for name in _chosen(arguments):
            count = self._letters(name).redrive(
                arguments.message_id, lambda message: reopen(message, self._jobs)
            )
            print(f"{name}: {count} sent back")
            moved += count
        return 0 if moved or not arguments.message_id else _no_such_letter(arguments)

    def dlq_discard(self, arguments: argparse.Namespace) -> int:
        """Throw dead letters away, for good: one by its id, or those of a queue with --all."""
        if bool(arguments.message_id) == arguments.all:
            print("name one message, or say --all", file=sys.stderr)
            return 2
        count = self._letters(arguments.queue).discard(arguments.message_id)
        print(f"{arguments.queue}: {count} discarded")
        return 0 if count or arguments.all else _no_such_letter(arguments)

    def _letters(self, name: str) -> DeadLetters:
        return DeadLetters(self._sqs, self._settings.named(name))


def _line(queue: str, message: Message) -> dict[str, str]:
    return {
        "queue": queue,
        "id": message.id,
        "reason": message.reason or "redriven by SQS: every delivery died without a word",
        "begins": message.body[:_WORDS],
    }


def _no_such_letter(arguments: argparse.Namespace) -> int:
    print(f"no dead letter {arguments.message_id} in {arguments.queue}", file=sys.stderr)
    return 1


def _chosen(arguments: argparse.Namespace) -> tuple[str, ...]:
    return (arguments.queue,) if arguments.queue else QUEUES


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gas", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        to: argparse._SubParsersAction[argparse.ArgumentParser],
        name: str,
        run: Callable[[Operator, argparse.Namespace], int],
    ) -> argparse.ArgumentParser:
        command = to.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    add(commands, "rebuild", Operator.rebuild)
    add(commands, "verify", Operator.verify)
    add(commands, "events", Operator.events).add_argument("job_id")
    dlq = commands.add_parser("dlq", help="Look after dead-letter queues.")
    letters = dlq.add_subparsers(required=True, metavar="COMMAND")
    add(letters, "list", Operator.dlq_list).add_argument("queue", nargs="?", choices=QUEUES)
    show = add(letters, "show", Operator.dlq_show)
    show.add_argument("queue", choices=QUEUES)
    show.add_argument("message_id")
    redrive = add(letters, "redrive", Operator.dlq_redrive)
    redrive.add_argument("queue", nargs="?", choices=QUEUES)
    redrive.add_argument("message_id", nargs="?", help="of one message; without it, all go")
    discard = add(letters, "discard", Operator.dlq_discard)
    discard.add_argument("queue", choices=QUEUES)
    discard.add_argument("message_id", nargs="?")
    discard.add_argument("--all", action="store_true", help="every message of the queue")
    return parser


def main() -> int:
    """Run one command; the exit status is 1 where something is wrong."""
    arguments = _parser().parse_args()
    try:
        status: int = arguments.run(Operator(load(Settings)), arguments)
    except AwsError as error:
        print(f"AWS does not do it: {error}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    raise SystemExit(main())
