"""Gives another name to those of the user's INFO keys that would be taken for ours.

Files that Ensembl VEP, SnpEff or bcftools csq annotated before have them. Readers of CSQ look for
keys that begin or end with it, and some take ANN before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from annotator.diagnostics import Diagnostics, Kind
from annotator.vcf.columns import INFO, Table
from annotator.vcf.header import Header

_VEP_LINE = b"##VEP="
Names = Mapping[bytes, bytes]
"""New names of INFO keys, by their old ones."""


def new_names(header: Header) -> Names:
    """The keys in that header that need another name, and the name; most files have none."""
    names: dict[bytes, bytes] = {}
    for key in header.info:
        if key.startswith(b"CSQ") or key.endswith(b"CSQ") or key == b"ANN":
            name = b"INPUT_%b_FIELD" % key
            while name in header.info:
                name = b"INPUT_" + name
            names[key] = name
    return names


def rename_in_header(header: Header, names: Names, diagnostics: Diagnostics) -> None:
    """Rename the definitions, and a line of VEP's about itself, as a file may have but one."""
    for old, new in names.items():
        definition = re.compile(rb'(##INFO=<(?:[^"]*,)?ID=)%b(?=[,>])' % re.escape(old))
        header.lines = [definition.sub(rb"\g<1>" + new, line, count=1) for line in header.lines]
        header.info[new] = header.info.pop(old)
        diagnostics.add(
            Kind.REPAIR,
            None,
            f"INFO/{old.decode()} of the upload was renamed {new.decode()}, as programs would take"
            " it for the consequences that are added as CSQ",
        )
    for at, line in enumerate(header.lines):
        if line.startswith(_VEP_LINE):
            header.lines[at] = b"##INPUT_VEP=" + line.removeprefix(_VEP_LINE)
            text = "the line ##VEP of the upload was renamed ##INPUT_VEP, as a file has but one"
            diagnostics.add(Kind.REPAIR, None, text)


class Renamer:
    """Renames keys in the records of a file."""

    def __init__(self, names: Names, columns: int) -> None:
        self._names, self._columns = names, columns
        keys = b"|".join(map(re.escape, names))
        self._pattern = re.compile(rb"(?<=[\t;])(?:%b)(?=[=;\t\n])" % keys)

    def renamed(self, table: Table) -> Table:
        """The block with those keys renamed in INFO, and nowhere else."""
        found = list(self._pattern.finditer(table.text)) if self._names else []
        if not found:
            return table
        starts = np.array([match.start() for match in found])
        rows = np.searchsorted(table.ends, starts)
        info = table.column(INFO)
        inside = (starts >= info.starts[rows]) & (starts < info.ends[rows])
        pieces: list[bytes] = []
        at = 0
        for match, is_key in zip(found, inside.tolist(), strict=True):
            if is_key:
                pieces += (table.text[at : match.start()], self._names[match.group()])
                at = match.end()
        pieces.append(table.text[at:])
        return Table(b"".join(pieces), self._columns)
