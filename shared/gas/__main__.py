"""The operator's commands: ``python -m gas COMMAND``, with the environment of the services."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial

from gas.account_commands import (
    AccountAdministration,
    NoSuchUser,
    SeveralUsers,
    login_name,
    shown,
    state_of,
)
from gas.aws.clients import Aws
from gas.aws.errors import AwsError
from gas.dead_letter_commands import chosen, no_such_message, redrive, summary
from gas.domain.errors import IllegalStep
from gas.events import CATALOGUE, UNREADABLE, Plan
from gas.eventstore.projections import ProjectionTables
from gas.eventstore.repository import BROKEN_STREAM
from gas.messaging.dead_letters import (
    DEAD_LETTER_QUEUES,
    MAX_MESSAGES,
    OUTBOX,
    DeadLetters,
    put_into_outbox,
    reopen,
)
from gas.messaging.queue import Message
from gas.recovery.command import moment, ports_for, print_periods, print_recovery
from gas.recovery.jobs import submit_dead_letter_again
from gas.recovery.ports import Ports
from gas.runtime.repositories import account_repository, job_repository, write_context_for
from gas.settings import ColdSettings, Settings, load
from gas.sweep_commands import add_options, rebuild_rows, verify_rows
from gas.tables.personal import forget_user
from gas.tables.personal_dynamo import DynamoPersonalTable
from gas.tables.profiles import DynamoProfileTable
from gas.tables.sessions import DynamoSessionTable, end_all
from gas.tables.suppressions import DynamoSuppressionTable
from gas.tables.uploads import DynamoUploadTable

_MAX_LISTED = 100  # messages of one queue


class Operator:
    """One method for each command; it returns the exit status, and its docstring is the help."""

    def __init__(self, settings: Settings) -> None:
        aws = Aws(settings)
        self._aws = aws
        dynamodb = aws.dynamodb()
        self._settings = settings
        self._dynamodb = dynamodb
        self._sqs = aws.sqs()
        write_context = write_context_for("operator", settings, aws)
        self._context = write_context
        self._log = write_context.log
        self._jobs = job_repository(write_context)
        self._accounts = account_repository(write_context)
        self._suppressions = DynamoSuppressionTable(dynamodb, settings.prefix)
        self._tables = ProjectionTables(dynamodb, settings.prefix)

    def rebuild(self, arguments: argparse.Namespace) -> int:
        """Rebuild the projections from the event log; exit status 1 if a stream was unreadable."""
        return rebuild_rows(arguments, self._log, self._tables)

    def verify(self, arguments: argparse.Namespace) -> int:
        """Compare the projections with the event log; exit status 1 if they differ."""
        return verify_rows(arguments, self._log, self._tables)

    def recover_run(self, arguments: argparse.Namespace) -> int:
        """After the log was restored to SINCE: keep, bring back and report files and jobs."""
        return print_recovery(arguments, self._recovery())

    def recover_list(self, _: argparse.Namespace) -> int:
        """Print the periods whose events are lost and whose files are kept; status 1 if any."""
        return print_periods(self._recovery())

    def recover_close(self, arguments: argparse.Namespace) -> int:
        """Close a period: what no event names of it is deleted by the next reconciliation."""
        closed = self._recovery().periods.close(arguments.period_id)
        print("closed" if closed else f"no open period {arguments.period_id}")
        return 0 if closed else 1

    def _recovery(self) -> Ports:
        return ports_for(load(ColdSettings), self._aws, self._context)

    def forget(self, arguments: argparse.Namespace) -> int:
        """Delete a user's notes, saved filters, layouts, shares and sessions, for good."""
        prefix = self._settings.prefix
        count = forget_user(DynamoPersonalTable(self._dynamodb, prefix), arguments.user_id)
        count += end_all(DynamoSessionTable(self._dynamodb, prefix), arguments.user_id)
        print(f"{count} rows deleted")
        return 0

    def account_show(self, arguments: argparse.Namespace) -> int:
        """Print an account: who it is, plan, suspension and history. No secret is shown."""
        administration = self._administration("")
        print(shown(administration.show(administration.find(arguments.user))))
        return 0

    def account_plan(self, arguments: argparse.Namespace) -> int:
        """Give a user a plan. With Premium, archived results come back; with Free they go."""
        administration, user_id = self._account(arguments)
        plan = Plan(arguments.plan)
        print(state_of(administration.set_plan(user_id, plan, arguments.reason)))
        return 0

    def account_suspend(self, arguments: argparse.Namespace) -> int:
        """Suspend an account: no login, no token, waiting jobs wait, nothing is archived."""
        administration, user_id = self._account(arguments)
        print(state_of(administration.suspend(user_id, arguments.reason)))
        return 0

    def account_restore(self, arguments: argparse.Namespace) -> int:
        """End a suspension: waiting jobs start within a quarter of an hour."""
        administration, user_id = self._account(arguments)
        print(state_of(administration.restore(user_id, arguments.reason)))
        return 0

    def account_close(self, arguments: argparse.Namespace) -> int:
        """Close an account for good: all that is its user's is deleted within hours."""
        administration, user_id = self._account(arguments)
        print(state_of(administration.close(user_id, arguments.reason)))
        return 0

    def _account(self, arguments: argparse.Namespace) -> tuple[AccountAdministration, str]:
        administration = self._administration(arguments.by)
        return administration, administration.find(arguments.user)

    def _administration(self, by: str) -> AccountAdministration:
        profiles = DynamoProfileTable(self._dynamodb, self._settings.prefix)
        return AccountAdministration(self._accounts, self._log, profiles, by)

    def mail_show(self, arguments: argparse.Namespace) -> int:
        """Print why no mail is sent to an address, as JSON; exit status 1 where mail is sent."""
        found = self._suppressions.get(arguments.address)
        if found is None:
            print("mail to this address is sent", file=sys.stderr)
            return 1
        row = {"cause": found.cause, "detail": found.detail, "at": found.at.isoformat()}
        print(json.dumps(row))
        return 0

    def mail_resume(self, arguments: argparse.Namespace) -> int:
        """Send mail to an address again that bounced or complained."""
        was_stopped = self._suppressions.remove(arguments.address)
        print("mail is sent again" if was_stopped else "mail was sent all the time")
        return 0

    def events(self, arguments: argparse.Namespace) -> int:
        """Print the events of a job, one JSON object on each line; exit status 1 if one is none."""
        entries = self._log.stored(f"job/{arguments.job_id}")
        if not entries:
            print(f"no such job: {arguments.job_id}", file=sys.stderr)
            return 1
        skipped = 0
        for entry in entries:
            try:
                print(CATALOGUE.parse(entry.text).to_json())
            except UNREADABLE as fault:
                skipped += 1
                print(f"version {entry.version} skipped, {fault}", file=sys.stderr)
        return 1 if skipped else 0

    def dlq_list(self, arguments: argparse.Namespace) -> int:
        """Print up to 100 messages of each dead-letter queue, one JSON object on each line."""
        for name in chosen(arguments):
            dead_letters = self._dead_letters(name)
            for message in dead_letters.peek(_MAX_LISTED):
                print(json.dumps(summary(name, message)))
            # On standard error, so that standard output is JSON only.
            print(f"{name}: {dead_letters.count()} messages", file=sys.stderr)
        return 0

    def dlq_show(self, arguments: argparse.Namespace) -> int:
        """Print one message of a dead-letter queue with its whole body."""
        for message in self._dead_letters(arguments.queue).peek(MAX_MESSAGES):
            if message.id == arguments.message_id:
                print(json.dumps(summary(arguments.queue, message) | {"body": message.body}))
                return 0
        return no_such_message(arguments)

    def dlq_redrive(self, arguments: argparse.Namespace) -> int:
        """Send messages back to their queue, and reopen the jobs that failed because of them.

        A job that the log has lost is submitted again. Exit status 1 if a message had to stay.
        """
        return redrive(arguments, self._dead_letters, self._prepare)

    def dlq_discard(self, arguments: argparse.Namespace) -> int:
        """Delete messages for good: one by its id, or all of a queue with --all."""
        if bool(arguments.message_id) == arguments.all:
            print("give a message id or --all, not both", file=sys.stderr)
            return 2
        count = self._dead_letters(arguments.queue).discard(arguments.message_id)
        print(f"{arguments.queue}: {count} discarded")
        return 0 if count or arguments.all else no_such_message(arguments)

    def _prepare(self, message: Message) -> None:
        uploads = DynamoUploadTable(self._dynamodb, self._settings.prefix)
        if not submit_dead_letter_again(message.body, self._context, uploads):
            reopen(message, self._jobs)

    def _dead_letters(self, name: str) -> DeadLetters:
        send_back = partial(put_into_outbox, log=self._log) if name == OUTBOX else None
        return DeadLetters.of(self._sqs, self._settings.named(name), send_back)


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

    def add_user(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
        command.add_argument("user", metavar="USER", help="a user id or an e-mail address")
        return command

    add_options(add(commands, "rebuild", Operator.rebuild))
    add_options(add(commands, "verify", Operator.verify))
    add(commands, "events", Operator.events).add_argument("job_id")
    add(commands, "forget", Operator.forget).add_argument("user_id")
    account = commands.add_parser("account", help="Look at an account, give plans, suspend.")
    account_commands = account.add_subparsers(required=True, metavar="COMMAND")
    add_user(add(account_commands, "show", Operator.account_show))
    plan = add_user(add(account_commands, "plan", Operator.account_plan))
    plan.add_argument("plan", choices=[one.value for one in Plan])
    changes = (
        plan,
        add_user(add(account_commands, "suspend", Operator.account_suspend)),
        add_user(add(account_commands, "restore", Operator.account_restore)),
        add_user(add(account_commands, "close", Operator.account_close)),
    )
    for change in changes:
        change.add_argument("--reason", required=True, help="why; the event keeps it")
        change.add_argument("--by", default=login_name(), help="who; the event keeps it")
    recover = commands.add_parser("recover", help="After the event log was restored.")
    recover_commands = recover.add_subparsers(required=True, metavar="COMMAND")
    run = add(recover_commands, "run", Operator.recover_run)
    run.add_argument("since", type=moment, help="the time that it was restored to: ISO 8601")
    add(recover_commands, "list", Operator.recover_list)
    add(recover_commands, "close", Operator.recover_close).add_argument("period_id")
    mail = commands.add_parser("mail", help="Look at addresses that get no mail, or resume it.")
    mail_commands = mail.add_subparsers(required=True, metavar="COMMAND")
    add(mail_commands, "show", Operator.mail_show).add_argument("address")
    add(mail_commands, "resume", Operator.mail_resume).add_argument("address")
    dlq = commands.add_parser("dlq", help="Look at dead-letter queues, send back, or delete.")
    dlq_commands = dlq.add_subparsers(required=True, metavar="COMMAND")
    add(dlq_commands, "list", Operator.dlq_list).add_argument(
        "queue", nargs="?", choices=DEAD_LETTER_QUEUES
    )
    show = add(dlq_commands, "show", Operator.dlq_show)
    show.add_argument("queue", choices=DEAD_LETTER_QUEUES)
    show.add_argument("message_id")
    redrive = add(dlq_commands, "redrive", Operator.dlq_redrive)
    redrive.add_argument("queue", nargs="?", choices=DEAD_LETTER_QUEUES)
    redrive.add_argument(
        "message_id", nargs="?", help="one message; without it all messages of the queue"
    )
    discard = add(dlq_commands, "discard", Operator.dlq_discard)
    discard.add_argument("queue", choices=DEAD_LETTER_QUEUES)
    discard.add_argument("message_id", nargs="?")
    discard.add_argument("--all", action="store_true", help="all messages of the queue")
    return parser


def main() -> int:
    """Run one command; returns its exit status: 0, 1 for a problem, 2 for wrong arguments."""
    arguments = _parser().parse_args()
    try:
        status: int = arguments.run(Operator(load(Settings)), arguments)
    except (NoSuchUser, SeveralUsers, IllegalStep) as error:
        print(error, file=sys.stderr)
        return 1
    except BROKEN_STREAM as error:
        print(f"an event cannot be read: {error}; 'verify' names its stream", file=sys.stderr)
        return 1
    except AwsError as error:
        print(f"AWS refused or did not answer: {error}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    raise SystemExit(main())
