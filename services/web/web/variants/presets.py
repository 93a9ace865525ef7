"""Questions to begin from, with the numbers that other systems publish, and their source.

A preset is a set of parameters. What a file has no values for is left out and named, since such a
filter would remove every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from web.variants.parameters import parameters_of
from web.variants.question import Inheritance, Question
from web.variants.schema import Schema

_VARFISH = "VarFish, default quick presets (varfish-server, variant query presets)"
_SEQR = "seqr, saved searches (Broad Institute)"
_IOBIO = "gene.iobio, filter defaults"
_SCOUT = "Scout, clinical filter"
_RARE_COUNTS = "numbers of carriers are not in the table, so the frequency alone is used"
_SUPER_STRICT = {"min_dp_het": 10, "min_dp_hom": 5, "min_ab": 0.3, "min_gq": 30.0,
                 "min_alt_reads": 3}  # fmt: skip
_STRICT = {"min_dp_het": 10, "min_dp_hom": 5, "min_ab": 0.2, "min_gq": 10.0, "min_alt_reads": 3}
_RELAXED = {"min_dp_het": 8, "min_dp_hom": 4, "min_ab": 0.1, "min_gq": 10.0, "min_alt_reads": 2}
_CHANGES = ("HIGH", "MODERATE")


@dataclass(frozen=True, slots=True)
class Preset:
    """A question with its name, where its numbers come from, and what differs from there."""

    name: str
    title: str
    source: str
    question: Question
    note: str = ""


def _varfish(
    name: str, title: str, model: Inheritance, af: float, reads: Mapping[str, Any]
) -> Preset:
    question = Question(inheritance=model, max_af=af, **reads)
    return Preset(name, f"VarFish: {title}", _VARFISH, question, _RARE_COUNTS)


PRESETS = (
    _varfish("varfish_de_novo", "de novo", Inheritance.DE_NOVO, 0.002, _SUPER_STRICT),
    _varfish("varfish_dominant_super_strict", "dominant, super strict", Inheritance.DOMINANT, 0.002,
             _SUPER_STRICT),
    _varfish("varfish_dominant_strict", "dominant, strict", Inheritance.DOMINANT, 0.002, _STRICT),
    _varfish("varfish_dominant_relaxed", "dominant, relaxed", Inheritance.DOMINANT, 0.01, _RELAXED),
    _varfish("varfish_recessive_strict", "recessive, strict", Inheritance.RECESSIVE, 0.001,
             _STRICT),
    _varfish("varfish_recessive_relaxed", "recessive, relaxed", Inheritance.RECESSIVE, 0.01,
             _RELAXED),
    _varfish("varfish_compound_het", "compound heterozygous, relaxed", Inheritance.COMPOUND_HET,
             0.01, _RELAXED),
    _varfish("varfish_x_linked", "X-linked, strict", Inheritance.X_LINKED, 0.002, _STRICT),
    Preset("seqr_dominant", "seqr: de novo or dominant, restrictive", _SEQR,
           Question(inheritance=Inheritance.DOMINANT, max_af=0.001, min_gq=30.0, min_ab=0.25,
                    impacts=_CHANGES)),
    Preset("seqr_recessive", "seqr: recessive, restrictive", _SEQR,
           Question(inheritance=Inheritance.RECESSIVE, max_af=0.01, min_gq=30.0, impacts=_CHANGES),
           "its limit of 5 homozygous carriers is not in the table"),
    Preset("seqr_high_quality", "seqr: high quality genotypes", _SEQR,
           Question(is_pass=True, min_gq=20.0, min_ab=0.25)),
    Preset("seqr_clinvar", "seqr: pathogenic in ClinVar", _SEQR,
           Question(clinical=("pathogenic", "likely_pathogenic"), max_af=0.05)),
    Preset("iobio_de_novo", "gene.iobio: de novo", _IOBIO,
           Question(inheritance=Inheritance.DE_NOVO, max_af=0.01, min_alt_reads=5)),
    Preset("iobio_recessive", "gene.iobio: recessive", _IOBIO,
           Question(inheritance=Inheritance.RECESSIVE, max_af=0.01, min_alt_reads=5)),
    Preset("iobio_compound_het", "gene.iobio: compound heterozygous", _IOBIO,
           Question(inheritance=Inheritance.COMPOUND_HET, max_af=0.05)),
    Preset("scout_clinical", "Scout: rare and in or near an exon", _SCOUT,
           Question(max_af=0.01, impacts=("HIGH", "MODERATE", "LOW")),
           "Scout names 22 severe terms; these are the impacts that have them"),
)  # fmt: skip
"""All presets, in the order to show them."""

_NEEDS = {
    "min_dp_het": "dp",
    "min_dp_hom": "dp",
    "min_ab": "ab",
    "min_gq": "gq",
    "min_alt_reads": "ad_alt",
}


def presets_json(schema: Schema) -> list[dict[str, Any]]:
    """The presets as they fit the file; ``left_out`` names parameters that it has no values for."""
    return [_json(preset, schema) for preset in PRESETS]


def _json(preset: Preset, schema: Schema) -> dict[str, Any]:
    given = parameters_of(preset.question)
    left_out = [name for name, _ in given if not _has_values(name, schema)]
    return {
        "name": preset.name,
        "title": preset.title,
        "source": preset.source,
        "note": preset.note,
        "needs_family": preset.question.inheritance is not None,
        "parameters": [list(pair) for pair in given if pair[0] not in left_out],
        "left_out": left_out,
    }


def _has_values(parameter: str, schema: Schema) -> bool:
    if parameter in _NEEDS:
        return _any_sample_has(_NEEDS[parameter], schema)
    if parameter == "max_af":
        return bool(schema.other_frequencies) or "max_af" not in schema.empty
    column = {"pass": "filter", "clinical": "clin_sig"}.get(parameter)
    return column is None or column not in schema.empty


def _any_sample_has(field: str, schema: Schema) -> bool:
    numbers: Iterable[int] = range(1, len(schema.samples) + 1)
    return any(f"s{number}_{field}" not in schema.empty for number in numbers)
