"""What was noticed about an input without refusing it: repairs, faults, records set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum

MOST_LISTED = 100_000
_MOST_SHOWN = 20


class Kind(StrEnum):
    """What a note is about."""

    REPAIR = "repair"
    FAULT = "fault"
    KEPT = "kept"
    LIMITED = "limited"


class Diagnostics:
    """Notes in the order of the file, the first 100,000 with their line, all of them counted."""

    def __init__(self) -> None:
        self._listed: list[tuple[Kind, int | None, str]] = []
        self._about: Counter[tuple[Kind, str]] = Counter()
        self._once: set[tuple[Kind, str]] = set()
        self.left_off = 0

    def add(self, kind: Kind, line: int | None, text: str, about: str = "") -> None:
        """Note ``text`` of a line, from 1; ``about`` is what is counted, if not the text."""
        self._about[kind, about or text] += 1
        if len(self._listed) < MOST_LISTED:
            self._listed.append((kind, line, text))
        else:
            self.left_off += 1

    def add_once(self, kind: Kind, line: int, text: str) -> None:
        """Note what need be said but once in a file."""
        if (kind, text) not in self._once:
            self._once.add((kind, text))
            self.add(kind, line, text)

    def add_all(self, kind: Kind, lines: Sequence[int], text: str) -> None:
        """Note the same of each of those lines."""
        room = max(MOST_LISTED - len(self._listed), 0)
        self._listed += [(kind, line, text) for line in lines[:room]]
        self._about[kind, text] += len(lines)
        self.left_off += max(len(lines) - room, 0)

    def take(self, other: Diagnostics, lines: int) -> None:
        """Add the notes of a later slice of the file, which begins so many lines further down."""
        room = max(MOST_LISTED - len(self._listed), 0)
        known = self._once & other._once
        shifted = [
            (kind, line + lines if line else None, text)
            for kind, line, text in other._listed
            if (kind, text) not in known
        ]
        self._listed += shifted[:room]
        self._about += other._about
        for said in known:
            self._about[said] = 1
        self._once |= other._once
        self.left_off += other.left_off + max(len(shifted) - room, 0)

    def count(self, kind: Kind) -> int:
        """How many there are of that kind."""
        return sum(times for (of, _), times in self._about.items() if of is kind)

    def counts(self, kind: Kind) -> dict[str, int]:
        """How often each thing was noted, most frequent first."""
        return {about: n for (of, about), n in self._about.most_common() if of is kind}

    def rows(self) -> Iterator[str]:
        """Each listed note as a line: kind, line of the file, text, separated by tabs."""
        for kind, line, text in self._listed:
            yield f"{kind}\t{'' if line is None else f'line {line}'}\t{text}"
        if self.left_off:
            yield f"note\t\tand {self.left_off:,} more"

    def shown(self) -> list[str]:
        """A few words on each thing that was noted, for a person."""
        first: dict[tuple[Kind, str], int | None] = {}
        for kind, line, text in self._listed:
            first.setdefault((kind, text), line)
        words = []
        for (kind, text), line in list(first.items())[:_MOST_SHOWN]:
            times = self._about[kind, text]
            more = f" (and {times - 1:,} more)" if times > 1 else ""
            words.append(f"line {line}: {text}{more}" if line else f"{text}{more}")
        return words
