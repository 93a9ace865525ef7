"""The parameters with which ``GET /jobs`` searches."""

from __future__ import annotations

from collections.abc import Mapping

from gas.domain.job import JobStatus
from web.jobs.list_query import MAX_SEARCH_CHARACTERS, ListQuery, Sort
from web.problems import invalid_field

_NAMES = ("q", "bundle", "tag", "sort")


def list_query(given: Mapping[str, str], status: JobStatus | None) -> ListQuery | None:
    """The question; None where only a status is asked for, or nothing. Raises Problem (400)."""
    texts = {name: given.get(name, "").strip() for name in _NAMES}
    if not any(texts.values()):
        return None
    for name, text in texts.items():
        if len(text) > MAX_SEARCH_CHARACTERS:
            message = f"must have at most {MAX_SEARCH_CHARACTERS} characters"
            raise invalid_field(name, message, status=400)
    sort = texts["sort"] or Sort.NEWEST
    if sort not in set(Sort):
        raise invalid_field("sort", f"must be one of {', '.join(Sort)}", status=400)
    return ListQuery(texts["q"], status, texts["bundle"], texts["tag"], Sort(sort))
