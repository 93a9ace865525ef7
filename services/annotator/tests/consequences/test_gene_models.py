"""Gene models of Ensembl, GENCODE and RefSeq are read into the same transcripts."""

from dataclasses import replace
from pathlib import Path

import pytest

from annotator.consequences import gff3, mane, transcript_store, transcript_table
from annotator.consequences.engine import DatabaseUnusable
from annotator.consequences.gene_models import Transcript
from tests.support.consequences import made_up, one_gene

CONTIGS = {"21": "21", "chr21": "21", "NC_000021.9": "21"}


def read(text: str) -> list[Transcript]:
    return list(gff3.parse(text.splitlines(), CONTIGS))


def gencode() -> str:
    """The gene as GENCODE would write it."""
    text = one_gene.gff().replace("gene:", "").replace("transcript:", "").replace("CDS:", "CDS")
    text = (
        text.replace("21\ttest", "chr21\tHAVANA").replace("G1", "ENSG1.4").replace("T1", "ENST1.3")
    )
    text = text.replace("biotype=protein_coding;gene_id", "gene_type=protein_coding;gene_id")
    text = text.replace("Name=ONE", "gene_name=ONE;level=2").replace("\tmRNA", "\ttranscript")
    tags = (
        "transcript_type=protein_coding;tag=basic,MANE_Select,Ensembl_canonical,appris_principal_1"
    )
    text = text.replace("biotype=protein_coding;transcript_id", f"{tags};transcript_id")
    text = text.replace(";version=3", ";transcript_support_level=1;ccdsid=CCDS7.1;hgnc_id=HGNC:9")
    stop = "chr21\tHAVANA\tstop_codon\t10219\t10221\t.\t+\t0\tID=s;Parent=ENST1.3\n"
    return text + stop


def refseq() -> str:
    """The gene as NCBI would write it, and a pseudogene without transcript."""
    head = "NC_000021.9\tBestRefSeq\t"
    tail = "gbkey=mRNA;gene=ONE;transcript_id=NM_1.3"
    rows = [
        f"{head}gene\t10001\t10300\t.\t+\t.\tID=gene1;Dbxref=GeneID:77,HGNC:HGNC:9;Name=ONE;gene=ONE",
        f"{head}mRNA\t10001\t10300\t.\t+\t.\tID=rna1;Parent=gene1;{tail}",
        *(f"{head}exon\t{a}\t{b}\t.\t+\t.\tID=id{a};Parent=rna1;{tail}" for a, b in one_gene.EXONS),
        *(
            f"{head}CDS\t{a}\t{b}\t.\t+\t{phase}\tID=cds1;Parent=rna1;protein_id=NP_1.2"
            for a, b, phase in one_gene.CDS
        ),
        f"{head}gene\t15000\t15100\t.\t+\t.\tID=gene2;Name=OLD;gene_biotype=pseudogene;pseudo=true",
        f"{head}exon\t15000\t15100\t.\t+\t.\tID=id9;Parent=gene2",
        f"{head}primary_transcript\t16000\t16050\t.\t-\t.\tID=rna2;Parent=gene3;gbkey=precursor_RNA",
        f"{head}exon\t16000\t16050\t.\t-\t.\tID=id10;Parent=rna2",
        f"{head}ncRNA\t16010\t16030\t.\t-\t.\tID=rna3;Parent=gene3;ncrna_class=lncRNA",
        f"{head}exon\t16010\t16030\t.\t-\t.\tID=id11;Parent=rna3",
    ]
    return "\n".join(rows)


def test_three_flavours_tell_the_same_gene() -> None:
    ensembl, other, ncbi = read(one_gene.gff())[0], read(gencode())[0], read(refseq())[0]
    shape = {
        (one.contig, one.strand, one.exons, one.cds, one.first_phase)
        for one in (ensembl, other, ncbi)
    }
    assert len(shape) == 1
    assert {one.biotype for one in (ensembl, other, ncbi)} == {"protein_coding"}
    assert {one.gene.symbol for one in (ensembl, other, ncbi)} == {"ONE"}
    assert (ensembl.id, ensembl.accession, ensembl.protein) == ("T1", "T1.3", "P1.2")
    assert (other.id, other.accession, other.gene.id) == ("ENST1.3", "ENST1.3", "ENSG1.4")
    assert (ncbi.id, ncbi.accession, ncbi.protein, ncbi.gene.id) == (
        "NM_1.3",
        "NM_1.3",
        "NP_1.2",
        "77",
    )
    assert ncbi.gene.hgnc_id == other.gene.hgnc_id or ncbi.gene.hgnc_id == "HGNC:9"


