"""Alleles written as one, against the haplotype that they make."""

import random

import pytest

from annotator.haplotypes.joint import NotJoined, Variant, joined

SEED = 20261128


def variant(number: int, pos: int, ref: str, alt: str) -> Variant:
    return Variant(number, 1, "1", pos, ref, alt)


def applied(sequence: str, changes: list[tuple[int, str, str]]) -> str:
    for pos, ref, alt in sorted(changes, reverse=True):
        assert sequence[pos - 1 :].startswith(ref)
        sequence = sequence[: pos - 1] + alt + sequence[pos - 1 + len(ref) :]
    return sequence


def test_random_alleles_do_together_what_they_do_one_after_the_other() -> None:
    chance = random.Random(SEED)
    print("seed", SEED)
    for _ in range(2_000):
        sequence = "".join(chance.choices("ACGT", k=40))
        changes: list[tuple[int, str, str]] = []
        at = 2
        for _ in range(chance.randint(2, 4)):
            at += chance.randint(0, 4)
            ref = sequence[at - 1 : at - 1 + chance.randint(1, 3)]
            alt = "".join(chance.choices("ACGT", k=chance.randint(1, 3)))
            if alt != ref:
                changes.append((at, ref, alt))
            at += len(ref)
        if len(changes) < 2:
            continue
        group = [variant(n, *change) for n, change in enumerate(changes)]
        try:
            _, pos, ref, alt = joined(group, lambda _, a, b: sequence[a - 1 : b])  # noqa: B023
        except NotJoined:
            continue  # insertions that meet at one place have no order
        assert min(len(ref), len(alt)) > 0
        assert applied(sequence, [(pos, ref, alt)]) == applied(sequence, changes)


def test_alleles_that_exclude_each_other_are_not_joined() -> None:
    with pytest.raises(NotJoined, match="overlapping"):
        joined([variant(0, 5, "ACG", "A"), variant(1, 6, "C", "T")], lambda *_: "CG")
    with pytest.raises(NotJoined, match="overlapping"):
        joined([variant(0, 5, "A", "AT"), variant(1, 5, "A", "AG")], lambda *_: "")


def test_an_insertion_that_restores_what_was_deleted_has_no_effect() -> None:
    with pytest.raises(NotJoined, match="without_effect"):
        joined([variant(0, 4, "GA", "G"), variant(1, 5, "A", "AA")], lambda *_: "A")
