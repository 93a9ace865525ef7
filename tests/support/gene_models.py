"""Gene models of the demo bundle as other projects publish them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.bundling.build import build

RECIPE = Path(bundles.__file__).parent / "recipes" / "grch38-21q21.json"
SOURCE = RECIPE.with_suffix("")
"""The files of the demo bundle."""
_ATTRIBUTE = re.compile(r"([^=;]+)=([^;]*)")
_ID = re.compile(r"\b(?:gene|transcript|CDS):(\w+)")


def demo_with(genes: Path, folder: Path, **changes: object) -> Bundle:
    """The demo bundle with other gene models, built in ``folder``; ``changes`` of its recipe."""
    recipe = json.loads(RECIPE.read_text())
    recipe["fasta"] = {"at": str(SOURCE / "windows.fa.gz")}
    recipe["genes"] = {"at": str(genes)}
    for source in recipe["known"]:
        source["at"] = {"at": str(SOURCE / Path(source["at"]["at"]).name)}
    (folder / "recipe.json").write_text(json.dumps(recipe | changes))
    return build(folder / "recipe.json", folder / "bundles", lambda _: None)


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a packed text."""
    with gzip.open(path, "rt") as lines:
        yield from (line.rstrip("\n") for line in lines)


def as_gencode(ensembl: Path, to: Path) -> Path:
    """Ensembl's GFF3 as GENCODE writes it; of each CDS the stop codon has a feature as well."""
    rows = [line.split("\t") for line in lines_of(ensembl) if line[0] != "#"]
    versions = {}
    symbols = {}
    for row in rows:
        about = dict(_ATTRIBUTE.findall(row[8]))
        if own := about.get("ID"):
            versions[own.split(":")[1]] = about.get("version", "1")
        if "gene_id" in about:
            symbols[about["gene_id"]] = about.get("Name", "")

    def versioned(name: str) -> str:
        return f"{name}.{versions.get(name, '1')}"

    out = ["##gff-version 3", "#description: evidence-based annotation", "#provider: GENCODE"]
    gene_of: dict[str, str] = {}
    for row in rows:
        about = dict(_ATTRIBUTE.findall(row[8]))
        row[0], kind = f"chr{row[0]}", row[2]
        if "gene_id" in about:
            name = versioned(about["gene_id"])
            row[2] = "gene"
            new = f"ID={name};gene_id={name};gene_type={about.get('biotype')};gene_name="
            row[8] = f"{new}{symbols[about['gene_id']]};level=2"
        elif "transcript_id" in about:
            name, gene = versioned(about["transcript_id"]), _ID.findall(about["Parent"])[0]
            gene_of[name] = gene
            row[2] = "transcript"
            tags = ",".join(["basic", *filter(None, [about.get("tag")])])
            row[8] = (
                f"ID={name};Parent={versioned(gene)};gene_id={versioned(gene)};transcript_id={name}"
                f";transcript_type={about.get('biotype')};gene_name={symbols[gene]};level=2;tag={tags}"
            )
        else:
            parent = versioned(_ID.findall(about["Parent"])[0])
            protein = about.get("protein_id", "")
            same = f"Parent={parent};gene_id={versioned(gene_of[parent])};transcript_id={parent}"
            row[8] = f"ID={kind}:{parent};{same}" + (f";protein_id={protein}.1" if protein else "")
        out.append("\t".join(row))
        if kind == "CDS":
            at = row[4] if row[6] == "+" else row[3]
            first = int(at) - 2 if row[6] == "+" else int(at)
            stop = [*row[:2], "start_codon", str(first), str(first + 2), ".", row[6], "0", row[8]]
            out.append("\t".join(stop))
    to.write_text("\n".join(out) + "\n")
    return to


def as_recent_refseq(refseq: Path, to: Path) -> Path:
    """RefSeq's GFF3 of release 108 with the ids of later ones: gene-APP, rna-NM_…, cds-NP_…."""
    names: dict[str, str] = {}
    lines = list(lines_of(refseq))
    for line in lines:
        if line[0] == "#":
            continue
        about = dict(_ATTRIBUTE.findall(line.split("\t")[8]))
        own = about["ID"]
        if own.startswith("gene"):
            names[own] = f"gene-{about['Name']}"
        elif own.startswith("rna"):
            names[own] = f"rna-{about.get('transcript_id') or about['gene'] + '-' + own[3:]}"
        elif own.startswith("cds"):
            names[own] = f"cds-{about['protein_id']}"
    link = re.compile(r"(?<==)((?:gene|rna|cds)\d+)\b")
    renamed = (link.sub(lambda found: names.get(found[1], found[1]), line) for line in lines)
    to.write_text("\n".join(renamed) + "\n")
    return to
