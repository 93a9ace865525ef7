"""In which lines of a file records are."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from annotator.vcf.blocks import Block
from annotator.vcf.columns import NEWLINE, Offsets


def lines_of(blocks: Iterable[Block], records: Offsets) -> Offsets:
    """The line, from 1, of each record, whose numbers are from 1 and in any order.

    Reads the blocks up to the last of them: records have no fixed length, and lines may be empty.
    """
    different, place = np.unique(records, return_inverse=True)
    lines = np.zeros(len(different), dtype=np.int64)
    passed = found = 0
    for block in blocks:
        text = np.frombuffer(block.text, dtype=np.uint8)
        ends = np.flatnonzero(text == NEWLINE)
        starts = np.append(0, ends[:-1] + 1) if len(ends) else ends
        is_record = (starts < ends) & (text[starts] != ord("#"))
        here = np.flatnonzero(is_record)
        behind = int(np.searchsorted(different, passed + len(here), side="right"))
        lines[found:behind] = block.line + here[different[found:behind] - passed - 1]
        passed, found = passed + len(here), behind
        if found == len(different):
            break
    return lines[place]
