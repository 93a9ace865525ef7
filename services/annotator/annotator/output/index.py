"""The index of a result, made by htslib."""

from __future__ import annotations

from pathlib import Path

import pysam


def write(vcf: Path) -> None:
    """Write ``vcf``'s CSI index beside it. CSI, because a TBI ends at position 2^29."""
    pysam.tabix_index(str(vcf), preset="vcf", csi=True, force=True, keep_original=True)
