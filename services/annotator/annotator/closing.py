"""What ends with the block that it was made for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """A context manager that is the object itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()
        self.close()

    def finish(self) -> None:  # noqa: B027 — few have something to do
        """Do what is left to do, if the block ended without an exception."""

    @abstractmethod
    def close(self) -> None:
        """Give back what it holds."""
