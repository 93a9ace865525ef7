"""Going through the whole log by stream, as ``rebuild`` and ``verify`` do.

A page of the log has the events of most of its streams completely. The rest is known for what it
is, so that whoever handles it reads that stream by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from gas.eventstore.log import EventLog, StoredEvent
from gas.eventstore.sweep import Page, PageReader, Segment


@dataclass(frozen=True, slots=True)
class StreamPart:
    """A stream with its events, all of them only if ``is_whole``.

    Also then one may have been appended since, or may follow in another segment.
    """

    stream: str
    events: tuple[StoredEvent, ...]
    is_whole: bool


def stream_pages(log: EventLog) -> PageReader[StreamPart]:
    """Reads the log by stream, each stream once but where a segment ends within it."""

    def read(segment: Segment, after: str | None) -> Page[StreamPart]:
        page = log.event_page(segment, after)
        return Page(list(_parts(page, follows=after is not None)), page.after)

    return read


def _parts(page: Page[StoredEvent], *, follows: bool) -> Iterator[StreamPart]:
    streams = [(name, tuple(own)) for name, own in groupby(page.items, lambda e: e.stream)]
    for number, (name, events) in enumerate(streams):
        if number == 0 and follows and events[0].version > 1:
            continue  # the end of the last stream of the page before, which was read by itself
        is_cut = number == len(streams) - 1 and page.after is not None
        in_order = all(entry.version == place for place, entry in enumerate(events, start=1))
        yield StreamPart(name, events, is_whole=in_order and not is_cut)
