"""Going through whole tables: in shares and threads, at a pace, and again after an interruption."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from gas.eventstore.sweep import BATCH, Checkpoint, Pace, Page, Segment, Sweep

ITEMS = [f"item {number}" for number in range(1000)]
_PAGE = 7


def read(segment: Segment, after: str | None) -> Page[str]:
    """A table of 1,000 items in pages of 7."""
    own = ITEMS[segment.number :: segment.total]
    begin = int(after or 0)
    end = begin + _PAGE
    return Page(own[begin:end], str(end) if end < len(own) else None)


@pytest.mark.parametrize(("threads", "shares"), [(1, 1), (8, 1), (4, 3)])
def test_every_item_is_handled_once_by_all_shares_together(threads: int, shares: int) -> None:
    handled: Counter[str] = Counter()
    lock = threading.Lock()

    def handle(items: Sequence[str]) -> None:
        with lock:
            handled.update(items)

    for share in range(shares):
        Sweep(threads, share, shares).over("table", read, handle)
    assert handled == Counter(ITEMS)


def test_as_many_segments_are_handled_at_once_as_there_are_threads() -> None:
    meeting = threading.Barrier(4, timeout=20)
    # Breaks, and ends the sweep, unless four batches are under way at once.
    Sweep(4).over("table", read, lambda _: meeting.wait())


class Interrupted(Exception):
    """The process was stopped."""


@pytest.mark.parametrize("threads", [1, 4])
def test_an_interrupted_sweep_goes_on_where_it_was(threads: int, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    handled: Counter[str] = Counter()
    lock = threading.Lock()
    left, resumed = 400, False

    def handle(items: Sequence[str]) -> None:
        nonlocal left
        with lock:
            left -= len(items)
            if left <= 0 and not resumed:
                raise Interrupted
            handled.update(items)

    with pytest.raises(Interrupted):
        Sweep(threads, checkpoint=Checkpoint(path)).over("table", read, handle)
    known = Checkpoint(path)  # as another process reads it
    resumed = True
    Sweep(threads, checkpoint=known).over("table", read, handle)
    assert set(handled) == set(ITEMS)
    again = sum(count - 1 for count in handled.values())
    assert again <= threads * _PAGE, "at most a page of each thread is handled twice"
    Sweep(threads, checkpoint=known).over("table", read, handle)
    assert sum(handled.values()) == len(ITEMS) + again, "what is done is not done again"
    Sweep(threads, checkpoint=known).over("another table", read, handle)
    assert sum(handled.values()) == 2 * len(ITEMS) + again
    known.remove()
    assert not path.exists()


def test_a_checkpoint_of_other_shares_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    Sweep(2, checkpoint=Checkpoint(path)).over("table", read, lambda _: None)
    handled: list[str] = []
    Sweep(3, checkpoint=Checkpoint(path)).over("table", read, handled.extend)
    assert sorted(handled) == sorted(ITEMS)


def test_a_long_page_is_handled_in_batches() -> None:
    sizes: list[int] = []
    whole = Page(ITEMS, None)
    Sweep().over("table", lambda *_: whole, lambda items: sizes.append(len(items)))
    assert sizes == [BATCH] * 10


def test_a_batch_waits_for_as_many_items_as_it_has() -> None:
    pauses: list[float] = []
    pace = Pace(4, clock=lambda: 0.0, sleep=pauses.append)
    for _ in range(3):
        pace.wait(BATCH)
    assert pauses == [BATCH / 4, 2 * BATCH / 4]


def test_a_sweep_keeps_its_pace() -> None:
    pauses: list[float] = []
    pace = Pace(100, clock=lambda: 0.0, sleep=pauses.append)
    Sweep(pace=pace).over("table", read, lambda _: None)
    assert max(pauses) == pytest.approx((len(ITEMS) - len(ITEMS) % _PAGE) / 100)


def test_a_pace_spreads_items_evenly() -> None:
    now, pauses = [0.0], []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    pace = Pace(4, clock=lambda: now[0], sleep=sleep)
    for _ in range(9):
        pace.wait()
    assert pauses == [0.25] * 8
    now[0] += 10
    pace.wait()
    assert len(pauses) == 8, "after a pause nothing waits, and nothing is caught up"
    Pace(0, sleep=pauses.append).wait()
    assert len(pauses) == 8
