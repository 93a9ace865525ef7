"""Codons that an intron cuts in two: where they end, and what substitutions do to them.

No allele of the genome is what two variants on both sides of an intron do to a transcript, so that
engines cannot be asked; but their codon can be translated here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from annotator.consequences.coding_changes import CodonChange, judge
from annotator.consequences.codons import coding_bases
from annotator.consequences.gene_model_engine import GeneModels
from annotator.consequences.genetic_code import Columns, reverse_complement
from annotator.consequences.genome import text
from annotator.consequences.proteins import RESIDUES
from annotator.consequences.regions import NMD
from annotator.consequences.vocabulary import BIT, impact_of, terms_of
from annotator.haplotypes.joint import Variant


class SplitCodons:
    """The codons of gene models."""

    def __init__(self, models: GeneModels) -> None:
        self._models, self._table = models, models.table
        names = models.table.about["Feature"].to_list()
        self._number = {name: number for number, name in enumerate(names)}

    def reach(self, coding: pl.DataFrame) -> Columns:
        """The highest genomic position of the codons of each row of ``candidates.SCHEMA``."""
        transcript = self._numbers(coding["Feature"].to_list())
        table = self._table
        shift = table.missing[transcript] + 1 - table.coding_first[transcript]
        first = (coding["first"].to_numpy() - 1) // 3 * 3 + 1 - shift
        last = (coding["last"].to_numpy() - 1) // 3 * 3 + 3 - shift
        reached: Columns = np.maximum(
            table.genomic_at(transcript, np.maximum(first, 1)),
            table.genomic_at(transcript, np.minimum(last, table.lengths[transcript])),
        )
        return reached

    def _numbers(self, names: Sequence[str]) -> Columns:
        return np.array([self._number[name] for name in names], dtype=np.int64)

    def answer(self, group: Sequence[Variant], name: str) -> dict[str, str | None] | None:
        """What substitutions do together to that transcript, by VEP's fields.

        None if they are not substitutions of coding bases alone.
        """
        changed = self._coding_changes(group, self._number[name])
        if not changed:
            return None
        change = self._codon_change(changed, self._number[name])
        judged = judge(change)
        about = self._table.about.row(self._number[name], named=True)
        # The bases of a codon that is cut are among the last three of an exon, or the first.
        bits = judged.bits | BIT["splice_region_variant"]
        bits |= BIT["NMD_transcript_variant"] if about["BIOTYPE"] == NMD else 0
        first, last = min(changed), max(changed)
        residue = (first - 1) // 3 + 1
        return {
            "SYMBOL": about["SYMBOL"],
            "Gene": about["Gene"],
            "Feature": name,
            "Consequence": "&".join(terms_of(bits)),
            "IMPACT": impact_of(bits),
            "HGVSp": _protein_name(about["protein_accession"], residue, judged.amino_acids, change),
            "CDS_position": f"{first}-{last}",
            "Protein_position": _range(residue, (last - 1) // 3 + 1),
            "Amino_acids": judged.amino_acids,
            "Codons": judged.codons,
        }

    def _coding_changes(self, group: Sequence[Variant], number: int) -> dict[int, str]:
        """The new base at each position of the CDS that changes; empty if not all is coding."""
        table = self._table
        shift = int(table.missing[number] + 1 - table.coding_first[number])
        found: dict[int, str] = {}
        for start, ref, alt in (variant.changed for variant in group):
            if len(ref) != len(alt):
                return {}
            many = np.full(len(ref), number)
            cdna = table.cdna_at(many, np.arange(start, start + len(ref))).tolist()
            for base, at in zip(alt, cdna, strict=True):
                if not int(table.coding_first[number]) <= at <= int(table.coding_last[number]):
                    return {}
                forward = table.strand[number] == 1
                found[at + shift] = base if forward else reverse_complement(base)
        return found

    def _codon_change(self, changed: dict[int, str], number: int) -> CodonChange:
        table, length = self._table, int(self._table.coding_lengths[number])
        begin = (min(changed) - 1) // 3 * 3 + 1
        end = min((max(changed) - 1) // 3 * 3 + 3, length)
        positions = np.arange(begin, end + 1)
        many = np.full(len(positions), number)
        codons = text(coding_bases(table, self._models.genome, many, positions))
        after = "".join(changed.get(begin + at, base) for at, base in enumerate(codons))
        offset, replaced = min(changed) - begin, max(changed) - min(changed) + 1
        return CodonChange(
            table=int(table.genetic_code[number]),
            codons=codons,
            offset=offset,
            replaced=replaced,
            brought=after[offset : offset + replaced],
            is_start=bool(table.start_is_known[number]) and begin == 1,
            is_partial=min(changed) > length - length % 3,
        )


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _protein_name(
    accession: str, residue: int, amino_acids: str, change: CodonChange
) -> str | None:
    """HGVSp of one residue for another; nothing where more or the protein's ends are concerned."""
    before, _, after = amino_acids.partition("/")
    if before not in RESIDUES or change.is_start or change.is_partial:
        return None
    now = {"": "=", "*": "Ter"}.get(after) or RESIDUES.get(after)
    return f"{accession}:p.{RESIDUES[before]}{residue}{now}" if now else None
