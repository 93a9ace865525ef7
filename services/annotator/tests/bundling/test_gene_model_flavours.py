"""Bundles of gene models as people download them: Ensembl's, GENCODE's and RefSeq's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from annotator.bundle import Bundle
from annotator.consequences import gff3
from annotator.consequences.gene_models import Transcript
from tests.support import gene_models
from tests.support.annotation import Annotated, hgvs, run, vcf
from tests.support.gene_models import SOURCE, demo_with

DATA = Path(__file__).parents[1] / "data" / "grch38-21q21"
ALZHEIMER = "25891784\t.\tC\tT"


def ensembl(_: Path) -> Path:
    return SOURCE / "genes.gff3.gz"


def gencode(folder: Path) -> Path:
    return gene_models.as_gencode(SOURCE / "genes.gff3.gz", folder / "gencode.v24.gff3")


def refseq(_: Path) -> Path:
    return DATA / "genes-refseq.gff3.gz"


def recent_refseq(folder: Path) -> Path:
    return gene_models.as_recent_refseq(DATA / "genes-refseq.gff3.gz", folder / "GCF.gff")


FLAVOURS = {
    "ensembl": ensembl,
    "gencode": gencode,
    "refseq": refseq,
    "recent refseq": recent_refseq,
}
APP = {
    "ensembl": "ENST00000346798",
    "gencode": "ENST00000346798.7",
    "refseq": "NM_000484.3",
    "recent refseq": "NM_000484.3",
}


def annotated(bundle: Bundle, folder: Path, *rows: str) -> Annotated:
    return run(vcf(*rows, header="##fileformat=VCFv4.2\n"), folder, bundle=bundle)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_pathogenic_change_of_app_is_found_with_all_gene_models(
    flavour: str, tmp_path: Path
) -> None:
    make: Callable[[Path], Path] = FLAVOURS[flavour]
    bundle = demo_with(make(tmp_path), tmp_path, aliases={})
    rows = [f"{name}\t{ALZHEIMER}\t.\t.\t." for name in ("21", "chr21", "NC_000021.9")]
    found = annotated(bundle, tmp_path, *rows)
    assert [record[0] for record in found.records] == ["21", "chr21", "NC_000021.9"]
    for entries in found.csq:
        entry = next(one for one in entries if one["Feature"] == APP[flavour])
        assert (entry["SYMBOL"], entry["Consequence"]) == ("APP", "missense_variant")
        assert (entry["Amino_acids"], entry["Protein_position"]) == ("V/I", "717")
        assert entry["HGVSp"].split(":")[-1] == hgvs("p.Val717Ile")
        assert entry["Existing_variation"] == "rs63750264"
    assert found.counts["pathogenic"] == 3


def shape(transcripts: list[Transcript]) -> list[tuple[object, ...]]:
    return sorted(
        (one.exons, one.cds, one.strand, one.biotype, one.gene.symbol) for one in transcripts
    )


def test_gencode_tells_the_same_transcripts_as_ensembl(tmp_path: Path) -> None:
    names = {"21": "21", "chr21": "21"}
    one = list(gff3.read(ensembl(tmp_path), names))
    other = list(gff3.read(gencode(tmp_path), names))
    assert shape(one) == shape(other)
    assert {transcript.accession for transcript in one} == {
        transcript.accession for transcript in other
    }


def test_ids_of_early_and_recent_refseq_tell_the_same_transcripts(tmp_path: Path) -> None:
    names = {"NC_000021.9": "21"}
    one, other = (list(gff3.read(make(tmp_path), names)) for make in (refseq, recent_refseq))
    assert shape(one) == shape(other)
    assert {one.gene.id for one in one} == {other.gene.id for other in other}
