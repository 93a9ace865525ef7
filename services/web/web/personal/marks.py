"""Stars, tags and notes on the variants of one's jobs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gas.tables.personal import (
    MARKS,
    MAX_ROWS,
    JobGone,
    LimitReached,
    PersonalRow,
    PersonalTable,
    RowChanged,
)
from web.personal.problems import conflict, limit_reached
from web.personal.records import Allele, Mark, Remarks
from web.problems import Problem, not_found

MOST_IN_JOB = 5_000
MOST_OF_USER = 50_000
PAGE = 500  # rows of one read: at most some 2 MB of notes
_KEY = re.compile(r"(0|[1-9][0-9]{0,11})\.(0|[1-9][0-9]{0,5})")
_ATTEMPTS = 5  # of a copy, while other tabs write marks into the same job

KeysOf = Callable[[Sequence[Allele]], Mapping[Allele, str]]
"""The keys of those alleles in one job; an allele that the job does not have is left out."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How many marks were copied, were there already, have no such variant in the other job."""

    copied: int
    present: int
    missing: int


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of users. Callers check that the job is the user's."""

    table: PersonalTable
    now: Callable[[], datetime]

    def get(self, user_id: str, job_id: str, key: str) -> Mark | None:
        """The mark, or None. Raises Problem (400) for what is no key."""
        row = self.table.get(user_id, _entry(job_id, key))
        return _mark(row) if row else None

    def page(
        self, user_id: str, job_id: str, limit: int, after: str | None = None
    ) -> tuple[list[Mark], str | None]:
        """Up to ``limit`` marks of a job in the order of its file, and the key to go on after."""
        start = _entry(job_id, after) if after else None
        rows = self.table.page(user_id, f"{MARKS}/{job_id}/", limit, start)
        marks = [_mark(row) for row in rows]
        return marks, marks[-1].key if len(marks) == limit else None

    def all_of(self, user_id: str) -> Iterator[Mark]:
        """Every mark of the user, job by job; one page is in memory."""
        after = None
        while rows := self.table.page(user_id, f"{MARKS}/", PAGE, after):
            yield from map(_mark, rows)
            after = rows[-1].entry

    def put(
        self, user_id: str, job_id: str, key: str, remarks: Remarks, version: int
    ) -> Mark | None:
        """Store the remarks instead of those of ``version``, which is 0 for a first mark.

        Empty remarks delete the mark: None is returned. Raises Problem: 409 for another version
        or too many marks, 404 for a job that is gone, 400 for what is no key.
        """
        stored = self.get(user_id, job_id, key)
        if _says_same(stored, remarks):
            return stored  # also a request that is repeated, because its answer was lost
        if remarks.is_empty:
            self.delete(user_id, job_id, key, version)
            return None
        if (stored.version if stored else 0) != version:
            raise conflict(_json(stored), version)
        mark = _next(stored, remarks, job_id, key, self.now())
        self._write(user_id, mark)
        return mark

    def _write(self, user_id: str, mark: Mark) -> None:
        row = _row(user_id, mark)
        try:
            if mark.version == 1:
                self._add(mark.job_id, [row])
            else:
                self.table.replace(row)
        except RowChanged:
            current = self.get(user_id, mark.job_id, mark.key)
            raise conflict(_json(current), mark.version - 1) from None

    def _add(self, job_id: str, rows: Sequence[PersonalRow]) -> None:
        most = {MARKS: MOST_OF_USER, f"{MARKS}/{job_id}": MOST_IN_JOB}
        try:
            self.table.add(rows, most, of_job=job_id)
        except LimitReached as reached:
            what = "marks" if reached.counter == MARKS else "marks of one job"
            raise limit_reached(most[reached.counter], what) from None
        except JobGone:
            raise not_found() from None

    def delete(self, user_id: str, job_id: str, key: str, version: int) -> None:
        """Delete the mark; without one nothing happens. Raises Problem (409): another version."""
        row = self.table.get(user_id, _entry(job_id, key))
        if row is None:
            return
        try:
            self.table.remove(replace(row, version=version))
        except RowChanged:
            current = self.get(user_id, job_id, key)
            if current:
                raise conflict(_json(current), version) from None

    def copy(self, user_id: str, from_job: str, to_job: str, keys_of: KeysOf) -> Copied:
        """Copy the marks of a job to the same variants of another one, as after a second run.

        ``keys_of`` finds variants in the other job. What is marked there already stays as it is.
        Raises Problem: 409 for too many marks, 404 for a job that is gone.
        """
        found = list(self._of_job(user_id, from_job))
        keys = keys_of([mark.variant for mark in found if mark.variant])
        wanted = [
            mark.model_copy(update={"key": keys[mark.variant]})
            for mark in found
            if mark.variant and mark.variant in keys
        ]
        copied = self._copy(user_id, to_job, wanted)
        return Copied(copied, len(wanted) - copied, len(found) - len(wanted))

    def _copy(self, user_id: str, job_id: str, marks: list[Mark]) -> int:
        copied = 0
        for _ in range(_ATTEMPTS):
            present = {mark.key for mark in self._of_job(user_id, job_id)}
            missing = {mark.key: mark for mark in marks if mark.key not in present}
            try:
                for chunk in _chunks(list(missing.values())):
                    rows = [_row(user_id, self._new(job_id, mark)) for mark in chunk]
                    self._add(job_id, rows)
                    copied += len(rows)
            except RowChanged:
                continue
            return copied
        raise Problem(
            409,
            "busy",
            "The job's marks are being changed",
            "Close other tabs that show this job, then copy again. Nothing was overwritten.",
        )

    def _new(self, job_id: str, mark: Mark) -> Mark:
        now = self.now()
        return mark.model_copy(
            update={"job_id": job_id, "version": 1, "created_at": now, "updated_at": now}
        )

    def _of_job(self, user_id: str, job_id: str) -> Iterator[Mark]:
        after = None
        while rows := self.table.page(user_id, f"{MARKS}/{job_id}/", PAGE, after):
            yield from map(_mark, rows)
            after = rows[-1].entry


