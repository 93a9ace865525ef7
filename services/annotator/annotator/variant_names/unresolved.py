"""Why a name stands for no variant of the reference."""

from __future__ import annotations


class Unresolved(Exception):
    """The name cannot be resolved; the message says why, for its owner."""
