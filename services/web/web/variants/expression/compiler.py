"""A tree to SQL: names are looked up in the file's schema, types are checked, values bound.

Logic has three values, as in SQL: a comparison with a missing value is neither true nor false,
and a row is kept where the whole is true.
"""

from __future__ import annotations

import math

from web.variants.expression.tokens import BadExpression
from web.variants.expression.tree import (
    And,
    Comparison,
    Constant,
    Has,
    IsMissing,
    IsTrue,
    Name,
    Not,
    Operand,
    Or,
    Tree,
    Within,
)
from web.variants.schema import Column, Kind, NoSuchColumn, Schema
from web.variants.sql import Condition, Value, all_of, any_of

_NUMBERS = {Kind.INTEGER, Kind.NUMBER}
_NAMES = {Kind.TEXT: "text", Kind.FLAG: "true or false"}
_ORDERED = {"<", "<=", ">", ">="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_SEPARATORS = {"filter": ";", "id": ";"}
"""What joins several words in a column of VCF; in those of CSQ it is ``&``."""
_OF_SOURCES = ("known_", "clin_sig")
_ANY_SEPARATOR = "[&|;,/]"
"""Sources of known variants join words as they like."""


def compiled(tree: Tree, schema: Schema) -> Condition:
    """The condition of a tree. Raises BadExpression."""
    match tree:
        case And(parts):
            return all_of(compiled(part, schema) for part in parts)
        case Or(parts):
            return any_of(compiled(part, schema) for part in parts)
        case Not(of):
            inner = compiled(of, schema)
            return Condition(f"NOT ({inner.sql})", inner.values)
        case IsMissing(name):
            return Condition(f"{_column(name, schema).sql} IS NULL")
        case IsTrue(name):
            return _is_true(name, schema)
        case Within():
            return _within(tree, schema)
        case Has():
            return _has(tree, schema)
        case Comparison():
            return _comparison(tree, schema)


def _column(name: Name, schema: Schema) -> Column:
    try:
        if name.sample is None:
            return schema.column(name.name)
        if name.name.lower() not in schema.sample_kinds:
            raise NoSuchColumn(f"samples have no {name.name}: {', '.join(schema.sample_kinds)}")
        return schema.of_sample(schema.sample(name.sample), name.name.lower())
    except NoSuchColumn as error:
        raise BadExpression(str(error), name.position) from None


def _is_true(name: Name, schema: Schema) -> Condition:
    column = _column(name, schema)
    if column.kind is not Kind.FLAG or column.is_list:
        message = f"{column.name} is no column of true and false; compare it with a value"
        raise BadExpression(message, name.position)
    return Condition(column.sql)


def _within(test: Within, schema: Schema) -> Condition:
    column = _column(test.column, schema)
    values = [_bound(column, constant) for constant in test.values]
    holes = ", ".join("?" * len(values))
    if column.is_list:
        sql = f"len(list_filter({column.sql}, lambda x: x IN ({holes}))) > 0"
        return Condition(sql, tuple(values))
    return Condition(f"{column.sql} IN ({holes})", tuple(values))


def _has(test: Has, schema: Schema) -> Condition:
    column = _column(test.column, schema)
    if column.kind is not Kind.TEXT and not column.is_list:
        message = f"{column.name} has one value a row; write {column.name} == …"
        raise BadExpression(message, test.column.position)
    value = _bound(column, test.value)
    if column.is_list:
        return Condition(f"list_contains({column.sql}, ?)", (value,))
    if column.name.startswith(_OF_SOURCES):
        words = f"string_split_regex({column.sql}, '{_ANY_SEPARATOR}')"
    else:
        words = f"string_split({column.sql}, '{_SEPARATORS.get(column.name, '&')}')"
    return Condition(f"list_contains({words}, ?)", (value,))


def _comparison(test: Comparison, schema: Schema) -> Condition:
    left, right, sign = test.left, test.right, test.sign
    if isinstance(left, Constant) and isinstance(right, Constant):
        raise BadExpression("one side must be a column", test.position)
    if sign == "contains":
        return _contains(test, left, right, schema)
    if isinstance(left, Constant):
        left, right, sign = right, left, _TURNED[sign]
    assert isinstance(left, Name)
    column = _column(left, schema)
    if sign in _ORDERED and column.kind is Kind.FLAG:
        raise BadExpression(f"{column.name} is true or false and has no order", test.position)
    if isinstance(right, Constant):
        return _against(column, sign, _bound(column, right))
    other = _column(right, schema)
    if column.is_list or other.is_list or _group(column) != _group(other):
        message = f"{column.name} and {other.name} cannot be compared"
        raise BadExpression(message, test.position)
    return Condition(f"{column.sql} {sign} {other.sql}")


def _against(column: Column, sign: str, value: Value) -> Condition:
    if column.is_list:  # of a list, one value that fits is enough
        sql = f"len(list_filter({column.sql}, lambda x: x {sign} ?)) > 0"
        return Condition(sql, (value,))
    return Condition(f"{column.sql} {sign} ?", (value,))


def _contains(test: Comparison, left: Operand, right: Operand, schema: Schema) -> Condition:
    if not isinstance(left, Name) or not isinstance(right, Constant):
        raise BadExpression('write it as hgvsp contains "Val"', test.position)
    column = _column(left, schema)
    if column.kind is not Kind.TEXT:
        raise BadExpression(f"{column.name} is no text", left.position)
    value = _bound(column, right)
    if column.is_list:
        sql = f"len(list_filter({column.sql}, lambda x: contains(x, ?))) > 0"
        return Condition(sql, (value,))
    return Condition(f"contains({column.sql}, ?)", (value,))


def _bound(column: Column, constant: Constant) -> Value:
    """The value, if it is of the column's kind."""
    value = constant.value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = {
        Kind.TEXT: isinstance(value, str),
        Kind.FLAG: isinstance(value, bool),
    }.get(column.kind, is_number)
    if not fits:
        wanted = _NAMES.get(column.kind, "a number")
        raise BadExpression(
            f"{column.name} is {wanted}, {value!r} is not"
            + (": write it in quotes" if column.kind is Kind.TEXT else ""),
            constant.position,
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise BadExpression("the number is too large", constant.position)
    return value


def _group(column: Column) -> str:
    return "number" if column.kind in _NUMBERS else column.kind
