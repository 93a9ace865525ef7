"""Parts that are tried twice, that end in between, or that are not what was planned."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotator.processes.pipes import EngineFailed
from annotator.rejection import Rejected, invalid
from annotator.runner.parent import Disproved
from annotator.scatter import joining, part_work, store
from annotator.scatter.joining import PartsMissing, join, missing
from annotator.scatter.plan import (
    HEADER,
    PARTS,
    PLAN,
    BadPlan,
    PartDone,
    PartPlan,
    SplitPlan,
    try_prefix,
)
from annotator.scatter.splitting import Asked, split
from annotator.scatter.workplace import Workplace
from gas.files.assembly import DamagedPiece
from gas.files.bucket import FileChanged
from gas.memory.files import MemoryFiles
from tests.support import scattered, synthetic_genome
from tests.support.annotation import vcf

ROOT = scattered.ROOT


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> scattered.HereEngine:
    folder = tmp_path_factory.mktemp("bundle")
    return scattered.HereEngine(synthetic_genome.build_bundle(folder))


@pytest.fixture
def place(here: scattered.HereEngine, tmp_path: Path) -> Workplace:
    return scattered.workplace(here.bundle, tmp_path, here)


@pytest.fixture
def asked(place: Workplace, tmp_path: Path) -> Asked:
    rng = random.Random(3)
    bases = synthetic_genome.sequences()["1"]
    at = sorted(rng.sample(range(1, len(bases) + 1), 200))
    rows = [
        f"1\t{n}\t.\t{bases[n - 1]}\t{'ACGT'.replace(bases[n - 1], '')[0]}\t.\t.\t." for n in at
    ]
    content = vcf(*rows, header="##fileformat=VCFv4.2\n")
    return scattered.stored(content, place, tmp_path, part_records=50)


def memory(place: Workplace) -> MemoryFiles:
    assert isinstance(place.parts, MemoryFiles)
    return place.parts


def result(place: Workplace, root: str = ROOT) -> joining.Joined:
    return join(root, place, lambda name: f"results/{name}", {})


def _nothing(task: Any, **_: Any) -> dict[str, int]:
    raise AssertionError(task)


class Dying:
    """A bucket whose worker is killed at its call of that number: nothing after it happens."""

    def __init__(self, files: MemoryFiles, calls: int) -> None:
        self._files, self._left = files, calls
        self.bucket = files.bucket

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            if not self._left:
                raise KeyboardInterrupt
            self._left -= 1
            return getattr(self._files, name)(*given, **named)

        return call


def test_a_worker_may_end_at_any_call(asked: Asked, place: Workplace, tmp_path: Path) -> None:
    one = scattered.whole(asked, place, tmp_path / "one")
    calls = 0
    while True:
        dying: Any = Dying(memory(place), calls)
        there = replace(place, inputs=dying, parts=dying, results=dying)
        try:
            plan = split(asked, ROOT, there)
            for number in range(plan.parts):
                part_work.annotate_part(ROOT, number, there)
            done = result(there)
            break
        except KeyboardInterrupt:
            calls += 1
    assert plan.parts > 2
    assert calls > 20
    found = scattered.fetched(done, place, tmp_path / "parts")
    assert (found.text, found.table, found.log) == (one.text, one.table, one.log)


def test_what_is_done_is_not_done_again(asked: Asked, place: Workplace) -> None:
    plan = split(asked, ROOT, place)
    assert missing(ROOT, place) == list(range(plan.parts))
    with pytest.raises(PartsMissing) as lacking:
        result(place)
    assert lacking.value.numbers == list(range(plan.parts))
    done = part_work.annotate_part(ROOT, 1, place)
    idle = replace(place, run=_nothing)
    assert part_work.annotate_part(ROOT, 1, idle) == done
    assert split(asked, ROOT, idle) == plan
    assert missing(ROOT, place) == [0, *range(2, plan.parts)]


def test_of_two_tries_at_once_the_first_by_key_counts(asked: Asked, place: Workplace) -> None:
    plan = split(asked, ROOT, place)
    for n in range(plan.parts):
        part_work.annotate_part(ROOT, n, place)
    before = {file.name: file.sha256 for file in result(place).files}
    files = memory(place)
    done = store.find_done(files, ROOT, 2)
    assert done
    for name in ("000000", "zzz"):  # another worker wrote the same under keys of its own
        prefix = try_prefix(ROOT, 2, done.try_id)
        for key in list(files.keys(prefix)):
            content = files.objects[key].replace(done.try_id.encode(), name.encode())
            files.write(f"{try_prefix(ROOT, 2, name)}{key.removeprefix(prefix)}", content)
    found = store.find_done(files, ROOT, 2)
    assert found
    assert found.try_id == "000000"
    files.erase(try_prefix(ROOT, 2, done.try_id))
    after = {file.name: file.sha256 for file in result(place).files}
    times = "provenance.json"
    assert before.pop(times) != after.pop(times)
    assert after == before


def test_a_part_in_which_a_byte_changed_is_not_joined(asked: Asked, place: Workplace) -> None:
    plan = split(asked, ROOT, place)
    for n in range(plan.parts):
        part_work.annotate_part(ROOT, n, place)
    files = memory(place)
    key = next(key for key in files.keys(f"{ROOT}/parts/000001") if key.endswith("part.vcf"))
    files.write(key, files.objects[key][:-1] + b"x")
    with pytest.raises(DamagedPiece):
        result(place)


def test_an_upload_that_was_replaced_is_noticed(asked: Asked, place: Workplace) -> None:
    split(asked, ROOT, place)
    files = memory(place)
    files.erase(asked.key)
    files.write(asked.key, b"something else")
    with pytest.raises(FileChanged):
        part_work.annotate_part(ROOT, 0, place)
    assert list(files.keys(f"{ROOT}/parts/")) == []


def test_a_part_with_other_records_than_planned_fails(asked: Asked, place: Workplace) -> None:
    split(replace(asked, carefully=True), ROOT, place)
    part = next(store.part_plans(place.parts, ROOT))
    assert part.records
    with pytest.raises(EngineFailed, match=f"not the {part.records + 1} planned"):
        part_work.annotate_part(
            ROOT, 0, place, part.model_copy(update={"records": part.records + 1})
        )


def test_refusals_and_doubts_of_parts_are_told_in_the_order_of_the_file(
    asked: Asked, place: Workplace, here: scattered.HereEngine
) -> None:
    plan = split(asked, ROOT, place)

    def refusing(task: Any, **named: Any) -> dict[str, int]:
        if getattr(task, "part", None) and task.part.number in {1, 2}:
            raise invalid("No.", 7)
        return here(task, **named)

    done = [
        part_work.annotate_part(ROOT, n, replace(place, run=refusing))
        for n in reversed(range(plan.parts))
    ]
    first = done[-1]
    assert first
    before = plan.first_line - 1 + first.lines
    with pytest.raises(Rejected) as rejected:
        result(place)
    assert (rejected.value.message, rejected.value.line) == ("No.", before + 7)
    _doubt(3, place)
    with pytest.raises(Rejected):
        result(place)
    _doubt(0, place)
    with pytest.raises(Disproved, match="another file"):
        result(place)


def _doubt(number: int, place: Workplace) -> None:
    """Let a part have found, in its first try by key, that the plan is wrong."""
    done = PartDone(number=number, try_id="0", records=1, disproved="another file", seconds=1.0)
    key = f"{try_prefix(ROOT, number, '0')}done.json"
    memory(place).write(key, done.model_dump_json().encode())


def test_parts_behind_a_refused_one_are_not_begun_and_may_be_missing(
    asked: Asked, place: Workplace, here: scattered.HereEngine
) -> None:
    plan = split(asked, ROOT, place)

    def refusing(task: Any, **named: Any) -> dict[str, int]:
        if getattr(task, "part", None) and task.part.number == 1:
            raise invalid("No.", task.part.line)
        return here(task, **named)

    refused = part_work.annotate_part(ROOT, 1, replace(place, run=refusing))
    assert refused
    idle = replace(place, run=_nothing)
    assert [part_work.annotate_part(ROOT, n, idle) for n in range(2, plan.parts)] == [None] * (
        plan.parts - 2
    )
    with pytest.raises(PartsMissing) as lacking:
        result(place)
    assert lacking.value.numbers == [0], "it may be refused as well, and comes first"
    assert part_work.annotate_part(ROOT, 0, place)
    with pytest.raises(Rejected):
        result(place)
    # Another try, of which nobody knew, came first by key and was not refused.
    done = refused.model_copy(update={"try_id": "0", "refused": None})
    key = f"{try_prefix(ROOT, 1, '0')}done.json"
    memory(place).write(key, done.model_dump_json().encode())
    assert part_work.annotate_part(ROOT, 2, place)


def test_a_plan_of_the_format_before_is_done_as_it_says(
    asked: Asked, place: Workplace, tmp_path: Path
) -> None:
    plan, joined = scattered.joined(asked, place, "new")
    parts, line, record = [], plan.first_line, 1
    for part in store.part_plans(place.parts, "new"):
        done = store.find_done(place.parts, "new", part.number)
        assert done
        numbers = {"line": line, "first_record": record, "records": done.records}
        parts.append(part.model_copy(update={"format": 1} | numbers))
        line, record = line + done.lines, record + done.records
    numbers = {"format": 1, "records": record - 1}
    old = plan.model_copy(update=numbers).model_dump(
        mode="json", exclude={"is_counted", "first_line"}
    )
    files = memory(place)
    files.write(f"old/{PLAN}", json.dumps(old | {"contigs": ["1"]}).encode())
    files.write(f"old/{PARTS}", "\n".join(part.model_dump_json() for part in parts).encode())
    files.write(f"old/{HEADER}", b"".join(files.stream(f"new/{HEADER}")))
    assert split(asked, "old", replace(place, run=_nothing)).is_counted
    for number in range(plan.parts):
        done = part_work.annotate_part("old", number, place)
        assert done
        assert done.lines == 0
    found = scattered.fetched(result(place, "old"), place, tmp_path / "old")
    one = scattered.fetched(joined, place, tmp_path / "new")
    assert (found.text, found.table, found.log) == (one.text, one.table, one.log)


def test_a_plan_can_be_written_down_and_read_again(asked: Asked, place: Workplace) -> None:
    plan = split(asked, ROOT, place)
    assert SplitPlan.read(plan.model_dump_json()) == plan
    part = next(store.part_plans(place.parts, ROOT))
    assert PartPlan.read(part.model_dump_json()) == part
    for text in ("", "[]", "{", "{}", part.model_dump_json().replace(":2,", ":3,", 1)):
        with pytest.raises(BadPlan):
            PartPlan.read(text)
