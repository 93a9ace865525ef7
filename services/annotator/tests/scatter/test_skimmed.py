"""A file of which only heads of blocks are read: parts find the rest, and the join adds it up."""

import gzip
import random
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from annotator.rejection import Rejected
from annotator.runner import protocol
from annotator.runner.parent import Disproved
from annotator.scatter.joining import Joined
from annotator.scatter.splitting import Asked, split
from annotator.scatter.workplace import Workplace
from annotator.vcf import bgzf, blocks
from tests.support import scattered, synthetic_genome
from tests.support.annotation import Annotated, vcf

HEADER = "##fileformat=VCFv4.2\n"
SEED = 69


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("skimmed")
    return scattered.workplace(synthetic_genome.build_bundle(folder), folder)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So little is looked at where a part may end that most of a small file is not."""
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 600)


def rows(count: int = 2_000) -> list[str]:
    """Records that overlap no other; some without an answer, some named twice."""
    bases = synthetic_genome.sequences()["1"]
    rng = random.Random(SEED)
    return [
        f"1\t{at}\trs{rng.randrange(count)}\t{bases[at - 1]}\t"
        f"{'N' if at % 97 == 0 else 'C' if bases[at - 1] != 'C' else 'G'}\t.\t.\tX=1"
        for at in range(1, count + 1)
    ]


def packed(content: bytes, folder: Path, size: int = 1_000, *, empty: bool = False) -> bytes:
    """In blocks of so much text each, with empty ones between if wished."""
    with bgzf.Writer(folder / "packed") as out:
        for at in range(0, len(content), size):
            out.write(content[at : at + size])
            out.flush()
            if empty:
                out.end()
        out.end()
    return (folder / "packed").read_bytes()


def in_parts(asked: Asked, place: Workplace, root: str) -> tuple[int, Joined]:
    """As the service does: a plan that proves wrong is made again, carefully."""
    try:
        plan, done = scattered.joined(asked, place, root)
    except Disproved:
        plan, done = scattered.joined(replace(asked, carefully=True), place, f"{root}/again")
    return plan.parts, done


def with_blank_lines(found: list[str]) -> list[str]:
    return [*["", ""], *found[:700], *[""] * 900, *found[700:1_500], "", *found[1_500:], ""]


def with_carriage_returns(found: list[str]) -> list[str]:
    ends = [*found[:900], *(f"{row}\r" for row in found[900:1_100]), *found[1_100:]]
    ends[1_800] = ends[1_800].replace("X=1", "X=1\r2")
    return ends


def with_a_contig_again(found: list[str]) -> list[str]:
    return [*found[:1_200], *(f"M\t{at}\t.\tA\tC\t.\t.\t." for at in (5, 9)), *found[1_200:]]


def on_many_contigs(found: list[str]) -> list[str]:
    others = [f"scaffold{n}\t{at}\t.\tA\tC\t.\t.\t." for n in range(40) for at in range(1, 9)]
    return [*others[:160], *found, *others[160:]]


FORMS: dict[str, Callable[[list[str]], list[str]]] = {
    "as they are": list,
    "blank lines": with_blank_lines,
    "carriage returns": with_carriage_returns,
    "a contig again": with_a_contig_again,
    "many contigs": on_many_contigs,
}

MADE_ANEW = ("carriage returns", "a contig again")
"""Of these another file is made, in blocks so large that one has all of it."""


@pytest.mark.parametrize(
    ("form", "empty"), [*((form, False) for form in FORMS), ("as they are", True)]
)
def test_parts_of_bytes_give_what_one_task_gives(
    form: str, empty: bool, place: Workplace, tmp_path: Path
) -> None:
    content = vcf(*FORMS[form](rows()), header=HEADER)
    asked = scattered.stored(packed(content, tmp_path, empty=empty), place, tmp_path)
    one = scattered.whole(asked, place, tmp_path / "one")
    rng = random.Random(SEED)
    for number in range(2):
        wanted = replace(asked, part_bytes=rng.randrange(1_000, asked.size_bytes // 4))
        print(f"{wanted.part_bytes} bytes a part")
        parts, done = in_parts(wanted, place, f"{scattered.ROOT}/{form}{empty}{number}")
        assert (parts > 2) or form in MADE_ANEW
        compared(one, scattered.fetched(done, place, tmp_path / str(number)))


@pytest.mark.parametrize("is_packed_anew", [False, True])
def test_a_last_line_without_an_end_is_told(
    is_packed_anew: bool, place: Workplace, tmp_path: Path
) -> None:
    content = vcf(*rows(200), header=HEADER.replace("4.2", "4.3")).removesuffix(b"\n")
    stored = gzip.compress(content) if is_packed_anew else packed(content, tmp_path)
    asked = scattered.stored(stored, place, tmp_path, part_records=50)
    one = scattered.whole(asked, place, tmp_path / "one")
    assert "the last line has no end" in one.log
    _, done = scattered.joined(asked, place, f"{scattered.ROOT}/{is_packed_anew}")
    compared(one, scattered.fetched(done, place, tmp_path / "parts"))


def test_carriage_returns_that_only_a_part_sees(place: Workplace, tmp_path: Path) -> None:
    found = rows()
    found[100:110] = [f"{row}\r" for row in found[100:110]]
    found[120] = found[120].replace("X=1", "X=1\r2")
    asked = scattered.stored(packed(vcf(*found, header=HEADER), tmp_path), place, tmp_path)
    one = scattered.whole(asked, place, tmp_path / "one")
    wanted = replace(asked, part_bytes=asked.size_bytes // 4)
    _, done = scattered.joined(wanted, place, f"{scattered.ROOT}/returns")
    compared(one, scattered.fetched(done, place, tmp_path / "parts"))
    assert "Windows" in one.log


def compared(one: Annotated, found: Annotated) -> None:
    assert (found.text, found.table, found.log) == (one.text, one.table, one.log)
    assert (found.summary, found.counts) == (one.summary, one.counts)
    first, second = (
        pq.read_table(it.path.parent / protocol.RESULT_VARIANTS) for it in (one, found)
    )
    assert second.equals(first)
    assert second.schema.metadata == first.schema.metadata


def test_what_is_not_looked_at_is_not_unpacked(
    place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = []
    inflated = bgzf.inflated

    def counted(block: bytes) -> bytes:
        unpacked.append(block)
        return inflated(block)

    monkeypatch.setattr(bgzf, "inflated", counted)
    content = packed(vcf(*rows(), header=HEADER), tmp_path)
    asked = scattered.stored(content, place, tmp_path, part_bytes=len(content) // 4)
    plan = split(asked, f"{scattered.ROOT}/few", place)
    assert plan.parts > 2
    assert not plan.is_counted
    with (tmp_path / "packed").open("rb") as file:
        count = len(list(bgzf.packed_blocks(file)))
    assert count > 40
    assert len(unpacked) < count / 2


@pytest.mark.parametrize("at", [30, 900, 1_990])
@pytest.mark.parametrize(
    "bad", ["1\tx\t.\tA\tC\t.\t.\t.", "1\t5\t.\tA\tC", "#x", "1\t9\t.\tA\0\tC"]
)
def test_a_fault_is_told_with_its_line_in_the_file(
    at: int, bad: str, place: Workplace, tmp_path: Path
) -> None:
    found = with_blank_lines(rows())
    found[at] = found[-2] = bad
    content = packed(vcf(*found, header=HEADER), tmp_path)
    asked = scattered.stored(content, place, tmp_path, part_bytes=3_000)
    assert refusal(asked, place, tmp_path / "one") == together(asked, place, f"{bad}{at}")


def refusal(asked: Asked, place: Workplace, folder: Path) -> tuple[str, str, int | None]:
    with pytest.raises(Rejected) as alone:
        scattered.whole(asked, place, folder)
    return alone.value.code, alone.value.message, alone.value.line


def together(asked: Asked, place: Workplace, root: str) -> tuple[str, str, int | None]:
    with pytest.raises(Rejected) as found:
        in_parts(asked, place, f"{scattered.ROOT}/{root}")
    return found.value.code, found.value.message, found.value.line


def spoilt(content: bytes, at: float) -> bytes:
    byte = int(len(content) * at)
    return content[:byte] + bytes([content[byte] ^ 1]) + content[byte + 1 :]


def claims_more(content: bytes) -> bytes:
    """A block says that it holds another number of bytes than it does."""
    at = content.index(bgzf.END[:4], len(content) // 2)
    return content[: at - 4] + struct.pack("<I", 7) + content[at:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "in the middle": lambda content: spoilt(content, 0.5),
    "near the end": lambda content: spoilt(content, 0.95),
    "another size": claims_more,
    "no end": lambda content: content[: -len(bgzf.END)],
    "ends in a block": lambda content: content[:-60],
    "no head": lambda content: content[: -len(bgzf.END)] + b"x" * 40 + bgzf.END,
    "no packing": lambda content: gzip.compress(content)[:-20],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_as_one_task_tells_it(damage: str, place: Workplace, tmp_path: Path) -> None:
    content = DAMAGES[damage](packed(vcf(*rows(), header=HEADER), tmp_path))
    asked = scattered.stored(content, place, tmp_path, part_bytes=3_000)
    assert refusal(asked, place, tmp_path / "one") == together(asked, place, damage)


def test_a_file_that_holds_too_much_is_refused_before_it_is_unpacked(
    place: Workplace, tmp_path: Path
) -> None:
    content = packed(vcf(*rows(), header=HEADER), tmp_path)
    asked = scattered.stored(content, place, tmp_path, max_inflated_bytes=30_000)
    alone = refusal(asked, place, tmp_path / "one")
    assert alone == together(asked, place, "large")
    assert list(place.parts.keys(f"{scattered.ROOT}/large")) == []
