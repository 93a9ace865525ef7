"""Transcripts as gene models tell them. All positions are of the genome, 1-based, both ends in."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]
"""First and last base, 1-based, both included, first <= last."""

SHORTEST_REAL_INTRON = 13
"""Bases. A shorter gap between exons mends a fault of the reference (as VEP takes it)."""


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene; ``id`` as VEP prints it, ``hgnc_id`` as ``HGNC:n``; empty where not known."""

    id: str
    symbol: str = ""
    symbol_source: str = ""
    hgnc_id: str = ""
    biotype: str = ""


@dataclass(frozen=True, slots=True)
class Tags:
    """What curators say of a transcript.

    ``appris`` as VEP prints it (P1 … P5, A1, A2), ``tsl`` the transcript support level (1 … 5,
    None if not judged). ``cds_start_nf`` and ``cds_end_nf``: its coding sequence begins before, or
    goes on behind, what is known of it. ``exceptions``: why the genome does not spell its protein
    (``ribosomal_slippage``, ``selenocysteine``, ``differs_from_genome``).
    """

    mane_select: str = ""
    mane_plus_clinical: str = ""
    is_canonical: bool = False
    appris: str = ""
    tsl: int | None = None
    ccds: str = ""
    cds_start_nf: bool = False
    cds_end_nf: bool = False
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript. ``id`` as VEP prints it in Feature, ``accession`` with version as in HGVS.

    ``exons`` and ``cds`` are spans of the genome in ascending order, whatever the strand.
    ``first_phase`` is GFF3's phase of the first coding exon in the direction of transcription: so
    many bases follow before the first whole codon begins.
    """

    gene: Gene
    id: str
    accession: str
    contig: str
    strand: int
    biotype: str
    exons: tuple[Span, ...]
    cds: tuple[Span, ...] = ()
    first_phase: int = 0
    protein: str = ""
    tags: Tags = Tags()

    @property
    def start(self) -> int:
        """Its lowest base in the genome, 1-based."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """Its highest base in the genome, 1-based, included."""
        return self.exons[-1][1]

    @property
    def missing_bases(self) -> int:
        """How many bases of the first codon (0, 1, 2) lie before the sequence that is known."""
        return -self.first_phase % 3 if self.cds else 0
