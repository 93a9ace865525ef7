"""Reads GFF3 gene models of Ensembl, GENCODE and NCBI RefSeq into transcripts.

How they differ is told in the readers of attributes below; positions are as in GFF3, 1-based with
both ends included. Format: github.com/The-Sequence-Ontology/Specifications/blob/master/gff3.md.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from annotator.consequences.gene_models import Gene, Span, Tags, Transcript

Attributes = dict[str, str]

_PREFIX = re.compile(r"^(gene|transcript|CDS):")
_PAR_Y = "_PAR_Y"
"""What GENCODE adds to names of the copy on Y of a gene of X: the contig says it too."""
_CLIMB = 3
"""Most steps from a transcript to its gene: microRNA, its precursor, the gene."""
_RECODED = frozenset({"Selenocysteine", "stop_codon_redefined_as_selenocysteine"})
_PLAIN = str.maketrans("|,;= ", "_____")
"""Characters that a name in INFO must not have."""
_APPRIS = re.compile(r"^appris_(principal|alternative)_(\d)$")
_HGNC = re.compile(r"HGNC:(?:HGNC:)?(\d+)")
_SOURCE = re.compile(r"\[Source:([^;\]]*?)(?: Symbol)?;Acc:([^\]]*)\]")
_NO_TRANSCRIPTS = frozenset(
    [
        "region",
        "chromosome",
        "scaffold",
        "supercontig",
        "contig",
        "biological_region",
        "match",
        "cDNA_match",
    ]
)


class BadGeneModels(ValueError):
    """A line of a GFF3 file that cannot be read; the message names the line."""


@dataclass(slots=True)
class _Feature:
    kind: str
    contig: str
    strand: str
    attributes: Attributes


@dataclass(slots=True)
class _Models:
    """What one pass over the file gathers."""

    features: dict[str, _Feature] = field(default_factory=dict)
    exons: defaultdict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    cds: defaultdict[str, list[tuple[int, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    proteins: dict[str, Attributes] = field(default_factory=dict)
    stops: defaultdict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    recoded: set[str] = field(default_factory=set)
    """Transcripts with a feature of a selenocysteine."""

    def gene_of(self, feature: _Feature) -> _Feature | None:
        """The gene; RefSeq hangs a microRNA on its precursor, and only that on the gene."""
        found = self.features.get(feature.attributes.get("Parent", ""))
        for _ in range(_CLIMB):
            above = self.features.get(found.attributes.get("Parent", "")) if found else None
            if above is None:
                break
            found = above
        return found


def read(path: Path, contigs: Mapping[str, str]) -> Iterator[Transcript]:
    """The transcripts of a GFF3 file (gzip by its name), in the order of the file.

    ``contigs`` maps the file's names of contigs to ours; features of others are left out.
    Genes without any transcript are left out, as VEP does. Raises BadGeneModels.
    """
    opener = gzip.open if path.suffix in {".gz", ".bgz"} else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from parse(lines, contigs)


def parse(lines: Iterable[str], contigs: Mapping[str, str]) -> Iterator[Transcript]:
    """The transcripts of the lines of a GFF3 file; see ``read``."""
    models = _Models()
    for number, line in enumerate(lines, start=1):
        if line.startswith("#") or not line.strip():
            continue
        try:
            _take(line.rstrip("\r\n").split("\t"), models, contigs)
        except (ValueError, IndexError, KeyError) as error:
            raise BadGeneModels(f"line {number} of the gene models: {error}") from None
    for name, coding in models.cds.items():
        # RefSeq gives the protein genes of the mitochondrion a CDS and neither transcript nor exon.
        if name not in models.exons:
            models.exons[name] = [(start, end) for start, end, _ in coding]
    for name, exons in models.exons.items():
        feature = models.features.get(name)
        # RefSeq hangs the exons of pseudogenes on the gene itself: VEP knows no transcript there.
        if feature is None or (feature.kind in _GENES and name not in models.cds):
            continue
        yield _transcript(name, feature, sorted(set(exons)), models)


_GENES = frozenset({"gene", "ncRNA_gene", "pseudogene"})


def _take(columns: list[str], models: _Models, contigs: Mapping[str, str]) -> None:
    contig = contigs.get(columns[0])
    kind = columns[2]
    if contig is None or kind in _NO_TRANSCRIPTS:
        return
    start, end = int(columns[3]), int(columns[4])
    attributes = dict(part.split("=", 1) for part in columns[8].split(";") if "=" in part)
    parents = attributes["Parent"].split(",") if "Parent" in attributes else []
    if kind == "exon":
        for parent in parents:
            models.exons[parent].append((start, end))
    elif kind == "CDS":
        phase = int(columns[7]) if columns[7] != "." else 0
        for parent in parents:
            models.cds[parent].append((start, end, phase))
            models.proteins.setdefault(parent, attributes)
    elif kind == "stop_codon":
        for parent in parents:
            models.stops[parent].append((start, end))
    elif kind in _RECODED:
        models.recoded.update(parents)
    elif "ID" in attributes:
        models.features[attributes["ID"]] = _Feature(kind, contig, columns[6], attributes)


def _transcript(name: str, feature: _Feature, exons: list[Span], models: _Models) -> Transcript:
    about = feature.attributes
    parent = models.gene_of(feature)
    strand = -1 if feature.strand == "-" else 1
    cds = sorted(set(models.cds.get(name, [])))
    phase = (cds[0] if strand == 1 else cds[-1])[2] if cds else 0
    own_name = about.get("gene", name) if feature.kind in _GENES else name
    given = about.get("transcript_id") or _PREFIX.sub("", own_name)
    given = given.removesuffix(_PAR_Y).translate(_PLAIN)
    accession = f"{given}.{about['version']}" if about.get("version") else given
    return Transcript(
        gene=_gene(parent, about),
        id=given,
        accession=accession,
        contig=feature.contig,
        strand=strand,
        biotype=_biotype(feature, parent),
        exons=tuple(exons),
        cds=_with_stop([(start, end) for start, end, _ in cds], models.stops.get(name, [])),
        first_phase=phase,
        protein=_protein(models.proteins.get(name, {})),
        tags=_tags(about, accession, phase, _exceptions(name, about, models)),
    )


def _with_stop(cds: list[Span], stops: list[Span]) -> tuple[Span, ...]:
    """The coding spans, and the stop codon where a file writes it beside them, as GTF does."""
    covered = [
        stop for stop in stops if any(start <= stop[0] and stop[1] <= end for start, end in cds)
    ]
    return tuple(sorted([*cds, *(stop for stop in stops if cds and stop not in covered)]))


def _exceptions(name: str, about: Attributes, models: _Models) -> tuple[str, ...]:
    """Why the genome does not spell the protein: FLAGS tells it, as answers may then be wrong."""
    protein = models.proteins.get(name, {})
    told = unquote(f"{about.get('exception', '')},{protein.get('exception', '')}")
    notes = unquote(f"{about.get('Note', '')} {protein.get('Note', '')}")
    recoded = "aa:Sec" in unquote(protein.get("transl_except", "")) or name in models.recoded
    found = {
        "ribosomal_slippage": "ribosomal slippage" in told,
        "selenocysteine": recoded or "seleno" in about.get("tag", "").split(","),
        "differs_from_genome": "compared to this genomic sequence" in notes,
    }
    return tuple(exception for exception, is_so in found.items() if is_so)


def _gene(feature: _Feature | None, transcript: Attributes) -> Gene:
    about = feature.attributes if feature else transcript
    database_ids = about.get("Dbxref", "")
    entrez = re.search(r"GeneID:(\d+)", database_ids)
    own_id = about.get("gene_id") or (entrez[1] if entrez else _PREFIX.sub("", about.get("ID", "")))
    own_id = own_id.removesuffix(_PAR_Y)
    source = _SOURCE.search(unquote(about.get("description", "")))
    hgnc = _HGNC.search(about.get("hgnc_id") or (source[2] if source else "") or database_ids)
    return Gene(
        id=own_id,
        symbol=unquote(about.get("gene_name") or about.get("gene") or about.get("Name", "")),
        symbol_source="EntrezGene" if entrez else source[1] if source else "HGNC" if hgnc else "",
        hgnc_id=f"HGNC:{hgnc[1]}" if hgnc else "",
        biotype=about.get("biotype") or about.get("gene_type") or about.get("gene_biotype", ""),
    )


def _biotype(feature: _Feature, gene: _Feature | None) -> str:
    """Ensembl and GENCODE write it; for RefSeq it follows from the kind of feature, as in VEP."""
    about = feature.attributes
    given = about.get("biotype") or about.get("transcript_type") or about.get("transcript_biotype")
    if given:
        return given
    if feature.kind == "mRNA" or feature.kind in _GENES:
        return "protein_coding"
    if feature.kind == "primary_transcript":
        return "miRNA"
    if feature.kind == "transcript":
        return about.get("gbkey", "misc_RNA")
    fallback = gene.attributes.get("gene_biotype", "") if gene else ""
    return about.get("ncrna_class") or (feature.kind if feature.kind != "ncRNA" else fallback)


def _protein(about: Attributes) -> str:
    """Accession with version where known: ``ENSP….6``, ``NP_….3``."""
    own_id = about.get("protein_id", "").removesuffix(_PAR_Y).translate(_PLAIN)
    version = about.get("version", "")
    return f"{own_id}.{version}" if own_id and version and "." not in own_id else own_id


def _tags(about: Attributes, accession: str, first_phase: int, exceptions: tuple[str, ...]) -> Tags:
    # No GFF3 names the partner of the other database in a MANE pair: see ``mane``.
    tags = [unquote(tag).replace(" ", "_") for tag in about.get("tag", "").split(",")]
    appris = [match for tag in tags if (match := _APPRIS.match(tag))]
    level = re.match(r"\d", about.get("transcript_support_level", ""))
    return Tags(
        mane_select=accession if "MANE_Select" in tags else "",
        mane_plus_clinical=accession if "MANE_Plus_Clinical" in tags else "",
        is_canonical="Ensembl_canonical" in tags or "RefSeq_Select" in tags,
        appris=f"{'P' if appris[0][1] == 'principal' else 'A'}{appris[0][2]}" if appris else "",
        tsl=int(level[0]) if level else None,
        ccds=about.get("ccdsid", ""),
        cds_start_nf="cds_start_NF" in tags or first_phase > 0,
        cds_end_nf="cds_end_NF" in tags,
        exceptions=exceptions,
    )
