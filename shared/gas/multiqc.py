"""A job's counts as MultiQC reads them, made of its summary: "custom content", one file a section.

Format: docs.seqera.io/multiqc/custom_content. MultiQC finds files called ``*_mqc.json``, and puts
those of several jobs that share an ``id`` into one table or plot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Summary = Mapping[str, Any]
Document = dict[str, Any]

_MOST_TERMS = 20
_IMPACTS = ("HIGH", "MODERATE", "LOW", "MODIFIER")
_SAMPLE_COUNTS = {
    "het": "Heterozygous",
    "hom": "Homozygous",
    "hemi": "Hemizygous",
    "missing": "Missing",
}


def file_name(stem: str, section: str) -> str:
    """The name under which MultiQC finds the section of a job: ``stem`` is the upload's name."""
    return f"{stem}.{section}_mqc.json"


def document(section: str, name: str, summary: Summary) -> Document:
    """A section of the report: ``variants``, ``consequences`` or ``samples``.

    ``name`` is what MultiQC calls the file of the job. Counts that older summaries lack are left
    out. Raises KeyError for another section.
    """
    return SECTIONS[section](name, summary)


def _variants(name: str, summary: Summary) -> Document:
    impacts, kinds = summary.get("impacts", {}), summary.get("variant_types", {})
    counts: dict[str, Any] = {
        "records": summary.get("records"),
        "annotated": summary.get("annotated"),
        "known_pathogenic": summary.get("known_pathogenic", 0),
        "ts_tv": summary.get("ts_tv_ratio"),
    }
    counts |= {f"impact_{impact}": impacts.get(impact, 0) for impact in _IMPACTS}
    counts |= {f"type_{kind}": number for kind, number in kinds.items()}
    headers = {
        "records": _column("Records", "records of the file"),
        "annotated": _column("Annotated", "records with a consequence"),
        "known_pathogenic": _column("Pathogenic", "records with an allele known to be pathogenic"),
        "ts_tv": _column("Ts/Tv", "transitions to transversions", digits=2),
        **{f"impact_{one}": _column(one, f"records of impact {one}") for one in _IMPACTS},
        **{f"type_{one}": _column(one, f"alleles: {one}") for one in kinds},
    }
    return {
        **_about("variants", "GAS: variants", summary),
        "plot_type": "table",
        "headers": headers,
        "pconfig": {"id": "gas_variants_table", "title": "GAS: variants", "col1_header": "File"},
        # A value that nobody knows is left out, as MultiQC shows an empty cell then.
        "data": {name: {key: value for key, value in counts.items() if value is not None}},
    }


def _consequences(name: str, summary: Summary) -> Document:
    terms = sorted(summary.get("consequences_by_worst", {}).items(), key=lambda one: -one[1])
    shown = dict(terms[:_MOST_TERMS])
    if rest := sum(number for _, number in terms[_MOST_TERMS:]):
        shown["other"] = rest
    return {
        **_about("consequences", "GAS: most severe consequences", summary),
        "plot_type": "bargraph",
        "pconfig": {
            "id": "gas_consequences_plot",
            "title": "GAS: most severe consequence of each record",
            "ylab": "records",
        },
        "data": {name: shown},
    }


def _samples(name: str, summary: Summary) -> Document:
    del name  # MultiQC calls these rows by their sample
    rows = {}
    for sample in summary.get("samples", ()):
        row = {key: sample[key] for key in _SAMPLE_COUNTS}
        if sample["transversions"]:
            row["ts_tv"] = round(sample["transitions"] / sample["transversions"], 4)
        if row["hom"]:
            row["het_hom"] = round(row["het"] / row["hom"], 4)
        rows[sample["name"]] = row
    headers = {key: _column(title, "alleles") for key, title in _SAMPLE_COUNTS.items()}
    headers["ts_tv"] = _column("Ts/Tv", "transitions to transversions", digits=2)
    headers["het_hom"] = _column("Het/Hom", "heterozygous to homozygous", digits=2)
    return {
        **_about("samples", "GAS: samples", summary),
        "plot_type": "table",
        "headers": headers,
        "pconfig": {"id": "gas_samples_table", "title": "GAS: samples", "col1_header": "Sample"},
        "data": rows,
    }


def _about(section: str, title: str, summary: Summary) -> Document:
    engine, bundle = summary.get("engine", ""), summary.get("bundle", "")
    return {
        "id": f"gas_{section}",
        "section_name": title,
        "description": f"Annotated by GAS ({engine}) on the reference bundle {bundle}.",
    }


def _column(title: str, description: str, digits: int = 0) -> dict[str, Any]:
    return {"title": title, "description": description, "format": f"{{:,.{digits}f}}", "min": 0}


SECTIONS: dict[str, Callable[[str, Summary], Document]] = {
    "variants": _variants,
    "consequences": _consequences,
    "samples": _samples,
}
"""The sections that a job has a file of each for."""
