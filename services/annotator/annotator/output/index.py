"""The index of a result, made by htslib."""

from __future__ import annotations

from pathlib import Path

import pysam.bcftools


def write(vcf: Path, threads: int = 1) -> None:
    """Write ``vcf``'s CSI index beside it. CSI, because a TBI ends at position 2^29.

    So many ``threads`` unpack the file. Raises pysam.SamtoolsError.
    """
    # Not pysam.tabix_index: it has no threads. What is written is the same.
    words = ("--csi", "--force", "--threads", str(threads), str(vcf))
    # The child's standard output belongs to what it says to its parent.
    pysam.bcftools.index(*words, catch_stdout=False)
