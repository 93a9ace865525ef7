"""The index of a result, made by htslib."""

from __future__ import annotations

from pathlib import Path

import pysam.bcftools
from pysam.utils import SamtoolsError

from annotator.output import csi, far_ends
from annotator.vcf import bgzf


def write(vcf: Path, threads: int = 1) -> None:
    """Write ``vcf``'s CSI index beside it. CSI, because a TBI ends at position 2^29.

    So many ``threads`` unpack the file. Raises pysam.SamtoolsError.
    """
    # Not pysam.tabix_index: it has no threads. What is written is the same.
    words = ("--csi", "--force", "--threads", str(threads), str(vcf))
    # The child's standard output belongs to what it says to its parent.
    try:
        pysam.bcftools.index(*words, catch_stdout=False)
    except SamtoolsError:
        far_ends.write(vcf)


def write_of_blocks(blocks: Path, header: bytes, to: Path) -> None:
    """Write the index of blocks without a header and an end, whose places are those in ``blocks``.

    ``header`` is what they are the records of. Raises pysam.SamtoolsError.
    """
    whole = blocks.with_suffix(".whole.vcf.gz")
    with bgzf.Writer(whole) as out:
        out.write(header)
        before = out.append(blocks)
        out.end()
    write(whole)
    made = whole.with_name(f"{whole.name}.csi")
    found = csi.Index()
    found.add(csi.read(made), -before)
    found.write(to)
    whole.unlink()
    made.unlink()
