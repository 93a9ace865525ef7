"""A list of names as a VCF, with what could not be resolved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics, Kind
from annotator.rejection import Rejected, not_vcf, too_large
from annotator.variant_names.listing import Line, is_list, lines_of
from annotator.variant_names.resolver import Resolved, Resolver
from annotator.variant_names.unresolved import Unresolved
from annotator.variant_names.variants import Variant
from annotator.vcf.reading import Input
from annotator.vcf.words import shown

MOST_NAMES = 100_000
"""They are resolved one by one, with all of them in memory."""
_NAME = "names.vcf"
_MOST_REASONS = 5
_MOST_SHOWN_BYTES = 120
_FIRST_LINES = "##fileformat=VCFv4.2\n"
_COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"

Tick = Callable[[float], None]


@dataclass
class _Found:
    """The line of a variant's first name, and its names."""

    line: int
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class NamedVariants:
    """The VCF that a list became. ``lines`` is the line of the list of each of its lines."""

    path: Path
    lines: Sequence[int | None]
    diagnostics: Diagnostics

    def with_lines_of_list(self, found: Diagnostics) -> Diagnostics:
        """What was noted of names, then what was ``found`` in the VCF, with lines of the list."""
        self.diagnostics.take(found.renumbered(self.lines), 0)
        return self.diagnostics


def as_vcf(
    upload: Path, folder: Path, bundle: Bundle, max_bytes: int, tick: Tick
) -> NamedVariants | None:
    """The VCF of a list of names, written into ``folder``; None if the upload is no list.

    Raises Rejected if it has too many names, or none that can be resolved.
    """
    if not is_list(upload):
        return None
    lines = _lines(upload, max_bytes)
    resolver = Resolver.of(bundle, (name for line in lines for name in line.names), tick)
    diagnostics = Diagnostics()
    found: dict[Variant, _Found] = {}
    for line in lines:
        for name, variants in _resolved(line, resolver, diagnostics):
            for variant in variants:
                known = found.setdefault(variant, _Found(line.number))
                if name and name not in known.names:
                    known.names.append(name)
    if not found:
        raise _nothing(diagnostics)
    ordered = sorted(found)
    path = folder / _NAME
    header = _header(bundle)
    with path.open("w") as out:
        out.write(header)
        used: set[str] = set()
        for variant in ordered:
            out.write(_record(variant, found[variant].names, used, bundle))
    numbers = [*[None] * header.count("\n"), *(found[variant].line for variant in ordered)]
    return NamedVariants(path, numbers, diagnostics)


def _lines(upload: Path, max_bytes: int) -> list[Line]:
    lines = []
    names = 0
    for line in lines_of(Input(upload, max_bytes)):
        names += len(line.names) + (line.record is not None)
        if names > MOST_NAMES:
            raise too_large(
                f"The list has more than {MOST_NAMES:,} names. Split it, or send a VCF.",
                line.number,
            )
        lines.append(line)
    return lines


def _resolved(
    line: Line, resolver: Resolver, diagnostics: Diagnostics
) -> list[tuple[str, list[Variant]]]:
    """The variants of each name of a line; notes what is not found, or was read as another."""
    found = []
    for name in line.names or [""]:
        told = shown(name.encode(), _MOST_SHOWN_BYTES) if name else "the record"
        try:
            resolved = (
                resolver.of_name(name) if line.record is None else resolver.of_record(line.record)
            )
        except Unresolved as reason:
            diagnostics.add(Kind.UNRESOLVED, line.number, f"{told}: {reason}")
            continue
        _tell_reading(resolved, told, line.number, diagnostics)
        found.append((name, resolved.variants))
    return found


def _tell_reading(resolved: Resolved, name: str, line: int, diagnostics: Diagnostics) -> None:
    if resolved.read_as:
        text = f"{name} was read in {resolved.read_as}"
        about = f"names of a gene, or of another version, were read in {resolved.read_as}"
        diagnostics.add(Kind.REPAIR, line, text, about)


def _nothing(diagnostics: Diagnostics) -> Rejected:
    told = diagnostics.listed(Kind.UNRESOLVED)
    first = "; ".join(f"line {line}: {text}" for line, text in told[:_MOST_REASONS])
    more = len(told) - _MOST_REASONS
    also = f"; and {more:,} more" if more > 0 else ""
    return not_vcf(
        f"None of the names in the list stands for a variant of the reference. {first}{also}.",
        told[0][0] if told else None,
    )


def _header(bundle: Bundle) -> str:
    contigs = (
        f"##contig=<ID={contig.name},length={contig.length}>\n"
        for contig in bundle.manifest.contigs
    )
    return _FIRST_LINES + "".join(contigs) + _COLUMNS


def _record(variant: Variant, names: list[str], used: set[str], bundle: Bundle) -> str:
    """The names are its ID, but for one that an earlier record has: an ID is of one record."""
    own = [name for name in names if name not in used]
    used.update(own)
    contig = bundle.manifest.contigs[variant.contig].name
    alts = ",".join(variant.alts)
    return f"{contig}\t{variant.position}\t{';'.join(own) or '.'}\t{variant.ref}\t{alts}\t.\t.\t.\n"
