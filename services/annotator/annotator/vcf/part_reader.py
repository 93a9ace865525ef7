"""Reads a part of a file, block by block."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from annotator.vcf.columns import Table, count_lines
from annotator.vcf.reading import Input, Place

_FORMAT = 1


class BadDescription(ValueError):
    """What should describe a part does not, or is of another format."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many ``records`` from a place on, in ``line`` (from 1); ``skip`` lines precede them there.

    ``number`` is its place in the file, from 0; ``first_record`` that of its first record, from 1.
    It can be written down and sent, so that a part may be annotated elsewhere: whoever has the same
    file reads the same records.
    """

    number: int
    place: Place
    line: int
    skip: int
    records: int
    first_record: int

    def to_json(self) -> str:
        """The description as one line of JSON."""
        document = {
            "format": _FORMAT,
            "number": self.number,
            "offset": self.place.offset,
            "offset_in_text": self.place.skip,
            "line": self.line,
            "skip": self.skip,
            "records": self.records,
            "first_record": self.first_record,
        }
        return json.dumps(document)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The part that ``to_json`` described. Raises BadDescription."""
        try:
            found = _Description.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "the description"
            raise BadDescription(f"{field}: {first['msg']}") from None
        place = Place(found.offset, found.offset_in_text)
        return cls(found.number, place, found.line, found.skip, found.records, found.first_record)


class _Description(BaseModel):
    """A part as JSON; of another format all may mean something else."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal[1]
    number: int = Field(ge=0)
    offset: int = Field(ge=0)
    offset_in_text: int = Field(ge=0)
    line: int = Field(ge=1)
    skip: int = Field(ge=0)
    records: int = Field(ge=0)
    first_record: int = Field(ge=1)


def tables(source: Input, part: Part, columns: int) -> Iterator[Table]:
    """The records of a part in blocks, each with at least one. Raises Rejected."""
    left, skip = part.records, part.skip
    if not left:
        return
    for block in source.blocks(part.place, part.line):
        text = block.text
        if skip:
            text, skip = _without(text, skip)
        table = Table(text, columns)
        if table.blank_lines:
            text = re.sub(rb"\n+", b"\n", text).lstrip(b"\n")
            table = Table(text, columns)
        if table.rows > left:
            table = Table(text[: int(table.starts[left])], columns)
        left -= table.rows
        if table.rows:
            yield table
        if not left:
            return


def _without(text: bytes, lines: int) -> tuple[bytes, int]:
    """The text without its first lines; and how many of them are still to be left off."""
    here = count_lines(text)
    if here <= lines:
        return b"", lines - here
    at = 0
    for _ in range(lines):
        at = text.index(b"\n", at) + 1
    return text[at:], 0
