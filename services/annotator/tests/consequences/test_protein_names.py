"""HGVSp from coding sequences: one of each kind, and random changes that the names must tell."""

import random

import pytest

from annotator.consequences.proteins import protein_name
from tests.support.consequences import made_up
from tests.support.consequences.protein_oracle import STARTS, applied, deletes_the_end, protein

SEED = 20261129
CODONS = ("ATG", "GAA", "CCC", "TGG", "AAA", "GGG", "TAA")
"""Met1 Glu2 Pro3 Trp4 Lys5 Gly6 Ter7"""
BEHIND = "CATTAGC"


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({4: "TGC"}, "p.Trp4Cys"),
        ({4: "TGA"}, "p.Trp4Ter"),
        ({3: "", 4: ""}, "p.Pro3_Trp4del"),
        ({3: "CCCCCC"}, "p.Pro3dup"),
        ({3: "CCCACC"}, "p.Pro3_Trp4insThr"),
        ({3: "CCCTAG"}, "p.Trp4Ter"),
        ({3: "CCCACCTAG"}, "p.Pro3_Trp4insThrTer"),
        ({2: "GATTGAAGA"}, "p.Glu2delinsAspTer"),
        ({2: "GAT", 3: "TGA"}, "p.Glu2_Pro3delinsAspTer"),
        ({3: "CTA", 4: "TAG", 5: "GAA"}, "p.Pro3_Trp4delinsLeuTer"),
        ({5: "TGG", 6: "TAG"}, "p.Lys5_Gly6delinsTrpTer"),
        ({3: "CC"}, "p.Trp4GlyfsTer?"),
        ({7: "CAA"}, "p.Ter7GlnextTer2"),
        ({6: "", 7: ""}, "p.Gly6HisfsTer2"),
        ({2: "GAG"}, None),
        ({7: "TAAT"}, None),
    ],
)
def test_kinds_of_change(changed: dict[int, str], name: str | None) -> None:
    after = "".join(changed.get(at, codon) for at, codon in enumerate(CODONS, start=1))
    before = "".join(CODONS) + BEHIND
    assert protein_name(before, after + BEHIND, 1, has_start=True) == name


def test_random_changes_have_names_that_tell_the_new_protein() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    named = 0
    for _ in range(1500):
        before = made_up.coding(chance, chance.randint(4, 40)) + made_up.bases(chance, 60)
        ((pos, ref, alt),) = made_up.changes(chance, before, [(4, len(before) - 60)], 1)
        after = before[: pos - 1] + alt + before[pos - 1 + len(ref) :]
        assert after[:3] in STARTS[1]
        old, new = protein(before, 1), protein(after, 1)
        name = protein_name(before, after, 1, has_start=True)
        if name is None:
            assert old == new or old.startswith(new), (before, pos, ref, alt)
            continue
        named += 1
        made = applied(name, old, new)
        assert made is not None, (name, before, pos, ref, alt)
        assert made.rstrip("?") == new, (name, before, pos, ref, alt)
        assert not deletes_the_end(name, old), (name, before, pos, ref, alt)
    assert named > 1000
