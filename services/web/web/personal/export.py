"""All that a user has beside the event log, as JSON or TSV, written piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from web.personal.marks import Marks
from web.personal.records import Mark
from web.personal.wiring import Personal

TSV_COLUMNS = (
    *("job_id", "key", "contig", "pos", "ref", "alt"),
    *("star", "tags", "note", "version", "created_at", "updated_at"),
)
# A cell holds one line: these three are written as two characters each, and can be read back.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n"})


def as_json(personal: Personal, user_id: str) -> Iterator[str]:
    """One JSON object: ``marks``, ``filters``, ``layouts``, ``shares`` (without tokens),
    ``job_tags``.
    """
    shares = [share.model_dump(mode="json") for share in personal.shares.all_of(user_id)]
    saved = {
        "filters": [personal.filters.json(one) for one in personal.filters.all_of(user_id)],
        "layouts": [personal.layouts.json(one) for one in personal.layouts.all_of(user_id)],
        "shares": shares,
        "job_tags": dict(personal.job_tags.all_of(user_id)),
    }
    yield '{"marks": ['
    yield from _joined(mark.model_dump_json() for mark in personal.marks.all_of(user_id))
    yield f"], {json.dumps(saved, ensure_ascii=False)[1:]}\n"


def as_tsv(marks: Marks, user_id: str) -> Iterator[str]:
    """One line for each mark, below a header. Tags are joined by commas, which no tag has."""
    yield "\t".join(TSV_COLUMNS) + "\n"
    for mark in marks.all_of(user_id):
        yield "\t".join(str(cell).translate(_ESCAPES) for cell in _cells(mark)) + "\n"


def _cells(mark: Mark) -> Iterator[object]:
    yield from (mark.job_id, mark.key)
    variant = mark.variant
    yield from (
        (variant.contig, variant.pos, variant.ref, variant.alt or ".") if variant else ("",) * 4
    )
    yield from ("true" if mark.star else "false", ",".join(mark.tags), mark.note, mark.version)
    yield from (moment.isoformat() for moment in (mark.created_at, mark.updated_at))


def _joined(texts: Iterable[str]) -> Iterator[str]:
    separator = ""
    for text in texts:
        yield separator + text
        separator = ",\n"
