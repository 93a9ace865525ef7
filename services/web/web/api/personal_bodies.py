"""The JSON request bodies of marks, saved filters, layouts and shares."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from web.api.bodies import RequestBody
from web.personal.records import (
    MAX_COLUMNS,
    Allele,
    AlleleText,
    Column,
    ColumnName,
    Filter,
    Layout,
    Name,
    Note,
    Query,
    Remarks,
    Tags,
)
from web.personal.shares import MOST_DAYS, USUAL_DAYS

Version = Annotated[int, Field(ge=0)]
SavedVersion = Annotated[int, Field(ge=1)]


class AlleleBody(RequestBody):
    """A variant as VCF writes it."""

    contig: str = Field(pattern=r"^[!-~]{1,255}$")
    pos: int = Field(ge=0, le=1 << 40)
    ref: AlleleText
    alt: AlleleText | None


class MarkBody(RequestBody):
    """Body of ``PUT /jobs/ID/marks/KEY``: the whole mark, and the version that it replaces."""

    star: bool = False
    tags: Tags = ()
    note: Note = ""
    variant: AlleleBody | None = None
    version: Version

    def remarks(self) -> Remarks:
        """The remarks without their version."""
        variant = Allele(**self.variant.model_dump()) if self.variant else None
        return Remarks(star=self.star, tags=self.tags, note=self.note, variant=variant)


class CopyBody(RequestBody):
    """Body of ``POST /jobs/ID/marks/copy``."""

    from_job: str = Field(min_length=1, max_length=64)


class FilterBody(RequestBody):
    """Body of ``POST /filters``."""

    name: Name
    query: Query

    def value(self) -> Filter:
        """What is saved."""
        return Filter(name=self.name, query=self.query)


class ChangedFilter(FilterBody):
    """Body of ``PUT /filters/ID``."""

    version: SavedVersion


class ColumnBody(RequestBody):
    """One column of a layout."""

    name: ColumnName
    width: int | None = Field(None, ge=10, le=4_000)


class LayoutBody(RequestBody):
    """Body of ``POST /layouts``."""

    name: Name
    columns: Annotated[tuple[ColumnBody, ...], Field(min_length=1, max_length=MAX_COLUMNS)]

    def value(self) -> Layout:
        """What is saved."""
        columns = tuple(Column(**column.model_dump()) for column in self.columns)
        return Layout(name=self.name, columns=columns)


class ChangedLayout(LayoutBody):
    """Body of ``PUT /layouts/ID``."""

    version: SavedVersion


class ShareBody(RequestBody):
    """Body of ``POST /jobs/ID/shares``."""

    days: int = Field(USUAL_DAYS, ge=1, le=MOST_DAYS)
    name: Name | None = None
    query: Query = ""
    with_notes: bool = False
