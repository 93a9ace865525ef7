"""One job's open file, and the questions that it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from web.variants import pairs
from web.variants.engine import Session
from web.variants.genes import find_genes
from web.variants.keys import FILE, Key, Query
from web.variants.named_rows import NamedRows
from web.variants.opening import DamagedFile
from web.variants.order import after, order_sql
from web.variants.plan import Plan, lacking, planned
from web.variants.queries import (
    FIRST_ROWS,
    Counts,
    Round,
    StepCount,
    among_places,
    any_place_query,
    counts_of,
    found_query,
    funnel_query,
    page_query,
    rows_query,
)
from web.variants.question import Question
from web.variants.schema import Column, Schema
from web.variants.sql import FALSE, TRUE, Condition, all_of, any_of
from web.variants.steps import Step


@dataclass(frozen=True, slots=True)
class Table:
    """The path, the columns, and a session that reads the file.

    ``_paired`` has the plan whose candidates and partners the session's temporary tables hold.
    """

    path: Path
    schema: Schema
    session: Session
    _paired: list[Plan] = field(default_factory=list)

    def run(self, query: Query) -> list[tuple[Any, ...]]:
        """All rows of a query's answer."""
        return self.session.rows(query.sql, query.values)

    def plan(self, question: Question) -> Plan:
        """What the question asks of this file. Raises BadParameter."""
        find = partial(find_genes, self.session.rows, self.path)
        return planned(question, self.schema, find, self._find_any)

    def _find_any(self, conditions: Sequence[Condition]) -> Condition:
        """True where one of the conditions, each of one column, is true.

        A scan for each tests values as they are unpacked; one for all would unpack every row of
        every column first, which took three times as long.
        """
        found = self.run(any_place_query(self.path, conditions, FIRST_ROWS + 1))
        if len(found) > FIRST_ROWS:
            return any_of(conditions)
        return among_places([place for (place,) in found]) if found else FALSE

    def condition(self, plan: Plan) -> Condition:
        """True for the rows that the plan keeps, with partners if it asks for them."""
        return all_of([plan.condition, *(step.condition for step in self._partner_steps(plan))])

    def counts(self, plan: Plan, last: int = -1) -> Counts:
        """The exact total and the funnel; the first rows are those behind the place ``last``."""
        counts = self._counts(plan, last if plan.pairing is None else -1)
        return counts if plan.pairing is None else self._paired_counts(plan, counts, last)

    def _counts(self, plan: Plan, last: int) -> Counts:
        """The counts without partners, a round after the other."""
        rows = self.schema.rows
        if not plan.steps:
            return Counts(rows, (), 0)
        counts = Counts(rows, (), 0)
        done: list[Condition] = []
        for number, steps in enumerate(plan.rounds, start=1):
            among = all_of(done)
            if done and counts.are_named:
                among = counts.first.condition
            round_ = Round(steps, among, None if done else lacking(steps, self.schema))
            behind = last if number == len(plan.rounds) else -1
            table = f"round_{number}"
            self.run(funnel_query(self.path, round_, table, behind))
            (found,) = self.run(found_query(table))
            counts = counts.followed_by(counts_of(counts.total, round_, table, found))
            done += [step.condition for step in steps]
        return counts

    def _paired_counts(self, plan: Plan, counts: Counts, last: int) -> Counts:
        """The counts with the step that keeps candidates with a partner."""
        # If the candidates are few, their places are known, and no filter is looked at again.
        candidates = counts.first.condition if counts.are_named else plan.condition
        (step,) = self._partner_steps(plan, candidates)
        ((total,),) = self.run(pairs.partner_count_query())
        self.run(pairs.partner_places_query("paired", last, FIRST_ROWS))
        ((named, least, greatest),) = self.run(found_query("paired"))
        first = NamedRows("paired", named or 0, least or 0, greatest or 0)
        left = StepCount(step, total, counts.total - total, 0)
        return Counts(total, (*counts.funnel, left), counts.hidden_pathogenic, first)

    def places(self, plan: Plan, counts: Counts, limit: int, last: int = -1) -> list[int]:
        """The first ``limit`` rows in the plan's order behind the row ``last``, by their places.

        ``counts`` are those of the same plan. Where they name all rows, only those are sorted.
        """
        if not counts.total:
            return []
        if not plan.order:
            return self._first(plan, counts, limit, last)
        is_named = counts.are_named and last < 0
        condition = counts.first.condition if is_named else self.condition(plan)
        behind = self._behind(plan, last) if last >= 0 else TRUE
        query = page_query(self.path, condition, plan.order, limit, behind)
        return [place for (place,) in self.run(query)]

    def _first(self, plan: Plan, counts: Counts, limit: int, last: int) -> list[int]:
        """The first ``limit`` rows behind the row ``last`` in the order of the file."""
        if not plan.steps:
            return list(range(self.schema.rows)[last + 1 : last + 1 + limit])
        if not counts.first.count:
            return []
        ((places,),) = self.run(counts.first.query(limit))
        return list(places)

    def rows(self, columns: Sequence[Column], places: Sequence[int]) -> list[dict[str, Any]]:
        """The rows at these places, in their order, each with its ``key``."""
        if not places:
            return []
        names = [column.name for column in columns]
        found = {
            place: {"key": str(Key(record, allele)), **dict(zip(names, values, strict=True))}
            for place, record, allele, *values in self.run(rows_query(self.path, columns, places))
        }
        return [found[place] for place in places]

    def stream(self, plan: Plan, size: int = 5_000) -> Iterator[list[tuple[Any, ...]]]:
        """All rows, up to ``size`` at a time: record, allele and the plan's columns.

        In the order of the file memory does not grow with the rows; any other order is sorted, on
        disk where memory does not suffice.
        """
        condition = self.condition(plan)
        names = ", ".join(["record", "allele", *(column.sql for column in plan.columns)])
        order = f" ORDER BY {order_sql(plan.order)}" if plan.order else ""
        sql = f"SELECT {names} FROM {FILE} WHERE {condition.sql}{order}"
        yield from self.session.stream(sql, (str(self.path), *condition.values), size)

    def add_partners(
        self, plan: Plan, places: Sequence[int], items: Sequence[dict[str, Any]]
    ) -> None:
        """Say of each row of compound heterozygotes which the partners are."""
        if plan.pairing is None or not places:
            return
        rows = self.run(pairs.partners_of_query(plan.pairing, places))
        found = dict(pairs.partners_json(plan.pairing, row) for row in rows)
        for place, item in zip(places, items, strict=True):
            item["compound_het"] = found.get(place)

    def pairs(self, plan: Plan, limit: int) -> tuple[int, list[dict[str, Any]]]:
        """The number of pairs, and the first of them with the rows of both."""
        assert plan.pairing is not None
        self._partner_steps(plan)
        found = self.run(pairs.pairs_query(plan.pairing, limit))
        places = sorted({place for row in found for place in row[1:3]})
        rows = dict(zip(places, self.rows(plan.columns, places), strict=True))
        shown = [
            {
                "gene": gene,
                "phase": plan.pairing.phase(*masks),
                "origins": [plan.pairing.origin(mask) for mask in masks],
                "variants": [rows[first], rows[second]],
            }
            for gene, first, second, *masks, _ in found
        ]
        return (found[0][-1] if found else 0), shown

    def _partner_steps(self, plan: Plan, candidates: Condition | None = None) -> list[Step]:
        """The step that keeps pairs alone; makes the tables of candidates and partners for it."""
        if plan.pairing is None:
            return []
        if plan not in self._paired:
            wanted = candidates or plan.condition
            self.run(pairs.candidates_query(self.path, plan.pairing, wanted))
            self.run(pairs.partners_query(plan.pairing))
            self._paired[:] = [plan]
        return [pairs.partner_step()]

    def _behind(self, plan: Plan, last: int) -> Condition:
        """What is behind the last row of the page before, by that row's own values."""
        columns = [by.column for by in plan.order]
        found = self.run(rows_query(self.path, columns, [last]))
        if not found:
            raise DamagedFile(f"there is no row {last}")
        return after(plan.order, found[0][3:], last)
