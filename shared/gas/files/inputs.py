"""How the content of a job's input is named: by the event that submitted it."""

from __future__ import annotations

from gas.events import InputFile
from gas.files.bucket import Pin


def pin_of(file: InputFile) -> Pin:
    """What was submitted, however often the key was written since."""
    return Pin(file.etag, file.version_id)
