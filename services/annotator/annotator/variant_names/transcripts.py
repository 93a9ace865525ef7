"""Which transcript of a bundle a name speaks of: by accession, by its partner of MANE, by gene."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from annotator.consequences.pick import Picker
from annotator.consequences.transcript_table import TranscriptTable
from annotator.variant_names.unresolved import Unresolved

_ACCESSION = re.compile(r"(?:[NX][MR]_|ENST|LRG_\d+t)\d", re.I)


class Meant(NamedTuple):
    """A transcript, by its number in the table, and whether the name gave another version."""

    number: int
    is_other_version: bool = False


class Transcripts:
    """Finds transcripts of a table by what people write before the colon."""

    def __init__(self, table: TranscriptTable) -> None:
        self.table = table
        about = table.about
        self._accessions: list[str] = about["transcript_accession"].fill_null("").to_list()
        self._by_accession = {name: n for n, name in enumerate(self._accessions)}
        for partner in ("MANE_SELECT", "MANE_PLUS_CLINICAL"):
            for number, name in enumerate(about[partner].to_list()):
                if name:  # with its version it is the same sequence
                    self._by_accession.setdefault(name, number)
        self._versions: dict[str, int] = {}
        for name, number in self._by_accession.items():
            self._versions.setdefault(name.partition(".")[0], number)
        self._by_gene: dict[str, list[int]] = {}
        for column in ("SYMBOL", "Gene"):
            for number, gene in enumerate(about[column].to_list()):
                if gene:
                    self._by_gene.setdefault(gene.upper(), []).append(number)
        self._picker = Picker(table)

    def accession(self, number: int) -> str:
        """The accession, with its version, of the transcript of that number."""
        return self._accessions[number]

    def find(self, reference: str, inner: str) -> Meant:
        """The transcript of ``reference(inner)``. Raises Unresolved."""
        if not reference:
            raise Unresolved("it does not say of which transcript or gene: write it before a colon")
        for name in (inner, reference):
            if meant := self._named(name.upper()):
                return meant
            if _ACCESSION.match(name):  # another transcript of its gene may be numbered otherwise
                raise Unresolved(
                    f"the gene models of the reference have no transcript {name}: name one"
                    " of theirs, or the gene alone"
                )
        for name in (reference, inner):
            if numbers := self._by_gene.get(name.upper()):
                return Meant(self._picked(np.array(sorted(numbers))))
        raise Unresolved(f"the gene models of the reference have no transcript or gene {reference}")

    def _named(self, name: str) -> Meant | None:
        if (number := self._by_accession.get(name)) is not None:
            return Meant(number)
        stem, _, version = name.partition(".")
        number = self._versions.get(stem)
        return None if number is None else Meant(number, is_other_version=bool(version))

    def _picked(self, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
        """The one that stands for its gene, as the results pick it."""
        same = np.zeros(len(numbers), dtype=np.int64)
        return int(numbers[self._picker.picked(same, numbers, same)][0])
