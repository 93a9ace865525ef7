"""Checks of samples: what is usual is said beside each number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

_FEW = 20
"""Alleles on X below this say nothing of the sex."""
_HETEROZYGOUS_X = 0.3
_HEMIZYGOUS_X = 0.1
_USUAL_MISSING = 0.05

Sex = Literal["XX", "XY", "unclear"]
USUAL = {
    "ti_tv": "2.0 to 2.1 over a genome, about 3 over an exome",
    "het_hom": "1.3 to 2.2, by ancestry; higher where samples are mixed",
    "missing": "below 5 %",
    "x_het": f"over {_HETEROZYGOUS_X:.0%} with two X, below {_HEMIZYGOUS_X:.0%} with one",
}


@dataclass(frozen=True, slots=True)
class SampleCheck:
    """The checks of one sample; a ratio is None where there is nothing to divide by.

    ``sex`` is what X and Y look like, outside of the pseudoautosomal regions.
    """

    name: str
    carried: int
    ti_tv: float | None
    het_hom: float | None
    missing: float | None
    x_het: float | None
    y_carried: int
    sex: Sex
    warnings: tuple[str, ...]


def sample_checks(summary: dict[str, Any]) -> list[SampleCheck]:
    """A check of each sample that the summary has counts of; older summaries have none."""
    return [_check(sample) for sample in summary.get("samples") or []]


def _check(counts: dict[str, Any]) -> SampleCheck:
    het, hom = counts["het"], counts["hom"]
    on_x = counts["x_heterozygous"] + counts["x_homozygous_or_hemizygous"]
    x_het = _ratio(counts["x_heterozygous"], on_x) if on_x >= _FEW else None
    words = ("hom_ref", "het", "hom", "hemi", "other", "partial", "missing")
    missing = _ratio(counts["missing"], sum(counts[word] for word in words))
    sex = _sex(x_het, counts["y_carried"])
    warnings = []
    if missing is not None and missing > _USUAL_MISSING:
        warnings.append(f"{missing:.0%} of the genotypes are missing")
    if x_het is not None and sex == "unclear":
        warnings.append("X and Y do not agree: mixed samples, or a rare karyotype")
    return SampleCheck(
        name=counts["name"],
        carried=het + hom + counts["hemi"],
        ti_tv=_ratio(counts["transitions"], counts["transversions"]),
        het_hom=_ratio(het, hom),
        missing=missing,
        x_het=x_het,
        y_carried=counts["y_carried"],
        sex=sex,
        warnings=tuple(warnings),
    )


def _sex(x_het: float | None, y_carried: int) -> Sex:
    if x_het is None:
        return "unclear"
    if x_het > _HETEROZYGOUS_X and y_carried < _FEW:
        return "XX"
    return "XY" if x_het < _HEMIZYGOUS_X and y_carried else "unclear"


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
