"""Names of HGVS and dbSNP as variants, against the answers of Ensembl VEP 115.2 and by hand."""

import csv
import gzip
from collections import Counter

import pytest

from annotator import bundle as bundles
from annotator.normalize.left_alignment import LeftAligner
from annotator.variant_names.resolver import Resolver
from annotator.variant_names.unresolved import Unresolved
from tests.support.variants import DATA, DEMO

EACH = 7
"""Every so many of VEP's names is resolved: all 25,072 take half a minute."""
KINDS = (">", "delins", "del", "dup", "ins", "+", "-", "*")
SITE = 25891784, "C"
"""NC_000021.9:g.25891784C>T is APP c.2149G>A, p.Val717Ile, rs63750264 (ClinVar 18094)."""


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver.of(bundles.find(DEMO), ["rs63750264", "rs1"], lambda _: None)


def of(name: str, resolver: Resolver) -> tuple[int, str, tuple[str, ...]]:
    (variant,) = resolver.of_name(name).variants
    return variant[1:]


def why_not(name: str, resolver: Resolver) -> str:
    with pytest.raises(Unresolved) as refused:
        resolver.of_name(name)
    return str(refused.value)


def test_veps_names_are_the_variants_that_it_named(resolver: Resolver) -> None:
    aligner = LeftAligner(bundles.find(DEMO).reference)
    kinds: Counter[str] = Counter()
    same = 0
    with gzip.open(DATA / "vep115-random.tsv.gz", "rt") as lines:
        named = [row for row in csv.DictReader(lines, delimiter="\t") if row["hgvsc"]]
    for row in named[::EACH]:
        name = f"{row['transcript']}:{row['hgvsc']}"
        position, ref, alt = aligner.normal(
            "21", int(row["#pos"]), row["ref"].encode(), row["alt"].encode()
        )
        kinds.update(kind for kind in KINDS if kind in row["hgvsc"])
        same += of(name, resolver) == (position, ref.decode(), (alt.decode(),))
    asked = len(named[::EACH])
    print(f"{same:,} of {asked:,} names stand for VEP's variant: {dict(kinds)}")
    assert asked > 3_000
    assert same == asked
    assert all(kinds[kind] > 50 for kind in KINDS)


@pytest.mark.parametrize(
    "name",
    [
        "rs63750264",
        "RS63750264",
        "NC_000021.9:g.25891784C>T",
        "21:g.25891784C>T",
        "chr21:g.25891784c>t",
        "21-25891784-C-T",
        "chr21:25891784:C:T",
        "ENST00000346798.7:c.2149G>A",
        "ENST00000346798:c.2149G>A",
        "ENST00000346798.8:c.2149G>A",
        "ENST00000346798.7(APP):c.2149G>A",
        "NC_000021.9(ENST00000346798.7):c.2149G>A",
        "APP:c.2149G>A",
        "app:c.2149G>A",
        "ENSG00000142192:c.2149G>A",
        "APP:c.2149delinsA",
        "APP:c.2149delGinsA",
    ],
)
def test_a_variant_is_found_by_every_name_that_people_write(name: str, resolver: Resolver) -> None:
    position, ref, alts = of(name, resolver)
    assert (position, ref) == SITE
    assert "T" in alts


def test_an_rs_number_stands_for_all_its_alleles(resolver: Resolver) -> None:
    assert of("rs63750264", resolver)[2] == ("A", "G", "T")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("APP:p.Val717Ile", "a change of a protein may come from several"),
        ("APP:r.2149g>a", "names of RNA"),
        ("rs1", "not among the variants that the reference has of dbsnp 149"),
        ("APP:c.2149C>A", "read in ENST00000346798.7: the reference has G there, not C"),
        ("21:g.25891784G>A", "the reference has C there, not G"),
        ("NOSUCH1:c.1A>G", "no transcript or gene NOSUCH1"),
        ("NM_000484.4(APP):c.2149G>A", "no transcript NM_000484.4"),
        ("NC_000022.11:g.1A>G", "no sequence NC_000022.11"),
        ("ENST00000346798.8:c.2149del", "positions may differ between versions"),
        ("APP:c.2314A>G", "c.2314 lies behind the coding sequence, which has 2,313 bases"),
        ("APP:c.*99999A>G", "lies outside of the transcript"),
        ("APP:c.2149+4A>G", "2149 is not next to an intron"),
        ("APP:c.2211+99999999del", "the intron at 2211 has only"),
        ("APP:c.0A>G", "no position 0"),
        ("APP:c.2150_2149del", "its last position lies before its first"),
        ("APP:c.2149_2150delG", "it names 1 bases, but its positions are 2"),
        ("APP:c.2149_2151insA", "an insertion comes between two positions"),
        ("APP:c.2149_2150ins12", "what is inserted must be given as bases"),
        ("APP:c.2149=", "nothing is changed"),
        ("APP:c.2149delinsG", "it changes nothing"),
        ("APP:c.[2149G>A;2150T>C]", "several changes"),
        ("APP:c.(?_1)_(5_?)del", "uncertain positions"),
        ("c.2149G>A", "of which transcript or gene"),
        ("g.25891784C>T", "on which chromosome"),
        ("21:g.46709984A>G", "21 has 46,709,983 bases"),
        ("21:g.10A>G", "not in this demo bundle"),
        ("21:g.25891784_25991784del", "spans more than 10,000 bases"),
        ("21:g.25891784+2C>T", "plain positions"),
        ("APP:x.5A>G", "x. is no kind of HGVS name"),
        ("APP Val717Ile", "neither an rs number nor an HGVS name"),
        ("A" * 2_000, "neither an rs number nor an HGVS name"),
    ],
)
def test_what_stands_for_no_variant_says_why(name: str, reason: str, resolver: Resolver) -> None:
    assert reason in why_not(name, resolver)


def test_names_of_the_mitochondrion_need_no_reference() -> None:
    resolver = Resolver(bundles.find("human-mt"), {})
    assert of("m.11778G>A", resolver) == (11778, "G", ("A",))
    assert of("NC_012920.1:m.11778G>A", resolver) == (11778, "G", ("A",))
    assert of("MT-ND4:c.1019G>A", resolver) == (11778, "G", ("A",))
    assert "no known variants with rs numbers" in why_not("rs199476112", resolver)


def test_a_deletion_of_the_first_base_keeps_the_base_behind_it() -> None:
    resolver = Resolver(bundles.find("human-mt"), {})
    assert of("m.1del", resolver) == (1, "GA", ("A",))
    assert of("m.1_3del", resolver) == (1, "GATC", ("C",))
