"""How an aggregate becomes its projection row in DynamoDB, and back. Nothing else writes rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import TypeAdapter

from gas.domain.account import Account
from gas.domain.job import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = dict[str, Any]
"""A DynamoDB item in its wire form: ``{"user_id": {"S": "…"}}``."""

_JOB = TypeAdapter(Job)
_ACCOUNT = TypeAdapter(Account)
_TO_WIRE = TypeSerializer()
_FROM_WIRE = TypeDeserializer()


@dataclass(frozen=True, slots=True)
class Row:
    """One projection row: ``table`` is its short name, ``key`` its key attributes."""

    table: str
    key: dict[str, str]
    item: Item


def job_row(job: Job) -> Row:
    """The row of a job in ``gas-jobs``."""
    return Row("jobs", {"user_id": job.user_id, "job_id": job.job_id}, _wire(_JOB, job))


def account_row(account: Account) -> Row:
    """The row of an account in ``gas-accounts``."""
    return Row("accounts", {"user_id": account.user_id}, _wire(_ACCOUNT, account))


def job_from(item: Item) -> Job:
    """The job that a row shows."""
    return _JOB.validate_python(plain(item))


def account_from(item: Item) -> Account:
    """The account that a row shows."""
    return _ACCOUNT.validate_python(plain(item))


def wire(values: dict[str, Any]) -> dict[str, AttributeValueTypeDef]:
    """Plain values in DynamoDB's wire form."""
    return {name: _TO_WIRE.serialize(value) for name, value in values.items()}


def plain(item: Item) -> dict[str, Any]:
    """A wire item as plain Python values; numbers become int or float."""
    return {name: _number(_FROM_WIRE.deserialize(value)) for name, value in item.items()}


def _wire(adapter: TypeAdapter[Any], state: object) -> Item:
    text = adapter.dump_json(state, exclude_none=True)
    return dict(wire(json.loads(text, parse_float=Decimal)))


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _number(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_number(inner) for inner in value]
    return value
