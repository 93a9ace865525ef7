"""What pages and API ask of a job's variants."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gas.domain.job import Job, JobStatus
from gas.events import ResultFile, ResultKind
from web.jobs.service import no_result
from web.problems import not_found
from web.variants import refusals
from web.variants.cache import VariantCache
from web.variants.detail import detail
from web.variants.engine import Engine, Session
from web.variants.facets import facets
from web.variants.opening import DamagedFile, read_schema
from web.variants.page_cursor import PageCursors
from web.variants.plan import Plan, planned
from web.variants.queries import (
    Counts,
    Key,
    Query,
    after,
    counts_of,
    funnel_query,
    page_query,
    rows_query,
)
from web.variants.question import Question
from web.variants.schema import Column, Schema
from web.variants.sql import TRUE, Condition

_WAIT_SECONDS = 8.0
_MOST_SCHEMAS = 64


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page, each a mapping from column to value with its ``key``."""

    items: list[dict[str, Any]]
    columns: tuple[Column, ...]
    counts: Counts
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A job's open file: its path, its schema, and a session that reads it."""

    path: Path
    schema: Schema
    session: Session

    def run(self, query: Query) -> list[tuple[Any, ...]]:
        """All rows of a query's answer."""
        return self.session.rows(query.sql, query.values)


class VariantService:
    """Answers questions. Every method takes a job that the caller may see.

    All raise Problem: 409 without a readable file, 503 while it is copied or too many ask.
    """

    def __init__(self, cache: VariantCache, engine: Engine, cursors: PageCursors) -> None:
        self._cache, self._engine, self._cursors = cache, engine, cursors
        self._schemas: dict[str, Schema] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def open(
        self, job: Job, view: str | None = None, seconds: float | None = None
    ) -> Iterator[Table]:
        """The job's table; its errors become problems. ``view`` and ``seconds``: see Engine."""
        file = variants_file(job)
        with (
            refusals.as_problems(file, self._cache.drop),
            self._cache.open(file, _WAIT_SECONDS) as path,
            self._engine.session(view, seconds) as session,
        ):
            yield Table(path, self._schema(file, path, session), session)

    def page(
        self,
        job: Job,
        question: Question,
        limit: int,
        cursor: str | None = None,
        view: str | None = None,
    ) -> Page:
        """A page of rows with exact counts. Raises Problem (400) for what cannot be asked."""
        file_key = variants_file(job).key
        with self.open(job, view) as table:
            plan = planned(question, table.schema)
            last = self._cursors.key(question, file_key, cursor) if cursor else None
            counts = count(table, plan)
            keys = _keys(table, plan, limit + 1, last) if counts.total else []
            more = len(keys) > limit
            keys = keys[:limit]
            items = rows_by_key(table, plan.columns, keys)
            text = self._cursors.text(question, file_key, keys[-1]) if more else None
            return Page(items, plan.columns, counts, text)

    def variant(self, job: Job, key: Key) -> dict[str, Any]:
        """All columns, transcripts, genotypes of one row. Raises Problem (404)."""
        with self.open(job) as table:
            found = detail(table.session, table.path, table.schema, key)
        if found is None:
            raise refusals.no_such_variant(key)
        return found

    def facets(self, job: Job, question: Question, view: str | None = None) -> dict[str, Any]:
        """What the filters offer among the rows that the question keeps."""
        with self.open(job, view) as table:
            plan = planned(question, table.schema)
            return facets(table.session, table.path, table.schema, plan.condition)

    def copied(self, job: Job) -> float:
        """How much of the job's file is on this task's disk, from 0 to 1."""
        return self._cache.fraction(variants_file(job))

    def _schema(self, file: ResultFile, path: Path, session: Session) -> Schema:
        with self._lock:
            known = self._schemas.get(file.sha256)
        if known:
            return known
        schema = read_schema(path, session.rows, session.describe)
        with self._lock:
            while len(self._schemas) >= _MOST_SCHEMAS:
                del self._schemas[next(iter(self._schemas))]
            self._schemas[file.sha256] = schema
        return schema


def variants_file(job: Job) -> ResultFile:
    """The job's ``variants.parquet``. Raises Problem: 404, or 409 with what to do."""
    if job.status is JobStatus.DELETED:
        raise not_found()
    if job.status is not JobStatus.COMPLETED:
        raise no_result(job)
    file = job.result(ResultKind.VARIANTS)
    if file is None:
        raise refusals.no_table(job)
    return file


def count(table: Table, plan: Plan) -> Counts:
    """The exact total and the funnel, by one scan."""
    if not plan.steps:
        return Counts(table.schema.rows, (), 0)
    found = table.run(funnel_query(table.path, plan.steps))
    return counts_of(table.schema.rows, plan.steps, found)


def rows_by_key(
    table: Table, columns: Sequence[Column], keys: Sequence[Key]
) -> list[dict[str, Any]]:
    """The rows of these keys, in their order."""
    if not keys:
        return []
    found = table.run(rows_query(table.path, columns, keys))
    names = [column.name for column in columns]
    by_key = {
        Key(record, allele): {
            "key": f"{record}.{allele}",
            **dict(zip(names, values, strict=True)),
        }
        for record, allele, *values in found
    }
    return [by_key[key] for key in keys]


def _keys(table: Table, plan: Plan, limit: int, last: Key | None) -> list[Key]:
    behind = _behind(table, plan, last) if last else TRUE
    return [Key(*row) for row in table.run(page_query(table.path, plan, limit, behind))]


def _behind(table: Table, plan: Plan, last: Key) -> Condition:
    """What is behind the last row of the page before, by that row's own values."""
    columns = [by.column for by in plan.order]
    found = {Key(r, a): v for r, a, *v in table.run(rows_query(table.path, columns, [last]))}
    if last not in found:
        raise DamagedFile(f"there is no row {last}")
    return after(plan.order, found[last], last)
