"""Going through the log by stream: what a page has completely, and what must be read by itself."""

from __future__ import annotations

import pytest

from gas.eventstore.log import StoredEvent
from gas.eventstore.log_sweep import stream_pages
from gas.eventstore.sweep import Page, Segment
from gas.memory.log import MemoryDatabase, MemoryEventLog


def entry(stream: str, version: int) -> StoredEvent:
    """An event of that place."""
    return StoredEvent(stream, version, f"{stream}{version}", "{}")


class Cut(MemoryEventLog):
    """A log of one segment whose pages are those."""

    def __init__(self, *pages: list[StoredEvent]) -> None:
        super().__init__(MemoryDatabase())
        self.pages = pages

    def event_page(self, segment: Segment, after: str | None) -> Page[StoredEvent]:
        number = int(after or 0)
        is_last = number + 1 == len(self.pages)
        return Page(self.pages[number], None if is_last else str(number + 1))


def parts_of(log: Cut) -> list[list[tuple[str, int, bool]]]:
    """Of each page the streams, how many of their events it has, and if these count as all."""
    read, found, after = stream_pages(log), [], None
    while True:
        page = read(Segment(0, 1), after)
        found.append([(part.stream, len(part.events), part.is_whole) for part in page.items])
        after = page.after
        if after is None:
            return found


def test_streams_in_the_middle_of_a_page_are_whole() -> None:
    log = Cut([entry("a", 1), entry("a", 2), entry("b", 1)])
    assert parts_of(log) == [[("a", 2, True), ("b", 1, True)]]


@pytest.mark.parametrize("rest", [[entry("b", 2)], []])
def test_a_stream_at_the_end_of_a_page_is_read_by_itself_and_only_once(
    rest: list[StoredEvent],
) -> None:
    log = Cut([entry("a", 1), entry("b", 1)], [*rest, entry("c", 1)])
    assert parts_of(log) == [[("a", 1, True), ("b", 1, False)], [("c", 1, True)]]


def test_a_segment_that_begins_within_a_stream_reads_it_by_itself() -> None:
    assert parts_of(Cut([entry("a", 2), entry("b", 1)])) == [[("a", 1, False), ("b", 1, True)]]


def test_a_stream_with_a_gap_or_out_of_order_is_read_by_itself() -> None:
    log = Cut([entry("a", 1), entry("a", 3), entry("b", 2), entry("b", 1), entry("c", 1)])
    assert parts_of(log) == [[("a", 2, False), ("b", 2, False), ("c", 1, True)]]
