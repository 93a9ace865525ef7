"""What a bundle is built from: a JSON file with paths or addresses, and what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from annotator.bundle import KnownField, KnownSource
from annotator.bundling.readings import Reading

AUTO = "auto"
"""The version of what is versioned by its files."""
GENETIC_CODES = (1, 2)
"""NCBI's translation tables that engines know."""


class BadRecipe(Exception):
    """The recipe or one of its files cannot be used; the message says what to do."""


class Source(BaseModel):
    """A file: a path (relative to the recipe) or an http(s) or ftp address, and its checksum.

    Where files are taken from a folder, it goes by the last part of ``at`` or by one of ``names``,
    patterns such as ``gencode.v*.gff3``, packed or not; ``or_at`` are addresses of other files that
    will do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: str
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    names: tuple[str, ...] = ()
    or_at: tuple[str, ...] = ()


class FieldFrom(KnownField):
    """An INFO field to be; ``column`` is its name in the source, if it is another.

    ``reading`` says what becomes of the source's values (``annotator/bundling/readings.py``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str | None = None
    reading: Reading = "text"


class KnownFrom(KnownSource):
    """Known variants to be: a VCF, or a TSV with the columns CHROM, POS, REF, ALT and more.

    An ``optional`` one is left out where files come from a folder that lacks it; one ``in_parts``
    may be several files there, as one for each chromosome. The version ``auto`` is read from the
    file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Source
    format: Literal["vcf", "tsv"]
    optional: bool = False
    in_parts: bool = False
    fields: tuple[FieldFrom, ...] = Field(min_length=1)


class Expected(BaseModel):
    """A known variant, CONTIG-POSITION-REF-ALT (1-based), and what the bundle must answer.

    ``protein`` is a change such as V717I in some transcript of ``gene``. ``known`` are fields of
    sources with a text that their value must contain; those of sources that are not there are
    passed over.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    variant: str = Field(pattern=r"^[^-]+-[0-9]+-[ACGT]+-[ACGT]+$")
    gene: str
    protein: str = Field(pattern=r"^[A-Z*]+[0-9]+[A-Z*]+$")
    known: dict[str, str] = {}


class Recipe(BaseModel):
    """How to build a bundle. The version ``auto`` is made of the gene models' and the contents.

    ``mane`` is the summary of MANE; where files come from a folder, it may be left out.
    ``genetic_codes`` and ``aliases`` go by contig.

    A genetic code is the number of NCBI's translation table, of which engines know the first two;
    contigs without one have the standard code, 1. ``with_chr`` gives each contig the alias ``chr``
    + name.

    ``windows`` names contigs of which the FASTA has only stretches, and their whole length in
    bases. A stretch is a record CONTIG:FIRST-LAST (1-based, both inclusive), as ``samtools faidx``
    writes it; all else of the contig becomes N.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    version: str
    title: str
    purpose: str = ""
    species: str
    assembly: str
    source: str
    licence: str = ""
    fasta: Source
    genes: Source
    mane: Source | None = None
    contigs: tuple[str, ...] | None = None
    genetic_codes: dict[str, Literal[1, 2]] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    with_chr: bool = False
    windows: dict[str, int] = {}
    known: tuple[KnownFrom, ...] = ()
    expected: tuple[Expected, ...] = ()
    engine: Literal["gas", "snpeff"] = "gas"


def read(path: Path) -> Recipe:
    """The recipe in a file. Raises BadRecipe."""
    try:
        return Recipe.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadRecipe(f"There is no file {path}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRecipe(f"{path}, at {place or 'its top'}: {first['msg']}.") from None


def renamed(recipe: Recipe, name: str) -> Recipe:
    """The recipe for a bundle of that name. Raises BadRecipe."""
    try:
        return Recipe.model_validate(recipe.model_dump() | {"name": name})
    except ValidationError:
        raise BadRecipe(
            f"{name} cannot be the name of a bundle: lower-case letters, digits, dots, dashes."
        ) from None
