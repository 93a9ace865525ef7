"""What this process records spans with: nothing until ``use`` is called."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanContext

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

next_ids: ContextVar[SpanContext | None] = ContextVar("next_ids", default=None)
"""The ids of the next span to start, where they must not be random; see ``export.JobIds``."""


@dataclass(slots=True)
class _Recorder:
    provider: TracerProvider | None = None


_recorder = _Recorder()


def use(provider: TracerProvider | None) -> None:
    """Record spans with ``provider`` from now on; None stops recording.

    Its id generator must take ``next_ids`` into account.
    """
    _recorder.provider = provider


def provider() -> TracerProvider | None:
    """What this process records spans with, for libraries that add their own."""
    return _recorder.provider
