"""The engine loaded into the process that uses it: for the command line, and without a warm one."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import polars as pl

from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of, models_of, native_of, version_of
from annotator.consequences.engine import Answer, DatabaseUnusable, Engine, EngineMissing
from annotator.consequences.gene_model_engine import GeneModels
from annotator.consequences.pick import Selection
from annotator.runner import careful
from annotator.runner.careful import ChunkFailed, Failures


class LocalEngine:
    """Loads what forked processes can share at once, and all else with the first question.

    Raises DatabaseUnusable, EngineMissing.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._native: Any | None = native_of(bundle)
        self._failures = Failures()

    @property
    def version(self) -> str:
        return version_of(self._bundle)

    @cached_property
    def models(self) -> GeneModels | None:
        """The bundle's gene models; None for snpEff's bundles. Raises DatabaseUnusable."""
        return models_of(self._bundle)

    @cached_property
    def _engine(self) -> Engine:
        return engine_of(self._bundle, self._native, self.models)

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        def ask(chunk: pl.DataFrame) -> Answer:
            try:
                return self._engine.annotate(chunk, transcripts)
            except (DatabaseUnusable, EngineMissing):
                raise
            # mehari raises RuntimeError and others, and panics of Rust are no Exception.
            except (Exception, pl.exceptions.PanicException) as error:
                lines = str(error).splitlines() or [""]
                raise ChunkFailed(f"{type(error).__name__}: {lines[0][:500]}") from None

        return careful.answer(alleles, ask, self._failures)
