"""Joint changes in results: in MT-CO1, m.6831A>C and m.6832T>C together are p.Met310Pro."""

from collections.abc import Callable
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of, has_hgvs
from annotator.consequences.engine import Engine
from annotator.runner import chunks
from annotator.vcf import blocks, reading
from tests.support import case_judge
from tests.support.case_judge import Entry, Outcome

FIRST, SECOND = ("6831", "A", "C"), ("6832", "T", "C")
Annotate = Callable[..., Outcome]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.find("human-mt")


@pytest.fixture(scope="module")
def engine(bundle: Bundle) -> Engine:
    if not has_hgvs(bundle):
        pytest.skip("the answers are told in HGVS")
    return engine_of(bundle)


@pytest.fixture
def annotate(engine: Engine, bundle: Bundle, tmp_path: Path) -> Annotate:
    def run(
        *records: tuple[tuple[str, str, str], list[str]],
        names: str = "S1",
        minor: int = 2,
        **wishes: object,
    ) -> Outcome:
        lines = [
            f"##fileformat=VCFv4.{minor}",
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">',
            '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="p">',
            "\t".join(
                ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", names]
            ),
        ]
        for (pos, ref, alt), calls in records:
            has_ps = any(":" in call for call in calls)
            fixed = ["MT", pos, ".", ref, alt, ".", "PASS", "."]
            lines.append("\t".join([*fixed, "GT:PS" if has_ps else "GT", *calls]))
        path = tmp_path / "in.vcf"
        path.write_text("\n".join(lines) + "\n")
        outcome = case_judge.annotated(path, engine, bundle, tmp_path, **wishes)
        assert not outcome.refusal
        return outcome

    return run


def haplo(outcome: Outcome) -> list[list[Entry]]:
    """The entries of HAPLO of each record."""
    return [entries for _, _, entries, _ in outcome.entries("HAPLO")]


def test_both_records_name_sample_haplotype_variants_and_change(annotate: Annotate) -> None:
    first, second = haplo(annotate((FIRST, ["0|1"]), (SECOND, ["0|1"])))
    assert first == second
    (entry,) = first
    assert (entry["Sample"], entry["Haplotype"], entry["Sample_count"]) == ("S1", "2", "1")
    assert entry["Variants"] == "6831:A>C&6832:T>C"
    assert (entry["SYMBOL"], entry["Consequence"]) == ("MT-CO1", "missense_variant")
    assert entry["HGVSp"] == "MT-CO1:p.Met310Pro"
    assert entry["Codons"] == "ATa/CCa"


@pytest.mark.parametrize(
    ("one", "other"), [("0/1", "0/1"), ("0|1", "1|0"), ("0|1:1", "0|1:2"), ("./1", "./1")]
)
def test_nothing_is_told_of_what_is_not_certain(one: str, other: str, annotate: Annotate) -> None:
    assert haplo(annotate((FIRST, [one]), (SECOND, [other]))) == [[], []]


def test_alternatives_of_one_record_are_never_joined(annotate: Annotate) -> None:
    found = haplo(annotate((("6831", "A", "C,G"), ["1|2"]), (SECOND, ["1|0"])))
    assert [entry["HGVSp"] for entry in found[0]] == ["MT-CO1:p.Met310Pro"]


def test_three_variants_of_one_codon_are_one_change(annotate: Annotate) -> None:
    third = ("6833", "A", "T")
    found = haplo(annotate((FIRST, ["0|1"]), (SECOND, ["0|1"]), (third, ["0|1"])))
    assert [entry["Variants"] for entry in found[2]] == ["6831:A>C&6832:T>C&6833:A>T"]
    assert found[0] == found[1] == found[2]


def test_a_frame_that_is_restored_within_the_codon_is_not_a_frameshift(annotate: Annotate) -> None:
    deletion, insertion = ("6830", "CA", "C"), ("6832", "T", "TG")
    outcome = annotate((deletion, ["0|1"]), (insertion, ["0|1"]))
    for (entry,) in haplo(outcome):
        assert entry["HGVSp"] == "MT-CO1:p.Met310Trp"
    own = [entries for _, _, entries, _ in outcome.entries("CSQ")]
    assert all(any("frameshift" in one["Consequence"] for one in entries) for entries in own)


def test_overlapping_alleles_are_counted_and_not_told(annotate: Annotate) -> None:
    outcome = annotate((("6830", "CATA", "C"), ["0|1"]), (SECOND, ["0|1"]))
    assert haplo(outcome) == [[], []]
    assert "haplotypes\toverlapping\t1" in outcome.log


def test_a_change_of_many_samples_is_one_entry_with_a_bounded_list(annotate: Annotate) -> None:
    names = "\t".join(f"S{n}" for n in range(100))
    calls = ["0|1"] * 50 + ["1|0"] * 20 + ["0|0"] * 30
    (entry,), _ = haplo(annotate((FIRST, calls), (SECOND, calls), names=names))
    assert entry["Sample"].split("&") == [f"S{n}" for n in range(20)]
    assert entry["Sample_count"] == "70"


def test_names_of_samples_are_escaped(annotate: Annotate) -> None:
    (entry,), _ = haplo(annotate((FIRST, ["1"]), (SECOND, ["1"]), names="a|b, c;d&e"))
    assert entry["Sample"] == "a%7Cb%2C%20c%3Bd%26e"


def test_variants_of_one_codon_may_be_in_two_blocks(
    annotate: Annotate, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [((str(pos), ref, alt), ["0|1"]) for pos, ref, alt in ((3400, "C", "A"),)]
    records += [(FIRST, ["0|1"]), (SECOND, ["0|1"]), (("6839", "C", "T"), ["0|1"])]
    whole = annotate(*records)
    for module in (blocks, reading):
        monkeypatch.setattr(module, "BLOCK_BYTES", 16)
    monkeypatch.setattr(reading, "_PIECE_BYTES", 16)
    for size in ("CHUNK_ROWS", "MOST_ROWS"):
        monkeypatch.setattr(chunks, size, 1)
    assert annotate(*records).vcf == whole.vcf
    assert [len(entries) for entries in haplo(whole)] == [0, 1, 1, 0]


def test_a_file_without_samples_has_no_haplotypes(
    engine: Engine, bundle: Bundle, tmp_path: Path
) -> None:
    cases = Path(__file__).parents[1] / "data" / "cases"
    outcome = case_judge.annotated(cases / "mnv.vcf", engine, bundle, tmp_path)
    assert "HAPLO" not in outcome.vcf
