"""Which engines work on our gene models, for what needs more of them than an answer."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from annotator.consequences.engine import Engine
from annotator.consequences.gene_model_engine import GeneModels


@runtime_checkable
class _WithGeneModels(Protocol):
    models: GeneModels


def models_of(engine: Engine) -> GeneModels | None:
    """The gene models of an engine; None for a program of others, which has its own."""
    return engine.models if isinstance(engine, _WithGeneModels) else None
