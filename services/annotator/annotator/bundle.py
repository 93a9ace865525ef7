"""Reference bundles: a folder with a manifest, a FASTA with its index, gene models, known variants.

``python -m annotator bundle build`` makes one; docs/bundles.md shows how.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

EMBEDDED = Path(__file__).parent / "bundles"
MANIFEST = "manifest.json"
REFERENCE = "reference.fa"
GENES = "genes.gff3"
ISLANDS = "islands.tsv"
STANDARD_CODE = 1

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Window = tuple[int, int]
"""A stretch of a contig: its first and last position, 1-based, both inclusive."""


class NoSuchBundle(LookupError):
    """No bundle of that name is installed."""


class Contig(BaseModel):
    """One sequence of the reference.

    ``length`` in bases; ``md5`` of the upper-case sequence, as in SAM headers; ``aliases`` are
    other names for it; ``genetic_code`` is an NCBI translation table number; ``windows`` are the
    stretches whose sequence the bundle has, in order, empty if it has the whole contig.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    length: int = Field(ge=1)
    md5: str
    aliases: tuple[str, ...] = ()
    genetic_code: int = Field(STANDARD_CODE, ge=1)
    windows: tuple[Window, ...] = ()

    @model_validator(mode="after")
    def _windows_are_in_order(self) -> Self:
        before = 0
        for first, last in self.windows:
            if not before < first <= last <= self.length:
                raise ValueError(f"the window {first}-{last} of {self.name} is out of place")
            before = last
        return self


class KnownField(BaseModel):
    """A column of a known-variant source, as it becomes an INFO field.

    ``csq`` is the field of CSQ that it fills besides, such as ``Existing_variation``; a frequency
    in one ``population``, such as ``AFR``, counts for MAX_AF. ``fills_id``: the value becomes the
    ID of records that have none. ``combine`` says what becomes of several values of one allele.
    """

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[A-Za-z_][0-9A-Za-z_.]*$")
    number: Literal["0", "1", "A", "."] = "1"
    type: Literal["Integer", "Float", "Flag", "String"] = "String"
    description: str
    csq: Literal["Existing_variation", "CLIN_SIG", "AF", "gnomADe_AF", "gnomADg_AF"] | None = None
    population: str | None = Field(None, pattern=r"^[A-Za-z0-9_]+$")
    fills_id: bool = False
    combine: Literal["first", "join", "max", "min"] = "first"


class KnownSource(BaseModel):
    """What a source says of variants, in a file of the bundle: keys, then ``fields``.

    By ``match`` it says so of alleles (a tabix-indexed TSV: CHROM, POS, REF, ALT), of bases or
    stretches (CHROM, START, END: 1-based, both inclusive, none touching another's bases), or of
    genes (a TSV by the gene's id in CSQ).

    A variant counts as known to be pathogenic where ``pathogenic_field`` has one of
    ``pathogenic_values`` among its terms, and none of ``conflicting_values``
    (``annotator/known/pathogenicity.py``). ``rows``: how many alleles were kept, and how many
    dropped, by reason, when the bundle was built.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    version: str
    licence: str
    citation: str
    fields: tuple[KnownField, ...] = Field(min_length=1)
    match: Literal["allele", "position", "overlap", "gene"] = "allele"
    pathogenic_field: str | None = None
    pathogenic_values: tuple[str, ...] = ()
    conflicting_values: tuple[str, ...] = ()
    rows: dict[str, int] = {}

    @property
    def file(self) -> str:
        """Its name in the bundle."""
        return f"known/{self.name}.{'genes.tsv' if self.match == 'gene' else 'tsv.gz'}"


class Manifest(BaseModel):
    """What a bundle says of itself; ``sha256`` holds a checksum of every other file in it.

    ``purpose`` is a sentence on what it is for, which users see when they choose. ``source`` and
    ``licence`` are those of the sequence and the gene models, ``genes`` their number. ``engine`` is
    ``bcftools`` in bundles of earlier versions, which are read but must be built again.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    version: str
    title: str
    purpose: str = ""
    species: str
    assembly: str
    source: str
    licence: str = ""
    genes: int | None = None
    contigs: tuple[Contig, ...] = Field(min_length=1)
    known: tuple[KnownSource, ...] = ()
    engine: Literal["gas", "bcftools", "snpeff"] = "gas"
    sha256: dict[str, str] = {}


