"""Finds the genes of a bundle that a table means: by HGNC id, gene id, symbol or synonym."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from annotator.bundle import GENES
from annotator.bundling.reference import lines_of
from annotator.consequences import transcript_store

_BETWEEN_NAMES = re.compile(r"[|,;]")
_VERSION = re.compile(r"\.[0-9]+$")
_SYNONYMS = re.compile(r"(?:^|;)(?:gene_synonym|Alias)=([^;]*)")
_NAME = re.compile(r"(?:^|;)(?:Name|gene|gene_name)=([^;]*)")
_ATTRIBUTES = 8
Names = dict[str, dict[str, None]]
"""By name the ids of genes, in order."""


class GeneNames:
    """The genes of a bundle, as CSQ's field Gene has them, by all their names.

    A gene's own symbol is stronger than a synonym; a synonym of several genes means none.
    """

    def __init__(self, folder: Path, contigs: Sequence[str]) -> None:
        self._hgnc: Names = {}
        self._ids: Names = {}
        self._symbols: Names = {}
        self._synonyms: Names = {}
        about = transcript_store.load(folder, contigs).about.select("Gene", "SYMBOL", "HGNC_ID")
        for gene, symbol, hgnc_id in about.drop_nulls("Gene").unique().sort(pl.all()).iter_rows():
            self._hgnc.setdefault(_hgnc(hgnc_id or ""), {})[gene] = None
            self._ids.setdefault(_VERSION.sub("", gene), {})[gene] = None
            self._symbols.setdefault((symbol or "").upper(), {})[gene] = None
        for symbol, synonyms in _synonyms(folder / GENES):
            for name in synonyms:
                ids = self._symbols.get(symbol.upper(), {})
                self._synonyms.setdefault(name.upper(), {}).update(ids)
        for names in (self._hgnc, self._ids, self._symbols, self._synonyms):
            names.pop("", None)

    def find(self, keys: Mapping[str, str]) -> list[str]:
        """The genes of a row with hgnc_id, gene_id, symbol and synonyms, as far as it has them."""
        symbols = [keys.get("symbol", "").strip().upper()]
        others = [n.strip().upper() for n in _BETWEEN_NAMES.split(keys.get("synonyms", ""))]
        attempts = (
            (self._hgnc, [_hgnc(keys.get("hgnc_id", ""))]),
            (self._ids, [_VERSION.sub("", keys.get("gene_id", "").strip())]),
            (self._symbols, symbols),
            (_unambiguous(self._synonyms, symbols), symbols),
            (self._symbols, others),
            (_unambiguous(self._synonyms, others), others),
        )
        for known, names in attempts:
            found = {gene: None for name in names for gene in known.get(name, ())}
            if found:
                return list(found)
        return []


def _unambiguous(names: Names, wanted: Iterable[str]) -> Names:
    return {name: names[name] for name in wanted if len(names.get(name, ())) == 1}


def _hgnc(text: str) -> str:
    return text.strip().upper().removeprefix("HGNC:")


def _synonyms(genes: Path) -> Iterable[tuple[str, list[str]]]:
    """The symbol and the synonyms of each gene that has some, as RefSeq's GFF3 names them."""
    for line in lines_of(genes):
        fields = line.split("\t")
        if len(fields) <= _ATTRIBUTES:
            continue
        synonyms, name = _SYNONYMS.search(fields[-1]), _NAME.search(fields[-1])
        if synonyms and name:
            yield unquote(name[1]), [unquote(one) for one in synonyms[1].split(",")]
