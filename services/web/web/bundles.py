"""The reference bundles that users can choose, from a catalogue that the annotator writes.

Docs: decision 23. ``python -m annotator bundle catalogue`` makes the document from the manifests of
the installed bundles; that of the bundles that come with GAS lies beside this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

SHIPPED = Path(__file__).parent / "bundles.json"


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True)


class DescribedContig(_Described):
    """One sequence: ``length`` in bases; ``windows`` (1-based, both inclusive), empty if whole."""

    name: str
    length: int
    aliases: tuple[str, ...] = ()
    genetic_code: int = 1
    windows: tuple[tuple[int, int], ...] = ()


class DescribedSource(_Described):
    """A source of known variants; ``rows``: alleles kept (``kept``) and dropped, by reason."""

    name: str
    version: str
    licence: str
    citation: str
    rows: dict[str, int] = {}


class DescribedBundle(_Described):
    """A bundle as users see it; of one that no catalogue describes, only the name is known.

    ``source`` and ``licence`` are those of the sequence and gene models, ``genes`` their number.
    ``engine`` is the name and version of the engine that annotates with it, as jobs record it.
    """

    name: str
    version: str | None = None
    engine: str | None = None
    title: str
    purpose: str = ""
    species: str | None = None
    assembly: str | None = None
    source: str | None = None
    licence: str | None = None
    genes: int | None = None
    contigs: tuple[DescribedContig, ...] = ()
    known: tuple[DescribedSource, ...] = ()

    def as_json(self, *, is_default: bool) -> dict[str, Any]:
        """The bundle as the REST API promises it."""
        return {**self.model_dump(mode="json"), "default": is_default}


_CATALOGUE = TypeAdapter(tuple[DescribedBundle, ...])


def described(names: Sequence[str], catalogue: Path | None = None) -> tuple[DescribedBundle, ...]:
    """Those bundles, in that order; ``catalogue`` is asked first, then the one that is shipped.

    Raises OSError or ValidationError where a document cannot be read.
    """
    known: dict[str, DescribedBundle] = {}
    for path in (SHIPPED, catalogue):
        if path:
            known |= {one.name: one for one in _CATALOGUE.validate_json(path.read_bytes())}
    return tuple(known.get(name) or DescribedBundle(name=name, title=name) for name in names)
