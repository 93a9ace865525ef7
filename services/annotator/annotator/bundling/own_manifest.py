"""Your own sources: a folder of TOML manifests, each of which describes one file beside it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from annotator.bundle import KnownField, KnownSource
from annotator.bundling.readings import Reading
from annotator.bundling.recipe import BadRecipe

_STRICT = ConfigDict(frozen=True, extra="forbid")
_RESERVED = {"CSQ", "HAPLO", "END", "SVTYPE", "SVLEN", "CIPOS", "CIEND", "MATEID", "IMPRECISE"}
_DEFAULTS = {"Integer": "max", "Float": "max", "Flag": "first", "String": "join"}
Place = str | int
"""A column: its name, or its number from 1."""


class Columns(BaseModel):
    """Which columns of a TSV say what a row is about; of genes one at least of the last four.

    ``synonyms`` may hold several names. A ``pos`` or ``start`` is 1-based unless the manifest says
    otherwise.
    """

    model_config = _STRICT

    chrom: Place = "CHROM"
    pos: Place = "POS"
    ref: Place = "REF"
    alt: Place = "ALT"
    start: Place | None = None
    end: Place | None = None
    hgnc_id: Place | None = None
    gene_id: Place | None = None
    symbol: Place | None = None
    synonyms: Place | None = None


class OwnField(KnownField):
    """A field that a source adds; ``column`` is its name in the file, or its number from 1.

    ``part``: of a value such as ``T|APP|0.1``, the piece of that number, from 1; with
    ``allele_part`` of those alone whose piece of that number is the ALT as the file spells it. A
    Flag without a column says that there is a row.
    """

    model_config = _STRICT

    column: Place | None = None
    part: int | None = Field(None, ge=1)
    allele_part: int | None = Field(None, ge=1)
    reading: Reading = "text"

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        kind = given.get("type", "String")
        number = "0" if kind == "Flag" else "A"
        return {"number": number, "combine": _DEFAULTS.get(kind, "first")} | given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.id in _RESERVED:
            raise ValueError(f"{self.id} means something else in VCF; choose another id")
        if (self.number == "0") != (self.type == "Flag") or self.number not in {"0", "A"}:
            raise ValueError('number is "0" for a Flag and "A" for all others')
        if self.combine in {"max", "min"} and self.type not in {"Integer", "Float"}:
            raise ValueError("combine can be max or min for numbers only")
        if self.combine == "join" and self.type != "String":
            raise ValueError("combine can be join for a String only")
        if self.allele_part and not self.part:
            raise ValueError("allele_part needs the part that holds the value")
        return self


class OwnSource(KnownSource):
    """A source to be: the file, how it is read, and what its rows are about."""

    model_config = _STRICT

    source_file: str = Field(alias="file")
    format: Literal["vcf", "tsv", "bed"]
    separator: Literal["\t", ","] = "\t"
    zero_based: bool = False
    columns: Columns = Columns()
    where: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    fields: tuple[OwnField, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        keys = (self.columns.hgnc_id, self.columns.gene_id, self.columns.symbol)
        if self.format == "bed" and self.match not in {"position", "overlap"}:
            raise ValueError("a BED file matches by position or overlap")
        if self.match == "gene" and (self.format != "tsv" or not any(keys)):
            raise ValueError("match by gene needs a tsv, and hgnc_id, gene_id or symbol of columns")
        if self.match != "allele" and any(field.allele_part for field in self.fields):
            raise ValueError('allele_part needs match = "allele"')
        return self


def read_folder(folder: Path) -> list[tuple[OwnSource, Path]]:
    """The sources of a folder, in the order of the manifests' names. Raises BadRecipe."""
    manifests = sorted(folder.glob("*.toml"))
    if not manifests:
        raise BadRecipe(f"There is no manifest (NAME.toml) in {folder}.")
    return [_read(path) for path in manifests]


def _read(path: Path) -> tuple[OwnSource, Path]:
    try:
        source = OwnSource.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRecipe(f"{path} is not TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRecipe(f"{path}, at {place or 'its top'}: {first['msg']}.") from None
    file = path.parent / source.source_file
    if not file.is_file():
        raise BadRecipe(f"There is no file {file}.")
    return source, file


def must_differ(sources: Sequence[KnownSource]) -> None:
    """Raises BadRecipe if two sources have one name, or two fields one id."""
    names = Counter(source.name for source in sources)
    ids = Counter(field.id for source in sources for field in source.fields)
    for name, times in (names + ids).items():
        if times > 1:
            raise BadRecipe(f"Two sources or fields are called {name}; each needs its own name.")


def described(source: OwnSource) -> KnownSource:
    """The source as the bundle's manifest has it."""
    return KnownSource.model_validate(
        source.model_dump(include=set(KnownSource.model_fields), by_alias=False)
        | {"fields": [f.model_dump(include=set(KnownField.model_fields)) for f in source.fields]}
    )
