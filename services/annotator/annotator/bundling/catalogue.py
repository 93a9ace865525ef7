"""What the web service shows of bundles: a JSON document made of their manifests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from annotator.bundle import Bundle
from annotator.consequences.bundled import version_of
from annotator.consequences.engine import EngineMissing

_OF_BUNDLE = {
    "name",
    "version",
    "title",
    "purpose",
    "species",
    "assembly",
    "source",
    "licence",
    "genes",
}
_OF_CONTIG = {"name", "length", "aliases", "genetic_code", "windows"}
_OF_SOURCE = {"name", "version", "licence", "citation", "rows"}


def catalogue(bundles: Iterable[Bundle]) -> str:
    """The document, one entry for each bundle; contigs with lengths in bases, windows 1-based.

    ``engine`` is the engine's name and version, as jobs record it, or null if it is not here.
    """
    entries = [entry(bundle) for bundle in bundles]
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def entry(bundle: Bundle) -> dict[str, Any]:
    """What the document has of one bundle."""
    return {"engine": _engine(bundle)} | bundle.manifest.model_dump(
        mode="json",
        include={
            **dict.fromkeys(_OF_BUNDLE, True),
            "contigs": {"__all__": _OF_CONTIG},
            "known": {"__all__": _OF_SOURCE},
        },
    )


def _engine(bundle: Bundle) -> str | None:
    try:
        return version_of(bundle)
    except EngineMissing:
        return None
