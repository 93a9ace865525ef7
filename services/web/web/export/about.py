"""What an exported file says of itself: the question, the versions, and how to repeat it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

LIMITS = "For research use; not for diagnosis."


@dataclass(frozen=True, slots=True)
class About:
    """Where a file comes from.

    ``url`` is the whole address of the export without any secret, percent-encoded, so that it has
    no line breaks; ``question`` is its query. ``filters`` and ``order`` are the question in words.
    ``samples`` says whose the columns of genotypes are that the file has: ``s1`` is ``NA12878``.
    ``bundle`` and ``engine`` are names with versions. ``made_at`` is in UTC.
    """

    job_id: str
    filename: str
    url: str
    question: str
    filters: tuple[str, ...]
    order: str
    samples: Mapping[str, str]
    bundle: str
    engine: str
    software: str
    made_at: datetime

    @property
    def command(self) -> str:
        """The command that makes the same file again, with the reader's token in ``$TOKEN``."""
        return f'curl -fLOJ -H "Authorization: Bearer $TOKEN" {shlex.quote(self.url)}'

    def lines(self) -> list[tuple[str, str]]:
        """Each fact with its label, for a reader."""
        return [
            ("Input file", self.filename),
            ("Job", self.job_id),
            *(("Filter", text) for text in self.filters or ("none: all variants",)),
            ("Order", self.order),
            ("Question", self.question or "none"),
            *(("Sample", f"{short} is {name}") for short, name in self.samples.items()),
            ("Reference bundle", self.bundle),
            ("Consequence engine", self.engine),
            ("Software", self.software),
            ("Made at", f"{self.made_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("Repeat with", self.command),
            ("Limits", LIMITS),
        ]

    @property
    def header(self) -> list[str]:
        """The same for the header of a VCF: meta-information lines without ``##``."""
        return [
            f"GAS_filter={self.question or 'none'}",
            f"GAS_filter_in_words={_one_line('; '.join(self.filters) or 'all variants')}",
            f"GAS_filter_command={self.command}",
        ]

    def metadata(self) -> dict[str, str]:
        """The same for the key-value metadata of a Parquet file."""
        return {
            "gas.export.question": self.question,
            "gas.export.filters": "; ".join(self.filters),
            "gas.export.order": self.order,
            "gas.export.job": self.job_id,
            "gas.export.made_at": self.made_at.isoformat(timespec="seconds"),
            "gas.export.command": self.command,
        }


def _one_line(text: str) -> str:
    return " ".join(text.split())
