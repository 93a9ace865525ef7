"""Finds the bundle that a file was made for: by contigs, the words of its header, and REF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pysam

from annotator import builds
from annotator.builds import Build
from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.rejection import Rejected, wrong_build
from annotator.validate.survey import MOST_MISMATCHES, first_line
from annotator.variant_names.listing import is_list
from annotator.variant_names.resolver import places_of
from annotator.vcf.header import Reader
from annotator.vcf.reading import Input

AUTO = "auto"
"""The bundle of a job whose user left the choice to us."""

HEAD_BYTES = 8 << 20
"""How much of an upload is read to find the header: far more than any real header has."""

# A few megabytes of crafted gzip can inflate to gigabytes.
_MAX_INFLATED_BYTES = 256 << 20
_MOST_RECORDS = 1_000

Record = tuple[bytes, int, bytes]


@dataclass(frozen=True)
class Head:
    """What the beginning of a file tells of its reference.

    ``contigs`` are those that the header names, each with its length in bases or None; if it names
    none, those of the first records. ``build`` is the one that the header tells. ``records`` are
    contig, position (1-based) and REF of the first records. A list of names (``is_list``) tells
    what its genomic names do. ``fault`` says why there is no more of them.
    """

    contigs: Mapping[bytes, int | None]
    build: Build | None = None
    records: Sequence[Record] = ()
    is_list: bool = False
    fault: Rejected | None = None


def head_of(path: Path) -> Head:
    """What the first bytes of a file, which ``path`` holds, tell.

    An invalid header raises nothing here: what there is of it may do, and the survey of the whole
    file reports it, with the line.
    """
    if is_list(path):
        places = list(
            islice(places_of(Input(path, _MAX_INFLATED_BYTES, is_whole=False)), _MOST_RECORDS)
        )
        return Head(
            dict.fromkeys((name for name, _, _ in places), None), None, places, is_list=True
        )
    diagnostics = Diagnostics()
    reader = Reader(diagnostics)
    records: list[Record] = []
    fault = None
    try:
        lines = _lines(Input(path, _MAX_INFLATED_BYTES, is_whole=False))
        for number, line in enumerate(lines, start=1):
            if reader.take(first_line(line, diagnostics) if number == 1 else line, number):
                break
        for line in islice(lines, _MOST_RECORDS):
            name, position, _, ref, *_ = [*line.split(b"\t", 4), b"", b"", b"", b""]
            records.append((name, int(position) if position.isdigit() else 0, ref))
    except Rejected as rejected:
        fault = rejected
    used = dict.fromkeys((name for name, _, _ in records), None)
    contigs = reader.header.contigs or used
    return Head(contigs, builds.told(reader.header), records, fault=fault)


def _lines(source: Input) -> Iterator[bytes]:
    for block in source.blocks():
        yield from block.text.splitlines()


def recognise(head: Head, installed: Sequence[Bundle]) -> Bundle:
    """The bundle that has most of the file's contigs with the same lengths.

    One with another sequence than the REF of the first records is passed over. Of two that fit
    equally well, that of the build which the header names comes first, and then a whole one before
    one that has only windows of its contigs. Raises Rejected if none fits: why the file could not
    be read if that is why it names no contigs, else ``wrong_build``.
    """
    contigs, build = head.contigs, head.build
    fitting = [
        (score, bundle)
        for bundle in installed
        if (score := _score(contigs, bundle)) > 0 and _agrees(head.records, bundle)
    ]

    def rank(scored: tuple[int, Bundle]) -> tuple[int, bool, bool]:
        score, bundle = scored
        is_named = build is not None and build.assembly == bundle.manifest.assembly
        return score, is_named, not bundle.is_partial

    if fitting:
        return max(fitting, key=rank)[1]
    if len(installed) == 1 and not contigs:
        return installed[0]  # there is nothing to choose
    if head.fault and not contigs:
        raise head.fault
    names = ", ".join(bundle.manifest.title for bundle in installed)
    if not contigs and head.is_list:
        raise wrong_build(
            "The names do not tell their reference, as NC_000021.9:g.… would."
            f" Choose one of these: {names}."
        )
    if not contigs:
        raise wrong_build(
            "The header names no contigs, so the reference cannot be recognised."
            f" Choose one of these: {names}."
        )
    raise wrong_build(
        "No reference has the contigs of the file, with their lengths and with the bases that its"
        f" records give as REF.{f' The file is of {build}.' if build else ''} These are available:"
        f" {names}. The file may have been made with another genome build."
    )


def _agrees(records: Sequence[Record], bundle: Bundle) -> bool:
    """Whether REF is what the bundle has there, as far as that is known; an N says nothing."""
    if not records or not bundle.reference.exists():  # it may be in the bucket still
        return True
    same = other = 0
    with pysam.FastaFile(str(bundle.reference)) as fasta:
        for name, position, ref in records:
            contig = bundle.contig_of.get(name.decode("utf-8", "replace"))
            if contig is None or not 0 < position <= contig.length - len(ref) + 1:
                continue
            there = fasta.fetch(contig.name, position - 1, position - 1 + len(ref)).upper()
            given = ref.upper()
            if "N" not in there and b"N" not in given and ref.isalpha():
                is_same = there.encode() == given
                same, other = same + is_same, other + (not is_same)
    return other <= MOST_MISMATCHES * (same + other)


def _score(contigs: Mapping[bytes, int | None], bundle: Bundle) -> int:
    """+2 for a contig of the same length, -2 for another length, +1 where no length is given."""
    score = 0
    for name, length in contigs.items():
        known = bundle.contig_of.get(name.decode("utf-8", "replace"))
        if known is None:
            continue
        if length is None:
            score += 1
        else:
            score += 2 if length == known.length else -2
    return score
