"""What a user saves under a name: filters, and layouts of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from gas.tables.personal import LimitReached, PersonalRow, PersonalTable, RowChanged
from web.personal.problems import conflict, limit_reached, missing
from web.personal.records import Filter, Layout

Value = TypeVar("Value", Filter, Layout)
MOST = 100


@dataclass(frozen=True, slots=True)
class Saved(Generic[Value]):
    """A saved value with its id; ``version`` counts its writes."""

    id: str
    version: int
    updated_at: str
    value: Value


@dataclass(frozen=True, slots=True)
class SavedItems(Generic[Value]):
    """The saved values of one kind, at most 100 a user. ``kind`` begins the entries of their rows.

    Ids sort by time, so the oldest is first.
    """

    table: PersonalTable
    kind: str
    model: type[Value]
    now: Callable[[], datetime]
    new_id: Callable[[], str]

    def all_of(self, user_id: str) -> list[Saved[Value]]:
        """All of the user, the oldest first."""
        return [self._saved(row) for row in self.table.page(user_id, f"{self.kind}/", MOST)]

    def get(self, user_id: str, id: str) -> Saved[Value]:
        """One of them. Raises Problem (404)."""
        return self._saved(self._found(user_id, id))

    def add(self, user_id: str, value: Value) -> Saved[Value]:
        """Save a new one. Raises Problem (409) if there are as many as are allowed."""
        row = PersonalRow(
            user_id, f"{self.kind}/{self.new_id()}", 1, self._content(value), (self.kind,)
        )
        try:
            self.table.add([row], {self.kind: MOST})
        except LimitReached:
            raise limit_reached(MOST, f"saved {self.kind}s") from None
        return self._saved(row)

    def replace(self, user_id: str, id: str, value: Value, version: int) -> Saved[Value]:
        """Store it instead of that version. Raises Problem: 404, or 409 for another version."""
        stored = self._found(user_id, id)
        row = replace(stored, version=version + 1, content=self._content(value))
        try:
            self.table.replace(row)
        except RowChanged:
            raise self._conflict(user_id, id, version) from None
        return self._saved(row)

    def delete(self, user_id: str, id: str, version: int) -> None:
        """Delete it; if it is gone, nothing happens. Raises Problem (409): another version."""
        row = self.table.get(user_id, f"{self.kind}/{id}")
        if row is None:
            return
        try:
            self.table.remove(replace(row, version=version))
        except RowChanged:
            raise self._conflict(user_id, id, version) from None

    def json(self, saved: Saved[Value]) -> dict[str, object]:
        """The JSON object of the REST API."""
        value = saved.value.model_dump(mode="json")
        return {"id": saved.id, **value, "version": saved.version, "updated_at": saved.updated_at}

    def _conflict(self, user_id: str, id: str, version: int) -> Exception:
        row = self.table.get(user_id, f"{self.kind}/{id}")
        return conflict(self.json(self._saved(row)) if row else None, version)

    def _found(self, user_id: str, id: str) -> PersonalRow:
        row = self.table.get(user_id, f"{self.kind}/{id}")
        if row is None:
            raise missing(f"saved {self.kind}")
        return row

    def _content(self, value: Value) -> dict[str, object]:
        stamp = self.now().isoformat().replace("+00:00", "Z")
        return {"value": value.model_dump(mode="json"), "updated_at": stamp}

    def _saved(self, row: PersonalRow) -> Saved[Value]:
        value = self.model.model_validate(row.content["value"])
        id = row.entry.partition("/")[2]
        return Saved(id, row.version, row.content["updated_at"], value)
