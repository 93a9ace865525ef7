"""Faults of messages, events and mails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gas.aws.errors import AwsError
from gas.events import InvalidEvent
from gas.eventstore import outbox_relay, publisher, repository
from gas.eventstore.log import Conflict
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.log import MemoryEventLog
from gas.messaging.delivery import MessageDelivery
from gas.messaging.effect_claims import Claim
from tests.simulation.mutations.registry import Patches, mutation


@mutation
def acknowledge_before_handling() -> Patches:
    deliver = MessageDelivery.deliver

    def mutant(self: MessageDelivery, message: Any) -> None:
        self.queue.delete(message)
        deliver(self, message)

    return [(MessageDelivery, "deliver", mutant)]


@mutation
def publish_before_commit() -> Patches:
    def execute(self: Any, id: str, command: Any, **more: Any) -> Any:
        state = more.get("known") or self.load(id)
        bodies = self._aggregate.decide(state, command)
        for event in self._seal(bodies, state.version if state else 0, more.get("cause")):
            self._context.bus.publish(event)
        return original(self, id, command, **more)

    original = repository.Repository.execute
    return [(repository.Repository, "execute", execute)]


@mutation
def mark_as_published_before_publishing() -> Patches:
    def mutant(log: Any, to: Any, event: Any) -> None:
        try:
            log.mark_published(event.subject, event.streamversion)
            to.publish(event)
        except AwsError:
            pass

    return [(publisher, "publish_committed", mutant), (repository, "publish_committed", mutant)]


@mutation
def no_relay() -> Patches:
    return [(outbox_relay.OutboxRelay, "sweep", lambda self: 0)]


@mutation
def poison_ends_the_sweep() -> Patches:
    def mutant(self: Any, entry: Any, reason: str) -> None:
        raise InvalidEvent(reason)

    return [(outbox_relay.OutboxRelay, "_set_aside", mutant)]


@mutation
def poison_is_dropped() -> Patches:
    def mutant(self: Any, entry: Any, reason: str) -> None:
        self._log.mark_published(*entry.key)

    return [(outbox_relay.OutboxRelay, "_set_aside", mutant)]


@mutation
def mail_without_a_claim() -> Patches:
    return [(MemoryEffectClaims, "claim", lambda self, event_id: Claim.OURS)]


@mutation
def complete_the_claim_of_a_mail_before_sending() -> Patches:
    claim = MemoryEffectClaims.claim

    def mutant(self: MemoryEffectClaims, event_id: str) -> Claim:
        found = claim(self, event_id)
        self.complete(event_id)
        return found

    return [(MemoryEffectClaims, "claim", mutant)]


@mutation
def a_mail_that_fails_waits_for_its_own_claim_and_begins_at_one() -> Patches:
    def mutant(self: MessageDelivery, message: Any, seconds: int, interruptions: int) -> None:
        self.queue.send(message.body, seconds, message.group)
        self.queue.delete(message)

    return [
        (MessageDelivery, "_send_again", mutant),
        (MemoryEffectClaims, "release", lambda self, event_id: None),
    ]


@mutation
def an_interrupted_attempt_is_a_failed_one() -> Patches:
    def mutant(self: MessageDelivery, message: Any) -> None:
        self.queue.extend(message, 0)

    return [(MessageDelivery, "hand_back", mutant)]


@mutation
def projection_written_in_a_second_transaction() -> Patches:
    append = MemoryEventLog.append

    def mutant(self: Any, events: Any, row: Any, guards: Any = ()) -> None:
        key = (row.table, tuple(row.key.values()))
        before = self._db.rows.get(key)
        append(self, events, row, guards)
        if before and events[0].streamversion % 3 == 0:
            self._db.rows[key] = before  # the second write is lost

    return [(MemoryEventLog, "append", mutant)]


@mutation
def a_conflict_is_ignored() -> Patches:
    execute = repository.Repository.execute

    def mutant(self: Any, id: str, command: Any, **more: Any) -> Any:
        write_context = self._context

        class IgnoringConflicts:
            def append(self, events: Any, row: Any, guards: Any = ()) -> None:
                try:
                    write_context.log.append(events, row, guards)
                except Conflict:
                    return

            def __getattr__(self, name: str) -> Any:
                return getattr(write_context.log, name)

        ignoring = repository.Repository(
            self._aggregate, replace(write_context, log=IgnoringConflicts())
        )
        return execute(ignoring, id, command, **more)

    return [(repository.Repository, "execute", mutant)]
