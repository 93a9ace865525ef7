"""Reference bundles: a folder with a manifest, a FASTA with its index, and gene models in GFF3."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

EMBEDDED = Path(__file__).parent / "bundles"


class NoSuchBundle(LookupError):
    """No bundle of that name is installed."""


class Contig(BaseModel):
    """One sequence of the reference; ``length`` in bases, ``aliases`` are other names for it."""

    model_config = ConfigDict(frozen=True)

    name: str
    length: int = Field(ge=1)
    md5: str
    aliases: tuple[str, ...] = ()


class Manifest(BaseModel):
    """What a bundle says of itself; ``genetic_code`` is an NCBI translation table number."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    title: str
    species: str
    assembly: str
    genetic_code: int = Field(ge=1)
    contigs: tuple[Contig, ...]
    source: str


class Bundle:
    """An installed bundle."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            text = (folder / "manifest.json").read_bytes()
            self.manifest = Manifest.model_validate_json(text)
        except FileNotFoundError:
            raise NoSuchBundle(folder.name) from None
        except ValidationError as error:
            raise ValueError(f"{folder / 'manifest.json'}: {error}") from None

    @property
    def reference(self) -> Path:
        """The FASTA, with its ``.fai`` beside it."""
        return self.folder / "reference.fa"

    @property
    def genes(self) -> Path:
        """The gene models, GFF3 in the style of Ensembl."""
        return self.folder / "genes.gff3"

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


def find(name: str, root: Path = EMBEDDED) -> Bundle:
    """The installed bundle ``name``. Raises NoSuchBundle."""
    if "/" in name or name.startswith("."):
        raise NoSuchBundle(name)
    return Bundle(root / name)
