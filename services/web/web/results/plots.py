"""The plots of a result as tables: a page shows the numbers, and its script draws them.

Rows link to the table of variants, filtered by what the row counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["bars", "histogram", "density"]
Question = tuple[tuple[str, str], ...]
_ANY_TRANSCRIPT = ("any_transcript", "true")
_MOST_BARS = 12
_MOST_CONTIGS = 60
"""Contigs of the plot of density: more are not to be told apart."""


@dataclass(frozen=True, slots=True)
class Row:
    """A bar, and the question that finds what it counts. ``colour`` names its colour.

    ``bins`` are the counts in windows of the contig, where the row is one.
    """

    label: str
    count: int
    question: Question = ()
    colour: str = ""
    bins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot. ``id`` is unique on the page, ``label`` heads the first column, ``unit`` the counts.

    ``colours`` names the palette of the rows' ``colour``, ``bin_bases`` is the size of ``bins``.
    """

    id: str
    title: str
    kind: Kind
    label: str
    unit: str
    rows: tuple[Row, ...]
    about: str = ""
    colours: Literal["", "consequence", "impact"] = ""
    bin_bases: int = 0


def plots_of(summary: dict[str, Any]) -> list[Plot]:
    """The plots that the summary has counts for; older summaries have fewer."""
    makers = (
        _consequences,
        _picked,
        _genes,
        _rarity,
        _impacts,
        _types,
        _changes,
        _depths,
        _balances,
        _qualities,
        _density,
    )
    plots = (make(summary) for make in makers)
    return [plot for plot in plots if plot and any(row.count for row in plot.rows)]


def _consequences(summary: dict[str, Any]) -> Plot:
    counts = summary.get("consequences_by_worst") or summary.get("consequences") or {}
    return Plot(
        "consequences",
        "Worst consequence of a record",
        "bars",
        "Consequence",
        "records",
        _terms(counts, (_ANY_TRANSCRIPT,)),
        "The most severe over all transcripts of a record. A bar links to all with it in any.",
        "consequence",
    )


def _picked(summary: dict[str, Any]) -> Plot:
    return Plot(
        "picked",
        "In the picked transcript",
        "bars",
        "Consequence",
        "records",
        _terms(summary.get("consequences_by_pick") or {}),
        "In one transcript for each gene: MANE Select, then canonical, and so on.",
        "consequence",
    )


def _terms(counts: dict[str, int], more: Question = ()) -> tuple[Row, ...]:
    return tuple(
        Row(term.replace("_", " "), n, (("consequence", term), *more), term)
        for term, n in _first(counts)
    )


def _impacts(summary: dict[str, Any]) -> Plot:
    rows = tuple(
        Row(grade, n, (("impact", grade), _ANY_TRANSCRIPT), grade)
        for grade, n in (summary.get("impacts") or {}).items()
    )
    about = "Of the worst consequence. A bar links to all with it in any transcript."
    return Plot("impacts", "Impact", "bars", "Impact", "records", rows, about, "impact")


def _types(summary: dict[str, Any]) -> Plot:
    rows = tuple(
        Row(kind, n, (("type", kind),)) for kind, n in _first(summary.get("variant_types") or {})
    )
    return Plot("types", "Types of variants", "bars", "Type", "alleles", rows)


def _genes(summary: dict[str, Any]) -> Plot:
    rows = tuple(Row(gene, n, (("gene", gene),)) for gene, n in _first(summary.get("genes") or {}))
    about = f"The {_MOST_BARS} genes that most records lie in, long genes before all."
    return Plot("genes", "Genes most hit", "bars", "Gene", "records", rows, about)


def _changes(summary: dict[str, Any]) -> Plot:
    rows = (
        Row("Transitions", summary.get("transitions") or 0),
        Row("Transversions", summary.get("transversions") or 0),
    )
    about = "Ti/Tv is usually 2.0 to 2.1 over a genome, about 3 over an exome, and 0.5 by chance."
    return Plot("changes", "Transitions and transversions", "bars", "Change", "SNVs", rows, about)


def _rarity(summary: dict[str, Any]) -> Plot | None:
    found = summary.get("highest_population_frequencies")
    if not found:
        return None
    edges = found["from"]
    names = [_range(low, high) for low, high in _pairs(edges)]
    questions = [(("max_af", _number(high)),) if high else () for _, high in _pairs(edges)]
    rows = tuple(
        Row(name, n, question)
        for name, n, question in zip(names, found["counts"], questions, strict=True)
    )
    about = "By the population in which the allele is most frequent. A bar links to all up to it."
    if found["unknown"]:
        about += f" Of {found['unknown']:,} alleles no frequency is known."
    return Plot("rarity", "Frequency spectrum", "histogram", "Frequency", "alleles", rows, about)


def _depths(summary: dict[str, Any]) -> Plot | None:
    found = summary.get("depths")
    if not found:
        return None
    rows = _binned(found, "min_dp")
    about = "A bar links to all from its depth on."
    return Plot("depths", "Depth", "histogram", "DP", found["of"], rows, about)


def _balances(summary: dict[str, Any]) -> Plot | None:
    found = summary.get("allele_balances")
    if not found:
        return None
    about = "Of heterozygous genotypes; usually around 0.5. A second peak may be contamination."
    return Plot(
        "balances",
        "Allele balance",
        "histogram",
        "Alternate reads of all",
        "genotypes",
        _binned(found, ""),
        about,
    )


def _qualities(summary: dict[str, Any]) -> Plot | None:
    found = summary.get("qualities")
    if not found:
        return None
    return Plot("qualities", "Quality", "histogram", "QUAL", "records", _binned(found, "min_qual"))


def _density(summary: dict[str, Any]) -> Plot | None:
    found = summary.get("density")
    if not found:
        return None
    all_counts: dict[str, list[int]] = found["counts"]
    # Shown in the order of the file, whose last contigs may have the most records.
    busiest = set(sorted(all_counts, key=lambda contig: -sum(all_counts[contig]))[:_MOST_CONTIGS])
    rows = tuple(
        Row(contig, sum(counts), (("region", contig),), bins=tuple(counts))
        for contig, counts in all_counts.items()
        if contig in busiest
    )
    size = found["bin_bases"]
    about = f"Records in windows of {size:,} bases. A window links to its variants."
    left_out = len(all_counts) + summary.get("contigs_left_out", 0) - len(rows)
    if left_out:
        about += f" {left_out:,} more contigs, with fewer records, are not shown."
    return Plot(
        *("density", "Along the contigs", "density", "Contig", "records", rows, about),
        bin_bases=size,
    )


def _binned(found: dict[str, Any], parameter: str) -> tuple[Row, ...]:
    return tuple(
        Row(_range(low, high), n, ((parameter, _number(low)),) if parameter and low else ())
        for (low, high), n in zip(_pairs(found["from"]), found["counts"], strict=True)
    )


def _pairs(edges: Sequence[float]) -> Iterator[tuple[float, float | None]]:
    yield from zip(edges, [*edges[1:], None], strict=True)


def _range(low: float, high: float | None) -> str:
    return f"{_number(low)} and more" if high is None else f"{_number(low)}–{_number(high)}"


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return list(counts.items())[:_MOST_BARS]
