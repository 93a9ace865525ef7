"""Our own check of a VCF before bcftools sees it: an engine is not a validator.

Writes a clean copy that the engine can take: contigs under the bundle's names, a header that
defines them. What was changed is said in the report; what cannot be right is refused, with its
line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from annotator.bundle import Bundle, Contig
from annotator.engine.reading import Input, looks_like
from annotator.engine.reference import Reference
from annotator.engine.rejection import invalid, not_vcf, wrong_build

_COLUMNS = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO".split(b"\t")
_BASES = re.compile(rb"[ACGTNacgtn]+")
_ALLELE = re.compile(rb"[ACGTNacgtnRYSWKMBDHVryswkmbdhv]+|\.|\*|<[^<>\s,]+>|\S*[\[\]]\S*")
_CONTIG_ID = re.compile(rb"##contig=<(?:.*,)?ID=([^,>]+)")
_TICK_RECORDS = 5_000

Tick = Callable[[float, int], None]


@dataclass
class Report:
    """What the check found: counts, and each repair in words."""

    records: int = 0
    samples: int = 0
    is_sorted: bool = True
    renamed: dict[bytes, str] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)


class Precheck:
    """One pass over an input file."""

    def __init__(self, bundle: Bundle, reference: Reference, tick: Tick) -> None:
        self._contig_of = {name.encode(): contig for name, contig in bundle.contig_of.items()}
        self._bundle = bundle
        self._reference = reference
        self._tick = tick
        self.report = Report()

    def run(self, source: Input, clean: BinaryIO) -> Report:
        """Check ``source`` and write the clean copy. Raises Rejected."""
        lines = enumerate(source.lines(), start=1)
        columns = self._header(lines, clean)
        last: tuple[int, int] = (-1, 0)
        order = {contig.name: n for n, contig in enumerate(self._bundle.manifest.contigs)}
        for number, line in lines:
            if not line:
                continue
            contig, position, record = self._record(line, number, columns)
            place = (order[contig.name], position)
            self.report.is_sorted = self.report.is_sorted and place >= last
            last = place
            clean.write(record)
            self.report.records += 1
            if self.report.records % _TICK_RECORDS == 0:
                self._tick(source.consumed, self.report.records)
        self._summarise()
        return self.report

    def _header(self, lines: enumerate[bytes], clean: BinaryIO) -> int:
        number, line = next(lines)
        if line.startswith(b"\xef\xbb\xbf"):
            line = line[3:]
            self.report.repairs.append("line 1: a byte order mark was removed")
        if not line.startswith(b"##fileformat=VCF"):
            raise not_vcf(
                f"This is not a VCF file: it looks like {looks_like(line)}."
                " A VCF begins with the line ##fileformat=VCFv4.2 (or another version).",
                number,
            )
        clean.write(line + b"\n")
        for number, line in lines:
            if line.startswith(b"#CHROM"):
                self._write_contigs(clean)
                clean.write(line + b"\n")
                return self._columns(line, number)
            if not line.startswith(b"##"):
                break
            if not self._is_known_contig(line):
                clean.write(_utf8(line) + b"\n")
        raise not_vcf(
            "This is not a whole VCF file: the line that begins with #CHROM is missing"
            " between the header and the first record.",
            number,
        )

    def _is_known_contig(self, line: bytes) -> bool:
        named = _CONTIG_ID.match(line)
        if not named:
            return False
        contig = self._contig_of.get(named.group(1))
        length = re.search(rb"[,<]length=([0-9]+)", line)
        if contig and length and int(length.group(1)) != contig.length:
            raise wrong_build(
                f"The header says that {named.group(1).decode()} has"
                f" {int(length.group(1)):,} bases, but in {self._bundle.manifest.title} it has"
                f" {contig.length:,}. Choose the bundle of the genome build that the file was"
                " made with."
            )
        return contig is not None

    def _write_contigs(self, clean: BinaryIO) -> None:
        for contig in self._bundle.manifest.contigs:
            clean.write(f"##contig=<ID={contig.name},length={contig.length}>\n".encode())

    def _columns(self, line: bytes, number: int) -> int:
        columns = line.split(b"\t")
        if len(columns) == 1 and len(line.split()) >= len(_COLUMNS):
            raise invalid("The columns are separated by spaces; VCF needs tabs.", number)
        if columns[: len(_COLUMNS)] != _COLUMNS:
            raise invalid(
                "The line #CHROM must name the columns CHROM POS ID REF ALT QUAL FILTER INFO.",
                number,
            )
        names = columns[9:]
        if len(set(names)) != len(names):
            raise invalid("Two samples have the same name in the line #CHROM.", number)
        self.report.samples = len(names)
        return len(columns)

    def _record(self, line: bytes, number: int, columns: int) -> tuple[Contig, int, bytes]:
        fields = line.split(b"\t")
        if len(fields) != columns:
            if len(fields) == 1 and len(line.split()) >= len(_COLUMNS):
                raise invalid("The columns are separated by spaces; VCF needs tabs.", number)
            raise invalid(f"{len(fields)} columns, but the header names {columns}.", number)
        contig = self._contig(fields[0], number)
        position = self._position(fields[1], contig, number)
        self._alleles(fields, contig, position, number)
        if len(fields) > 9:
            self._genotypes(fields, number)
        fields[0] = contig.name.encode()
        return contig, position, b"\t".join(fields) + b"\n"

    def _contig(self, name: bytes, number: int) -> Contig:
        contig = self._contig_of.get(name)
        if contig is None:
            known = ", ".join(contig.name for contig in self._bundle.manifest.contigs[:5])
            raise wrong_build(
                f"Contig {_shown(name)} is not in {self._bundle.manifest.title}, which has {known}."
                " Choose the bundle of the genome build that the file was made with.",
                number,
            )
        if name != contig.name.encode():
            self.report.renamed[name] = contig.name
        return contig

    def _position(self, text: bytes, contig: Contig, number: int) -> int:
        if not text.isdigit() or len(text) > 10:
            raise invalid(f"POS must be a whole number, not {_shown(text)}.", number)
        position = int(text)
        if not 1 <= position <= contig.length:
            raise invalid(
                f"POS {position:,} is not on {contig.name}, which has {contig.length:,} bases.",
                number,
            )
        return position

    def _alleles(self, fields: list[bytes], contig: Contig, position: int, number: int) -> None:
        ref, alts = fields[3], fields[4].split(b",")
        if not _BASES.fullmatch(ref):
            raise invalid(f"REF must be bases (A, C, G, T, N), not {_shown(ref)}.", number)
        for alt in alts:
            if not _ALLELE.fullmatch(alt):
                raise invalid(f"ALT {_shown(alt)} is not an allele.", number)
        if not self._reference.agrees(contig.name, position, ref):
            raise wrong_build(
                f"REF {_shown(ref)} at {contig.name}:{position} is not what the reference has"
                f" there ({self._reference.shown(contig.name, position, len(ref))}). The file may"
                " have been made with another genome build.",
                number,
            )

    def _genotypes(self, fields: list[bytes], number: int) -> None:
        if fields[8].split(b":", 1)[0] != b"GT":
            return
        highest = len(fields[4].split(b","))
        for sample in fields[9:]:
            for allele in sample.split(b":", 1)[0].replace(b"|", b"/").split(b"/"):
                if allele.isdigit() and int(allele) > highest:
                    raise invalid(
                        f"A genotype names allele {int(allele)}, but there are only"
                        f" {highest} in ALT.",
                        number,
                    )

    def _summarise(self) -> None:
        for name, contig in sorted(self.report.renamed.items()):
            self.report.repairs.append(f"contig {_shown(name)} was read as {contig}")
        if not self.report.is_sorted:
            self.report.repairs.append("the records were not in order and were sorted")


def check(source: Path, clean: Path, bundle: Bundle, max_bytes: int, tick: Tick) -> Report:
    """Check the file ``source`` against ``bundle``; leave what the engine takes in ``clean``.

    Raises Rejected with the 1-based line of the fault.
    """
    with Reference(bundle) as reference, clean.open("wb") as out:
        precheck = Precheck(bundle, reference, tick)
        try:
            return precheck.run(Input(source, max_bytes), out)
        except StopIteration:
            raise not_vcf("The file has no lines. Upload a VCF file.") from None


def _utf8(line: bytes) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1").encode()
    return line


def _shown(text: bytes) -> str:
    shown = text[:40].decode("utf-8", "replace")
    return f"“{shown}…”" if len(text) > 40 else f"“{shown}”"
