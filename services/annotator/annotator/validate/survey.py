"""The verdict on an input file, and all that is known of it before it is annotated.

It is the same for a job and for ``python -m annotator check``. Slices of a large file are looked at
side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from annotator import builds
from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics, Kind
from annotator.processes.parallel import side_by_side
from annotator.rejection import Rejected, not_vcf, wrong_build
from annotator.rules import header as header_rules
from annotator.rules import records as rules
from annotator.validate.contigs import UNKNOWN, Contigs
from annotator.validate.definitions import define
from annotator.validate.findings import Survey
from annotator.validate.identifiers import Seen
from annotator.validate.slice_survey import SliceSurveyor
from annotator.validate.status import Status
from annotator.vcf.blocks import Block, Place
from annotator.vcf.file_types import looks_like
from annotator.vcf.header import Header, Reader
from annotator.vcf.reading import Input
from annotator.vcf.words import shown

MOST_MISMATCHES = 0.5
"""Of the records that can be compared; where more disagree, the file is of another build."""
MANY_MISMATCHES = 0.05
_ENOUGH_RECORDS = 20
_MISFITS = (Status.OTHER_REFERENCE, Status.OFF_CONTIG)
SMALLEST_SLICE_BYTES = 4 << 20
_PERHAPS = " The file may have been made with another genome build."
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Tick = Callable[[float, int], None]


def survey(
    source: Input,
    bundle: Bundle,
    tick: Tick,
    workers: int = 1,
    smallest_slice: int = SMALLEST_SLICE_BYTES,
) -> Survey:
    """Read the whole file. Raises Rejected with the 1-based line of the fault."""
    diagnostics = Diagnostics()
    blocks = source.blocks()
    header, rest = read_header(blocks, diagnostics)
    must_have_its_lengths(header, bundle)
    count = min(workers, source.size // smallest_slice)
    if count > 1 and source.is_seekable:
        found = Survey(header, diagnostics, Contigs(bundle, header.contigs))
        _in_slices(found, source, bundle, rest=rest, count=count, tick=tick)
    else:
        found = SliceSurveyor(source, bundle, header, diagnostics, tick).run(chain([rest], blocks))
    conclude(found, bundle)
    return found


def conclude(found: Survey, bundle: Bundle) -> None:
    """Judge the file as a whole, once all of it was looked at. Raises Rejected."""
    for system in sorted(found.line_ends):
        found.diagnostics.add(Kind.REPAIR, None, f"{system} line ends were made Unix ones")
        found.is_seekable = False
    found.identifiers.tell(found.diagnostics)
    found.identifiers = Seen()
    _must_match(found, bundle)
    _finish(found, bundle)


def _in_slices(
    found: Survey, source: Input, bundle: Bundle, *, rest: Block, count: int, tick: Tick
) -> None:
    """Add to ``found`` what is behind the header; ``rest`` is the text in which it ends."""
    places = source.slices(rest.place(0), count)
    slices = list(zip(places, [*places[1:], None], strict=True))

    def look(piece: tuple[Place, Place | None], told: Tick) -> Survey | Rejected:
        begin, end = piece
        try:
            return SliceSurveyor(source, bundle, found.header, Diagnostics(), told).run(
                source.blocks(begin, 1, end)
            )
        except Rejected as rejected:
            return rejected  # its line is known once those before it are counted

    lines = rest.line - 1
    for looked in side_by_side(slices, count, look, tick):
        if isinstance(looked, Rejected):
            raise looked.further_down(lines)
        found.take(looked, lines)
        lines += looked.lines


def read_header(blocks: Iterator[Block], diagnostics: Diagnostics) -> tuple[Header, Block]:
    """The header, and what follows it in the block in which it ends. Raises Rejected."""
    reader = Reader(diagnostics)
    number = 0
    for block in blocks:
        at = 0
        while at < len(block.text):
            end = block.text.index(b"\n", at)
            line = block.text[at:end]
            number += 1
            if number == 1:
                line = first_line(line, diagnostics)
            at = end + 1
            if reader.take(line, number):
                return reader.header, _rest(block, at, number + 1)
    if not number:
        raise not_vcf("The file has no lines. Upload a VCF file.")
    raise not_vcf(
        "The file ends before the line #CHROM. Upload the whole file.",
        number,
        header_rules.COLUMN_LINE,
    )


def _rest(block: Block, at: int, line: int) -> Block:
    pieces = [Place(offset, start - at) for offset, start in block.pieces]
    return Block(block.text[at:], line, pieces)


def first_line(line: bytes, diagnostics: Diagnostics) -> bytes:
    """The first line of a VCF, without a byte order mark. Raises Rejected for any other line."""
    if line.startswith(_BYTE_ORDER_MARK):
        line = line[3:]
        diagnostics.add(Kind.REPAIR, 1, "a byte order mark was removed")
    if not line.startswith(b"##fileformat=VCF") or line.startswith(_UTF16):
        raise not_vcf(
            f"This is not a VCF file: it looks like {looks_like(line)}."
            " A VCF begins with the line ##fileformat=VCFv4.2 (or another version); a list of"
            " variants has an rs number or an HGVS name in each line.",
            1,
            header_rules.FIRST_LINE,
        )
    return line


def must_have_its_lengths(header: Header, bundle: Bundle) -> None:
    """Raises Rejected where the header names contigs of another genome build."""
    contigs = Contigs(bundle)
    for name, length in header.contigs.items():
        known = contigs.known(name)
        if known == UNKNOWN or length is None:
            continue
        contig = bundle.manifest.contigs[known]
        if contig.length != length:
            raise wrong_build(
                f"The header says that {name.decode()} has {length:,} bases, but in"
                f" {bundle.manifest.title} it has {contig.length:,}.{builds.sentence(header)}"
                " Choose the bundle of the genome build that the file was made with."
            )
    if builds.is_another(header, bundle):
        raise wrong_build(
            f"{bundle.manifest.title} is of {bundle.manifest.assembly}.{builds.sentence(header)}"
            " Choose the bundle of the genome build that the file was made with."
        )


def _must_match(found: Survey, bundle: Bundle) -> None:
    """Raises Rejected where most records do not fit the reference; notes it where many do not.

    Of a file of another build about three of four single bases disagree; what disagrees in a few
    records only are those records. A record of which REF is N tells nothing.
    """
    wrong = found.statuses[Status.OTHER_REFERENCE] + found.statuses[Status.OFF_CONTIG]
    compared = wrong + found.agreeing
    title = bundle.manifest.title
    if wrong > MOST_MISMATCHES * compared:
        first = min(found.first_line[status] for status in _MISFITS if status in found.first_line)
        what = found.mismatch or "a POS beyond the end of its contig"
        raise wrong_build(
            f"In {wrong:,} of {compared:,} records REF or POS is not what {title} has there; the"
            f" first is {what}.{builds.sentence(found.header) or _PERHAPS}",
            first,
        )
    if compared >= _ENOUGH_RECORDS and wrong > MANY_MISMATCHES * compared:
        found.diagnostics.add(
            Kind.FAULT,
            None,
            f"REF or POS is not what {title} has there in {wrong:,} of {compared:,} records: part"
            " of the file may have been made with another genome build",
        )


def _finish(found: Survey, bundle: Bundle) -> None:
    for name, known in zip(found.contigs.names, found.contigs.in_bundle, strict=True):
        if known == UNKNOWN:
            continue
        contig = bundle.manifest.contigs[known]
        if contig.name.encode() != name:
            found.diagnostics.add(
                Kind.REPAIR, None, f"contig {shown(name)} was read as {contig.name}"
            )
    if not found.is_sorted:
        text = "the records were not in order and were sorted"
        found.diagnostics.add_all(Kind.REPAIR, [None], text, rules.CHROM_BLOCK)
    define(found, bundle)
