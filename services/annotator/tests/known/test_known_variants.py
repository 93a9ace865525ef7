"""Known variants: the lookup compared with a plain search, and records with several alleles."""

import json
import random
from pathlib import Path

import numpy as np
import pysam
import pytest

from annotator.bundle import Bundle
from annotator.bundling.build import build
from annotator.known.source import Source
from annotator.normalize.alleles import trimmed
from annotator.vcf.columns import Spans
from tests.support import synthetic_genome
from tests.support.annotation import Annotated, run, vcf, without_csq

CONTIGS = ("1", "2", "X")
Variant = tuple[int, str, str]


def source_of(folder: Path, rows: dict[str, list[tuple[Variant, str]]]) -> Path:
    """A source of known variants with those rows, which must be sorted by position."""
    plain = folder / "known.tsv"
    lines = [
        f"{contig}\t{position}\t{ref}\t{alt}\t{value}\n"
        for contig, variants in rows.items()
        for (position, ref, alt), value in variants
    ]
    plain.write_text("#CHROM\tPOS\tREF\tALT\tVALUE\n" + "".join(lines))
    pysam.tabix_compress(str(plain), f"{plain}.gz", force=True)
    pysam.tabix_index(f"{plain}.gz", seq_col=0, start_col=1, end_col=1, meta_char="#", force=True)
    return Path(f"{plain}.gz")


def variant(rng: random.Random, bases: int) -> Variant:
    ref = "".join(rng.choices("ACGT", k=rng.choice((1, 1, 1, 2, 5))))
    alt = "".join(rng.choices("ACGT", k=rng.choice((1, 1, 1, 3, 40))))
    return rng.randint(1, bases), ref, alt


def look_up(source: Source, contig: str, variants: list[Variant]) -> dict[int, str]:
    texts = [f"{ref}\t{alt}".encode() for _, ref, alt in variants]
    ends = np.cumsum([0, *map(len, texts)])
    found: dict[int, str] = {}
    for indexes, words in source.find(
        contig.encode(),
        np.array([position for position, _, _ in variants]),
        np.frombuffer(b"".join(texts), dtype=np.uint8),
        Spans(ends[:-1], ends[1:]),
    ):
        for index, value in zip(indexes.tolist(), words, strict=True):
            found.setdefault(index, value.decode())
    return found


