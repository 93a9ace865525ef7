"""Whether a bundle is whole and right: checksums, contigs, and that coding sequences translate."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pysam

from annotator.bundle import Bundle, Contig
from annotator.consequences.genetic_code import amino_acids

_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
_PARENT = re.compile(r"(?:^|;)Parent=([^;]+)")
_MOST_BROKEN = 0.02
_FEW = 50


@dataclass
class _Coding:
    contig: str
    strand: str
    parts: list[tuple[int, int, int]] = field(default_factory=list)


def check(bundle: Bundle, say: Callable[[str], None]) -> list[str]:
    """What is wrong with the bundle, in words; empty if nothing is."""
    faults = [*_changed(bundle), *_sequences(bundle)]
    say("checking that coding sequences translate")
    broken, total = [], 0
    with pysam.FastaFile(str(bundle.reference)) as fasta:
        contigs = {contig.name: contig for contig in bundle.manifest.contigs}
        for transcript, coding in _codings(bundle).items():
            total += 1
            if reason := _reason(fasta, contigs[coding.contig], coding):
                broken.append(f"{transcript}: {reason}")
    say(f"{total:,} coding sequences, {len(broken):,} of them do not translate")
    # Real gene sets have some: selenocysteines, polymorphic pseudogenes, incomplete models.
    if len(broken) > _MOST_BROKEN * total:
        faults += broken[:_FEW]
    return faults


def _changed(bundle: Bundle) -> Iterator[str]:
    for name, wanted in bundle.manifest.sha256.items():
        path = bundle.folder / name
        if not path.is_file():
            yield f"{name} is missing"
            continue
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != wanted:
            yield f"{name} is not what it was when the bundle was built"


def _sequences(bundle: Bundle) -> Iterator[str]:
    with pysam.FastaFile(str(bundle.reference)) as fasta:
        lengths = dict(zip(fasta.references, fasta.lengths, strict=True))
        for contig in bundle.manifest.contigs:
            if lengths.get(contig.name) != contig.length:
                yield f"{contig.name} has {lengths.get(contig.name)} bases, not {contig.length}"
                continue
            sequence = fasta.fetch(contig.name).upper().encode()
            if hashlib.md5(sequence, usedforsecurity=False).hexdigest() != contig.md5:
                yield f"the sequence of {contig.name} has another MD5"


def _codings(bundle: Bundle) -> dict[str, _Coding]:
    codings: dict[str, _Coding] = {}
    with bundle.genes.open(encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 9 or fields[2] != "CDS":
                continue
            parent = _PARENT.search(fields[8])
            if parent:
                coding = codings.setdefault(parent.group(1), _Coding(fields[0], fields[6]))
                phase = int(fields[7]) if fields[7].isdigit() else 0
                coding.parts.append((int(fields[3]) - 1, int(fields[4]), phase))
    return codings


def _reason(fasta: pysam.FastaFile, contig: Contig, coding: _Coding) -> str:
    """Why the coding sequence does not translate, or nothing."""
    parts = sorted(coding.parts)
    sequence = "".join(fasta.fetch(coding.contig, start, end) for start, end, _ in parts).upper()
    if coding.strand == "-":
        sequence = sequence[::-1].translate(_COMPLEMENT)
    first = parts[-1] if coding.strand == "-" else parts[0]
    sequence = sequence[first[2] :]
    residues = amino_acids(contig.genetic_code)
    codons = [sequence[at : at + 3] for at in range(0, len(sequence) - 5, 3)]
    for number, codon in enumerate(codons, start=1):
        if residues.get(codon) == "*":
            return f"codon {number} of {len(codons) + 1} is a stop ({codon})"
    return ""
