"""The engine loaded into the process that uses it."""

from __future__ import annotations

from functools import cached_property

import polars as pl

from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of, version_of
from annotator.consequences.engine import Answer, Engine
from annotator.consequences.pick import Selection


class LocalEngine:
    """Loads with the first question, so that processes may be forked before it.

    A forked process has no copy of the threads of polars and mehari, and would wait for them for
    ever. Raises DatabaseUnusable, EngineMissing.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    @property
    def version(self) -> str:
        return version_of(self._bundle)

    @cached_property
    def _engine(self) -> Engine:
        return engine_of(self._bundle)

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        return self._engine.annotate(alleles, transcripts)
