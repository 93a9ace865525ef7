"""Stars, tags and notes on variants, saved filters, layouts and shares. Values, no effects.

The models are what the table stores as ``content``; bounds are here, so that no way in is without.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_NOTE_CHARACTERS = 4_000
MAX_TAGS = 20
MAX_TAG_CHARACTERS = 40
MAX_ALLELE_CHARACTERS = 10_000
MAX_QUERY_CHARACTERS = 16_000
MAX_QUERY_PARAMETERS = 500
MAX_COLUMNS = 500

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_TAG_BREAKS = re.compile(r"[,\t\n]")
_PARAMETER = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NOT_KEPT = {"cursor", "limit", "share"}  # of one request, not of a question


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text):
        raise ValueError("must have no control characters")
    return text


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The tags without outer blanks, each once, in the order given. Raises ValueError."""
    stripped = [_printable(tag).strip() for tag in tags]
    for tag in stripped:
        if not 0 < len(tag) <= MAX_TAG_CHARACTERS or _TAG_BREAKS.search(tag):
            raise ValueError(
                f"a tag has 1 to {MAX_TAG_CHARACTERS} characters, and no comma, tab or line break"
            )
    return tuple(dict.fromkeys(stripped))


def _query(text: str) -> str:
    """The question of an address, without ``?`` and without what belongs to one request alone."""
    try:
        pairs = parse_qsl(
            text.removeprefix("?"),
            keep_blank_values=False,
            strict_parsing=bool(text.removeprefix("?")),
            max_num_fields=MAX_QUERY_PARAMETERS,
            errors="strict",
        )
    except ValueError:
        raise ValueError(
            f"must be at most {MAX_QUERY_PARAMETERS} parameters, such as gene=APP&max_af=0.01"
        ) from None
    for name, value in pairs:
        if not _PARAMETER.fullmatch(name):
            raise ValueError(f"{name[:40]!r} is no parameter of a question")
        _printable(value)
    return urlencode([(name, value) for name, value in pairs if name not in _NOT_KEPT])


Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_printable)]
Note = Annotated[str, Field(max_length=MAX_NOTE_CHARACTERS), AfterValidator(_printable)]
Tags = Annotated[tuple[str, ...], Field(max_length=MAX_TAGS), AfterValidator(_tags)]
Query = Annotated[str, Field(max_length=MAX_QUERY_CHARACTERS), AfterValidator(_query)]
AlleleText = Annotated[str, Field(pattern=r"^[!-~]+$", max_length=MAX_ALLELE_CHARACTERS)]
ColumnName = Annotated[str, Field(pattern=r"^\S(.{0,98}\S)?$"), AfterValidator(_printable)]


class Record(BaseModel):
    """A stored value; times are UTC."""

    model_config = ConfigDict(frozen=True)


class Allele(Record):
    """A variant as VCF writes it, which names it in every job: ``pos`` is POS, 1-based.

    ``alt`` is one allele of ALT, None where ALT is ``.``.
    """

    contig: str = Field(pattern=r"^[!-~]{1,255}$")
    pos: int = Field(ge=0, le=1 << 40)
    ref: AlleleText
    alt: AlleleText | None = None


class Remarks(Record):
    """What a user says of a variant. ``variant`` is None where nobody told which one it is."""

    star: bool = False
    tags: Tags = ()
    note: Note = ""
    variant: Allele | None = None

    @property
    def is_empty(self) -> bool:
        """True without star, tags and note."""
        return not (self.star or self.tags or self.note)


class Mark(Remarks):
    """Remarks on the variant ``key`` (``RECORD.ALLELE``) of a job; ``version`` counts writes."""

    job_id: str
    key: str
    version: int
    created_at: datetime
    updated_at: datetime


class Filter(Record):
    """A saved filter: its name, and its question as the query part of an address."""

    name: Name
    query: Query


class Column(Record):
    """A column of the table; ``width`` is in CSS pixels, None for its own width."""

    name: ColumnName
    width: int | None = Field(None, ge=10, le=4_000)


class Layout(Record):
    """Which columns the table shows, in their order."""

    name: Name
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=MAX_COLUMNS)]


class Share(Record):
    """A read-only link to the result of a job of ``user_id``, until ``ends_at``.

    ``query`` is the question that the link opens with, empty for the overview. ``uses`` counts at
    most one a minute. The token is not stored: ``hint`` has its last 4 characters.
    """

    share_id: str
    user_id: str
    job_id: str
    hint: str
    created_at: datetime
    ends_at: datetime
    name: str = ""
    query: str = ""
    with_notes: bool = False
    revoked_at: datetime | None = None
    uses: int = 0
    last_used_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """True until its end, unless it is revoked."""
        return self.revoked_at is None and now < self.ends_at
