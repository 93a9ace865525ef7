"""Joint changes of random codons against a translation that shares no code with the engine."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.consequences.bundled import engine_of, has_hgvs
from annotator.consequences.genome import Genome
from annotator.runner import chunks
from annotator.vcf import blocks, reading
from tests.support import case_judge
from tests.support.case_judge import Entry, Outcome
from tests.support.consequences import protein_oracle
from tests.support.consequences.protein_oracle import CODES, CODONS, THREE, Model

SEED = 20261128
WANTED = 300
"""Codons of each genome, as many again that an intron cuts in two if there are."""
_APART = 12


@dataclass(frozen=True)
class Codon:
    """A codon of a transcript: its number, the genomic position of each base 5' to 3'."""

    model: Model
    number: int
    places: tuple[int, ...]

    @property
    def is_split(self) -> bool:
        return max(self.places) - min(self.places) > 2


@dataclass(frozen=True)
class Change:
    """Substitutions in a codon: genomic position, base of the plus strand, new base."""

    codon: Codon
    bases: tuple[tuple[int, str, str], ...]


def codons(model: Model) -> Iterator[Codon]:
    places = [at for start, end in model.cds for at in range(start, end + 1)]
    if model.strand == "-":
        places.reverse()
    places = [0] * model.missing + places
    for number in range(1, len(places) // 3 - 1):  # neither the first nor the last
        yield Codon(model, number + 1, tuple(places[3 * number : 3 * number + 3]))


def oriented(base: str, model: Model) -> str:
    return base if model.strand == "+" else base.translate(str.maketrans("ACGT", "TGCA"))


class Case:
    """Random changes in a bundle's genome, as a VCF and as answers."""

    def __init__(self, name: str, contig: str, code: int) -> None:
        self.bundle = bundles.find(name)
        self.engine = engine_of(self.bundle)
        self.contig = contig
        genome = Genome(self.bundle.reference)
        self.sequence = genome.sequence(0, 1, int(genome.lengths[0]))
        models = protein_oracle.read(self.bundle.genes.read_text(), {contig: code})
        every = [codon for model in models for codon in codons(model)]
        every = [one for one in every if all(self.sequence[at - 1] in "ACGT" for at in one.places)]
        chance = random.Random(SEED)
        print("seed", SEED)
        chance.shuffle(every)
        split = [codon for codon in every if codon.is_split]
        whole = [codon for codon in every if not codon.is_split]
        taken: set[int] = set()
        self.changes = [
            self._change(chance, codon)
            for codon in [*self._apart(split, taken), *self._apart(whole, taken)]
        ]

    def _apart(self, found: list[Codon], taken: set[int]) -> Iterator[Codon]:
        left = WANTED
        for codon in found:
            near = {at + n for at in codon.places for n in range(-_APART, _APART + 1)}
            if left and not near & taken:
                taken.update(codon.places)
                left -= 1
                yield codon

    def _change(self, chance: random.Random, codon: Codon) -> Change:
        places = sorted(chance.sample(codon.places, chance.choice((2, 2, 3))))
        if codon.is_split:
            places = sorted(codon.places)
        bases = [(at, self.sequence[at - 1]) for at in places]
        return Change(
            codon, tuple((at, ref, chance.choice("ACGT".replace(ref, ""))) for at, ref in bases)
        )

    def outcome(self, genotype: str, folder: Path) -> Outcome:
        rows = sorted(row for change in self.changes for row in change.bases)
        path = folder / "in.vcf"
        head = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1"
        body = [f"{self.contig}\t{at}\t.\t{a}\t{b}\t.\t.\t.\tGT\t{genotype}" for at, a, b in rows]
        path.write_text("\n".join(["##fileformat=VCFv4.2", head, *body]) + "\n")
        return case_judge.annotated(path, self.engine, self.bundle, folder)

    def wrong(self, change: Change, entries: list[Entry]) -> str:
        """What is wrong with what is told of a change in its transcript."""
        codon = change.codon
        variants = "&".join(f"{at}:{ref}>{alt}" for at, ref, alt in change.bases)
        told = [
            one
            for one in entries
            if one["Feature"] == codon.model.name and one["Variants"] == variants
        ]
        if len(told) != 1:
            return f"{codon}: {len(told)} entries"
        news = {at: alt for at, _, alt in change.bases}
        before = "".join(oriented(self.sequence[at - 1], codon.model) for at in codon.places)
        after = "".join(
            oriented(news.get(at, self.sequence[at - 1]), codon.model) for at in codon.places
        )
        old, new = (CODES[codon.model.code][CODONS.index(one)] for one in (before, after))
        entry = told[0]
        faults = []
        if entry["Amino_acids"] != (old if old == new else f"{old}/{new}"):
            faults.append(f"{old}/{new}, told {entry['Amino_acids']}")
        if entry["Codons"].upper() != f"{before}/{after}":
            faults.append(f"{before}/{after}, told {entry['Codons']}")
        name = entry["HGVSp"].partition(":")[2].replace("%3D", "=")
        if name not in self._names(codon, old, new):
            faults.append(f"{self._names(codon, old, new)}, told {name}")
        return f"{codon}: {faults}" if faults else ""

    def _names(self, codon: Codon, old: str, new: str) -> set[str]:
        return {f"p.{THREE[old]}{codon.number}{'=' if old == new else THREE[new]}"}


@pytest.fixture(scope="module", params=[("human-mt", "MT", 2), ("grch38-21q21", "21", 1)])
def case(request: pytest.FixtureRequest) -> Case:
    if not has_hgvs(bundles.find(request.param[0])):
        pytest.skip("the answers are told in HGVS")
    return Case(*request.param)


def test_every_joint_change_is_that_of_its_codon(case: Case, tmp_path: Path) -> None:
    records = case.outcome("0|1", tmp_path).entries("HAPLO")
    entries = {at: told for at, _, told, _ in records}
    for change in case.changes:
        for at, _, _ in change.bases:
            assert case.wrong(change, entries[at]) == ""
    split = sum(change.codon.is_split for change in case.changes)
    print(len(case.changes), "changes,", split, "over an intron")
    assert len(case.changes) > WANTED / 2


def test_a_wrong_answer_is_seen(case: Case, tmp_path: Path) -> None:
    records = case.outcome("1/1", tmp_path).entries("HAPLO")
    entries = {at: told for at, _, told, _ in records}
    change = case.changes[-1]
    told = entries[change.bases[0][0]]
    assert case.wrong(change, told) == ""
    spoilt = [one | {"Amino_acids": re.sub("[A-Z]$", "?", one["Amino_acids"])} for one in told]
    assert case.wrong(change, spoilt)


def test_nothing_is_told_of_unphased_genotypes(case: Case, tmp_path: Path) -> None:
    outcome = case.outcome("0/1", tmp_path)
    assert not any(entries for _, _, entries, _ in outcome.entries("HAPLO"))


def test_where_blocks_end_changes_nothing(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = case.outcome("0|1", tmp_path)
    for module in (blocks, reading):
        monkeypatch.setattr(module, "BLOCK_BYTES", 500)
    for size in ("CHUNK_ROWS", "MOST_ROWS"):
        monkeypatch.setattr(chunks, size, 20)
    assert case.outcome("0|1", tmp_path).vcf == whole.vcf
