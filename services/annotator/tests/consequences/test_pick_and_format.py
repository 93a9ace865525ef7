"""Which transcript is picked, and the text of CSQ."""

import random
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from annotator.consequences import csq_format, gff3, transcript_table, vocabulary
from annotator.consequences.entries import Entries
from annotator.consequences.gene_model_engine import GeneModelEngine, GeneModels
from annotator.consequences.gene_models import Tags, Transcript
from annotator.consequences.genome import Genome
from annotator.consequences.pick import PICK_ORDER, Criterion, Selection
from tests.support.consequences import made_up, one_gene

SOME_BASES = [
    (at, base)
    for at, base in enumerate(one_gene.sequence(), start=1)
    if at > 9_000 and at % 29 == 0
]
MISSENSE, FAR = (10_025, "A", "G"), (20_000, "C", "T")


def transcript(name: str, tags: Tags = Tags(), **changes: object) -> Transcript:
    one = next(iter(gff3.parse(one_gene.gff().splitlines(), {"21": "21"})))
    return replace(one, id=name, accession=name, tags=tags, **changes)  # type: ignore[arg-type]


def engine_of(
    folder: Path, *transcripts: Transcript, order: tuple[Criterion, ...] = PICK_ORDER
) -> GeneModelEngine:
    genome = Genome(made_up.write_genome(folder, one_gene.sequence()))
    table = transcript_table.build(transcripts, genome.names, {})
    return GeneModelEngine(GeneModels(table, genome, order))


def picked(engine: GeneModelEngine) -> str:
    rows = one_gene.ask(engine, MISSENSE).rows.filter(pl.col("PICK") == "1")
    assert rows.height == 1
    return str(rows["Feature"].item())


SHORT = one_gene.EXONS[:2]
BETTER_FIRST: list[Transcript] = [
    transcript("mane", Tags(mane_select="NM_1.1")),
    transcript("plus", Tags(mane_plus_clinical="NM_2.1")),
    transcript("canonical", Tags(is_canonical=True)),
    transcript("p1", Tags(appris="P1")),
    transcript("p2", Tags(appris="P2")),
    transcript("a1", Tags(appris="A1")),
    transcript("tsl1", Tags(tsl=1)),
    transcript("tsl5", Tags(tsl=5)),
    transcript("ccds", Tags(ccds="CCDS1.1")),
    transcript("long"),
    transcript("short", exons=SHORT, cds=tuple((a, b) for a, b, _ in one_gene.CDS[:2])),
    transcript("other", biotype="nonsense_mediated_decay"),
]


@pytest.mark.parametrize("better", range(len(BETTER_FIRST) - 1))
def test_veps_order_of_picking(better: int, tmp_path: Path) -> None:
    pair = BETTER_FIRST[better : better + 2]
    assert picked(engine_of(tmp_path, *pair)) == pair[0].id
    assert picked(engine_of(tmp_path, *reversed(pair))) == pair[0].id


def random_tags(chance: random.Random, *, has_few: bool) -> Tags:
    """Tags as gene models have them, few of each kind, so that many transcripts share one."""
    ccds = chance.choice(["", "CCDS1.1"])
    if has_few:
        return Tags(ccds=ccds)
    return Tags(
        mane_select="NM_1.1" if chance.random() < 0.1 else "",
        mane_plus_clinical="NM_2.1" if chance.random() < 0.1 else "",
        is_canonical=chance.random() < 0.2,
        appris=chance.choice(["", "", "P1", "P2", "P5", "A1", "A2"]),
        tsl=chance.choice([None, None, 1, 2, 5]),
        ccds=ccds,
    )


def grade_by_vep(one: Transcript, terms: str) -> tuple[object, ...]:
    """What VEP sorts by, in the words of its documentation; lower is better."""
    tags = one.tags
    level = int(tags.appris[1:]) + 10 * (tags.appris[0] == "A") if tags.appris else 100
    spans = one.cds or one.exons
    return (
        not tags.mane_select,
        not tags.mane_plus_clinical,
        not tags.is_canonical,
        level,
        tags.tsl or 100,
        one.biotype != "protein_coding",
        min(vocabulary.TERMS.index(term) for term in terms.split("&")),
        not tags.ccds,
        -sum(end - start + 1 for start, end in spans),
    )


