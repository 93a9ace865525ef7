"""Pieces of a user's text as messages show them."""

from __future__ import annotations

import re

_MOST_BYTES = 40
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def shown(text: bytes, most_bytes: int = _MOST_BYTES) -> str:
    """A piece of the user's text, short, on one line, and in quotation marks."""
    words = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text[:most_bytes].decode("utf-8", "replace"))
    return f"“{words}…”" if len(text) > most_bytes else f"“{words}”"
