"""Exports of a job's variants: from a question to a stream, with what the file says of itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from urllib.parse import urlencode

from gas.domain.job import Job
from gas.events import ResultFile, ResultKind
from gas.files.bucket import Files
from web.export import queries
from web.export.about import About
from web.export.exporter import Asked, Exporter, Order
from web.export.formats import Format
from web.export.stream import Stream
from web.jobs.service import no_result
from web.variants.engine import Session
from web.variants.parameters import parameters_of
from web.variants.plan import Plan
from web.variants.question import Question
from web.variants.service import VariantService
from web.variants.table import Table


@dataclass(frozen=True, slots=True)
class Wish:
    """What to export and how.

    ``quote_formulas`` puts an apostrophe before texts that a spreadsheet would compute (CSV and
    TSV); None is each format's own default.
    """

    question: Question
    format: Format
    quote_formulas: bool | None = None

    @property
    def has_formulas_quoted(self) -> bool:
        if self.quote_formulas is None:
            return self.format is Format.CSV  # which a double click opens in a spreadsheet
        return self.quote_formulas


@dataclass(frozen=True, slots=True)
class ExportService:
    """``public_url`` is where users reach the API, without a slash at its end."""

    exporter: Exporter
    variants: VariantService
    results: Files
    public_url: str
    now: Callable[[], datetime]

    def start(self, job: Job, wish: Wish, owner: str) -> Stream:
        """The file as a stream, for a job that the caller may see.

        ``owner`` is who may not have too many at once. Raises Problem: 400, 409, 503.
        """
        vcf = _vcf_of(job)
        with contextlib.ExitStack() as held:
            path, schema = held.enter_context(self.variants.held(job))
            order = Order(
                path=path,
                format=wish.format,
                ask=lambda connection: self._asked(
                    job, wish, Table(path, schema, Session(connection))
                ),
                vcf=lambda: self.results.stream(vcf.key),
                quote_formulas=wish.has_formulas_quoted,
            )
            return self.exporter.start(order, owner, held)

    def url(self, job: Job, wish: Wish) -> str:
        """The address of the export, with no secret in it, as clients reach it."""
        quote = wish.quote_formulas
        extra = [] if quote is None else [("formulas", "quoted" if quote else "as_is")]
        query = [("format", wish.format.value), *extra, *parameters_of(wish.question)]
        return f"{self.public_url}/api/v1/jobs/{job.job_id}/variants/export?{urlencode(query)}"

    def _asked(self, job: Job, wish: Wish, table: Table) -> Asked:
        plan = table.plan(wish.question)
        condition = table.condition(plan)
        return Asked(
            queries.shown(table.path, plan, condition),
            queries.records(table.path, condition),
            self._about(job, wish, plan, table),
        )

    def _about(self, job: Job, wish: Wish, plan: Plan, table: Table) -> About:
        return About(
            job_id=job.job_id,
            filename=job.input.filename,
            url=self.url(job, wish),
            question=urlencode(parameters_of(wish.question)),
            filters=tuple(step.label for step in plan.steps),
            order=_order(wish, plan),
            samples=_samples(plan, table.schema.samples),
            bundle=job.bundle_version or job.bundle,
            engine=job.engine or "not recorded",
            software=f"GAS {version('gas-web')}",
            made_at=self.now(),
        )


def _vcf_of(job: Job) -> ResultFile:
    file = job.result(ResultKind.VCF)
    if file is None:
        raise no_result(job)
    return file


def _samples(plan: Plan, names: tuple[str, ...]) -> dict[str, str]:
    """Whose the columns are that begin with ``s1_``, ``s2_`` and so on, for those of the plan."""
    numbers = sorted({column.sample for column in plan.columns if column.sample})
    return {f"s{number}": names[number - 1] for number in numbers}


def _order(wish: Wish, plan: Plan) -> str:
    if wish.format.is_vcf or not plan.order:
        return "of the file"
    return ", ".join(
        f"{by.column.name}{' descending' if by.is_descending else ''}" for by in plan.order
    )
