"""Random coding changes against an independent translation, and that a wrong answer is seen."""

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from annotator import bundle as bundles
from annotator.consequences import gff3, mehari_db, transcript_table
from annotator.consequences.gene_model_engine import GeneModels
from annotator.consequences.genome import Genome
from tests.support.consequences import made_up, protein_oracle
from tests.support.consequences.protein_oracle import Model

pytest.importorskip("mehari")
from annotator.consequences.mehari import MehariEngine

SEED = 4
"""Of those whose made-up genes have a stop codon that an intron cuts."""
CHANGES = 2_500
"""On each of the two genomes."""

Asked = tuple[Model, tuple[int, str, str]]
"""A transcript, and a change (position, REF, ALT) in its coding sequence."""


class Case:
    """A genome, its engine and its coding transcripts."""

    def __init__(self, reference: Path, genes: Path, contig: str, code: int, folder: Path) -> None:
        genome = Genome(reference)
        self.contig = contig
        self.sequence = genome.sequence(0, 1, int(genome.lengths[0]))
        transcripts = list(gff3.read(genes, {contig: contig}))
        table = transcript_table.build(transcripts, genome.names, {contig: code})
        database = mehari_db.build(table, genome, "GRCh38", folder)
        self.engine = MehariEngine(GeneModels(table, genome), database, reference)
        self.models = protein_oracle.read(genes.read_text(), {contig: code})

    def faults(self, seed: int, count: int, spoil: bool = False) -> list[str]:
        """What the oracle finds wrong in answers to that many random changes."""
        chance = random.Random(seed)
        asked = [
            (model, change)
            for model in (chance.choice(self.models) for _ in range(count))
            for change in made_up.changes(chance, self.sequence, list(model.cds), 1)
            if not self._in_half_codon(model, change)
        ]
        return self.wrong(asked, spoilt=count // 2 if spoil else -1)

    def wrong(self, asked: list[Asked], spoilt: int = -1) -> list[str]:
        """What the oracle finds wrong in the answers; that of number ``spoilt`` is made wrong."""
        frame = pl.DataFrame(
            [(self.contig, *change) for _, change in asked],
            schema=["contig", "pos", "ref", "alt"],
            orient="row",
        )
        answer = self.engine.annotate(frame)
        assert answer.unanswered.is_empty()
        rows = {(row["row"], row["Feature"]): row for row in answer.rows.iter_rows(named=True)}
        faults = []
        for number, (model, change) in enumerate(asked):
            row = rows[number, model.name]
            if number == spoilt:
                row = _spoilt(row)
            if fault := protein_oracle.wrong(model, self.sequence, change, row):
                faults.append(f"{model.name}{model.strand} {change} {row['HGVSc']}: {fault}")
        return faults

    def small_changes_near_ends(self, bases: int) -> Iterator[Asked]:
        """Every base that is inserted, or gone, in so many at both ends of coding sequences."""
        for model in self.models:
            low, high = model.cds[0][0], model.cds[-1][1]
            for at in (*range(low, low + bases), *range(high - bases, high)):
                here = self.sequence[at - 1 : at + 3]
                found = [(at, here[:1], here[:1] + base) for base in "ACGT"]
                found += [(at, here[:2], here[:1]), (at, here, here[:1])]
                yield from (
                    (model, change)
                    for change in found
                    if self._is_within(model, change) and not self._in_half_codon(model, change)
                )

    def _is_within(self, model: Model, change: tuple[int, str, str]) -> bool:
        """Whether a change lies in one span of coding bases, and brings nothing at its edges."""
        first, last = change[0], change[0] + max(1, len(change[1]) - 1)
        return any(start <= first and last <= end for start, end in model.cds)

    def _in_half_codon(self, model: Model, change: tuple[int, str, str]) -> bool:
        """Some mitochondrial stops are whole only in the polyadenylated transcript."""
        size = sum(end - start + 1 for start, end in model.cds) + model.missing
        if not size % 3:
            return False
        near = 12 + max(len(change[1]), len(change[2]))
        low, high = model.cds[0][0] + near, model.cds[-1][1] - near
        return change[0] < low if model.strand == "-" else change[0] > high


def _spoilt(row: dict[str, str | None]) -> dict[str, str | None]:
    term = "missense_variant" if row["Consequence"] != "missense_variant" else "stop_gained"
    return row | {"Consequence": term, "HGVSp": "X:p.Met1Val"}


@pytest.fixture(scope="module")
def mitochondrion(tmp_path_factory: pytest.TempPathFactory) -> Case:
    bundle = bundles.find("human-mt")
    return Case(bundle.reference, bundle.genes, "MT", 2, tmp_path_factory.mktemp("mt"))


@pytest.fixture(scope="module")
def nucleus(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("made-up")
    made = made_up.write(folder, SEED)
    return Case(made.reference, made.genes, made_up.CONTIG, 1, folder)


@pytest.mark.parametrize("where", ["mitochondrion", "nucleus"])
def test_random_coding_changes_are_what_a_translation_says(
    where: str, request: pytest.FixtureRequest
) -> None:
    print(f"seed {SEED}")
    faults = request.getfixturevalue(where).faults(SEED, CHANGES)
    assert not faults, f"seed {SEED}: {len(faults)} wrong\n" + "\n".join(faults[:20])


@pytest.mark.parametrize("where", ["mitochondrion", "nucleus"])
def test_every_small_change_near_an_end_is_what_a_translation_says(
    where: str, request: pytest.FixtureRequest
) -> None:
    case: Case = request.getfixturevalue(where)
    asked = list(case.small_changes_near_ends(15))
    assert len(asked) > 1000
    faults = case.wrong(asked)
    assert not faults, f"{len(faults)} wrong of {len(asked)}\n" + "\n".join(faults[:20])


@pytest.mark.parametrize("where", ["mitochondrion", "nucleus"])
def test_one_wrong_answer_is_seen(where: str, request: pytest.FixtureRequest) -> None:
    assert len(request.getfixturevalue(where).faults(SEED, 200, spoil=True)) == 1


def test_bases_that_are_missing_have_no_number(nucleus: Case) -> None:
    """Copies of one base before the first known one, and of two behind it."""
    changes = []
    for model in nucleus.models:
        first = model.cds[0][0] if model.strand == "+" else model.cds[-1][1]
        copied = slice(first - 2, first + 1)
        at = first + 1 if model.strand == "+" else first - 2
        base = nucleus.sequence[at - 1]
        if model.missing:
            changes.append((made_up.CONTIG, at, base, base + nucleus.sequence[copied]))
    frame = pl.DataFrame(changes, schema=["contig", "pos", "ref", "alt"], orient="row")
    rows = nucleus.engine.annotate(frame).rows.filter(pl.col("CDS_position").is_not_null())
    names = rows["HGVSc"]
    assert names.is_null().any()
    assert not names.str.contains(r"c\.0|_0|c\.-").any()