def _chunks(marks: list[Mark]) -> Iterator[list[Mark]]:
    for begin in range(0, len(marks), MAX_ROWS):
        yield marks[begin : begin + MAX_ROWS]


def _entry(job_id: str, key: str) -> str:
    """The entry of a mark, with digits so padded that entries sort as the file's variants do."""
    match = _KEY.fullmatch(key)
    if not match:
        raise Problem(
            400,
            "invalid-request",
            "The request is not valid",
            "A variant's key is RECORD.ALLELE, such as 12.1: the table of variants shows it.",
        )
    return f"{MARKS}/{job_id}/{match[1]:0>12}.{match[2]:0>6}"


def _says_same(stored: Mark | None, remarks: Remarks) -> bool:
    if stored is None:
        return False
    said = (stored.star, stored.tags, stored.note)
    is_known = remarks.variant is None or remarks.variant == stored.variant
    return said == (remarks.star, remarks.tags, remarks.note) and is_known


def _next(stored: Mark | None, remarks: Remarks, job_id: str, key: str, now: datetime) -> Mark:
    return Mark(
        **remarks.model_dump(exclude={"variant"}),
        variant=remarks.variant or (stored.variant if stored else None),
        job_id=job_id,
        key=key,
        version=stored.version + 1 if stored else 1,
        created_at=stored.created_at if stored else now,
        updated_at=now,
    )


def _row(user_id: str, mark: Mark) -> PersonalRow:
    return PersonalRow(
        user_id=user_id,
        entry=_entry(mark.job_id, mark.key),
        version=mark.version,
        content=mark.model_dump(mode="json", exclude={"version"}, exclude_defaults=True),
        counters=(MARKS, f"{MARKS}/{mark.job_id}"),
    )


def _mark(row: PersonalRow) -> Mark:
    return Mark.model_validate({**row.content, "version": row.version})


def _json(mark: Mark | None) -> dict[str, object] | None:
    return mark.model_dump(mode="json") if mark else None