class Bundle:
    """A bundle in a folder; with ``manifest``, one whose folder need not be there yet."""

    def __init__(self, folder: Path, manifest: Manifest | None = None) -> None:
        self.folder = folder
        if manifest:
            self.manifest = manifest
            return
        try:
            text = (folder / MANIFEST).read_bytes()
            self.manifest = Manifest.model_validate_json(text)
        except FileNotFoundError:
            raise NoSuchBundle(folder.name) from None
        except ValidationError as error:
            raise ValueError(f"{folder / MANIFEST}: {error}") from None

    @property
    def reference(self) -> Path:
        """The FASTA, with its ``.fai`` beside it."""
        return self.folder / REFERENCE

    @property
    def genes(self) -> Path:
        """The gene models, GFF3 as Ensembl, GENCODE or RefSeq wrote it."""
        return self.folder / GENES

    @property
    def version(self) -> str:
        """Name and version, as results record it."""
        return f"{self.manifest.name}@{self.manifest.version}"

    @cached_property
    def contig_of(self) -> dict[str, Contig]:
        """Each contig by every name that users give it."""
        return {
            name: contig
            for contig in self.manifest.contigs
            for name in (contig.name, *contig.aliases)
        }

    @property
    def is_partial(self) -> bool:
        """True if the bundle has only windows of some contig, as a demo bundle may."""
        return any(contig.windows for contig in self.manifest.contigs)

    def is_covered(self, contigs: Positions, firsts: Positions, lasts: Positions) -> Flags:
        """Which stretches (1-based, both ends inclusive) have a known sequence from end to end.

        ``contigs`` are their numbers in the bundle; of contigs without windows all is covered.
        """
        covered: Flags = np.ones(len(contigs), dtype=np.bool_)
        for number, (starts, ends) in self._windows.items():
            here = contigs == number
            at = np.searchsorted(starts, firsts[here], side="right") - 1
            covered[here] = (at >= 0) & (lasts[here] <= ends[np.maximum(at, 0)])
        return covered

    @cached_property
    def _windows(self) -> dict[int, tuple[Positions, Positions]]:
        """First and last positions of the windows of each contig that has some, by its number."""
        found = {}
        for number, contig in enumerate(self.manifest.contigs):
            if contig.windows:
                firsts, lasts = np.array(contig.windows, dtype=np.int64).T
                found[number] = firsts, lasts
        return found

    @cached_property
    def _islands(self) -> dict[str, tuple[Positions, Positions]]:
        rows: dict[str, list[tuple[int, int]]] = {}
        for line in (self.folder / ISLANDS).read_text().splitlines():
            contig, start, end = line.split("\t")
            rows.setdefault(contig, []).append((int(start), int(end)))
        return {
            contig: (np.array([start for start, _ in pairs]), np.array([end for _, end in pairs]))
            for contig, pairs in rows.items()
        }

    def is_between_genes(self, contig: int, firsts: Positions, lasts: Positions) -> Flags:
        """Which stretches (from 1, both ends in it) of the contig of that number touch no gene."""
        islands = self._islands.get(self.manifest.contigs[contig].name)
        if islands is None:
            return np.ones(len(firsts), dtype=np.bool_)
        starts, ends = islands
        at = np.searchsorted(starts, lasts, side="right") - 1
        free: Flags = (at < 0) | (ends[np.maximum(at, 0)] < firsts)
        return free


def installed(root: Path = EMBEDDED) -> list[Bundle]:
    """All bundles in a folder, by name."""
    return [Bundle(path.parent) for path in sorted(root.glob(f"[!.]*/{MANIFEST}"))]


def find(name: str, root: Path = EMBEDDED) -> Bundle:
    """The installed bundle ``name``. Raises NoSuchBundle."""
    if "/" in name or name.startswith("."):
        raise NoSuchBundle(name)
    return Bundle(root / name)
