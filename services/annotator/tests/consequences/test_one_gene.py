"""Positions, terms and refusals on a gene that can be counted on the fingers."""

import polars as pl
import pytest

from annotator.consequences.coding_changes import CodonChange, judge
from annotator.consequences.gene_model_engine import GeneModelEngine
from annotator.consequences.vocabulary import terms_of
from tests.support.consequences import one_gene
from tests.support.consequences.one_gene import ask


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> GeneModelEngine:
    return one_gene.engine(tmp_path_factory.mktemp("gene"))


@pytest.mark.parametrize(
    ("allele", "terms"),
    [
        ((5_000, "C", "T"), "intergenic_variant"),
        ((5_001, "C", "T"), "upstream_gene_variant"),
        ((10_000, "C", "T"), "upstream_gene_variant"),
        ((10_301, "C", "T"), "downstream_gene_variant"),
        ((15_300, "C", "T"), "downstream_gene_variant"),
        ((15_301, "C", "T"), "intergenic_variant"),
        ((10_010, "C", "T"), "5_prime_UTR_variant"),
        ((10_290, "C", "T"), "3_prime_UTR_variant"),
        ((10_023, "G", "A"), "start_lost"),
        ((10_024, "G", "T"), "stop_gained"),
        ((10_026, "A", "G"), "synonymous_variant"),
        ((10_025, "A", "G"), "missense_variant"),
        ((10_221, "A", "G"), "stop_retained_variant"),
        ((10_219, "T", "C"), "stop_lost"),
        ((10_051, "G", "A"), "splice_donor_variant"),
        ((10_053, "C", "T"), "splice_donor_region_variant&intron_variant"),
        ((10_055, "C", "T"), "splice_donor_5th_base_variant&intron_variant"),
        ((10_058, "C", "T"), "splice_region_variant&intron_variant"),
        ((10_059, "C", "T"), "intron_variant"),
        ((10_083, "C", "T"), "intron_variant"),
        ((10_084, "C", "T"), "splice_polypyrimidine_tract_variant&intron_variant"),
        ((10_100, "G", "C"), "splice_acceptor_variant"),
        ((10_101, "G", "C"), "missense_variant&splice_region_variant"),
        ((10_029, "AGAA", "A"), "inframe_deletion"),
        ((10_029, "AG", "A"), "frameshift_variant"),
        ((10_029, "A", "AGAA"), "inframe_insertion"),
        ((10_018, "CCCAT", "C"), "start_lost&5_prime_UTR_variant"),
        ((10_219, "TAAC", "T"), "stop_lost&3_prime_UTR_variant"),
        ((10_049, "AAGT", "A"), "splice_donor_variant&coding_sequence_variant"),
        # Glu36 is gone, and with it the stop codon moves.
        ((10_216, "GAATAA", "TGA"), "protein_altering_variant&stop_retained_variant"),
        ((9_999, one_gene.sequence()[9_998:10_301], "C"), "transcript_ablation"),
    ],
)
def test_terms(engine: GeneModelEngine, allele: tuple[int, str, str], terms: str) -> None:
    assert ask(engine, allele).rows["Consequence"].to_list() == [terms]


@pytest.mark.parametrize(
    ("change", "terms"),
    [
        # ATGATG: one of two start codons is gone, and with it a residue.
        (CodonChange(1, "ATG", 0, 3, "", is_start=True, behind="ATGGAA"), "inframe_deletion"),
        (CodonChange(1, "ATG", 0, 3, "", is_start=True, behind="GAA"), "start_lost"),
        # TCT AGA is TCC TAG A: the same residue and a stop, in another frame.
        (CodonChange(2, "TCT", 1, 0, "C", behind="AGACCC"), "stop_retained_variant"),
        (CodonChange(2, "TCT", 1, 0, "A", behind="AGACCC"), "frameshift_variant"),
    ],
)
def test_changes_that_bases_behind_make_up_for(change: CodonChange, terms: str) -> None:
    assert terms in terms_of(judge(change).bits)


@pytest.mark.parametrize(
    ("allele", "cdna", "cds", "protein", "exon", "intron"),
    [
        ((10_025, "A", "G"), "25", "5", "2", "1/3", None),
        ((10_029, "AGAA", "A"), "30-32", "10-12", "4", "1/3", None),
        ((10_029, "A", "AT"), "29-30", "9-10", "3-4", "1/3", None),
        ((10_049, "AAGT", "A"), "50-?", "30-?", "10-?", "1/3", "1/2"),
        ((10_098, "CAGG", "C"), "?-51", "?-31", "?-11", "2/3", "1/2"),
        ((10_018, "CCCAT", "C"), "19-22", "?-2", "?-1", "1/3", None),
        ((10_070, "C", "T"), None, None, None, None, "1/2"),
        ((10_290, "C", "T"), "200", None, None, "3/3", None),
    ],
)
def test_positions(
    engine: GeneModelEngine,
    allele: tuple[int, str, str],
    cdna: str,
    cds: str,
    protein: str,
    exon: str,
    intron: str,
) -> None:
    row = ask(engine, allele).rows.row(0, named=True)
    found = (row["cDNA_position"], row["CDS_position"], row["Protein_position"])
    assert (*found, row["EXON"], row["INTRON"]) == (cdna, cds, protein, exon, intron)


