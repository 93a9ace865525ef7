"""The columns of one job's ``variants.parquet``: names, types, meaning and source.

Every name in a question is looked up here; only what is found becomes part of SQL.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from web.variants import meanings
from web.variants.sql import quoted

WIDE_SAMPLES = 16
"""Up to so many samples have columns of their own; of more, each column is a list."""
JOINED_BY = {"existing_variation": "&", "id": ";"}
"""Columns of names, and what joins several."""
_SAMPLE_NAME = re.compile(r"s([1-9][0-9]{0,6})[_.]([a-z_]+)")
_PACKED = "zygosities"
_KNOWN, _LISTS = "known_", "transcripts_"


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"


class NoSuchColumn(LookupError):
    """The file has no column of that name; the message says which names come near."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``sql`` reads it. ``sample`` is the sample's number from 1, 0 for none."""

    name: str
    sql: str
    kind: Kind
    about: str
    source: str
    is_list: bool = False
    sample: int = 0

    @property
    def is_sortable(self) -> bool:
        """Whether rows can be ordered by it: by lists they cannot."""
        return not self.is_list


@dataclass(frozen=True)
class Schema:
    """The columns of a file by lower-case name, and what its metadata say.

    ``columns`` has those that can be asked for: the file's own without ``samples_…``, which are
    asked for as ``s1_gt`` whether the file has such columns or lists. ``rows`` is how many the file
    has, ``missing`` in how many of them a column has no value, where that is known without reading
    it. ``other_frequencies`` have a frequency somewhere where ``max_af`` has none. ``joined`` are
    columns of names with several names in a row. A file that
    ``is_packed`` has the zygosities of all samples in one column, which is for filters alone.
    """

    columns: Mapping[str, Column]
    sample_kinds: Mapping[str, Kind]
    samples: tuple[str, ...]
    contigs: tuple[str, ...]
    rows: int
    assembly: str
    bundle: str
    tool: str
    known: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    other_frequencies: tuple[str, ...] = ()
    joined: frozenset[str] = frozenset(JOINED_BY)
    is_packed: bool = False

    @property
    def empty(self) -> frozenset[str]:
        """The names of columns without a single value."""
        return frozenset(name for name, count in self.missing.items() if count == self.rows)

    def column(self, name: str) -> Column:
        """The column; ``s1.gt`` is ``s1_gt``. Raises NoSuchColumn."""
        lower = name.lower()
        found = self.columns.get(lower)
        if found:
            return found
        match = _SAMPLE_NAME.fullmatch(lower)
        if match and match[2] in self.sample_kinds and int(match[1]) <= len(self.samples):
            return self.of_sample(int(match[1]), match[2])
        raise NoSuchColumn(self._missing(name, lower))

    def of_sample(self, number: int, name: str) -> Column:
        """Column ``name`` (``gt``, ``gq`` …) of the sample with that number, from 1."""
        if len(self.samples) <= WIDE_SAMPLES:
            sql = quoted(f"s{number}_{name}")
        else:
            sql = f"{quoted('samples_' + name)}[{number:d}]"
        source = f"your VCF, genotype of {self.samples[number - 1]}"
        about = meanings.SAMPLE.get(name, "")
        return Column(
            f"s{number}_{name}", sql, self.sample_kinds[name], about, source, sample=number
        )

    def of_samples(self, most: int) -> Iterator[Column]:
        """The columns of the first ``most`` samples."""
        for number in range(1, min(len(self.samples), most) + 1):
            for name in self.sample_kinds:
                yield self.of_sample(number, name)

    def sample(self, name: str) -> int:
        """The number of the sample of that name, from 1. Raises NoSuchColumn."""
        try:
            return self.samples.index(name) + 1
        except ValueError:
            near = difflib.get_close_matches(name, self.samples, 3) or self.samples[:10]
            known = ", ".join(near) or "none: the file has no samples"
            raise NoSuchColumn(f"the file has no sample {name}; it has {known}") from None

    def _missing(self, name: str, lower: str) -> str:
        match = _SAMPLE_NAME.fullmatch(lower)
        if match and match[2] in self.sample_kinds:
            return f"there is no sample {match[1]}: the file has {len(self.samples)}"
        names = [*self.columns, *(f"s1_{n}" for n in self.sample_kinds if self.samples)]
        near = difflib.get_close_matches(lower, names, 3)
        hint = f"; did you mean {' or '.join(near)}" if near else ""
        return f"there is no column {name}{hint}"


def described(
    names: Mapping[str, str],
    metadata: Mapping[str, object],
    rows: int,
    missing: Mapping[str, int] | None = None,
    *,
    other_frequencies: Iterable[str] = (),
    joined: Iterable[str] = tuple(JOINED_BY),
) -> Schema:
    """The schema of a file with these columns (name and DuckDB's type) and ``gas.`` metadata."""
    samples = _texts(metadata["samples"])
    known = _words(metadata["known"])
    tool, bundle = str(metadata["tool"]), str(metadata["bundle"])
    columns, kinds = {}, {}
    for name, type_ in names.items():
        sample = re.fullmatch(r"(?:s[0-9]+|samples)_(\w+)", name)
        if sample and sample[1] in meanings.SAMPLE:
            kinds[sample[1]] = _kind(type_)
        elif name != _PACKED:
            about, source = _meaning(name, known, tool, bundle)
            columns[name.lower()] = Column(
                name, quoted(name), _kind(type_), about, source, type_.endswith("[]")
            )
    return Schema(
        columns=columns,
        sample_kinds=kinds,
        samples=samples,
        contigs=_texts(metadata["contigs"]),
        rows=rows,
        assembly=str(metadata["assembly"]),
        bundle=bundle,
        tool=tool,
        known=known,
        missing=missing or {},
        other_frequencies=tuple(other_frequencies),
        joined=frozenset(joined),
        is_packed=_PACKED in names,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _words(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def _kind(type_: str) -> Kind:
    base = type_.removesuffix("[]").upper()
    if base == "BOOLEAN":
        return Kind.FLAG
    if base in {"DOUBLE", "FLOAT"}:
        return Kind.NUMBER
    return Kind.INTEGER if base.endswith("INT") or base == "INTEGER" else Kind.TEXT


def _meaning(name: str, known: Mapping[str, str], tool: str, bundle: str) -> tuple[str, str]:
    """What a column says, and where that comes from."""
    if name.startswith(_KNOWN):
        return known.get(name.removeprefix(_KNOWN), ""), f"known variants of {bundle}"
    if name.startswith(_LISTS):
        about = meanings.TRANSCRIPT.get(name.removeprefix(_LISTS), "whether it is the picked one")
        return f"of each transcript: {about}", f"{tool}, CSQ"
    if name in meanings.TRANSCRIPT:
        return meanings.TRANSCRIPT[name], f"{tool}, CSQ of the picked transcript"
    if name in meanings.ALLELE:
        return meanings.ALLELE[name], f"{tool}, CSQ of all transcripts"
    if name in meanings.KNOWN:
        return meanings.KNOWN[name], f"known variants of {bundle}"
    return meanings.RECORD.get(name, ""), "your VCF"
