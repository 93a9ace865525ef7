"""The event log, its projections and the upload table, in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gas.aws.items import Item
from gas.events import CATALOGUE, Event, first_id_at
from gas.eventstore.guards import AccountIsOpen, ClaimKey, ClaimUpload, Guard, GuardFailed, PlanIs
from gas.eventstore.log import Conflict, EventKey, StoredEvent
from gas.eventstore.rows import Row, account_from
from gas.eventstore.sweep import Page, Segment
from gas.tables.uploads import Upload

Key = tuple[str, ...]
_PAGE = 50  # events of a page


class MemoryDatabase:
    """All tables of one installation; one lock makes every write a transaction."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.streams: dict[str, list[StoredEvent]] = {}
        self.outbox: dict[tuple[str, int], StoredEvent] = {}
        self.rows: dict[tuple[str, Key], Item] = {}
        self.uploads: dict[str, Upload] = {}
        self.keys: dict[str, ClaimKey] = {}


class MemoryEventLog:
    """The log; events are stored as JSON, so that reading them is tested as with DynamoDB."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    def read(self, stream: str) -> list[Event]:
        return [CATALOGUE.parse(entry.text) for entry in self.stored(stream)]

    def stored(self, stream: str) -> list[StoredEvent]:
        with self._db.lock:
            return list(self._db.streams.get(stream, []))

    def append(
        self, events: Sequence[Event], row: Row | None, guards: Sequence[Guard] = ()
    ) -> None:
        if not events:
            raise ValueError("a transaction takes at least 1 event, not 0")
        with self._db.lock:
            stream = self._db.streams.get(events[0].subject, [])
            if len(stream) != events[0].streamversion - 1:
                raise Conflict(events[0].subject)
            # All checks before any write, as in a transaction.
            for guard in guards:
                if not self._holds(guard):
                    raise GuardFailed(guard)
            for guard in guards:
                self._apply(guard)
            entries = [
                StoredEvent(event.subject, event.streamversion, event.id, event.to_json())
                for event in events
            ]
            self._db.streams[events[0].subject] = stream + entries
            self._db.outbox |= {entry.key: entry for entry in entries}
            if row:
                self._db.rows[(row.table, tuple(row.key.values()))] = row.item

    def _holds(self, guard: Guard) -> bool:
        match guard:
            case PlanIs(user_id, plan, account_version):
                item = self._db.rows.get(("accounts", (user_id,)))
                account = account_from(item) if item else None
                return account is not None and (account.plan, account.version) == (
                    plan,
                    account_version,
                )
            case AccountIsOpen(user_id):
                item = self._db.rows.get(("accounts", (user_id,)))
                return item is None or "closed_at" not in item
            case ClaimUpload(upload_id):
                upload = self._db.uploads.get(upload_id)
                return upload is not None and upload.job_id is None
            case ClaimKey():
                return guard.upload_id not in self._db.keys

    def _apply(self, guard: Guard) -> None:
        match guard:
            case ClaimUpload(upload_id, job_id):
                claimed = replace(self._db.uploads[upload_id], job_id=job_id, expires_at=None)
                self._db.uploads[upload_id] = claimed
            case ClaimKey():
                self._db.keys[guard.upload_id] = guard

    def unpublished(self, before: datetime, limit: int) -> list[StoredEvent]:
        with self._db.lock:
            due = (e for e in self._db.outbox.values() if e.event_id < first_id_at(before))
            return sorted(due, key=lambda entry: entry.event_id)[:limit]

    def mark_published(self, stream: str, version: int) -> None:
        with self._db.lock:
            self._db.outbox.pop((stream, version), None)

    def mark_all_published(self, places: Sequence[tuple[str, int]]) -> None:
        for place in places:
            self.mark_published(*place)

    def mark_unpublished(self, stream: str, version: int) -> None:
        with self._db.lock:
            for entry in self._db.streams.get(stream, []):
                if entry.version == version:
                    self._db.outbox[entry.key] = entry

    def newest(self, after: datetime, before: datetime) -> EventKey | None:
        with self._db.lock:
            newest = [self._newest_of(stream, before) for stream in self._db.streams]
        found = [key for key in newest if key and key.time >= after]
        return max(found, key=lambda key: key.id, default=None)

    def _newest_of(self, stream: str, before: datetime) -> EventKey | None:
        for entry in reversed(self._db.streams[stream]):
            key = EventKey(entry.stream, entry.version, entry.event_id)
            if key.time < before:
                return key
        return None

    def event_page(self, segment: Segment, after: str | None) -> Page[StoredEvent]:
        with self._db.lock:
            every = [entry for stream in self._db.streams.values() for entry in stream]
        # Cut anywhere, also within a stream, as DynamoDB does.
        begin, size = int(after or 0), -(-len(every) // segment.total)
        own = every[segment.number * size : (segment.number + 1) * size]
        end = begin + _PAGE
        return Page(own[begin:end], str(end) if end < len(own) else None)

    def begun(self, streams: Sequence[str]) -> set[str]:
        with self._db.lock:
            return {stream for stream in streams if self._db.streams.get(stream)}
