"""What is certainly on one haplotype, by the rules of VCF."""

import pytest

from annotator.haplotypes.phasing import genotype, together

MINOR = 3


def told(*calls: str, minor: int = MINOR) -> dict[str, set[tuple[int, int]]]:
    """Haplotypes of a sample with those values of ``GT`` or ``GT:PS`` in successive records."""
    pairs = [call.encode().partition(b":")[::2] for call in calls]
    genotypes = tuple(genotype(gt, minor) for gt, _ in pairs)
    found = together(genotypes, tuple(ps for _, ps in pairs))
    return {name: set(members) for name, members in found}


FIRST_TWO = {(0, 1), (1, 1)}


@pytest.mark.parametrize(
    ("calls", "haplotype"),
    [
        (("0|1", "0|1"), "2"),
        (("1|0", "1|0"), "1"),
        (("0|1:7", "0|1:7"), "2"),
        ((".|1", "0|1"), "2"),
        (("0|0|1|0", "0|0|1|0"), "3"),
        (("1/1", "1/1"), "all"),
        (("1|1:3", "1|1:9"), "all"),
        (("1/1/1", "1/1"), "all"),
        (("1", "1"), "all"),
        (("1", "1/1"), "all"),
        (("1/1", "0|1:5"), "2"),
        (("1|1", "1|0"), "1"),
        (("1/1", "0/1"), "?"),
    ],
)
def test_alleles_are_told_to_be_together(calls: tuple[str, ...], haplotype: str) -> None:
    assert told(*calls) == {haplotype: FIRST_TWO}


@pytest.mark.parametrize(
    "calls",
    [
        ("0/1", "0/1"),
        ("0|1", "1|0"),
        ("0|1", "0/1"),
        ("0|1:1", "0|1:2"),
        ("0|1:1", "0|1"),
        ("./1", "./1"),
        ("./.", "1/1"),
        ("0|1", "0|0|1"),
        ("0|1/1", "0|1/1"),
        ("0/0/1/1", "0/0/1/1"),
        ("0/1/2", "0/1"),
        ("0", "1"),
        ("1|0|0", "0|1|0"),
        ("x", "0|1"),
    ],
)
def test_nothing_is_told_that_is_not_certain(calls: tuple[str, ...]) -> None:
    assert told(*calls) == {}


def test_from_4_4_on_each_allele_has_its_mark() -> None:
    assert told("|0|1", "|0|1", minor=4) == {"2": FIRST_TWO}
    assert told("/0|1", "/0|1", minor=4) == {"2": FIRST_TWO}
    assert told("|0/1", "|0/1", minor=4) == {}
    assert told("/1|0", "/1|0", minor=4) == {}
    assert told("0|1/0", "0|1/0", minor=4) == {"2": FIRST_TWO}
    assert told("|1", "/1", minor=4) == {"all": FIRST_TWO}


def test_both_haplotypes_may_have_a_joint_change() -> None:
    found = told("1|2", "1|2")
    assert found == {"1": {(0, 1), (1, 1)}, "2": {(0, 2), (1, 2)}}


def test_homozygous_alleles_join_what_is_phased() -> None:
    assert told("1/1", "1/1", "0|1") == {
        "1": {(0, 1), (1, 1)},
        "2": {(0, 1), (1, 1), (2, 1)},
    }
