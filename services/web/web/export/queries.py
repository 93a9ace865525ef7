"""A plan of the table as the queries of an export."""

from __future__ import annotations

from pathlib import Path

from web.export.selection import Selection
from web.variants.keys import FILE
from web.variants.order import order_sql
from web.variants.plan import Plan
from web.variants.sql import Condition, quoted


def shown(path: Path, plan: Plan, condition: Condition) -> Selection:
    """The plan's columns of the rows, in its order; without one, in that of the file."""
    names = ", ".join(f"{column.sql} AS {quoted(column.name)}" for column in plan.columns)
    query = f"SELECT {names} FROM {FILE} WHERE {condition.sql}"
    if plan.order:  # the file is in the order of its keys: sorting it again would hold all of it
        query += f" ORDER BY {order_sql(plan.order)}"
    return Selection(query, (str(path), *condition.values))


def records(path: Path, condition: Condition) -> Selection:
    """The column ``record`` of the rows, in the order of the file."""
    query = f"SELECT record FROM {FILE} WHERE {condition.sql}"
    return Selection(query, (str(path), *condition.values))
