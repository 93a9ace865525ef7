"""The MANE summary of NCBI and EMBL-EBI: transcripts that both chose, each with its partner.

Gene models tell which of their own transcripts are of MANE; VEP shows the other project's beside.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from annotator.consequences.gene_models import Transcript

_SELECT, _PLUS_CLINICAL = "MANE Select", "MANE Plus Clinical"
_COLUMNS = {"RefSeq_nuc", "Ensembl_nuc", "MANE_status"}


class UnusableMane(ValueError):
    """The file is no MANE summary, or not one of these gene models."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A transcript of the other project, with its version; ``is_select``, or Plus Clinical."""

    accession: str
    is_select: bool


def read(path: Path) -> dict[str, Partner]:
    """The partner of each transcript, both with versions. Raises UnusableMane."""
    opener = gzip.open if path.suffix in {".gz", ".bgz"} else open
    partners: dict[str, Partner] = {}
    with opener(path, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if not set(rows.fieldnames or ()) >= _COLUMNS:
            raise UnusableMane(f"{path.name} has no columns {', '.join(sorted(_COLUMNS))}.")
        for row in rows:
            if row["MANE_status"] in {_SELECT, _PLUS_CLINICAL}:
                is_select = row["MANE_status"] == _SELECT
                one, other = row["RefSeq_nuc"], row["Ensembl_nuc"]
                partners |= {one: Partner(other, is_select), other: Partner(one, is_select)}
    return partners


def with_partners(
    transcripts: Iterable[Transcript], partners: Mapping[str, Partner]
) -> list[Transcript]:
    """The transcripts, those of MANE with their partners. Raises UnusableMane if none is.

    Only the same version of a transcript is the same sequence.
    """
    named = [_with(one, partners.get(one.accession)) for one in transcripts]
    if partners and not any(one.accession in partners for one in named):
        raise UnusableMane(
            "The MANE summary has no transcript of the gene models: take its release."
        )
    return named


def _with(one: Transcript, partner: Partner | None) -> Transcript:
    if partner is None:
        return one
    if partner.is_select:
        return replace(one, tags=replace(one.tags, mane_select=partner.accession))
    return replace(one, tags=replace(one.tags, mane_plus_clinical=partner.accession))
