"""Faults of messages, events and mails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gas.platform import bus, journal
from gas.platform.aws import AwsError
from gas.platform.inbox import Claim
from gas.platform.log import Conflict
from gas.platform.memory.log import MemoryEventLog
from gas.platform.memory.messages import MemoryInbox
from gas.platform.settling import Settler
from tests.simulation.mutations.registry import Patches, mutation


@mutation
def acknowledge_before_handling() -> Patches:
    settle = Settler.settle

    def mutant(self: Settler, message: Any) -> None:
        self.queue.delete(message)
        settle(self, message)

    return [(Settler, "settle", mutant)]


@mutation
def publish_before_commit() -> Patches:
    def execute(self: Any, id: str, command: Any, **more: Any) -> Any:
        state = more.get("known") or self.load(id)
        bodies = self._aggregate.decide(state, command)
        for event in self._seal(bodies, state.version if state else 0, more.get("cause")):
            self._pen.bus.publish(event)
        return original(self, id, command, **more)

    original = journal.Journal.execute
    return [(journal.Journal, "execute", execute)]


@mutation
def mark_as_published_before_publishing() -> Patches:
    def mutant(log: Any, to: Any, event: Any) -> None:
        try:
            log.mark_published(event)
            to.publish(event)
        except AwsError:
            pass

    return [(bus, "publish_committed", mutant), (journal, "publish_committed", mutant)]


@mutation
def no_relay() -> Patches:
    return [(bus.Relay, "sweep", lambda self: 0)]


@mutation
def mail_without_a_mark() -> Patches:
    return [(MemoryInbox, "claim", lambda self, event_id: Claim.OURS)]


@mutation
def mark_a_mail_as_sent_before_sending() -> Patches:
    claim = MemoryInbox.claim

    def mutant(self: MemoryInbox, event_id: str) -> Claim:
        answer = claim(self, event_id)
        self.settle(event_id)
        return answer

    return [(MemoryInbox, "claim", mutant)]


@mutation
def projection_written_apart_from_the_log() -> Patches:
    append = MemoryEventLog.append

    def mutant(self: Any, events: Any, row: Any, guards: Any = ()) -> None:
        key = (row.table, tuple(row.key.values()))
        before = self._db.rows.get(key)
        append(self, events, row, guards)
        if before and events[0].streamversion % 3 == 0:
            self._db.rows[key] = before  # the second write did not come to pass

    return [(MemoryEventLog, "append", mutant)]


@mutation
def a_lost_race_is_taken_for_won() -> Patches:
    execute = journal.Journal.execute

    def mutant(self: Any, id: str, command: Any, **more: Any) -> Any:
        pen = self._pen

        class Deaf:
            def append(self, events: Any, row: Any, guards: Any = ()) -> None:
                try:
                    pen.log.append(events, row, guards)
                except Conflict:
                    return

            def __getattr__(self, name: str) -> Any:
                return getattr(pen.log, name)

        deaf = journal.Journal(self._aggregate, replace(pen, log=Deaf()))
        return execute(deaf, id, command, **more)

    return [(journal.Journal, "execute", mutant)]
