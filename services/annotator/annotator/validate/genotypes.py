"""What the values of GT of many samples name."""

from __future__ import annotations

import re

import numpy as np

from annotator.validate.rows import Rows
from annotator.vcf.columns import Flags, Offsets, Spans, marks

CARRIED = marks(b"123456789")


def genotypes_beyond(rows: Rows, genotypes: Spans, of: Offsets) -> Flags:
    """Which values of GT name an allele that ALT has not; ``of`` is the row of each."""
    table = rows.table
    most = rows.alternates[of]
    lengths = genotypes.lengths
    middle = table.bytes[genotypes.starts + 1]
    is_pair = (lengths == 3) & ((middle == ord("/")) | (middle == ord("|")))
    usual = (lengths == 1) | is_pair
    beyond = np.zeros(len(genotypes), dtype=np.bool_)
    for at, here in ((0, usual), (2, is_pair)):
        allele = table.bytes[genotypes.starts + at].astype(np.int64) - ord("0")
        beyond |= here & (allele >= 0) & (allele <= 9) & (allele > most)
    for index in np.flatnonzero(~usual).tolist():
        text = table.text[genotypes.starts[index] : genotypes.ends[index]]
        named = [int(number[:9]) for number in re.findall(rb"[0-9]+", text)]
        beyond[index] = bool(named) and max(named) > most[index]
    return beyond
