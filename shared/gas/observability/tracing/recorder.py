"""The tracer provider of this process: none, so nothing is recorded, until ``use`` is called.

In a module of its own, so that ``spans`` need not import the SDK.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanContext

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

next_ids: ContextVar[SpanContext | None] = ContextVar("next_ids", default=None)
"""The ids of the next span, where they must not be random; ``export.JobIds`` reads them."""


@dataclass(slots=True)
class _Recorder:
    provider: TracerProvider | None = None


_recorder = _Recorder()


def use(provider: TracerProvider | None) -> None:
    """Record spans with ``provider`` from now on; None stops recording.

    Its id generator must use ``next_ids``.
    """
    _recorder.provider = provider


def provider() -> TracerProvider | None:
    """The provider of this process or None; instrumented libraries (Flask) need it too."""
    return _recorder.provider
