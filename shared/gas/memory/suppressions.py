"""Suppressions, in memory."""

from __future__ import annotations

from gas.tables.suppressions import Suppression, address_key


class MemorySuppressionTable:
    """The addresses to which no mail is sent."""

    def __init__(self) -> None:
        self._stopped: dict[str, Suppression] = {}

    def get(self, address: str) -> Suppression | None:
        return self._stopped.get(address_key(address))

    def add(self, address: str, suppression: Suppression) -> None:
        self._stopped[address_key(address)] = suppression

    def remove(self, address: str) -> bool:
        return self._stopped.pop(address_key(address), None) is not None
