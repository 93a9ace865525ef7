"""Counts over an annotated VCF: what the log shows and what the plots are drawn from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from annotator.bundle import Bundle
from annotator.consequences.entries import Entries
from annotator.consequences.vocabulary import IMPACTS, terms_of
from annotator.report.changes import Changes
from annotator.report.sample_checks import SampleChecks
from annotator.validate.contigs import Contigs
from annotator.validate.rows import Rows
from annotator.validate.status import WHY, Status
from annotator.vcf.columns import (
    INFO,
    QUAL,
    Offsets,
    Table,
)

TOP_GENES = 50
MOST_CONTIGS = 100
"""With counts of their own; a file may have a hundred thousand, which no page could show."""
DENSITY_BINS = 100
_MOST_BINS = 10 * DENSITY_BINS  # on contigs whose length nobody knows
QUALITY_BINS = (0, 10, 20, 30, 50, 100, 200, 500, 1000)
FREQUENCY_BINS = 10
_AHEAD = 4
"""So many bytes behind AF are looked at."""


@dataclass
class Summary:
    """Counts of one result.

    ``consequences`` counts records by each term that any entry has; ``by_worst`` by the most severe
    term of all entries, ``by_pick`` by that of the picked ones; ``impacts`` by the worst; ``genes``
    by the genes that they touch. ``unanswered`` counts, by reason, records that have an allele to
    which the engine has no answer. ``haplotypes`` has joint changes, and by reason those that were
    left out; ``structural`` the structural variants by kind, and what their entries leave out.
    ``checks`` counts the rows of ``variants.parquet``.
    """

    contigs: Contigs
    checks: SampleChecks
    records: int = 0
    annotated: int = 0
    pathogenic: int = 0
    changes: Changes = field(default_factory=Changes)
    consequences: Counter[str] = field(default_factory=Counter)
    by_worst: Counter[str] = field(default_factory=Counter)
    by_pick: Counter[str] = field(default_factory=Counter)
    impacts: Counter[str] = field(default_factory=Counter)
    genes: Counter[str] = field(default_factory=Counter)
    by_contig: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    haplotypes: Counter[str] = field(default_factory=Counter)
    structural: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    density: Counter[tuple[str, int]] = field(default_factory=Counter)
    qualities: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(len(QUALITY_BINS), dtype=np.int64)
    )
    frequencies: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(FREQUENCY_BINS, dtype=np.int64)
    )
    bin_bases: int = 1
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def empty(cls, contigs: Contigs, samples: list[bytes], bundle: Bundle) -> Summary:
        """No counts yet; the density has 100 bins on the longest contig."""
        longest = max(contig.length for contig in bundle.manifest.contigs)
        names = [name.decode("utf-8", "replace") for name in samples]
        checks = SampleChecks.empty(names, bundle.manifest.assembly)
        return cls(contigs, checks, bin_bases=-(-longest // DENSITY_BINS))

    def count(self, rows: Rows) -> None:
        """Count what the records of a block are."""
        table = rows.table
        self.records += table.rows
        for status, times in zip(
            Status, np.bincount(rows.status, minlength=len(Status)), strict=True
        ):
            self.statuses[status.name.lower()] += int(times)
        self._count_places(rows)
        self.changes.count(rows)
        self._count_qualities(table)
        self._count_frequencies(table)

    def count_entries(self, entries: Entries) -> None:
        """Count the entries of CSQ of a block, which are sorted by ``row``."""
        frame = entries.frame
        if frame.is_empty():
            return
        rows = frame["row"].to_numpy()
        of_records = _by_record(rows, entries.bits)
        self.annotated += len(of_records)
        for bits, times in zip(*np.unique(of_records, return_counts=True), strict=True):
            terms = terms_of(int(bits))
            self.consequences.update(dict.fromkeys(terms, int(times)))
            self.by_worst[terms[0]] += int(times)
            self.impacts[IMPACTS[terms[0]]] += int(times)
        is_picked = frame["PICK"].is_not_null().to_numpy()
        of_picks = _by_record(rows[is_picked], entries.bits[is_picked])
        for bits, times in zip(*np.unique(of_picks, return_counts=True), strict=True):
            self.by_pick[terms_of(int(bits))[0]] += int(times)
        self._count_genes(entries, rows)

    def _count_genes(self, entries: Entries, rows: Offsets) -> None:
        codes, symbols = entries.words("SYMBOL")
        touching = codes >= 0
        if "DISTANCE" in entries.frame.columns:  # of a gene near by, which is not touched
            touching &= entries.frame["DISTANCE"].is_null().to_numpy()
        pairs = np.unique(rows[touching] * len(symbols) + codes[touching])
        times = np.bincount(pairs % max(len(symbols), 1), minlength=len(symbols))
        self.genes.update({name: n for name, n in zip(symbols, times.tolist(), strict=True) if n})

    def count_pathogenic(self, records: int) -> None:
        """Count records of which an allele is known to be pathogenic."""
        self.pathogenic += records

    def _count_places(self, rows: Rows) -> None:
        bins = np.clip((rows.positions - 1) // self.bin_bases, 0, _MOST_BINS)
        places = rows.contigs * (_MOST_BINS + 1) + bins
        # By runs of records at one place, not by contig: a block may have thousands of contigs.
        begins = np.flatnonzero(np.diff(places, prepend=-1))
        lengths = np.diff(begins, append=len(places))
        for place, times in zip(places[begins].tolist(), lengths.tolist(), strict=True):
            number, at = divmod(place, _MOST_BINS + 1)
            name = self.contigs.names[number].decode("utf-8", "replace")
            self.by_contig[name] += times
            self.density[name, at] += times

    def _count_qualities(self, table: Table) -> None:
        column = table.column(QUAL)
        values, known = table.leading_numbers(column)
        bins = np.searchsorted(QUALITY_BINS, values[known], side="right") - 1
        self.qualities += np.bincount(bins, minlength=len(QUALITY_BINS))

    def _count_frequencies(self, table: Table) -> None:
        text = table.bytes
        found = np.flatnonzero(text[:-_AHEAD] == ord("F"))
        found = found[(text.take(found - 1) == ord("A")) & (text.take(found + 1) == ord("="))]
        before = text.take(found - 2)
        found = found[(before == ord(";")) | (before == ord("\t"))] + len("F=")
        rows = np.searchsorted(table.ends, found)
        info = table.column(INFO)
        found = found[(found > info.starts[rows]) & (found < info.ends[rows])]
        whole, tenths = text[found], text[found + 2].astype(np.int64) - ord("0")
        is_fraction = (whole == ord("0")) & (text[found + 1] == ord("."))
        tenths = np.where(is_fraction & (tenths >= 0) & (tenths <= 9), tenths, 0)
        tenths[whole == ord("1")] = np.where(
            text[found + 1][whole == ord("1")] == ord("e"), 0, FREQUENCY_BINS - 1
        )
        known = (whole >= ord("0")) & (whole <= ord("9"))
        self.frequencies += np.bincount(tenths[known], minlength=FREQUENCY_BINS)

    def add(self, other: Summary) -> None:
        """Add the counts of another part of the same file."""
        for name in ("records", "annotated", "pathogenic"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        self.remarks += other.remarks
        self.changes.add(other.changes)
        self.checks.add(other.checks)
        self.qualities += other.qualities
        self.frequencies += other.frequencies

    def counts(self) -> dict[str, int]:
        """The few numbers that a job shows."""
        return {
            "records": self.records,
            "annotated": self.annotated,
            "genes": len(self.genes),
            "pathogenic": self.pathogenic,
        }

    def _shown_contigs(self) -> list[str]:
        """In the order of the file, those with the most records where there are very many."""
        most = {name for name, _ in _sorted(self.by_contig)[:MOST_CONTIGS]}
        return [name for name in self.by_contig if name in most]

    def _density(self, contigs: list[str]) -> dict[str, list[int]]:
        bins: dict[str, list[int]] = {name: [] for name in contigs}
        for (contig, at), times in sorted(self.density.items()):
            if contig in bins:
                counts = bins[contig]
                counts += [0] * (at + 1 - len(counts))
                counts[at] = times
        return bins

    def as_json(self) -> dict[str, Any]:
        """Everything, most frequent first."""
        changes = self.changes
        ratio = changes.transitions / changes.transversions if changes.transversions else None
        contigs = self._shown_contigs()
        return {
            "records": self.records,
            "annotated": self.annotated,
            "known_pathogenic": self.pathogenic,
            "not_annotated": _by_frequency(_set_aside(self.statuses) + self.unanswered),
            "haplotypes": _by_frequency(+self.haplotypes),
            "structural_variants": _by_frequency(+self.structural),
            "variant_types": _by_frequency(+changes.types),
            "consequences": _by_frequency(self.consequences),
            "consequences_by_worst": _by_frequency(self.by_worst),
            "consequences_by_pick": _by_frequency(self.by_pick),
            "impacts": {grade: self.impacts[grade] for grade in GRADES if self.impacts[grade]},
            "genes": dict(_sorted(self.genes)[:TOP_GENES]),
            "contigs": {name: self.by_contig[name] for name in contigs},
            "contigs_left_out": len(self.by_contig) - len(contigs),
            "density": {"bin_bases": self.bin_bases, "counts": self._density(contigs)},
            "transitions": changes.transitions,
            "transversions": changes.transversions,
            "ts_tv_ratio": round(ratio, 4) if ratio is not None else None,
            "qualities": {"from": list(QUALITY_BINS), "counts": self.qualities.tolist()},
            "allele_frequencies": {
                "from": [n / FREQUENCY_BINS for n in range(FREQUENCY_BINS)],
                "counts": self.frequencies.tolist(),
            },
        } | self.checks.as_json()


GRADES = ("HIGH", "MODERATE", "LOW", "MODIFIER")
_COUNTERS = (
    *("consequences", "by_worst", "by_pick", "impacts"),
    *("genes", "by_contig", "statuses", "haplotypes", "structural", "density"),
)


def _by_record(rows: Offsets, bits: Offsets) -> Offsets:
    """The terms of all entries of each record together."""
    begins = np.flatnonzero(np.diff(rows, prepend=-1))
    together: Offsets = np.bitwise_or.reduceat(bits, begins) if len(rows) else bits
    return together


def _sorted(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _set_aside(statuses: Counter[str]) -> Counter[str]:
    said = {status.name.lower() for status in WHY}
    return Counter({name: times for name, times in statuses.items() if times and name in said})


def _by_frequency(counts: Counter[str]) -> dict[str, int]:
    return dict(_sorted(counts))
