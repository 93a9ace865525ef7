"""Own sources, one of each kind, made up for the synthetic genome, with their manifests."""

from __future__ import annotations

from pathlib import Path

from tests.support import synthetic_genome as synthetic

GENOME = synthetic.sequences()["1"]
ABOUT = 'version = "1"\nlicence = "made up"\ncitation = "none"\n'


def base(position: int) -> str:
    """The base of contig 1 at a 1-based position."""
    return GENOME[position - 1]


def other(position: int, number: int = 0) -> str:
    """Another base than that of the reference: there are three."""
    return [one for one in "ACGT" if one != base(position)][number]


def change(position: int, number: int = 0) -> str:
    return f"{position}\t{base(position)}\t{other(position, number)}"


def _scores(allele: str, gene: str, donor_gain: float) -> str:
    """An entry as SpliceAI writes it."""
    return f"{allele}|{gene}|0.00|0.00|{donor_gain}|0.00|1|2|3|4"


SOURCES = {
    "alphamissense.toml": """
        name = "alphamissense"
        file = "am.tsv"
        format = "tsv"
        match = "allele"
        fields = [
          {id = "AM_PATHOGENICITY", column = "am_pathogenicity", type = "Float", description = "s"},
          {id = "AM_CLASS", column = "am_class", description = "class"},
        ]""",
    "am.tsv": "# Copyright\n#\n# Licensed\n"
    "#CHROM\tPOS\tREF\tALT\tgenome\tuniprot_id\tam_pathogenicity\tam_class\n"
    f"chr1\t{change(510)}\thg38\tP1\t0.25\tlikely_benign\n"
    f"chr1\t{change(510)}\thg38\tP2\t0.75\tlikely_pathogenic\n"
    f"chr1\t{change(520)}\thg38\tP2\tNA\tambiguous\n"
    f"chr9\t{change(520)}\thg38\tP2\t0.5\tambiguous\n",
    "cadd.toml": """
        name = "cadd"
        file = "cadd.tsv"
        format = "tsv"
        match = "allele"
        columns = {chrom = "Chrom", pos = "Pos", ref = "Ref", alt = "Alt"}
        fields = [{id = "CADD_PHRED", column = "PHRED", type = "Float", description = "score"}]""",
    "cadd.tsv": "## CADD\n#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED\n"
    f"1\t{change(510)}\t0.1\t12.34\n1\t{change(510, 1)}\t0.1\t5\n",
    "cohort.toml": """
        name = "cohort"
        file = "cohort.vcf"
        format = "vcf"
        match = "allele"
        where = {FILTER = ["PASS", "."]}
        fields = [
          {id = "COHORT_AF", column = "AF", type = "Float", description = "frequency"},
          {id = "COHORT_SEEN", type = "Flag", description = "seen here"},
        ]""",
    "cohort.vcf": '##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="">\n'
    '##FILTER=<ID=bad,Description="">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    f"chr1\t510\t.\t{base(510)}\t{other(510)},{other(510, 1)}\t.\tPASS\tAF=0.01,0.02\n"
    f"chr1\t530\t.\t{base(530)}\t{other(530)}\t.\tbad\tAF=0.03\n",
    "constraint.toml": """
        name = "constraint"
        file = "constraint.tsv"
        format = "tsv"
        match = "gene"
        columns = {symbol = "gene", gene_id = "gene_id"}
        where = {mane_select = ["true"]}
        fields = [{id = "PLI", column = "lof.pLI", type = "Float", description = "pLI"}]""",
    "constraint.tsv": "gene\tgene_id\ttranscript\tmane_select\tlof.pLI\n"
    "A\tA\tA.1\ttrue\t0.9\nA\tA\tA.2\tfalse\t1\nOLDB\tNA\tB.1\ttrue\t0.4\n",
    "exons.toml": """
        name = "exons"
        file = "exons.bed"
        format = "bed"
        match = "overlap"
        fields = [
          {id = "KIT", column = 4, description = "target"},
          {id = "IN_KIT", type = "Flag", description = "in a target"},
        ]""",
    "exons.bed": "track name=kit\nchr1\t500\t620\tone\nchr1\t509\t515\ttwo\nchr1\t0\t5\tthree\n",
    "panel.toml": """
        name = "panel"
        file = "panel.tsv"
        format = "tsv"
        match = "gene"
        columns = {hgnc_id = "HGNC", symbol = "Gene Symbol", synonyms = "Other"}
        fields = [{id = "PANEL", column = "Phenotype", description = "phenotypes"}]""",
    "panel.tsv": "Gene Symbol\tHGNC\tOther\tPhenotype\n"
    "a\t\t\tAnaemia; mild\nRENAMED\tHGNC:77\t\tBlindness\nNOBODY\t\tX9|AA1\tAtaxia\n"
    "SHARED\t\t\tnot joined\nD\t\t\tDeafness\n",
    "phylop.toml": """
        name = "phylop"
        file = "phylop.bedgraph"
        format = "bed"
        match = "position"
        fields = [{id = "PHYLOP", column = 4, type = "Float", description = "conservation"}]""",
    "phylop.bedgraph": "chr1\t508\t510\t-1.5\nchr1\t510\t511\t3.25\nchr1\t511\t530\t0.5\n",
    "revel.toml": """
        name = "revel"
        file = "revel.csv"
        format = "tsv"
        separator = ","
        match = "allele"
        columns = {chrom = "chr", pos = "grch38_pos", ref = "ref", alt = "alt"}
        fields = [{id = "REVEL", type = "Float", description = "score"}]""",
    "revel.csv": "chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid\n"
    f"1,7,510,{base(510)},{other(510)},M,V,0.5,A.1;A.2\n1,7,.,A,C,M,V,0.5,A.1\n",
    "spliceai.toml": """
        name = "spliceai"
        file = "spliceai.vcf"
        format = "vcf"
        match = "allele"
        fields = [
          FIELD, part = 5, id = "SPLICEAI_DS_DG", type = "Float", description = "d"},
          FIELD, part = 2, id = "SPLICEAI_GENES", description = "genes"},
        ]""".replace("FIELD", '{column = "SpliceAI", allele_part = 1'),
    "spliceai.vcf": "##fileformat=VCFv4.2\n"
    '##INFO=<ID=SpliceAI,Number=.,Type=String,Description="">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    f"1\t510\t.\t{base(510)}\t{other(510)},{other(510, 1)}\t.\t.\tSpliceAI="
    f"{_scores(other(510), 'A', 0.1)},{_scores(other(510, 1), 'A', 0.99)},"
    f"{_scores(other(510).lower(), 'Z', 0.91)}\n"
    f"1\t540\t.\t{GENOME[539:541]}\t{base(540)},{GENOME[539:541]}T\t.\t.\tSpliceAI="
    f"{_scores(GENOME[539:541] + 'T', 'A', 0.3)},{_scores(base(540), 'A', 0.2)}\n"
    f"1\t550\t.\t{base(550)}\t{other(550)}\t.\t.\tSpliceAI={_scores(base(550), 'A', 1)}\n",
}


def write_sources(folder: Path, sources: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in sources.items():
        is_manifest = name.endswith(".toml")
        (folder / name).write_text(ABOUT + text if is_manifest else text)
    return folder


def recipe(folder: Path) -> Path:
    """The recipe of the synthetic bundle whose genes have synonyms and one an HGNC id."""
    synthetic.build_bundle(folder)
    genes = folder / "source" / "genes.gff3"
    text = genes.read_text()
    for old, new in (
        ("gene_id=A\n", "gene_id=A;gene_synonym=AA1,SHARED\n"),
        ("gene_id=B\n", "gene_id=B;gene_synonym=OLDB,SHARED"
         ";description=thing [Source:HGNC Symbol%3BAcc:HGNC:77]\n"),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    genes.write_text(text)
    return folder / "source" / "recipe.json"
