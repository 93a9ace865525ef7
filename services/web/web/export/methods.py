"""How the result of a job was made, from its provenance, for the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """A source of known variants."""

    name: str
    version: str
    citation: str
    licence: str


@dataclass(frozen=True, slots=True)
class Methods:
    """``facts`` are label and text; ``software`` are names with versions."""

    facts: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    software: tuple[str, ...]


def methods_of(provenance: Mapping[str, Any]) -> Methods:
    """The methods; what the provenance does not say is left out."""
    bundle: Mapping[str, Any] = provenance.get("bundle", {})
    file: Mapping[str, Any] = provenance.get("input", {})
    facts = (
        ("Reference bundle", f"{bundle.get('name', '')} version {bundle.get('version', '')}"),
        ("Assembly", bundle.get("assembly", "")),
        ("Gene models", bundle.get("source", "")),
        ("Consequence engine", provenance.get("engine", "")),
        ("Input file", file.get("filename", "")),
        ("SHA-256 of the input", file.get("sha256", "")),
        ("Annotated at", provenance.get("ended_at", "").partition(".")[0].replace("T", " ")),
    )
    software: Mapping[str, str] = provenance.get("software", {})
    return Methods(
        tuple((label, str(text)) for label, text in facts if text),
        tuple(_source(known) for known in bundle.get("known", ())),
        tuple(f"{name} {version}" for name, version in software.items()),
    )


def _source(known: Mapping[str, Any]) -> Source:
    name, version = str(known.get("name", "")), str(known.get("version", ""))
    return Source(name, version, str(known.get("citation", "")), str(known.get("licence", "")))
