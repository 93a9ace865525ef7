"""Tags of jobs. The files of one batch share one, and a list can be searched for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from gas.tables.personal import (
    JOB_TAGS,
    JobGone,
    LimitReached,
    PersonalRow,
    PersonalTable,
    RowChanged,
)
from web.personal.problems import limit_reached
from web.personal.records import Tags
from web.problems import Problem, invalid_field, not_found

MOST_TAGGED = 2_000
_ATTEMPTS = 5
_TAGS: TypeAdapter[tuple[str, ...]] = TypeAdapter(Tags)


@dataclass(frozen=True, slots=True)
class JobTags:
    """Tags of users' jobs. Callers check that the job is the user's.

    Tags are added and removed one by one, so two tabs that do so at once lose nothing.
    """

    table: PersonalTable

    def all_of(self, user_id: str) -> Mapping[str, tuple[str, ...]]:
        """The tags of each of the user's jobs that has some, by the job's id."""
        rows = self.table.page(user_id, f"{JOB_TAGS}/", MOST_TAGGED)
        return {row.entry.split("/")[1]: _tags(row) for row in rows if row.content["tags"]}

    def of(self, user_id: str, job_id: str) -> tuple[str, ...]:
        """The tags of one job."""
        row = self.table.get(user_id, _entry(job_id))
        return _tags(row) if row else ()

    def change(
        self, user_id: str, job_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> tuple[str, ...]:
        """Add tags and remove others; returns what the job has now.

        Raises Problem: 400 for what is no tag or too many, 409 for too many tagged jobs, 404 for a
        job that is gone.
        """
        added, removed = checked(add), set(remove)
        return self._again(
            lambda: self._write(
                user_id,
                job_id,
                lambda old: tuple(tag for tag in checked((*old, *added)) if tag not in removed),
            )
        )

    def _again(self, write: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
        for _ in range(_ATTEMPTS):
            try:
                return write()
            except RowChanged:
                continue  # another tab was first: with its tags
        raise Problem(
            409,
            "busy",
            "The job's tags are being changed",
            "Another tab or program changes them all the time. Try again. Nothing was overwritten.",
        )

    def _write(
        self, user_id: str, job_id: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]
    ) -> tuple[str, ...]:
        row = self.table.get(user_id, _entry(job_id))
        old = _tags(row) if row else ()
        new = change(old)
        if new == old:
            return old
        if row is None:
            self._add(user_id, job_id, new)
        elif new:
            content = {"tags": list(new)}
            self.table.replace(replace(row, version=row.version + 1, content=content))
        else:
            self.table.remove(row)
        return new

    def _add(self, user_id: str, job_id: str, tags: tuple[str, ...]) -> None:
        row = PersonalRow(user_id, _entry(job_id), 1, {"tags": list(tags)}, (JOB_TAGS,))
        try:
            self.table.add([row], {JOB_TAGS: MOST_TAGGED}, of_job=job_id)
        except LimitReached:
            raise limit_reached(MOST_TAGGED, "jobs with tags") from None
        except JobGone:
            raise not_found() from None


def checked(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags without outer blanks, each once. Raises Problem (400) with the reason."""
    try:
        return _TAGS.validate_python(tuple(tags))
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise invalid_field("tags", message, status=400) from None


def _entry(job_id: str) -> str:
    return f"{JOB_TAGS}/{job_id}/tags"


def _tags(row: PersonalRow) -> tuple[str, ...]:
    return tuple(row.content["tags"])
