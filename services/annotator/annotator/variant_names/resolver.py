"""Resolves the names of one list against a bundle: its sequence, gene models, known variants."""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from annotator.bundle import Bundle
from annotator.consequences.bundled import models_of
from annotator.variant_names import rs_numbers
from annotator.variant_names.hgvs import Hgvs, parse
from annotator.variant_names.listing import Record, lines_of
from annotator.variant_names.places import genomic_span
from annotator.variant_names.rs_numbers import Allele
from annotator.variant_names.transcripts import Meant, Transcripts
from annotator.variant_names.unresolved import Unresolved
from annotator.variant_names.variants import Variant, Variants
from annotator.vcf.reading import Input

_MITOCHONDRION = "MT"
_RS = re.compile(r"rs(\d{1,12})", re.I)
_SHORT = re.compile(r"([^-:\s]+)[-:](\d{1,10})[-:]([ACGTN]+)[-:>]([ACGT]+)", re.I)


class Resolved(NamedTuple):
    """The variants that a name stands for; ``read_as`` if it was read as another name."""

    variants: list[Variant]
    read_as: str = ""


def rs_number(name: str) -> int | None:
    """The number of an rs number; None if the name is none."""
    found = _RS.fullmatch(name)
    return int(found[1]) if found else None


def places_of(source: Input) -> Iterator[tuple[bytes, int, bytes]]:
    """Contig, position (1-based) and REF that genomic names of a list tell; REF may be empty."""
    for line in lines_of(source):
        if line.record:
            yield line.record.contig.encode(), line.record.position, line.record.ref.encode()
        for name in line.names:
            if short := _SHORT.fullmatch(name):
                yield short[1].encode(), int(short[2]), short[3].encode()
                continue
            with contextlib.suppress(Unresolved):
                hgvs = parse(name)
                if hgvs.is_genomic:
                    contig = hgvs.reference or _MITOCHONDRION
                    yield contig.encode(), hgvs.first.base, hgvs.change.ref.encode()


class Resolver:
    """Finds variants by name; ``alleles`` are those of all rs numbers that will be asked for."""

    def __init__(self, bundle: Bundle, alleles: Mapping[int, list[Allele]]) -> None:
        self._bundle = bundle
        self._alleles = alleles
        self._variants = Variants(bundle)

    @classmethod
    def of(cls, bundle: Bundle, names: Iterable[str], tick: Callable[[float], None]) -> Resolver:
        """One that has looked up the rs numbers among ``names``; ``tick`` gets the share done."""
        wanted = {number for name in names if (number := rs_number(name)) is not None}
        return cls(bundle, rs_numbers.find(bundle, wanted, tick))

    def of_record(self, record: Record) -> Resolved:
        """The variant of a short record. Raises Unresolved."""
        contig = self._variants.contig(record.contig)
        return Resolved([self._variants.of_record(contig, *record[1:])])

    def of_name(self, name: str) -> Resolved:
        """The variants that a name stands for. Raises Unresolved."""
        number = rs_number(name)
        if number is not None:
            return Resolved(self._of_rs(number))
        if short := _SHORT.fullmatch(name):
            contig, position, ref, alt = short.groups()
            return self.of_record(Record(contig, int(position), ref.upper(), (alt.upper(),)))
        hgvs = parse(name)
        return self._of_genome(hgvs) if hgvs.is_genomic else self._of_transcript(hgvs)

    def _of_rs(self, number: int) -> list[Variant]:
        sources = [source for source, _ in rs_numbers.sources_of(self._bundle)]
        if not sources:
            raise Unresolved("the reference has no known variants with rs numbers: give HGVS names")
        alleles = self._alleles.get(number)
        if not alleles:
            names = " and ".join(f"{source.name} {source.version}" for source in sources)
            raise Unresolved(
                f"not among the variants that the reference has of {names}; it may have been merged"
                " into another number, or lie elsewhere"
            )
        # Alleles at one place become one record, as dbSNP has them.
        places: dict[tuple[str, int, str], list[str]] = defaultdict(list)
        for contig, position, ref, alt in alleles:
            places[contig, position, ref.upper()].append(alt.upper())
        return [
            self._variants.of_record(self._variants.contig(contig), position, ref, tuple(alts))
            for (contig, position, ref), alts in places.items()
        ]

    def _of_genome(self, name: Hgvs) -> Resolved:
        if name.first.region or name.last.region or name.first.offset or name.last.offset:
            raise Unresolved(f"{name.system}. names have plain positions, without -, * or +")
        if not name.reference and name.system == "g":
            raise Unresolved("it does not say on which chromosome: write NC_… or 21 before a colon")
        contig = self._variants.contig(name.reference or _MITOCHONDRION)
        if name.last.base < name.first.base:
            raise Unresolved("its last position lies before its first")
        span = name.first.base, name.last.base
        return Resolved([self._variants.of_change(contig, span, 1, name.change)])

    def _of_transcript(self, name: Hgvs) -> Resolved:
        meant = self._transcripts.find(name.reference, name.inner)
        accession = self._transcripts.accession(meant.number)
        _must_be_sure(name, meant, accession)
        table = self._transcripts.table
        contig = self._variants.contig(table.contig_names[int(table.contig[meant.number])])
        try:
            span = genomic_span(table, meant.number, name)
            strand = int(table.strand[meant.number])
            variant = self._variants.of_change(contig, span, strand, name.change)
        except Unresolved as reason:
            if accession in {name.reference, name.inner}:
                raise
            raise Unresolved(f"read in {accession}: {reason}") from None
        is_as_written = accession in {name.reference, name.inner}
        return Resolved([variant], "" if is_as_written else accession)

    @cached_property
    def _transcripts(self) -> Transcripts:
        models = models_of(self._bundle)
        if models is None:
            raise Unresolved("the reference has no gene models that c. names could be read in")
        return Transcripts(models.table)


def _must_be_sure(name: Hgvs, meant: Meant, accession: str) -> None:
    """Raises Unresolved for another version of a transcript where no base confirms the place."""
    if meant.is_other_version and not name.change.ref:
        raise Unresolved(
            f"the reference has {accession}, and positions may differ between versions: write the"
            " accession without its version, or a name that tells a base, as del with its bases"
        )
