"""The CloudEvents 1.0 envelope around every body (https://github.com/cloudevents/spec).

An event is JSON with lower-case attribute names; ``data`` is a JSON object. Two events with the
same ``source`` and ``id`` are duplicates. ``subject`` is the stream, ``streamversion`` the position
in it.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from gas.events.bodies import EventBody


def schema_uri(event_type: str) -> str:
    """The ``dataschema`` of an event type, also the ``$id`` of its file in ``shared/schemas``."""
    return f"urn:gas:schema:{event_type}"


class Event(BaseModel):
    """One event: what happened, to which stream (``subject``), when, in which service (``source``).

    ``streamversion`` counts from 1 without gaps. ``causationid`` is the id of the event that led to
    this one, ``correlationid`` the id of the first event of that chain.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(min_length=1)
    time: AwareDatetime
    type: str
    source: str = Field(min_length=1)
    subject: str
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    streamversion: int = Field(ge=1)
    correlationid: str
    causationid: str | None = None
    traceparent: str | None = None
    data: SerializeAsAny[EventBody]

    @model_validator(mode="after")
    def _envelope_fits_body(self) -> Self:
        if self.subject != self.data.stream:
            raise ValueError(f"subject is {self.subject!r}, the body's is {self.data.stream!r}")
        if self.type != self.data.TYPE:
            raise ValueError(f"type is {self.type!r}, the body's is {self.data.TYPE!r}")
        return self

    @classmethod
    def of(
        cls,
        body: EventBody,
        *,
        id: str,
        time: AwareDatetime,
        source: str,
        streamversion: int,
        cause: Event | None = None,
        traceparent: str | None = None,
    ) -> Event:
        """Put ``body`` in an envelope; the correlation id is taken from ``cause``.

        So is the trace context, unless ``traceparent`` is that of a span of this event.
        """
        return cls(
            id=id,
            time=time,
            type=body.TYPE,
            source=source,
            subject=body.stream,
            dataschema=schema_uri(body.TYPE),
            streamversion=streamversion,
            correlationid=cause.correlationid if cause else id,
            causationid=cause.id if cause else None,
            traceparent=traceparent or (cause.traceparent if cause else None),
            data=body,
        )

    def to_json(self) -> str:
        """The event as CloudEvents JSON; attributes without a value are left out."""
        return self.model_dump_json(exclude={"data"}, exclude_none=True)[:-1] + (
            f',"data":{self.data.model_dump_json()}}}'
        )
