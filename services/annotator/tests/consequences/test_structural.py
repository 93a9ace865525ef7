"""Structural variants in a gene of chromosome 21 with many exons, and in the mitochondrion."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator import bundle as bundles
from annotator.consequences import structural
from annotator.consequences.bundled import engine_of
from annotator.runner import protocol
from annotator.validate.structural import NoInterval, StructuralAllele, alleles_of, kind_of
from tests.support import case_judge
from tests.support.case_judge import Entry, Outcome

Annotate = Callable[..., Outcome]
Engines = dict[str, tuple[bundles.Bundle, Any]]
Gene = tuple[str, list[tuple[int, int]], int, int]

HEADER = "##fileformat=VCFv4.4\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


@pytest.fixture(scope="module")
def engines() -> Engines:
    found = {name: bundles.find(name) for name in ("human-mt", "grch38-21q21")}
    return {name: (bundle, engine_of(bundle)) for name, bundle in found.items()}


@pytest.fixture
def annotate(engines: Engines, tmp_path: Path) -> Annotate:
    def run(*records: str, bundle: str = "grch38-21q21", **options: Any) -> Outcome:
        path = tmp_path / "in.vcf"
        path.write_text(HEADER + "".join(f"{record}\n" for record in records))
        where, engine = engines[bundle]
        return case_judge.annotated(path, engine, where, tmp_path, **options)

    return run


@pytest.fixture(scope="module")
def gene(engines: Engines) -> Gene:
    """Exons, in ascending order, and coding range of a coding transcript with many exons."""
    _, engine = engines["grch38-21q21"]
    table = engine.models.table
    sizes = table.exon_counts * (table.low_coding > 0) * (table.strand == 1)
    at = int(sizes.argmax())
    first, last = int(table.exons.first[at]), int(table.exons.first[at + 1])
    exons = list(
        zip(
            table.exons.starts[first:last].tolist(),
            table.exons.ends[first:last].tolist(),
            strict=True,
        )
    )
    return table.about["Feature"][at], exons, int(table.low_coding[at]), int(table.high_coding[at])


def symbolic(kind: str, start: int, end: int, more: str = "") -> str:
    """A record of the bases ``start`` to ``end``; N, as callers write it, agrees with anything."""
    return f"21\t{start - 1}\t.\tN\t<{kind}>\t.\tPASS\tSVTYPE={kind[:3]};END={end}{more}"


def of(outcome: Outcome, transcript: str, record: int = 0) -> Entry:
    """The entry of a record about a transcript."""
    assert not outcome.refusal
    entries = outcome.entries("CSQ")[record][2]
    return next(entry for entry in entries if entry["Feature"] == transcript)


def terms(kind: str, start: int, end: int, annotate: Annotate, transcript: str) -> set[str]:
    found = of(annotate(symbolic(kind, start, end)), transcript)
    return set(found["Consequence"].split("&"))


def test_a_whole_transcript_is_ablated_or_amplified(annotate: Annotate, gene: Gene) -> None:
    name, exons, _, _ = gene
    start, end = exons[0][0], exons[-1][1]
    assert terms("DEL", start, end, annotate, name) == {"transcript_ablation"}
    assert terms("CN0", start, end, annotate, name) == {"transcript_ablation"}
    assert terms("DUP", start, end, annotate, name) == {"transcript_amplification"}
    assert "transcript_ablation" not in terms("CNV", start, end, annotate, name)
    assert "transcript_ablation" not in terms("INV", start, end, annotate, name)
    assert "transcript_ablation" not in terms("DEL", start + 1, end, annotate, name)


def test_exons_are_named_and_the_transcript_is_truncated(annotate: Annotate, gene: Gene) -> None:
    name, exons, _, _ = gene
    entry = of(annotate(symbolic("DEL", exons[2][0] - 10, exons[4][1] + 10)), name)
    assert entry["EXON"] == f"3-5/{len(exons)}"
    assert entry["INTRON"] == f"2-5/{len(exons) - 1}"
    assert set(entry["Consequence"].split("&")) == {
        "feature_truncation",
        "coding_sequence_variant",
        "intron_variant",
    }
    assert (entry["Allele"], entry["VARIANT_CLASS"]) == ("deletion", "deletion")
    assert entry["IMPACT"] == "HIGH"


def test_what_lies_in_an_intron_truncates_nothing(annotate: Annotate, gene: Gene) -> None:
    name, exons, _, _ = gene
    start, end = exons[2][1] + 100, exons[2][1] + 200
    for kind in ("DEL", "DUP", "INV", "CNV", "INS"):
        assert terms(kind, start, end, annotate, name) == {"intron_variant"}


def test_a_deletion_inside_an_exon_keeps_or_shifts_the_frame(
    annotate: Annotate, gene: Gene
) -> None:
    name, exons, _, _ = gene
    start = exons[3][0] + 6
    assert terms("DEL", start, start + 29, annotate, name) == {
        "feature_truncation",
        "inframe_deletion",
    }
    assert terms("DEL", start, start + 28, annotate, name) == {
        "feature_truncation",
        "frameshift_variant",
    }
    assert terms("DUP", start, start + 28, annotate, name) == {
        "feature_elongation",
        "coding_sequence_variant",
    }


def test_the_ends_of_the_coding_sequence_are_lost(annotate: Annotate, gene: Gene) -> None:
    name, _, first, last = gene
    assert "start_lost" in terms("DEL", first - 5, first + 1, annotate, name)
    assert "stop_lost" in terms("DEL", last - 1, last + 5, annotate, name)
    assert "stop_lost" not in terms("DUP", last - 1, last + 5, annotate, name)


def test_both_breakends_are_told_and_one_is_picked(annotate: Annotate, gene: Gene) -> None:
    name, exons, _, _ = gene
    here, there = exons[2][0] + 3, exons[4][1] + 30
    outcome = annotate(f"21\t{here}\t.\tN\tN[21:{there}[\t.\tPASS\tSVTYPE=BND")
    entries = [one for one in outcome.entries("CSQ")[0][2] if one["Feature"] == name]
    assert [one["Allele"] for one in entries] == ["N.", f"N[21:{there}["]
    assert [one["EXON"] for one in entries] == [f"3/{len(exons)}", ""]
    assert all("feature_truncation" in one["Consequence"] for one in entries)
    assert [one["PICK"] for one in outcome.entries("CSQ")[0][2]].count("1") == 1


def test_alleles_of_several_kinds_have_their_numbers(annotate: Annotate, gene: Gene) -> None:
    name, exons, _, _ = gene
    start = exons[3][0] + 6
    record = f"21\t{start - 1}\t.\tN\t<DEL>,<DUP>,<*>\t.\tPASS\tSVLEN=30,33,."
    entries = [one for one in annotate(record).entries("CSQ")[0][2] if one["Feature"] == name]
    assert [(one["ALLELE_NUM"], one["Allele"]) for one in entries] == [
        ("1", "deletion"),
        ("2", "duplication"),
    ]


def test_entries_are_bounded_and_the_log_says_so(
    annotate: Annotate, gene: Gene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structural, "MOST_ENTRIES", 5)
    outcome = annotate("21\t24990000\t.\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=26020000")
    entries = outcome.entries("CSQ")[0][2]
    assert len(entries) == 5
    assert {one["Consequence"] for one in entries} == {"transcript_ablation"}
    assert "structural\tentries_left_out" in outcome.log


def test_one_without_an_end_is_noted_and_counted(annotate: Annotate, tmp_path: Path) -> None:
    good = "MT\t12317\t.\tT\t<DEL>\t.\tPASS\tEND=14168"
    bad = [
        "MT\t12317\t.\tT\t<DEL>\t.\tPASS\tSVTYPE=DEL",
        "MT\t12317\t.\tT\t<DEL>\t.\tPASS\tEND=12000",
    ]
    outcome = annotate(good, *bad, bundle="human-mt")
    assert [len(entries) > 0 for _, _, entries, _ in outcome.entries("CSQ")] == [True, False, False]
    assert "do not say where it ends" in outcome.log
    summary = json.loads((tmp_path / protocol.RESULT_SUMMARY).read_text())
    assert summary["not_annotated"] == {"no_interval": 2}


@pytest.mark.parametrize("alt", ["*", "<*>", "<NON_REF>", "."])
def test_what_is_no_variant_has_no_consequence(alt: str, annotate: Annotate) -> None:
    outcome = annotate(f"MT\t13681\t.\tA\t{alt}\t.\tPASS\tSVTYPE=DEL;END=14000", bundle="human-mt")
    assert outcome.entries("CSQ")[0][2] == []


@pytest.mark.parametrize(
    ("alt", "kind"),
    [
        (b"<DEL>", "deletion"),
        (b"<DEL:ME:L1>", "LINE1_deletion"),
        (b"<INS:ME>", "mobile_element_insertion"),
        (b"<DUP:TANDEM>", "tandem_duplication"),
        (b"<CNV>", "copy_number_variation"),
        (b"<CN3>", "copy_number_variation"),
        (b"<CNV:TR>", "tandem_repeat"),
        (b"<UNKNOWN>", "inversion"),
        (b"A]2:5]", "chromosome_breakpoint"),
        (b"A.", "chromosome_breakpoint"),
        (b"<NON_REF>", None),
        (b"A", None),
    ],
)
def test_kinds(alt: bytes, kind: str | None) -> None:
    assert kind_of(alt, {b"SVTYPE": b"INV"}) == kind


def alleles(alt: bytes, info: bytes, pos: int = 100) -> list[StructuralAllele]:
    return alleles_of(pos, b"A", [alt], info, lambda _: 1_000)


def test_intervals() -> None:
    (deletion,) = alleles(b"<DEL>", b"END=150;SVLEN=-50")
    assert (deletion.start, deletion.end) == (101, 150)
    (by_length,) = alleles(b"<DEL>", b"SVLEN=-50")
    assert by_length == deletion
    (insertion,) = alleles(b"<INS>", b"END=100;SVLEN=300")
    assert (insertion.start, insertion.end) == (101, 100)
    (clipped,) = alleles(b"<DUP>", b"END=5000")
    assert (clipped.end, clipped.is_clipped) == (1_000, True)
    for info in (b".", b"END=100", b"END=99", b"SVLEN=0", b"END=-5"):
        with pytest.raises(NoInterval):
            alleles(b"<DEL>", info)


REPEAT = b"SVLEN=30;RUS=CAG;RUL=3;"
"""Ten copies of CAG in the reference."""


@pytest.mark.parametrize(
    ("info", "kind", "end"),
    [
        (REPEAT + b"RUC=8", "deletion", 106),
        (REPEAT + b"RB=24", "deletion", 106),
        (b"SVLEN=30;RUS=CAG;RUC=8.5", "deletion", 104),
        (REPEAT + b"RUC=12;RB=.", "tandem_duplication", 106),
        (REPEAT + b"RUC=40", "tandem_duplication", 130),
        (REPEAT + b"RUC=0", "deletion", 130),
        (REPEAT + b"RUC=10", "tandem_repeat", 130),
        (REPEAT + b"RUC=.", "tandem_repeat", 130),
        (b"END=130", "tandem_repeat", 130),
        (b"SVLEN=30;RUC=8", "tandem_repeat", 130),
        (b"SVLEN=30;RN=2;RUS=CAG,TTG;RUC=7,1", "deletion", 106),
        (b"SVLEN=30;RN=2;RB=21,3", "deletion", 106),
        (b"SVLEN=30;RN=2;RUS=CAG,TTG;RUC=7", "tandem_repeat", 130),
        (b"SVLEN=30;RN=2;RB=21,.", "tandem_repeat", 130),
    ],
)
def test_a_repeat_is_the_gain_or_loss_that_it_says(info: bytes, kind: str, end: int) -> None:
    (repeat,) = alleles(b"<CNV:TR>", info)
    assert (repeat.kind, repeat.label, repeat.start, repeat.end) == (kind, kind, 101, end)


def test_repeats_of_several_alleles_have_their_own_values() -> None:
    info = b"SVLEN=30,.,30;RN=2,.,1;RUS=CAG,TTG,CAG;RUC=7,1,12"
    found = alleles_of(100, b"A", [b"<CNV:TR>", b"<*>", b"<CNV:TR>"], info, lambda _: 1_000)
    assert [(one.allele, one.kind, one.end) for one in found] == [
        (1, "deletion", 106),
        (3, "tandem_duplication", 106),
    ]


@pytest.mark.parametrize(
    ("copies", "term"), [(8, "inframe_deletion"), (12, "feature_elongation"), (10, "")]
)
def test_a_contraction_is_told_as_a_loss(
    copies: int, term: str, annotate: Annotate, gene: Gene
) -> None:
    name, exons, _, _ = gene
    start = exons[3][0] + 6
    record = f"21\t{start - 1}\t.\tN\t<CNV:TR>\t.\tPASS\tSVLEN=30;RN=1;RUS=CAG;RUC={copies}"
    found = set(of(annotate(record), name)["Consequence"].split("&"))
    kinds = {"inframe_deletion", "feature_truncation", "feature_elongation"}
    assert term in found if term else not found & kinds


def test_labels_of_breakends() -> None:
    assert [one.label for one in alleles(b"A[1:200[", b".")] == ["A.", "A[1:200["]
    assert [one.label for one in alleles(b"]1:200]A", b".")] == [".A", "]1:200]A"]
    assert [one.label for one in alleles(b".A", b".")] == [".A"]
    assert [one.label for one in alleles(b"A[1:2000[", b".")] == ["A."]