@pytest.mark.parametrize("seed", range(8))
def test_the_lookup_finds_what_a_plain_search_finds(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    bases = rng.choice((3_000, 200_000, 40_000_000))  # dense and sparse
    rows = {
        contig: [
            (one, f"{contig}:{n}")
            for n, one in enumerate(sorted(variant(rng, bases) for _ in range(8_000)))
        ]
        for contig in CONTIGS
    }
    first: dict[tuple[str, Variant], str] = {}
    for contig, variants in rows.items():
        for one, value in variants:
            first.setdefault((contig, one), value)
    source = Source(source_of(tmp_path, rows), 1)
    for _ in range(30):  # as the records of a file: blocks, mostly in order
        contig = rng.choice((*CONTIGS, "none"))
        known = [one for one, _ in rows.get(contig, rows["1"])]
        begin = rng.randrange(len(known))
        queried = known[begin : begin + rng.choice((1, 40, 3_000))]
        queried = sorted([*queried, *(variant(rng, bases + 50_000) for _ in range(20))])
        wanted = {n: first[contig, one] for n, one in enumerate(queried) if (contig, one) in first}
        assert look_up(source, contig, queried) == wanted


def test_case_does_not_matter(tmp_path: Path) -> None:
    source = Source(
        source_of(tmp_path, {"1": [((7, "a", "GT"), "yes"), ((8, "C", "t"), "too")]}), 1
    )
    assert look_up(source, "1", [(7, "A", "gt"), (8, "c", "T"), (8, "C", "A")]) == {
        0: "yes",
        1: "too",
    }


@pytest.mark.parametrize(
    ("change", "minimal"),
    [
        ((10, b"A", b"C"), (10, b"A", b"C")),
        ((10, b"AC", b"TC"), (10, b"A", b"T")),
        ((10, b"ACG", b"ATG"), (11, b"C", b"T")),
        ((10, b"AAC", b"AC"), (10, b"AA", b"A")),
        ((10, b"GATC", b"GAATC"), (10, b"G", b"GA")),
    ],
)
def test_a_change_is_trimmed(
    change: tuple[int, bytes, bytes], minimal: tuple[int, bytes, bytes]
) -> None:
    assert trimmed(*change) == minimal


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The synthetic genome with known variants between its genes."""
    folder = tmp_path_factory.mktemp("known")
    synthetic_genome.build_bundle(folder)
    genome = synthetic_genome.sequences()["1"]
    at = _repeat(genome)
    rows = [
        (100, "T", "x1", "0.10", "ok"),
        (100, "A,C", "x2", "0.2,3e-4", "bad;thing"),
    ]
    lines = [
        f"chr1\t{position}\tR\t{alt}\t{id}\t{frequency}\t{word}"
        for position, alt, id, frequency, word in rows
    ]
    lines = [line.replace("\tR\t", f"\t{genome[99]}\t") for line in lines]
    lines.append(f"chr1\t{at - 1}\t{genome[at - 2 : at]}\t{genome[at - 2]}\tdel\t0.5\tok")
    (folder / "source" / "known.tsv").write_text(
        "\n".join(["CHROM\tPOS\tREF\tALT\tID\tAF\tSIG", *lines]) + "\n"
    )
    path = folder / "source" / "recipe.json"
    recipe = json.loads(path.read_text())
    recipe["known"][0] |= {
        "fields": [
            {"id": "K_ID", "column": "ID", "description": "id"},
            {"id": "K_AF", "column": "AF", "number": "A", "type": "Float", "description": "af"},
            {"id": "K_SIG", "column": "SIG", "description": "word"},
        ],
        "pathogenic_field": "K_SIG",
        "pathogenic_values": ["bad"],
    }
    path.write_text(json.dumps(recipe))
    return build(path, folder / "bundles", lambda _: None)


def _repeat(genome: str) -> int:
    """The 1-based position of the first of exactly two equal bases, before all genes."""
    return next(
        n + 1
        for n in range(20, 90)
        if genome[n] == genome[n + 1] and genome[n - 1] != genome[n] and genome[n + 2] != genome[n]
    )


def annotated(bundle: Bundle, folder: Path, *changes: tuple[int, str, str]) -> Annotated:
    rows = [f"1\t{position}\t.\t{ref}\t{alt}\t.\t.\t." for position, ref, alt in changes]
    header = f"##fileformat=VCFv4.2\n##contig=<ID=1,length={synthetic_genome.LENGTH}>\n"
    return run(vcf(*rows, header=header), folder, bundle=bundle)


def infos(found: Annotated) -> list[str]:
    return [without_csq(fields)[7] for fields in found.records]


def test_values_are_those_of_the_source_and_of_the_allele(bundle: Bundle, tmp_path: Path) -> None:
    base = synthetic_genome.sequences()["1"][99]
    others = [alt for alt in "TAC" if alt != base]
    wanted = {
        "T": "K_ID=x1;K_AF=0.10;K_SIG=ok",
        "A": "K_ID=x2;K_AF=0.2;K_SIG=bad&thing",
        "C": "K_ID=x2;K_AF=3e-4;K_SIG=bad&thing",
    }
    found = annotated(bundle, tmp_path, *((100, base, alt) for alt in others))
    assert infos(found) == [wanted[alt] for alt in others]
    assert found.counts["pathogenic"] == len([alt for alt in others if alt != "T"])
    rows = [(row["ALT"], row["K_SIG"]) for row in found.table if row["PICK"]]
    assert rows == [(alt, wanted[alt].partition("K_SIG=")[2]) for alt in others]


def test_each_of_several_alleles_has_its_frequency(bundle: Bundle, tmp_path: Path) -> None:
    base = synthetic_genome.sequences()["1"][99]
    known = [alt for alt in "TAC" if alt != base][:2]
    unknown = next(alt for alt in "GTAC" if alt not in {base, *known})
    frequency = {"T": "0.10", "A": "0.2", "C": "3e-4"}
    found = annotated(bundle, tmp_path, (100, base, f"{unknown},{known[0]},{known[1]}"))
    wanted = f"K_AF=.,{frequency[known[0]]},{frequency[known[1]]}"
    if unknown in frequency:
        wanted = wanted.replace("=.,", f"={frequency[unknown]},")
    assert wanted in infos(found)[0]


def test_a_longer_ref_does_not_hide_a_known_change(bundle: Bundle, tmp_path: Path) -> None:
    genome = synthetic_genome.sequences()["1"]
    alt = next(alt for alt in "TAC" if alt != genome[99])
    ref = genome[98:101]
    changed = genome[98] + alt + genome[100]
    found = annotated(bundle, tmp_path, (99, ref, f"{changed},{ref}A"))
    assert "K_ID=x" in infos(found)[0]


def test_a_change_that_is_not_left_aligned_is_found(bundle: Bundle, tmp_path: Path) -> None:
    genome = synthetic_genome.sequences()["1"]
    at = _repeat(genome)
    found = annotated(bundle, tmp_path, (at, genome[at - 1 : at + 1], genome[at - 1]))
    assert infos(found) == ["K_ID=del;K_AF=0.5;K_SIG=ok"]
    assert found.records[0][1] == str(at)  # the user's own position
