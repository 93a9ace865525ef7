"""Reads the consequences in an annotated VCF: the entries of INFO/CSQ by their fields."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass

Entry = dict[str, str]
_FORMAT = re.compile(r"^##INFO=<ID=CSQ,.*Format: ([^\"]*)\">$", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """``records`` are the columns of each record, ``fields`` those of CSQ."""

    records: list[list[str]]
    fields: tuple[str, ...]

    @classmethod
    def of(cls, compressed: bytes) -> Result:
        """The result in a compressed VCF."""
        text = gzip.decompress(compressed).decode()
        found = _FORMAT.search(text)
        lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
        return cls(lines, tuple(found[1].split("|")) if found else ())

    def entries(self, record: list[str]) -> list[Entry]:
        """The entries of a record, one for each allele and transcript."""
        values = [value[4:] for value in record[7].split(";") if value.startswith("CSQ=")]
        texts = values[0].split(",") if values else []
        return [dict(zip(self.fields, text.split("|"), strict=True)) for text in texts]

    def missense(self, record: list[str], gene: str, change: str) -> Entry | None:
        """The entry that tells that change of a gene's protein, such as ``p.Arg340His``.

        Where names of HGVS are missing, as mehari cannot run there, codon and residues must do.
        """
        wanted = re.fullmatch(r"p\.([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})", change)
        if not wanted:
            raise ValueError(f"{change} is not a change of one residue")
        codon = wanted[2]
        for entry in self.entries(record):
            is_named = entry["HGVSp"].endswith(f":{change}") or not entry["HGVSp"]
            is_missense = "missense_variant" in entry["Consequence"].split("&")
            here = (entry["SYMBOL"], entry["Protein_position"]) == (gene, codon)
            if here and is_missense and is_named:
                return entry
        return None
