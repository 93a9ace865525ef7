"""Annotates a part, wherever: its bytes in, its outputs and then ``done.json`` out."""

from __future__ import annotations

from annotator.scatter.plan import PartDone
from annotator.scatter.workplace import Workplace


def annotate_part(root: str, number: int, place: Workplace) -> PartDone:
    """Annotate part ``number``, from 0, of the plan below ``root``; what is done is not done again.

    A part whose records are refused is done too: ``refused`` says why. Raises NoSuchFile,
    FileChanged, EngineFailed, DatabaseUnusable, Stopped, and what ``on_tick`` raises; then nothing
    of the try counts.
    """
    raise NotImplementedError