def test_gencode_tags_are_kept() -> None:
    tags = read(gencode())[0].tags
    assert tags.is_canonical
    assert (tags.mane_select, tags.appris, tags.tsl, tags.ccds) == ("ENST1.3", "P1", 1, "CCDS7.1")


MANE = "RefSeq_nuc\tEnsembl_nuc\tMANE_status\n"


@pytest.mark.parametrize("status", ["MANE Select", "MANE Plus Clinical"])
def test_transcripts_of_mane_have_their_partner_of_the_same_version(
    status: str, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.txt"
    summary.write_text(f"{MANE}NM_1.3\tENST1.3\t{status}\n")
    partners = mane.read(summary)
    field = "mane_select" if "Select" in status else "mane_plus_clinical"
    (one, *_) = mane.with_partners(read(refseq()), partners)
    (other,) = mane.with_partners(read(gencode()), partners)
    assert getattr(one.tags, field) == "ENST1.3"
    assert getattr(other.tags, field) == "NM_1.3"
    with pytest.raises(mane.UnusableMane, match="no transcript of the gene models"):
        mane.with_partners(read(refseq().replace("NM_1.3", "NM_1.4")), partners)
    summary.write_text("something else\n")
    with pytest.raises(mane.UnusableMane, match="has no columns"):
        mane.read(summary)


def test_refseq_biotypes_follow_from_features_and_genes_are_no_transcripts() -> None:
    assert [(one.id, one.biotype) for one in read(refseq())] == [
        ("NM_1.3", "protein_coding"),
        ("rna2", "miRNA"),
        ("rna3", "lncRNA"),
    ]


def test_a_stop_codon_beside_the_coding_sequence_belongs_to_it() -> None:
    """As in files that were made of GTF."""
    lines = gencode().splitlines()
    last = next(line for line in lines if "\tCDS\t10201\t" in line)
    cut = [line.replace("\t10221\t", "\t10218\t") if line is last else line for line in lines]
    assert read("\n".join(cut))[0].cds[-1][1] == read(gencode())[0].cds[-1][1] == 10_221


def test_the_copy_on_y_of_a_gene_of_x_has_its_name() -> None:
    text = gencode().replace("ENSG1.4", "ENSG1.4_PAR_Y").replace("ENST1.3", "ENST1.3_PAR_Y")
    (one,) = read(text)
    assert (one.id, one.accession, one.gene.id) == ("ENST1.3", "ENST1.3", "ENSG1.4")


def test_a_microrna_belongs_to_the_gene_of_its_precursor() -> None:
    head = "NC_000021.9\tBestRefSeq\t"
    tail = "\t100\t160\t.\t+\t.\t"
    text = (
        f"{head}gene{tail}ID=gene-MIR155;Dbxref=GeneID:406947;Name=MIR155;gene_biotype=miRNA\n"
        f"{head}primary_transcript{tail}ID=rna-NR_030784.1;Parent=gene-MIR155;gene=MIR155;"
        "transcript_id=NR_030784.1\n"
        f"{head}exon{tail}ID=exon-NR_030784.1-1;Parent=rna-NR_030784.1\n"
        f"{head}miRNA{tail}ID=rna-MIR155;Parent=rna-NR_030784.1;gbkey=ncRNA;gene=MIR155\n"
        f"{head}exon{tail}ID=exon-MIR155-1;Parent=rna-MIR155\n"
        f"{head}tRNA{tail}ID=rna-TRNA1;Parent=gene-MIR155;gbkey=tRNA;gene=MIR155\n"
        f"{head}exon{tail}ID=exon-TRNA1-1;Parent=rna-TRNA1;gbkey=tRNA\n"
    )
    found = read(text)
    assert [one.biotype for one in found] == ["miRNA", "miRNA", "tRNA"]
    assert {(one.gene.id, one.gene.symbol) for one in found} == {("406947", "MIR155")}


EXCEPTIONS = {
    "ribosomal_slippage": "exception=ribosomal slippage",
    "selenocysteine": "transl_except=(pos:10201..10203%2Caa:Sec)",
    "differs_from_genome": (
        "exception=annotated by transcript or proteomic data;"
        "Note=The RefSeq protein has 1 substitution compared to this genomic sequence"
    ),
}


@pytest.mark.parametrize("flag", EXCEPTIONS)
def test_what_the_genome_does_not_spell_is_flagged(flag: str) -> None:
    (one, *_) = read(refseq().replace("protein_id=", f"{EXCEPTIONS[flag]};protein_id="))
    assert one.tags.exceptions == (flag,)
    assert transcript_table.build([one], ["21"], {}).about["FLAGS"].to_list() == [flag]


def test_a_selenocysteine_of_gencode_is_flagged() -> None:
    row = "chr21\tHAVANA\tstop_codon_redefined_as_selenocysteine\t10201\t10203\t.\t+\t.\t"
    (one,) = read(f"{gencode()}{row}ID=sec:1;Parent=ENST1.3\n")
    assert one.tags.exceptions == ("selenocysteine",)


def test_a_cds_without_transcript_is_one() -> None:
    head = "NC_000021.9\tRefSeq\t"
    text = (
        f"{head}gene\t100\t402\t.\t+\t.\tID=gene-ND1;Dbxref=GeneID:4535,HGNC:HGNC:7455;gene=ND1\n"
        f"{head}CDS\t100\t402\t.\t+\t0\tID=cds-1;Parent=gene-ND1;protein_id=YP_003024026.1\n"
    )
    (one,) = read(text)
    assert (one.id, one.biotype, one.exons) == ("ND1", "protein_coding", ((100, 402),))
    assert (one.gene.id, one.gene.symbol, one.gene.hgnc_id) == ("4535", "ND1", "HGNC:7455")


@pytest.mark.parametrize(("phase", "missing"), [(0, 0), (1, 2), (2, 1)])
def test_a_phase_tells_the_bases_that_are_missing(phase: int, missing: int) -> None:
    one = replace(read(one_gene.gff())[0], first_phase=phase)
    assert one.missing_bases == missing


def test_a_bad_line_is_named() -> None:
    with pytest.raises(gff3.BadGeneModels, match="line 2"):
        read("##gff-version 3\n21\ttest\tgene\tx\t9\t.\t+\t.\tID=g")


def test_a_table_is_kept_in_a_file(tmp_path: Path) -> None:
    made = made_up.write(tmp_path, seed=3)
    transcripts = list(gff3.read(made.genes, CONTIGS))
    table = transcript_table.build(transcripts, ["21"], {"21": 2})
    first = transcript_store.save(table, tmp_path).read_bytes()
    loaded = transcript_store.load(tmp_path, ["20", "21"])
    assert transcript_store.save(table, tmp_path).read_bytes() == first
    assert loaded.about.equals(table.about)
    assert loaded.contig.tolist() == [1] * len(table)
    for name in ("start", "coding_last", "missing", "start_is_known", "genetic_code"):
        assert getattr(loaded, name).tolist() == getattr(table, name).tolist()
    assert loaded.exons.cdna.tolist() == table.exons.cdna.tolist()
    assert loaded.exons.first.tolist() == table.exons.first.tolist()


def test_a_damaged_or_foreign_file_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = transcript_table.build(read(one_gene.gff()), ["21"], {})
    path = transcript_store.save(table, tmp_path)
    with pytest.raises(
        DatabaseUnusable, match="contigs that the reference lacks; build the bundle"
    ):
        transcript_store.load(tmp_path, ["22"])
    with monkeypatch.context() as other:
        other.setattr(transcript_store, "FORMAT", "2")
        with pytest.raises(DatabaseUnusable, match="format 1, not 2; build the bundle again"):
            transcript_store.load(tmp_path, ["21"])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DatabaseUnusable, match="cannot be read"):
        transcript_store.load(tmp_path, ["21"])
