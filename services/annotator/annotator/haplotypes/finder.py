"""Finds joint changes in blocks of records as they are annotated, over the borders of blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
import polars.selectors as cs

from annotator.consequences.engine import Engine
from annotator.consequences.gene_model_engine import GeneModels
from annotator.haplotypes import calls as genotype_calls
from annotator.haplotypes.calls import Calls
from annotator.haplotypes.candidates import (
    MOST_TOGETHER,
    SCHEMA,
    Chain,
    chains,
    coding_alleles,
    pieces,
)
from annotator.haplotypes.haplo_format import OF_CONSEQUENCE, Carriers, entry
from annotator.haplotypes.joint import Bases, NotJoined, Variant, joined
from annotator.haplotypes.phasing import genotype, together
from annotator.haplotypes.split_codons import SplitCodons
from annotator.validate.rows import Rows
from annotator.vcf.header import Header

MOST_HELD_BYTES = 16 << 20
"""Text of blocks that wait for later records of their last codon."""
_ENTRIES_PER_RECORD = 200
_ASKED = {"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}

Group = tuple[Variant, ...]
Haplotypes = Sequence[tuple[str, frozenset[tuple[int, int]]]]
"""Names of haplotypes, and what is on each: see ``phasing.together``."""


@dataclass
class Block:
    """A block on its way to the results: its records, the entries of CSQ, and those of HAPLO.

    ``alleles`` were given to the engine, which has no answer for those in ``unanswered``. ``first``
    is the number of the block's first record in the part.
    """

    rows: Rows
    alleles: pl.DataFrame
    entries: pl.DataFrame
    unanswered: pl.DataFrame
    haplo: dict[int, list[str]] = field(default_factory=dict)
    first: int = 0

    @property
    def after(self) -> int:
        """The number of the first record behind the block."""
        return self.first + self.rows.table.rows


class HaplotypeFinder:
    """Takes the blocks of a part in order and gives them back with entries of HAPLO.

    A block is held as long as a later record may touch a codon of one of its alleles. ``counts``
    has the joint changes that were found, and those that were not told by reason.
    """

    def __init__(
        self,
        engine: Engine,
        bases: Bases,
        header: Header,
        load_models: Callable[[], GeneModels | None],
    ) -> None:
        self._engine, self._bases, self._load_models = engine, bases, load_models
        self._samples = [name.decode("utf-8", "replace") for name in header.samples]
        self._minor_version = header.minor_version
        self._held: list[Block] = []
        self._open = pl.DataFrame(schema=SCHEMA)
        self._records = 0
        self.counts: Counter[str] = Counter()

    @cached_property
    def _codons(self) -> SplitCodons | None:
        # Loaded at the first candidate: the engine may be in another process.
        models = self._load_models()
        return SplitCodons(models) if models else None

    def add(self, blocks: Iterable[Block]) -> list[Block]:
        """Take the next blocks; returns those that are complete."""
        coding = [self._open]
        for block in blocks:
            block.first = self._records
            self._records = block.after
            self._held.append(block)
            if self._samples and "CDS_position" in block.entries.columns:
                coding.append(self._coding(block))
        found, self._open = chains(pl.concat(coding), self._reached())
        self._tell(found)
        return self._complete()

    def rest(self) -> list[Block]:
        """The blocks that are left when there are no more records."""
        found, self._open = chains(self._open, None)
        self._tell(found)
        return self._complete()

    def _coding(self, block: Block) -> pl.DataFrame:
        found = coding_alleles(block.entries, block.alleles, block.first)
        if self._codons is None or found.is_empty():
            return found
        reach = pl.Series("codon", self._codons.reach(found))
        return found.with_columns(reach=pl.max_horizontal("reach", reach))

    def _reached(self) -> tuple[str, int] | None:
        """Where the last allele lies that was read."""
        for block in reversed(self._held):
            if not block.alleles.is_empty():
                return block.alleles["contig"][-1], int(block.alleles["pos"][-1])
        return None

    def _complete(self) -> list[Block]:
        """The blocks before the first allele that waits; all but the last few in any case."""
        first = min(self._open["record"].to_list(), default=self._records)
        kept = next((n for n, one in enumerate(self._held) if one.after > first), len(self._held))
        held_bytes = sum(len(block.rows.table.text) for block in self._held[kept:])
        while held_bytes > MOST_HELD_BYTES and kept < len(self._held):
            held_bytes -= len(self._held[kept].rows.table.text)
            kept += 1
            lost = self._open["record"] < self._held[kept - 1].after
            self.counts["too_far_apart"] += int(lost.sum())
            self._open = self._open.filter(~lost)
        ready, self._held = self._held[:kept], self._held[kept:]
        for block in ready:
            for entries in block.haplo.values():
                entries.sort()  # when each was found depends on where blocks end
        return ready

    def _tell(self, found: list[Chain]) -> None:
        """Add entries to the blocks for all joint changes in those chains."""
        calls = self._calls(found)
        known: dict[Group, list[tuple[frozenset[Variant], Carriers]]] = {}
        joint: dict[Group, dict[str, Carriers]] = {}
        split: dict[Group, dict[str, Carriers]] = {}
        for chain in found:
            if len(chain.variants) > MOST_TOGETHER:
                self.counts["too_many_together"] += 1
                continue
            if chain.variants not in known:
                known[chain.variants] = self._haplotypes(chain.variants, calls)
            for chosen, carriers in known[chain.variants]:
                for piece in pieces(chain, chosen):
                    kept = split if piece.spans_intron else joint
                    of_piece = kept.setdefault(piece.variants, {})
                    of_piece.setdefault(chain.transcript, Carriers()).add(carriers)
        if joint:
            self._annotate(joint)
        if split:
            self._translate(split)

    def _calls(self, found: list[Chain]) -> dict[int, Calls]:
        """The genotypes of the records of all chains."""
        records = sorted({variant.record for chain in found for variant in chain.variants})
        calls: dict[int, Calls] = {}
        for block in self._held:
            rows = [at - block.first for at in records if block.first <= at < block.after]
            read = genotype_calls.read(block.rows.table, rows)
            calls |= {row + block.first: one for row, one in read.items()}
        return calls

    def _haplotypes(
        self, variants: Group, calls: dict[int, Calls]
    ) -> list[tuple[frozenset[Variant], Carriers]]:
        """Alleles that are together on a haplotype, and who has it."""
        records = list(dict.fromkeys(one.record for one in variants if one.record in calls))
        place = {record: at for at, record in enumerate(records)}
        by_member = {
            (place[one.record], one.allele): one for one in variants if one.record in place
        }
        found: dict[frozenset[Variant], Carriers] = {}
        for sample, haplotypes in self._together([calls[record] for record in records]):
            for name, members in haplotypes:
                chosen = frozenset(by_member[one] for one in members if one in by_member)
                if len(chosen) > 1:
                    carriers = found.setdefault(chosen, Carriers())
                    carriers.add(Carriers([self._samples[sample]], [name], 1))
        return list(found.items())

    def _together(self, of: list[Calls]) -> Iterator[tuple[int, Haplotypes]]:
        """Each sample that carries alleles of two of the records, and its haplotypes."""
        if len(of) < 2:
            return
        carried = np.add.reduce([one.carriers for one in of], dtype=np.int64)
        samples = np.flatnonzero(carried > 1)
        genotypes = zip(*(one.genotypes[samples].tolist() for one in of), strict=True)
        phase_sets = zip(*(one.phase_sets[samples].tolist() for one in of), strict=True)
        for sample, texts, sets in zip(samples.tolist(), genotypes, phase_sets, strict=True):
            parsed = tuple(genotype(text, self._minor_version) for text in texts)
            yield sample, together(parsed, sets)

    def _annotate(self, joint: dict[Group, dict[str, Carriers]]) -> None:
        """Ask the engine for joint alleles, and add what it says to the records of each."""
        asked: list[Group] = []
        alleles = []
        for group in joint:
            try:
                alleles.append(joined(group, self._bases))
                asked.append(group)
            except NotJoined as reason:
                self.counts[str(reason)] += 1
        if not asked:
            return
        answer = self._engine.annotate(pl.DataFrame(alleles, schema=_ASKED, orient="row")).rows
        pairs = [
            (row, transcript) for row, group in enumerate(asked) for transcript in joint[group]
        ]
        wanted = pl.DataFrame(pairs, schema={"row": pl.Int64, "Feature": pl.String}, orient="row")
        answer = answer.join(wanted, on=["row", "Feature"], how="semi", maintain_order="left")
        for values in answer.select(
            "row", cs.by_name(*OF_CONSEQUENCE, require_all=False)
        ).iter_rows(named=True):
            group = asked[values["row"]]
            carriers = joint[group][values["Feature"]]
            self._add(group, entry(carriers.texts([str(one) for one in group]), values))
        self.counts["joint_changes"] += answer["row"].n_unique()

    def _translate(self, split: dict[Group, dict[str, Carriers]]) -> None:
        """Add what alleles do together whose codon an intron cuts in two."""
        for group, transcripts in split.items():
            for name, carriers in transcripts.items():
                answer = self._codons.answer(group, name) if self._codons else None
                if answer is None:
                    self.counts["over_an_intron"] += 1
                    continue
                self._add(group, entry(carriers.texts([str(one) for one in group]), answer))
                self.counts["joint_changes_over_an_intron"] += 1

    def _add(self, group: Group, text: str) -> None:
        for record in dict.fromkeys(variant.record for variant in group):
            block = next(one for one in self._held if one.first <= record < one.after)
            entries = block.haplo.setdefault(record - block.first, [])
            if len(entries) < _ENTRIES_PER_RECORD:
                entries.append(text)
            else:
                self.counts["too_many_entries"] += 1
