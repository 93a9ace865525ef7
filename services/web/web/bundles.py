"""The reference bundles that users can choose, as the annotator describes them.

Docs: decisions 23 and 48. ``python -m annotator bundle catalogue`` makes a document from the
manifests of the installed bundles; that of the bundles that come with GAS lies beside this module.
Published ones have an entry of the same form in the bucket (``web/published_bundles.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
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
    """A version of a bundle; of one that no catalogue describes, only the name is known.

    ``source`` and ``licence`` are those of the sequence and gene models, ``genes`` their number.
    ``engine`` is the name and version of the engine that annotates with it, as jobs record it.
    ``retired`` versions are for jobs that ran on them, ``retired_because`` is the operator's text.
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
    published_at: datetime | None = None
    retired: bool = False
    retired_because: str = ""

    @property
    def id(self) -> str:
        """What jobs name to get this very version."""
        return f"{self.name}@{self.version}" if self.version else self.name


class BundleList(tuple[DescribedBundle, ...]):
    """Versions of bundles in the order of choice; of each name the newest that is offered first.

    The first of all is the default of jobs that name none.
    """

    __slots__ = ()

    @property
    def offered(self) -> tuple[DescribedBundle, ...]:
        """What new jobs get for each name."""
        found: dict[str, DescribedBundle] = {}
        for one in self:
            if not one.retired:
                found.setdefault(one.name, one)
        return tuple(found.values())

    @property
    def default(self) -> str:
        """The name of the bundle of jobs that name none."""
        return self[0].name

    def find(self, choice: str) -> DescribedBundle | None:
        """The version that a job gets for a name or ``NAME@VERSION``; None if there is none."""
        by_name = {one.name: one for one in self.offered}
        return by_name.get(choice) or next((one for one in self if one.id == choice), None)

    def newer_than(self, bundle_id: str | None) -> DescribedBundle | None:
        """The version that is offered in place of another one, if that is not it."""
        name, _, version = (bundle_id or "").partition("@")
        found = self.find(name) if version else None
        return found if found and found.version and found.id != bundle_id else None

    def as_json(self) -> list[dict[str, Any]]:
        """All versions as the REST API promises them."""
        offered = {one.id for one in self.offered}
        return [
            {
                **one.model_dump(mode="json"),
                "id": one.id,
                "newest": one.id in offered,
                "default": number == 0,
            }
            for number, one in enumerate(self)
        ]


_CATALOGUE = TypeAdapter(tuple[DescribedBundle, ...])


def described(names: Sequence[str], catalogue: Path | None = None) -> BundleList:
    """Those bundles, in that order; ``catalogue`` is asked first, then the one that is shipped.

    Raises OSError or ValidationError where a document cannot be read.
    """
    known: dict[str, DescribedBundle] = {}
    for path in (SHIPPED, catalogue):
        if path:
            known |= {one.name: one for one in _CATALOGUE.validate_json(path.read_bytes())}
    return BundleList(known.get(name) or DescribedBundle(name=name, title=name) for name in names)


def with_published(installed: BundleList, published: Iterable[DescribedBundle]) -> BundleList:
    """Both together: names of ``installed`` first, then others; of each name newest first.

    ``published`` has of each name the version published last first. An installed bundle comes
    before published ones of its name, as workers prefer it; a name alone gives way to them.
    """
    versions: dict[str, dict[str, DescribedBundle]] = {
        one.name: {one.id: one} if one.version else {} for one in installed
    }
    named = {one.name: one for one in installed}
    for one in published:
        versions.setdefault(one.name, {}).setdefault(one.id, one)
    return BundleList(
        one
        for name, ids in versions.items()
        for one in _offered_first(list(ids.values()) or [named[name]])
    )


def _offered_first(versions: list[DescribedBundle]) -> list[DescribedBundle]:
    return sorted(versions, key=lambda one: one.retired)