def test_a_row_has_what_vep_tells(engine: GeneModelEngine) -> None:
    row = ask(engine, (10_025, "A", "G")).rows.row(0, named=True)
    expected = {
        "row": 0,
        "Allele": "G",
        "IMPACT": "MODERATE",
        "SYMBOL": "ONE",
        "Gene": "G1",
        "Feature": "T1",
        "BIOTYPE": "protein_coding",
        "Codons": "gAa/gGa",
        "Amino_acids": "E/G",
        "STRAND": "1",
        "PICK": "1",
        "VARIANT_CLASS": "SNV",
        "ENSP": "P1.2",
        "HGVSg": "21:g.10025A>G",
        "DISTANCE": None,
        "FLAGS": None,
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("allele", "reason"),
    [
        ((10_025, "A", "*"), "symbolic_or_missing_allele"),
        ((10_025, "A", "<DEL>"), "symbolic_or_missing_allele"),
        ((10_025, "A", "<*>"), "symbolic_or_missing_allele"),
        ((10_025, "A", "<NON_REF>"), "symbolic_or_missing_allele"),
        ((10_025, "A", "."), "symbolic_or_missing_allele"),
        ((10_025, "A", "A]21:10100]"), "symbolic_or_missing_allele"),
        ((10_025, "A", "N"), "not_a_sequence"),
        ((10_025, "A", "R"), "not_a_sequence"),
        ((10_025, "C", "G"), "ref_differs_from_reference"),
        ((10_025, "A", "A"), "same_as_reference"),
        ((0, "A", "G"), "past_end_of_contig"),
        ((30_000, "CC", "C"), "past_end_of_contig"),
    ],
)
def test_what_has_no_consequence_says_why(
    engine: GeneModelEngine, allele: tuple[int, str, str], reason: str
) -> None:
    answer = ask(engine, (10_026, "A", "G"), allele)
    assert answer.unanswered.rows() == [(1, reason)]
    assert answer.rows["row"].to_list() == [0]


def test_unknown_contigs_have_no_answer(engine: GeneModelEngine) -> None:
    answer = ask(engine, (10_025, "A", "G"), contig="22")
    assert answer.rows.is_empty()
    assert answer.unanswered["reason"].to_list() == ["unknown_contig"]


def test_no_alleles_have_no_rows(engine: GeneModelEngine) -> None:
    assert engine.annotate(
        pl.DataFrame(
            schema={"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}
        )
    ).rows.is_empty()


def test_lower_case_is_read_as_upper_case(engine: GeneModelEngine) -> None:
    upper, lower = ask(engine, (10_025, "A", "G")), ask(engine, (10_025, "a", "g"))
    assert upper.rows.equals(lower.rows)


def test_an_answer_does_not_depend_on_its_chunk(engine: GeneModelEngine) -> None:
    alleles = [(at, one_gene.sequence()[at - 1], "T") for at in range(9_990, 10_310)]
    alleles = [allele for allele in alleles if allele[1] != "T"]
    whole = ask(engine, *alleles).rows.drop("row")
    single = pl.concat([ask(engine, allele).rows.drop("row") for allele in alleles])
    assert whole.equals(single)


def test_the_allele_is_trimmed_as_its_record(engine: GeneModelEngine) -> None:
    frame = pl.DataFrame(
        {
            "record": [0, 0, 1, 1, 1],
            "contig": ["21"] * 5,
            "pos": [10_024] * 5,
            "ref": ["GA"] * 5,
            "alt": ["G", "GAA", "G", "TA", "*"],
        }
    )
    assert engine.annotate(frame).rows["Allele"].to_list() == ["-", "AA", "G", "TA"]


@pytest.mark.parametrize(
    ("allele", "name"),
    [
        ((10_029, "AGAA", "A"), "21:g.10049_10051del"),
        ((10_029, "A", "AGAA"), "21:g.10049_10051dup"),
        ((10_029, "A", "AT"), "21:g.10029_10030insT"),
        ((10_025, "AA", "TT"), "21:g.10025_10026inv"),
        ((10_025, "AAG", "TTT"), "21:g.10025_10027delinsTTT"),
        ((10_025, "AAG", "AAC"), "21:g.10027G>C"),
        # With bases around them: moved 3' all the same.
        ((10_026, "AGAAG", "AG"), "21:g.10049_10051del"),
        ((10_026, "AG", "AGAAG"), "21:g.10049_10051dup"),
        ((10_027, "GA", "GATGA"), "21:g.10028_10029insTGA"),
    ],
)
def test_genomic_names(engine: GeneModelEngine, allele: tuple[int, str, str], name: str) -> None:
    assert ask(engine, allele).rows["HGVSg"].to_list() == [name]
