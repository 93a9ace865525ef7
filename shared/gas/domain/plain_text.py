"""Characters that change how a text is shown or split without being seen themselves."""

from __future__ import annotations

import unicodedata

# Control, format (such as right-to-left overrides), surrogate, line and paragraph separator.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_REPLACEMENT = "\ufffd"


def hidden_characters(text: str) -> tuple[str, ...]:
    """The hidden characters of ``text``, in their order, each as often as it is there."""
    return tuple(c for c in text if unicodedata.category(c) in _HIDDEN)


def without_hidden(text: str) -> str:
    """The text with U+FFFD, the replacement character, for each hidden one."""
    return "".join(_REPLACEMENT if unicodedata.category(c) in _HIDDEN else c for c in text)
