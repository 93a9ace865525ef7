"""Compound heterozygotes: pairs within a gene, one allele from each parent.

Of each candidate a mask says which unaffected members and parents carry it, a bit for each. Two
candidates are a pair if no one of those has both: that is so if they come from different parents,
or one is inherited and one is new, and never if both come from one parent. Without parents
nothing speaks against a pair, and its phase is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web.variants.family import Family
from web.variants.keys import FILE, ROW, Key, Query
from web.variants.sample_sql import Sample
from web.variants.schema import Schema
from web.variants.sql import Condition
from web.variants.steps import Step

MOST_PARTNERS = 20
_FATHER, _MOTHER = 1, 2
_MAX_BITS = 60


@dataclass(frozen=True, slots=True)
class Pairing:
    """``mask`` is SQL; ``parents`` has the bits of the parents that are known."""

    mask: str
    parents: int

    @property
    def valid(self) -> str:
        """SQL that is true where candidates ``a`` and ``b`` of one gene are a pair."""
        apart = "(a.mask & b.mask) = 0"
        if self.parents == _FATHER | _MOTHER:  # two new ones: nothing says on which copy each is
            return f"{apart} AND ((a.mask | b.mask) & {self.parents}) <> 0"
        return apart

    def origin(self, mask: int) -> str:
        """From whom the child has the allele, as far as the known parents tell."""
        known = mask & self.parents
        if known == _FATHER | _MOTHER:
            return "either_parent"
        if known:
            return "father" if known == _FATHER else "mother"
        return {0: "unknown", _FATHER: "not_father", _MOTHER: "not_mother"}.get(
            self.parents, "de_novo"
        )

    def phase(self, first: int, second: int) -> str:
        """``trans``, ``de_novo`` (one of them is new), or ``unknown``."""
        inherited = [mask & self.parents != 0 for mask in (first, second)]
        if self.parents == _FATHER | _MOTHER:
            return "trans" if all(inherited) else "de_novo"
        return "trans" if any(inherited) else "unknown"


def pairing_of(family: Family, schema: Schema) -> Pairing:
    """The pairing of a family."""
    bits = [(family.father, _FATHER), (family.mother, _MOTHER)]
    others = [n for n in family.unaffected if n not in family.parents][:_MAX_BITS]
    bits += [(n, _MOTHER << place) for place, n in enumerate(others, start=1)]
    known = [(number, bit) for number, bit in bits if number is not None]
    parts = [
        f"CASE WHEN {Sample(schema, number).carries().sql} THEN {bit}::BIGINT ELSE 0 END"
        for number, bit in known
    ]
    parents = sum(bit for _, bit in known if bit in (_FATHER, _MOTHER))
    return Pairing(" + ".join(parts) or "0::BIGINT", parents)


def candidates_query(path: Path, pairing: Pairing, condition: Condition) -> Query:
    """Makes the table ``candidates``: each row that can be half of a pair, with gene and mask."""
    sql = (
        "CREATE OR REPLACE TEMP TABLE candidates AS"
        f" SELECT {ROW} AS place, record, allele, unnest(string_split(all_symbols, '&')) AS gene,"
        f" {pairing.mask} AS mask FROM {FILE} WHERE {condition.sql}"
    )
    return Query(sql, (str(path), *condition.values))


def partners_query(pairing: Pairing) -> Query:
    """Makes the table ``partners``: the places of all candidates that have one.

    Masks of a gene are few, so they are compared rather than the rows.
    """
    sql = (
        "CREATE OR REPLACE TEMP TABLE partners AS SELECT DISTINCT a.place FROM candidates a"
        " JOIN (SELECT gene, mask, count(*) AS n FROM candidates GROUP BY gene, mask) b"
        f" ON a.gene = b.gene AND {pairing.valid} AND (a.mask <> b.mask OR b.n > 1)"
    )
    return Query(sql, ())


def partner_count_query() -> Query:
    """How many rows have a partner."""
    return Query("SELECT count(*) FROM partners", ())


def partner_places_query(table: str, last: int, most: int) -> Query:
    """Makes ``table``, with the first places of rows with a partner behind the place ``last``."""
    sql = (
        f"CREATE OR REPLACE TEMP TABLE {table} AS"
        f" SELECT min(place, {most:d}) AS first FROM partners WHERE place > ?"
    )
    return Query(sql, (last,))


def partner_step() -> Step:
    """Keeps the candidates that have a partner; the tables must be there."""
    return Step(
        "compound_het",
        "Has a partner in the same gene that can be on the other copy",
        Condition(f"{ROW} IN (SELECT place FROM partners)"),
    )


def partners_of_query(pairing: Pairing, places: Sequence[int]) -> Query:
    """Place, mask, number of partners and the first of them, of each of these rows."""
    sql = (
        "SELECT a.place, any_value(a.mask), count(DISTINCT b.place),"
        f" list_sort(list(DISTINCT (b.record, b.allele)))[:{MOST_PARTNERS}]"
        " FROM candidates a JOIN candidates b ON a.gene = b.gene AND a.place <> b.place"
        f" AND {pairing.valid} WHERE a.place IN (SELECT unnest(?)) GROUP BY a.place"
    )
    return Query(sql, (list(places),))


def pairs_query(pairing: Pairing, limit: int) -> Query:
    """Gene, both places and both masks of each pair, in order of the file, and their number."""
    sql = (
        "SELECT a.gene, a.place, b.place, a.mask, b.mask, count(*) OVER ()"
        " FROM candidates a JOIN candidates b ON a.gene = b.gene AND a.place < b.place"
        f" AND {pairing.valid} ORDER BY a.place, b.place, a.gene LIMIT {limit:d}"
    )
    return Query(sql, ())


def partners_json(pairing: Pairing, row: Sequence[Any]) -> tuple[int, dict[str, Any]]:
    """A row of ``partners_of_query`` as its place and a JSON object."""
    place, mask, count, partners = row
    return place, {
        "origin": pairing.origin(mask),
        "partner_count": count,
        "partners": [str(Key(record, allele)) for record, allele in partners],
    }
