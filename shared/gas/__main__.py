"""The operator's command line: ``python -m gas COMMAND``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

from gas.platform.aws import Aws, AwsError
from gas.platform.dead_letters import QUEUES, DeadLetters
from gas.platform.log import DynamoEventLog
from gas.platform.projections import ProjectionTables, rebuild, verify
from gas.platform.settings import Settings, load

_SHOWN = 100
_ANY = 1_000_000


class Operator:
    """The commands, on one installation."""

    def __init__(self, settings: Settings) -> None:
        aws = Aws(settings)
        dynamodb = aws.dynamodb()
        self._settings = settings
        self._sqs = aws.sqs()
        self._log = DynamoEventLog(dynamodb, settings.prefix)
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
            letters = DeadLetters(self._sqs, self._settings.named(name))
            for message in letters.look(_SHOWN):
                line = {"queue": name, "reason": message.reason or "redriven by SQS"}
                print(json.dumps(line | {"message": message.body}))
            print(f"{name}: {letters.count()} dead letters", file=sys.stderr)
        return 0

    def dlq_redrive(self, arguments: argparse.Namespace) -> int:
        """Send dead letters back to their queue."""
        for name in _chosen(arguments):
            letters = DeadLetters(self._sqs, self._settings.named(name))
            print(f"{name}: {letters.redrive(_ANY)} sent back")
        return 0


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
    for name, run in (("list", Operator.dlq_list), ("redrive", Operator.dlq_redrive)):
        add(letters, name, run).add_argument("queue", nargs="?", choices=QUEUES)
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
