"""The first rows that a scan keeps, named in a temporary table of the session.

The list stays in DuckDB: to hand 200,000 places to Python and back took longer than the scan.
"""

from __future__ import annotations

from dataclasses import dataclass

from web.variants.keys import ROW, Query
from web.variants.sql import FALSE, Condition


@dataclass(frozen=True, slots=True)
class NamedRows:
    """``count`` places, in order of the file, in the one row of ``table``, column ``first``.

    ``least`` and ``greatest`` are the places of the first and the last of them.
    """

    table: str = ""
    count: int = 0
    least: int = 0
    greatest: int = 0

    @property
    def condition(self) -> Condition:
        """True for these rows. For the bounds and the subquery see ``among_places``."""
        if not self.count:
            return FALSE
        among = f"{ROW} IN (SELECT unnest(first) FROM {self.table})"
        return Condition(f"{ROW} BETWEEN ? AND ? AND {among}", (self.least, self.greatest))

    def query(self, limit: int) -> Query:
        """One list of the first ``limit`` places, in their order."""
        return Query(f"SELECT first[:{limit:d}] FROM {self.table}", ())


NO_ROWS = NamedRows()
