"""DynamoDB items: conversion of plain Python values to the wire form, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = dict[str, Any]
"""A DynamoDB item in its wire form: ``{"user_id": {"S": "…"}}``."""

_TO_WIRE = TypeSerializer()
_FROM_WIRE = TypeDeserializer()


def wire(values: dict[str, Any]) -> dict[str, AttributeValueTypeDef]:
    """Plain values in DynamoDB's wire form. Raises TypeError for a float: use Decimal."""
    return {name: _TO_WIRE.serialize(value) for name, value in values.items()}


def plain(item: Item) -> dict[str, Any]:
    """An item in wire form as plain Python values; numbers become int, or float if not whole."""
    return {name: _number(_FROM_WIRE.deserialize(value)) for name, value in item.items()}


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _number(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_number(inner) for inner in value]
    return value


def end_of(answer: Mapping[str, Any]) -> str | None:
    """Where the next page of a scan begins, as text; None at its end."""
    last = answer.get("LastEvaluatedKey")
    return json.dumps(last) if last else None


def start_of(after: str | None) -> Any:
    """The parameter of a scan that begins after that mark of ``end_of``."""
    return {"ExclusiveStartKey": json.loads(after)} if after else {}
