import json
from datetime import UTC, datetime, timedelta

import pytest

from gas.events import (
    CATALOGUE,
    AccountUpgraded,
    Catalogue,
    Event,
    InvalidEvent,
    UnknownEventType,
    first_id_at,
    new_id,
)
from gas.events.bodies import EventBody
from gas.events.schemas import body_schema, incompatibilities

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def upgraded(**changes: object) -> dict[str, object]:
    """An event as a JSON object, with changes."""
    event = Event.of(
        AccountUpgraded(user_id="u", payment_reference="p"),
        id="e1",
        time=NOW,
        source="/gas/web",
        streamversion=2,
    )
    return {**json.loads(event.to_json()), **changes}


def test_an_event_is_unchanged_by_the_way_through_json() -> None:
    event = CATALOGUE.parse(json.dumps(upgraded()))
    assert CATALOGUE.parse(event.to_json()) == event
    assert isinstance(event.data, AccountUpgraded)


def test_the_envelope_has_the_attributes_that_cloudevents_requires() -> None:
    document = upgraded()
    assert document["specversion"] == "1.0"
    assert document["type"] == "gas.account.upgraded.v1"
    assert document["subject"] == "account/u"
    assert document["dataschema"] == "urn:gas:schema:gas.account.upgraded.v1"
    assert isinstance(document["data"], dict)
    assert all(name.islower() and name.isalnum() and len(name) <= 20 for name in document)


def test_correlation_and_causation_are_inherited_from_the_cause() -> None:
    cause = CATALOGUE.parse(json.dumps(upgraded(correlationid="story", traceparent="00-a-b-01")))
    effect = Event.of(
        AccountUpgraded(user_id="u", payment_reference="p"),
        id="e2",
        time=NOW,
        source="/gas/x",
        streamversion=3,
        cause=cause,
    )
    assert (effect.correlationid, effect.causationid, effect.traceparent) == (
        "story",
        "e1",
        "00-a-b-01",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"type": 7}',
        json.dumps(upgraded(type="com.example.thing")),
        json.dumps(upgraded(data=[])),
        json.dumps(upgraded(data={"user_id": "u"})),
        json.dumps(upgraded(streamversion=0)),
        json.dumps(upgraded(subject="account/somebody-else")),
        json.dumps(upgraded(time="yesterday")),
    ],
)
def test_text_that_is_not_an_event_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidEvent, match=r".+"):
        CATALOGUE.parse(text)


def test_an_event_of_a_newer_program_is_unknown_and_not_invalid() -> None:
    with pytest.raises(UnknownEventType):
        CATALOGUE.parse(json.dumps(upgraded(type="gas.account.upgraded.v2")))


def test_unknown_fields_are_tolerated_so_that_schemas_may_grow() -> None:
    document = upgraded(newattribute="x")
    document["data"] = {"user_id": "u", "payment_reference": "p", "currency": "EUR"}
    assert CATALOGUE.parse(json.dumps(document)).data == AccountUpgraded(
        user_id="u", payment_reference="p"
    )


def test_an_upcaster_reads_an_old_version_as_the_new_one() -> None:
    class AccountUpgradedV2(EventBody):
        TYPE = "gas.account.upgraded.v2"
        reference: str

        @property
        def stream(self) -> str:
            return f"account/{self.user_id}"

    catalogue = Catalogue(
        [AccountUpgradedV2],
        {
            "gas.account.upgraded.v1": lambda old: (
                "gas.account.upgraded.v2",
                {"user_id": old["user_id"], "reference": old["payment_reference"]},
            )
        },
    )
    event = catalogue.parse(json.dumps(upgraded()))
    assert event.type == "gas.account.upgraded.v2"
    assert event.data == AccountUpgradedV2(user_id="u", reference="p")


def test_ids_sort_by_time() -> None:
    before = first_id_at(datetime.now(UTC) - timedelta(milliseconds=2))
    # Each id made in the same millisecond moves the time of the ids one millisecond ahead.
    after = first_id_at(datetime.now(UTC) + timedelta(minutes=1))
    ids = [new_id() for _ in range(1000)]
    assert before < min(ids) <= max(ids) < after
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_a_removed_or_newly_required_field_is_an_incompatible_change() -> None:
    schema = body_schema(AccountUpgraded)
    kept = {"user_id": schema["properties"]["user_id"]}
    shrunk = {**schema, "properties": kept, "required": ["user_id"]}
    assert incompatibilities(schema, shrunk) != []
    assert incompatibilities(shrunk, schema) != []  # payment_reference became required
    grown = {**schema, "properties": {**schema["properties"], "note": {"type": "string"}}}
    assert incompatibilities(schema, grown) == []
    retyped = json.loads(json.dumps(schema))
    retyped["properties"]["payment_reference"] = {"type": "integer"}
    assert incompatibilities(schema, retyped) != []
