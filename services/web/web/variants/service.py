"""What pages and API ask of a job's variants."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gas.domain.job import Job, JobStatus
from gas.events import ResultFile, ResultKind
from web.exchange import stopped_with_client
from web.jobs.service import no_result
from web.problems import invalid_field, not_found
from web.recent import Recent
from web.variants import facets, refusals
from web.variants.cache import VariantCache
from web.variants.comparison import Comparison, Difference, compare
from web.variants.detail import detail
from web.variants.engine import Engine
from web.variants.keys import Key
from web.variants.opening import read_schema
from web.variants.page_cursor import PageCursors
from web.variants.pedigree import BadPedigree, Pedigree, read_pedigree
from web.variants.presets import presets_json
from web.variants.queries import Counts
from web.variants.question import Question
from web.variants.schema import Column, Schema
from web.variants.table import Table

_WAIT_SECONDS = 8.0
_COMPARE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page, each a mapping from column to value with its ``key``."""

    items: list[dict[str, Any]]
    columns: tuple[Column, ...]
    counts: Counts
    next_cursor: str | None


class VariantService:
    """Answers questions. Every method takes a job that the caller may see.

    All raise Problem: 400 for what cannot be asked, 409 without a readable file, 503 while it is
    copied, where too many ask, or where an answer takes too much time or memory.
    """

    def __init__(self, cache: VariantCache, engine: Engine, cursors: PageCursors) -> None:
        self._cache, self._engine, self._cursors = cache, engine, cursors
        self._schemas: Recent[Schema] = Recent()
        self._whole: Recent[dict[str, Any]] = Recent()

    @contextlib.contextmanager
    def open(
        self, job: Job, view: str | None = None, seconds: float | None = None
    ) -> Iterator[Table]:
        """The job's table; its errors become problems. ``view`` and ``seconds``: see Engine."""
        file = variants_file(job)
        with (
            refusals.as_problems(file, self._cache.drop),
            self._cache.open(file, _WAIT_SECONDS) as path,
            self._engine.session(view, seconds, file.sha256) as session,
            stopped_with_client(session.supersede),
        ):
            schema = self._schemas.of(
                file.sha256, lambda: read_schema(path, session.rows, session.describe)
            )
            yield Table(path, schema, session)

    @contextlib.contextmanager
    def held(self, job: Job) -> Iterator[tuple[Path, Schema]]:
        """The job's file, which stays until the block ends, and its schema; no session is held."""
        with self.open(job) as table:
            schema = table.schema
        file = variants_file(job)
        with (
            refusals.as_problems(file, self._cache.drop),
            self._cache.open(file, _WAIT_SECONDS) as path,
        ):
            yield path, schema

    def page(
        self,
        job: Job,
        question: Question,
        limit: int,
        cursor: str | None = None,
        view: str | None = None,
    ) -> Page:
        """A page of rows with exact counts."""
        file_key = variants_file(job).key
        with self.open(job, view) as table:
            plan = table.plan(question)
            last = self._cursors.place(question, file_key, cursor) if cursor else -1
            counts = table.counts(plan, last)
            places = table.places(plan, counts, limit + 1, last)
            shown = places[:limit]
            items = table.rows(plan.columns, shown)
            table.add_partners(plan, shown, items)
            is_last = len(places) <= limit
            text = None if is_last else self._cursors.text(question, file_key, shown[-1])
            return Page(items, plan.columns, counts, text)

    def pairs(self, job: Job, question: Question, limit: int) -> tuple[int, list[dict[str, Any]]]:
        """How many compound heterozygous pairs there are, and the first of them."""
        with self.open(job) as table:
            return table.pairs(table.plan(question), limit)

    def compare(
        self, here: Job, there: Job, difference: Difference | None, limit: int
    ) -> Comparison:
        """What differs between two jobs, allele by allele."""
        with self.held(there) as (other, _), self.open(here, seconds=_COMPARE_SECONDS) as table:
            return compare(table.session, table.path, other, difference, limit)

    def variant(self, job: Job, key: Key) -> dict[str, Any]:
        """All columns, transcripts, genotypes of one row. Raises Problem (404)."""
        return self.variants(job, [key])[0]

    def variants(self, job: Job, keys: Sequence[Key]) -> list[dict[str, Any]]:
        """The same of several rows, in their order. Raises Problem (404)."""
        found = []
        with self.open(job) as table:
            for key in keys:
                row = detail(table.session, table.path, table.schema, key)
                if row is None:
                    raise refusals.no_such_variant(str(key))
                found.append(row)
        return found

    def facets(self, job: Job, question: Question, view: str | None = None) -> dict[str, Any]:
        """What the filters offer; counts are of the rows that the question keeps."""
        sha256 = variants_file(job).sha256
        with self.open(job, view) as table:
            parts = (table.session, table.path, table.schema)
            # The file never changes, and every page asks this first.
            whole = self._whole.of(sha256, lambda: facets.whole_file(*parts))
            plan = table.plan(question)
            if not plan.steps:
                return whole
            return whole | {"values": facets.values(*parts, table.condition(plan))}

    def presets(self, job: Job) -> list[dict[str, Any]]:
        """Questions to begin from, as they fit the job's file."""
        with self.open(job) as table:
            return presets_json(table.schema)

    def pedigree(self, job: Job, text: str, child: str | None) -> Pedigree:
        """The roles that a pedigree file gives to the job's samples."""
        with self.open(job) as table:
            samples = table.schema.samples
        try:
            return read_pedigree(text, samples, child)
        except BadPedigree as error:
            raise invalid_field("text", str(error), status=400) from None

    def about(self, job: Job) -> dict[str, Any]:
        """The columns of the job's table, its samples and its size, without reading rows."""
        with self.open(job) as table:
            return facets.about(table.schema)

    def about_at_once(self, job: Job) -> dict[str, Any] | None:
        """What ``about`` gives, if this process has opened the file before; it waits for nothing.

        Raises what ``variants_file`` does.
        """
        schema = self._schemas.known(variants_file(job).sha256)
        return facets.about(schema) if schema else None

    def copied(self, job: Job) -> float:
        """How much of the job's file is on this task's disk, from 0 to 1."""
        return self._cache.fraction(variants_file(job))


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
