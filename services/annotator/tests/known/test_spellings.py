"""Known variants are found however the source and the user spell them, as a plain search finds."""

import json
import random
from pathlib import Path
from typing import NamedTuple

from annotator.bundle import Bundle
from annotator.bundling.build import build
from tests.support import synthetic_genome as synthetic
from tests.support.annotation import info_of, run, vcf

CHANGES = 400
GENOME = synthetic.sequences()["1"]


class Change(NamedTuple):
    """A change of contig 1: 1-based position, REF and ALT as somebody writes them."""

    position: int
    ref: str
    alt: str

    @property
    def result(self) -> str:
        """The contig with the change: two spellings of one change have one result."""
        assert GENOME.startswith(self.ref, self.position - 1)
        end = self.position - 1 + len(self.ref)
        return GENOME[: self.position - 1] + self.alt + GENOME[end:]


def random_change(rng: random.Random) -> Change:
    """A substitution, an insertion (often of what is beside it), a deletion or a mixture."""
    at = rng.randint(30, synthetic.LENGTH - 60)
    ref = GENOME[at - 1 : at - 1 + rng.choice((1, 1, 1, 2, 3, 6))]
    kind = rng.randrange(4)
    if kind == 0:
        alt = "".join(rng.choices("ACGT", k=len(ref)))
    elif kind == 1:
        size = rng.randint(1, 4)
        alt = ref + rng.choice(
            (GENOME[at - 1 + len(ref) - size : at - 1 + len(ref)], "ACGT"[:size])
        )
    elif kind == 2:
        alt, ref = ref[0], GENOME[at - 1 : at + len(ref)]
    else:
        alt = "".join(rng.choices("ACGT", k=rng.randint(1, 5)))
    return Change(at, ref, alt) if ref != alt else random_change(rng)


def respelled(change: Change, rng: random.Random) -> Change:
    """The same change with other bases around it, and as far right as it goes, or in between."""
    before, behind = rng.randint(0, 12), rng.randint(0, 12)
    start = change.position - before
    end = change.position - 1 + len(change.ref) + behind
    ref, alt = (
        GENOME[start - 1 : end],
        change.result[start - 1 : end + len(change.alt) - len(change.ref)],
    )
    for _ in range(rng.choice((0, 30))):  # from the left first: the rightmost spelling
        if min(len(ref), len(alt)) < 2 or ref[0] != alt[0]:
            break
        start, ref, alt = start + 1, ref[1:], alt[1:]
    for _ in range(rng.randint(0, 8)):
        if min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
    return Change(start, ref, alt)


def together(changes: list[Change]) -> tuple[int, str, list[str]]:
    """One record of several changes: POS, REF and ALT of each."""
    start = min(one.position for one in changes)
    end = max(one.position - 1 + len(one.ref) for one in changes)
    alts = [
        GENOME[start - 1 : one.position - 1]
        + one.alt
        + GENOME[one.position - 1 + len(one.ref) : end]
        for one in changes
    ]
    return start, GENOME[start - 1 : end], alts


def records(changes: list[Change], rng: random.Random) -> list[list[Change]]:
    """Changes in records of one to three, near ones together."""
    left = sorted(changes)
    groups = []
    while left:
        size = rng.choice((1, 1, 2, 3))
        near = [one for one in left[:size] if one.position - left[0].position < 40]
        groups.append([respelled(one, rng) for one in near])
        left = left[len(near) :]
    return groups


def bundle_of(folder: Path, groups: list[list[Change]], names: dict[str, str]) -> Bundle:
    """The synthetic bundle with those changes as a source; ``names`` go by result."""
    synthetic.build_bundle(folder)
    rows = []
    for group in groups:
        start, ref, alts = together(group)
        values = ",".join(names[one.result] for one in group)
        rows.append(f"1\t{start}\t.\t{ref}\t{','.join(alts)}\t.\t.\tNAME={values}\n")
    (folder / "source" / "known.vcf").write_text(
        '##fileformat=VCFv4.2\n##INFO=<ID=NAME,Number=A,Type=String,Description="">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "".join(rows)
    )
    path = folder / "source" / "recipe.json"
    known = {
        "name": "spelled", "version": "1", "licence": "none", "citation": "none", "format": "vcf",
        "at": {"at": "known.vcf"},
        "fields": [
            {"id": "K", "column": "INFO/NAME", "number": "A", "description": "name of the change"}
        ],
    }  # fmt: skip
    path.write_text(json.dumps(json.loads(path.read_text()) | {"known": [known]}))
    return build(path, folder / "bundles", lambda _: None)


def test_any_spelling_is_found_and_nothing_else(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    everything = list({one.result: one for one in map(random_change, [rng] * CHANGES)}.values())
    known = [one for one in everything if rng.random() < 0.6]
    names = {one.result: f"n{number}" for number, one in enumerate(known)}
    bundle = bundle_of(tmp_path, records(known, rng), names)
    groups = records(everything, rng)
    rows = []
    for group in groups:
        start, ref, alts = together(group)
        rows.append((start, f"1\t{start}\t.\t{ref}\t{','.join(alts)}\t.\t.\t.", group))
    rows.sort(key=lambda row: row[0])
    header = f"##fileformat=VCFv4.2\n##contig=<ID=1,length={synthetic.LENGTH}>\n"
    found = run(vcf(*(text for _, text, _ in rows), header=header), tmp_path, bundle=bundle)
    for fields, (_, text, group) in zip(found.records, rows, strict=True):
        wanted = [names.get(one.result, ".") for one in group]
        answer = info_of(fields).get("K", ".").split(",")
        assert answer == (wanted if any(name != "." for name in wanted) else ["."]), text
