"""What users write beside the event log, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gas.aws.items import plain
from gas.domain.job import JobStatus
from gas.memory.log import MemoryDatabase
from gas.tables.personal import (
    MAX_ROWS,
    JobGone,
    LimitReached,
    PersonalRow,
    RowChanged,
    counts_of,
)


class MemoryPersonalTable:
    """The rows of all users; ``database`` is that of their jobs, whose lock makes transactions."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database
        self._rows: dict[tuple[str, str], PersonalRow] = {}

    def get(self, user_id: str, entry: str) -> PersonalRow | None:
        return self._rows.get((user_id, entry))

    def page(
        self, user_id: str, prefix: str, limit: int, after: str | None = None
    ) -> list[PersonalRow]:
        with self._db.lock:
            found = sorted(
                entry
                for owner, entry in self._rows
                if owner == user_id and entry.startswith(prefix) and entry > (after or "")
            )
            return [self._rows[(user_id, entry)] for entry in found[:limit]]

    def by_token(self, token_sha256: str) -> PersonalRow | None:
        with self._db.lock:
            found = (row for row in self._rows.values() if row.token_sha256 == token_sha256)
            return next(found, None)

    def add(
        self, rows: Sequence[PersonalRow], most: Mapping[str, int], *, of_job: str | None = None
    ) -> None:
        if not 0 < len(rows) <= MAX_ROWS:
            raise ValueError(f"a transaction takes 1 to {MAX_ROWS} rows, not {len(rows)}")
        user_id = rows[0].user_id
        with self._db.lock:
            if of_job and not self._has_job(user_id, of_job):
                raise JobGone(of_job)
            if any((row.user_id, row.entry) in self._rows for row in rows):
                raise RowChanged(rows[0].entry)
            counted = self._counted(user_id)
            for name, number in counts_of(rows).items():
                if counted[name] + number > most[name]:
                    raise LimitReached(name)
            self._rows |= {(row.user_id, row.entry): row for row in rows}

    def _has_job(self, user_id: str, job_id: str) -> bool:
        item = self._db.rows.get(("jobs", (user_id, job_id)))
        return item is not None and plain(item)["status"] != JobStatus.DELETED

    def _counted(self, user_id: str) -> Counter[str]:
        return counts_of([row for (owner, _), row in self._rows.items() if owner == user_id])

    def replace(self, row: PersonalRow) -> None:
        with self._db.lock:
            self._check(row.user_id, row.entry, row.version - 1)
            self._rows[(row.user_id, row.entry)] = row

    def remove(self, row: PersonalRow) -> None:
        with self._db.lock:
            self._check(row.user_id, row.entry, row.version)
            del self._rows[(row.user_id, row.entry)]

    def _check(self, user_id: str, entry: str, version: int) -> None:
        stored = self._rows.get((user_id, entry))
        if stored is None or stored.version != version:
            raise RowChanged(entry)

    def remove_all(self, user_id: str, prefix: str) -> int:
        with self._db.lock:
            found = [key for key in self._rows if key[0] == user_id and key[1].startswith(prefix)]
            for key in found:
                del self._rows[key]
            return len(found)
