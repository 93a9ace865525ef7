"""Where a result file comes from, in its own metadata: the job's first event, whole.

So a job that the log has lost can be submitted again, with the same id, input and wishes.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping

from gas.events import CATALOGUE, Event, InvalidEvent, JobSubmitted, UnknownEventType

NAME = "gas-submitted"
# S3 takes 2 KB of metadata for an object, names included.
_MAX_CHARACTERS = 1_900
# An event is smaller by far; metadata of another program must not fill the memory.
_MAX_BYTES = 1 << 20


def metadata_of(submitted: Event) -> dict[str, str]:
    """The metadata of the results of the job of that event; none if S3 would not take as much."""
    packed = zlib.compress(submitted.to_json().encode(), 9)
    text = base64.b64encode(packed).decode("ascii")
    return {NAME: text} if len(text) <= _MAX_CHARACTERS else {}


def submitted_in(metadata: Mapping[str, str]) -> Event | None:
    """The event in the metadata of a result, or None where there is no such event."""
    try:
        packed = base64.b64decode(metadata.get(NAME, ""), validate=True)
        text = zlib.decompressobj().decompress(packed, _MAX_BYTES)
        event = CATALOGUE.parse(text.decode())
    except (binascii.Error, zlib.error, UnicodeDecodeError, InvalidEvent, UnknownEventType):
        return None
    return event if isinstance(event.data, JobSubmitted) else None