@pytest.mark.parametrize("seed", range(24))
def test_the_picked_one_is_the_first_of_a_sort_by_veps_words(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    cut: dict[str, object] = {
        "exons": SHORT,
        "cds": tuple((a, b) for a, b, _ in one_gene.CDS[:2]),
    }
    shapes: list[dict[str, object]] = [{}, cut, {"cds": ()}]
    every = [
        transcript(
            f"T{number}",
            random_tags(chance, has_few=seed % 2 == 0),
            biotype=chance.choice(["protein_coding", "nonsense_mediated_decay"]),
            **chance.choice(shapes),
        )
        for number in range(chance.randint(2, 6))
    ]
    rows = one_gene.ask(engine_of(tmp_path, *every), MISSENSE).rows
    terms = dict(rows.select("Feature", "Consequence").iter_rows())
    assert terms.keys() == {one.id for one in every}
    best = min(every, key=lambda one: grade_by_vep(one, terms[one.id]))
    (told,) = (one for one in every if one.id == rows.filter(PICK="1")["Feature"].item())
    assert grade_by_vep(told, terms[told.id]) == grade_by_vep(best, terms[best.id])


def test_another_order_picks_another(tmp_path: Path) -> None:
    pair = transcript("mane", Tags(mane_select="N"), cds=()), transcript("worse")
    assert picked(engine_of(tmp_path, *pair)) == "mane"
    assert picked(engine_of(tmp_path, *pair, order=("rank",))) == "worse"


@pytest.mark.parametrize("order", [PICK_ORDER, ("tsl", "rank"), ("rank",), ("ccds", "mane_select")])
@pytest.mark.parametrize("selection", ["mane", "picked"])
def test_choosing_before_judging_tells_the_same(
    order: tuple[Criterion, ...], selection: Selection, tmp_path: Path
) -> None:
    engine = engine_of(tmp_path, *BETTER_FIRST, order=order)
    changes = [("21", at, base, "C" if base != "C" else "G") for at, base in SOME_BASES]
    frame = pl.DataFrame(changes, schema=["contig", "pos", "ref", "alt"], orient="row")
    every = engine.annotate(frame, "all").rows
    main = pl.any_horizontal(pl.col("MANE", "CANONICAL").is_not_null())
    wanted = main if selection == "mane" else pl.lit(value=False)
    kept = wanted | ((pl.col("PICK") == "1") & ~wanted.any().over("row"))
    chosen = every.filter(kept.fill_null(value=False))
    assert engine.annotate(frame, selection).rows.equals(chosen)
    assert 0 < chosen.height < every.height


def test_selections(tmp_path: Path) -> None:
    engine = engine_of(
        tmp_path, transcript("mane", Tags(mane_select="N")), transcript("rest"), transcript("more")
    )
    frame = pl.DataFrame(
        [("21", *MISSENSE), ("21", *FAR)], schema=["contig", "pos", "ref", "alt"], orient="row"
    )
    assert engine.annotate(frame, "all").rows.height == 4
    assert engine.annotate(frame, "mane").rows["Feature"].to_list() == ["mane", None]
    assert engine.annotate(frame, "picked").rows["Feature"].to_list() == ["mane", None]
    without = engine_of(tmp_path, transcript("rest"), transcript("more"))
    assert without.annotate(frame, "mane").rows.height == 2


def test_the_header_is_what_readers_of_vep_look_for() -> None:
    vep, csq = csq_format.header_lines(csq_format.fields_of(["PICK"]), "GAS 1.2", "GRCh38")
    assert vep == '##VEP="v115.2-compatible" tool="GAS 1.2" assembly="GRCh38"'
    match = re.fullmatch(
        r'##INFO=<ID=CSQ,Number=\.,Type=String,Description="([^":#]*)Format: ([^": ]*)">', csq
    )
    assert match
    assert match[2].split("|") == [*csq_format.VEP_FIELDS, "PICK"]


def test_entries_have_all_fields_and_nothing_forbidden(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, transcript("T1"), transcript("T2"))
    alleles = [(at, one_gene.sequence()[at - 1], "T") for at in range(9_000, 10_400, 7)]
    rows = one_gene.ask(engine, *(one for one in alleles if one[1] != "T")).rows
    fields = csq_format.fields_of(rows.columns)
    for (value,) in csq_format.values(Entries(rows), fields).select("CSQ").iter_rows():
        assert not re.search(r"[;=\s]", value)
        for entry in value.split(","):
            cells = entry.split("|")
            assert len(cells) == len(fields)
            terms = cells[1].split("&")
            ranks = [vocabulary.RANK[term] for term in terms]
            assert ranks == sorted(ranks)
            assert cells[2] == vocabulary.IMPACTS[terms[0]]
            assert "." not in cells
            assert "-" not in cells[1:]


def test_values_are_escaped() -> None:
    rows = pl.DataFrame({"row": [4, 4, 7], "HGVSp": ["P:p.Glu2=", None, "a,b|c;d e"]})
    assert csq_format.values(Entries(rows), ["HGVSp", "SYMBOL"]).rows() == [
        (4, "P:p.Glu2%3D|,|"),
        (7, "a&b&c%3Bd_e|"),
    ]


def test_there_are_veps_41_terms_and_every_word_has_one() -> None:
    assert len(vocabulary.TERMS) == 41
    for word in (*vocabulary.OF_MEHARI, "no_such_word"):
        assert vocabulary.vep_term(word) in vocabulary.RANK
    bits = vocabulary.bits_of(["intron_variant", "splice_donor_variant"])
    assert vocabulary.terms_of(bits) == ("splice_donor_variant", "intron_variant")
    assert vocabulary.impact_of(bits) == "HIGH"
    assert (
        vocabulary.finer_terms(["frameshift_elongation", "stop_gained"]) == "frameshift_elongation"
    )
