"""Compares the tables of two jobs, allele by allele."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from web.variants.engine import Session
from web.variants.keys import FILE, ROW, Key

Difference = Literal["changed", "only_here", "only_there", "same"]
DIFFERENCES: tuple[Difference, ...] = get_args(Difference)
_SHOWN = ("symbol", "consequence", "impact", "hgvsc", "hgvsp", "clin_sig", "max_af")
_KEY = ("record", "allele")
_COMPARED = ("consequence", "clin_sig", "feature")
_IMPACTS = "['HIGH', 'MODERATE', 'LOW', 'MODIFIER']"
# Contigs are named with and without chr, and the mitochondrion M or MT.
_CONTIG = "regexp_replace(regexp_replace(upper(contig), '^CHR', ''), '^M$', 'MT')"
_ALLELE = ("chromosome", "pos", "ref", "alt")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many alleles there are of each difference, and some of them as objects.

    ``new_pathogenic`` counts those that are known to be pathogenic here and not there; they come
    first. An item has ``difference``, ``is_new_pathogenic``, the allele, and ``here`` and ``there``
    with the key and the columns of that job's row, None where it has none.
    """

    counts: dict[Difference, int]
    new_pathogenic: int
    items: list[dict[str, Any]]


def compare(
    session: Session, here: Path, there: Path, difference: Difference | None, limit: int
) -> Comparison:
    """Compare the alleles that samples carry; of files without samples, all.

    An allele is the same by contig, position, REF and ALT; of several rows of it the first counts.
    It is changed where consequence, transcript or clinical significance differ. ``difference`` and
    ``limit`` choose the items; without one they are of all but ``same``.
    """
    session.rows(f"CREATE OR REPLACE TEMP TABLE compared AS {_JOINED}", [str(here), str(there)])
    counted = session.rows(
        "SELECT difference, count(*), count_if(is_new_pathogenic) FROM compared GROUP BY ALL"
    )
    counts = dict.fromkeys(DIFFERENCES, 0) | {name: times for name, times, _ in counted}
    chosen: list[str] = (
        [difference] if difference else [name for name in DIFFERENCES if name != "same"]
    )
    rows = session.rows(
        "SELECT * FROM compared WHERE list_contains(?, difference)"
        f" ORDER BY is_new_pathogenic DESC, list_position({_IMPACTS}, coalesce(here_impact,"
        f" there_impact)) NULLS LAST, chromosome, pos, ref, alt LIMIT {limit:d}",
        [chosen],
    )
    items = [_item(row) for row in rows]
    return Comparison(counts, sum(new for _, _, new in counted), items)


def _side(name: str) -> str:
    """The first row of each allele of a file, with its columns named after the side."""
    columns = ", ".join(
        f"arg_min({column}, {ROW}) AS {name}_{column}" for column in (*_KEY, *_SHOWN, "feature")
    )
    return (
        f"SELECT {_CONTIG} AS chromosome, pos, upper(ref) AS ref, upper(coalesce(alt, '.')) AS alt,"
        f" bool_or(is_pathogenic) AS {name}_pathogenic, {columns}"
        f" FROM {FILE} WHERE samples_carrying IS NULL OR samples_carrying > 0 GROUP BY 1, 2, 3, 4"
    )


_CHANGED = " OR ".join(f"here_{name} IS DISTINCT FROM there_{name}" for name in _COMPARED)
_SIDES = ", ".join(f"{side}_{name}" for side in ("here", "there") for name in (*_KEY, *_SHOWN))
_JOINED = f"""
SELECT CASE WHEN there_record IS NULL THEN 'only_here' WHEN here_record IS NULL THEN 'only_there'
  WHEN {_CHANGED} THEN 'changed' ELSE 'same' END AS difference,
  coalesce(here_pathogenic, false) AND NOT coalesce(there_pathogenic, false) AS is_new_pathogenic,
  {", ".join(_ALLELE)}, {_SIDES}
FROM ({_side("here")}) FULL JOIN ({_side("there")}) USING ({", ".join(_ALLELE)})
"""


def _item(row: tuple[Any, ...]) -> dict[str, Any]:
    difference, is_new, *rest = row
    place, sides = rest[: len(_ALLELE)], rest[len(_ALLELE) :]
    width = len(_KEY) + len(_SHOWN)
    return {
        "difference": difference,
        "is_new_pathogenic": is_new,
        **dict(zip(_ALLELE, place, strict=True)),
        "here": _row(sides[:width]),
        "there": _row(sides[width:]),
    }


def _row(values: list[Any]) -> dict[str, Any] | None:
    record, allele, *shown = values
    if record is None:
        return None
    return {"key": str(Key(record, allele)), **dict(zip(_SHOWN, shown, strict=True))}
