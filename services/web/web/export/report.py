"""The report of chosen variants: what its page shows, from the rows and from the provenance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web.variants.known_steps import STARS

MAX_VARIANTS = 200
MAX_GENOTYPES = 24
_STARS_MEAN = (
    "no assertion criteria",
    "one submitter, or conflicting ones",
    "several submitters agree",
    "reviewed by an expert panel",
    "practice guideline",
)
_CARRIES = {"het", "hom", "hemi", "partial"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clinical:
    """ClinVar's significance in words; ``stars`` from 0 to 4, None where they are not known."""

    significance: str
    stars: int | None

    @property
    def stars_mean(self) -> str:
        return "" if self.stars is None else _STARS_MEAN[self.stars]


@dataclass(frozen=True, slots=True)
class Genotype:
    """A sample's genotype in words; reads are those of REF and of the allele."""

    sample: str
    genotype: str
    zygosity: str
    reads: str
    balance: str
    quality: str
    depth: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportedVariant:
    """A variant as the report shows it; an empty text is not known. ``facts`` are label and text.

    ``more_genotypes`` is how many samples are not shown: those that do not carry the allele, and
    any beyond MAX_GENOTYPES.
    """

    key: str
    title: str
    place: str
    impact: str
    facts: tuple[tuple[str, str], ...]
    clinical: Clinical | None
    genotypes: tuple[Genotype, ...]
    more_genotypes: int


def reported(found: Row) -> ReportedVariant:
    """The variant from what the table answers about its key."""
    columns: Row = found["columns"]
    shown = _shown_genotypes(found["genotypes"])
    warnings = found.get("warnings", ())
    return ReportedVariant(
        key=found["key"],
        title=_title(columns),
        place=_place(columns),
        impact=columns["impact"] or "",
        facts=tuple((label, text) for label, text in _facts(found) if text),
        clinical=_clinical(columns, found["known"]),
        genotypes=tuple(_genotype(genotype, warnings) for genotype in shown),
        more_genotypes=len(found["genotypes"]) - len(shown),
    )


def _title(columns: Row) -> str:
    change = _change(columns["hgvsp"]) or _change(columns["hgvsc"])
    return " ".join(word for word in (columns["symbol"], change) if word) or _place(columns)


def _change(hgvs: str | None) -> str:
    """``p.Val717Ile`` of ``ENSP00000284981.4:p.Val717Ile``."""
    return hgvs.rpartition(":")[2].replace("%3D", "=") if hgvs else ""


def _place(columns: Row) -> str:
    ref, alt = columns["ref"], columns["alt"] or "."
    return f"{columns['contig']}:{columns['pos']} {_short(ref)}>{_short(alt)}"


def _short(allele: str) -> str:
    return allele if len(allele) <= 30 else f"{allele[:24]}…({len(allele):,} bases)"


def _facts(found: Row) -> Iterable[tuple[str, str]]:
    columns: Row = found["columns"]
    yield "Gene", _joined([columns["symbol"], columns["gene"]])
    yield "Consequence", _words(columns["consequence"]) or _not_annotated(columns)
    yield "Worst in another transcript", _worse(columns)
    yield "Transcript", _transcript(columns)
    yield "HGVS, transcript", (columns["hgvsc"] or "").replace("%3D", "=")
    yield "HGVS, protein", (columns["hgvsp"] or "").replace("%3D", "=")
    yield "HGVS, genome", columns["hgvsg"] or ""
    yield "Frequency", frequency(columns)
    yield "Names", (columns["existing_variation"] or "").replace("&", ", ")
    yield "Quality", _quality(columns)


def _worse(columns: Row) -> str:
    worst = columns["worst_term"]
    if not worst or worst == columns["term"]:
        return ""
    return f"{_words(worst)} ({columns['worst_impact']})"


def _transcript(columns: Row) -> str:
    marks = [
        (columns["mane"] or "").replace("_", " "),
        "Ensembl canonical" if columns["canonical"] else "",
        _words(columns["biotype"]),
        f"exon {columns['exon']}" if columns["exon"] else "",
        f"intron {columns['intron']}" if columns["intron"] else "",
    ]
    return _joined([columns["feature"], *marks])


def frequency(columns: Row) -> str:
    """The highest frequency with its population, and the overall ones, in words."""
    overall = [
        f"{label} {columns[name]:.3g}"
        for label, name in (
            ("overall", "af"),
            ("gnomAD exomes", "gnomade_af"),
            ("gnomAD genomes", "gnomadg_af"),
        )
        if columns[name] is not None
    ]
    if columns["max_af"] is None:
        return "; ".join(overall) or "none known in the bundle's sources"
    populations = (columns["max_af_pops"] or "an unnamed population").replace("&", ", ")
    return "; ".join([f"{columns['max_af']:.3g} in {populations}, the highest", *overall])


def _quality(columns: Row) -> str:
    quality = "" if columns["qual"] is None else f"QUAL {columns['qual']:g}"
    depth = "" if columns["dp"] is None else f"depth {columns['dp']:,}"
    return _joined([quality, f"FILTER {columns['filter']}" if columns["filter"] else "", depth])


def _not_annotated(columns: Row) -> str:
    reason = columns["not_annotated"]
    return f"none: {_words(reason)}" if reason else ""


def _clinical(columns: Row, known: Sequence[Row]) -> Clinical | None:
    if not columns["clin_sig"]:
        return None
    status = next((row["value"] for row in known if _is_review(row["field"])), None)
    words = columns["clin_sig"].replace("|", "; ").replace("&", "; ").replace("_", " ")
    return Clinical(words, None if status is None else stars_of(status))


def _is_review(field: str) -> bool:
    return "revstat" in field.lower() or "review" in field.lower()


def stars_of(status: str) -> int:
    """ClinVar's stars, from 0 to 4, of a review status."""
    return next((stars for word, stars in STARS if word in status.lower()), 0)


def _shown_genotypes(genotypes: Sequence[Row]) -> list[Row]:
    """All of few samples; of many, those that carry the allele."""
    if len(genotypes) <= MAX_GENOTYPES:
        return list(genotypes)
    return [row for row in genotypes if row.get("zygosity") in _CARRIES][:MAX_GENOTYPES]


def _genotype(row: Row, warnings: Sequence[Row]) -> Genotype:
    ref, alt = row.get("ad_ref"), row.get("ad_alt")
    return Genotype(
        sample=row["sample"],
        genotype=row.get("gt") or "not called",
        zygosity=row.get("zygosity") or "",
        reads="" if ref is None or alt is None else f"{ref}|{alt}",
        balance="" if row.get("ab") is None else f"{row['ab']:.2f}",
        quality="" if row.get("gq") is None else f"{row['gq']:g}",
        depth="" if row.get("dp") is None else f"{row['dp']}",
        warnings=tuple(w["text"] for w in warnings if w["sample"] == row["sample"]),
    )


def _words(terms: str | None) -> str:
    return (terms or "").replace("&", ", ").replace("_", " ")


def _joined(words: Sequence[str | None]) -> str:
    return " · ".join(word for word in words if word)
