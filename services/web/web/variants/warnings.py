"""What an expert would look at twice in a row's genotypes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from web.variants.inheritance import is_outside_par
from web.variants.schema import Schema

_LEAST_BALANCE = 0.25
_MOSAIC_READS = 2


def warnings(
    schema: Schema, columns: Mapping[str, Any], genotypes: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Warnings with the sample they are about: skewed balance, mosaic, one copy of X."""
    on_male_x = is_outside_par(schema, columns["contig"], columns["pos"])
    found = []
    for genotype in genotypes:
        zygosity, balance = genotype.get("zygosity"), genotype.get("ab")
        if zygosity == "het" and balance is not None and not _is_balanced(balance):
            found.append(_warning("skewed_balance", genotype, f"allele balance is {balance:.2f}"))
        if zygosity == "hom_ref" and (genotype.get("ad_alt") or 0) >= _MOSAIC_READS:
            text = f"{genotype['ad_alt']} reads have the allele: perhaps a mosaic"
            found.append(_warning("possible_mosaic", genotype, text))
        if on_male_x and zygosity == "hemi":
            text = "the only copy, outside the pseudoautosomal regions of X"
            found.append(_warning("hemizygous", genotype, text))
    return found


def _is_balanced(balance: float) -> bool:
    return _LEAST_BALANCE <= balance <= 1 - _LEAST_BALANCE


def _warning(kind: str, genotype: Mapping[str, Any], text: str) -> dict[str, str]:
    return {"kind": kind, "sample": genotype["sample"], "text": text}
