"""Which engine a bundle was built for."""

from __future__ import annotations

from annotator.bundle import Bundle
from annotator.engine.bcftools import Bcftools
from annotator.engine.engines import Engine
from annotator.engine.snpeff import SnpEff


def engine_of(bundle: Bundle) -> Engine:
    """The engine of a bundle."""
    return SnpEff() if bundle.manifest.engine == "snpeff" else Bcftools()
