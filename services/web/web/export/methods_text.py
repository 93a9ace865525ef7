"""How a result was made, from its provenance: a paragraph for a paper, with citations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from web.export.methods import Methods, Source, methods_of

_VEP = "McLaren et al. 2016, doi:10.1186/s13059-016-0974-4"
_SO = "Eilbeck et al. 2005, doi:10.1186/gb-2005-6-5-r44"
_NORMAL_FORM = "Tan et al. 2015, doi:10.1093/bioinformatics/btv112"
_HGVS = "den Dunnen et al. 2016, doi:10.1002/humu.22981"
_OURS = "gas-annotator"
_NONE = {"", "none"}


def paragraph(provenance: Mapping[str, Any]) -> str:
    """The paragraph, in plain text; what the provenance does not say is left out."""
    return " ".join(_sentences(provenance, methods_of(provenance)))


def _sentences(provenance: Mapping[str, Any], methods: Methods) -> Iterator[str]:
    bundle: Mapping[str, Any] = provenance.get("bundle", {})
    software: Mapping[str, str] = provenance.get("software", {})
    engine = str(provenance.get("engine", ""))
    with_engine = f" with the consequence engine {engine}" if engine else ""
    ours = " ".join(filter(None, ("GAS, the Genomics Annotation Service,", software.get(_OURS))))
    yield (
        f"Variants were annotated{_on(provenance)} by {ours}{with_engine}, against the reference"
        f" bundle {bundle.get('name', '')} version {bundle.get('version', '')}"
        f" (assembly {bundle.get('assembly', '')}; sequence and gene models:"
        f" {bundle.get('source', '')})."
    )
    yield (
        f"Consequences are terms of the Sequence Ontology ({_SO}) in the format of Ensembl VEP"
        f" ({_VEP})."
    )
    if engine.startswith("mehari"):
        yield f"Changes of transcripts and proteins are named as HGVS recommends ({_HGVS})."
    if methods.sources:
        yield (
            f"What is known of variants was looked up in {_listed(methods.sources)}; alleles were"
            f" compared trimmed and left-aligned ({_NORMAL_FORM})."
        )
    others = [f"{name} {version}" for name, version in software.items() if name != _OURS]
    if others:
        python = [f"Python {provenance['python']}"] if "python" in provenance else []
        yield f"Further software: {', '.join([*python, *others])}."
    sha256 = provenance.get("input", {}).get("sha256")
    if sha256:
        yield f"The annotated file has the SHA-256 {sha256}."


def _on(provenance: Mapping[str, Any]) -> str:
    try:
        ended = datetime.fromisoformat(str(provenance.get("ended_at")))
    except ValueError:
        return ""
    return f" on {ended.day} {ended:%B %Y}"


def _listed(sources: tuple[Source, ...]) -> str:
    texts = []
    for source in sources:
        about = f" ({source.citation})" if source.citation not in _NONE else ""
        texts.append(f"{source.name} {source.version}{about}")
    return "; ".join(texts)
