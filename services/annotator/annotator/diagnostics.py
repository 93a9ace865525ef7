"""What was noticed about an input without refusing it: repairs, faults, records set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Self

from annotator.rules.rule import Rule
from annotator.rules.table import RULES

MOST_LISTED = 100_000
MOST_WORDED = 100
"""Of the faults of one kind in one block, so many are described one by one."""
_MOST_SHOWN = 20
_FIRST_LINES = 5
_MOST_SUBJECTS = 20


class Kind(StrEnum):
    """What a note is about."""

    REPAIR = "repair"
    FAULT = "fault"
    KEPT = "kept"
    LIMITED = "limited"
    UNRESOLVED = "unresolved"


class _Subject(NamedTuple):
    """What is counted: the kind, the rule that is broken (or none), the words for all of them."""

    kind: Kind
    rule: str
    about: str


class _Note(NamedTuple):
    subject: _Subject
    line: int | None
    text: str


class Diagnostics:
    """Notes, the first 100,000 with their line, all of them counted.

    They are shown in the order of lines, those of no line last: blocks are looked at check by
    check, and where blocks end is not to be seen.
    """

    def __init__(self) -> None:
        self._listed: list[_Note] = []
        self._about: Counter[_Subject] = Counter()
        self._once: set[_Subject] = set()
        self.left_off = 0

    def add(self, kind: Kind, line: int | None, text: str, about: str = "") -> None:
        """Note ``text`` of a line, from 1; ``about`` is what is counted, if not the text."""
        subject = _Subject(kind, "", about or text)
        self._about[subject] += 1
        self._list([_Note(subject, line, text)])

    def breach(self, rule: Rule, line: int | None, text: str, about: str = "") -> None:
        """Note that a line breaks a rule; nothing is said of a rule that the table lacks."""
        if rule.id in RULES:
            subject = _Subject(Kind.FAULT, rule.id, about or text)
            self._about[subject] += 1
            self._list([_Note(subject, line, text)])

    def breach_once(self, rule: Rule, line: int, text: str) -> None:
        """Note what need be said but once in a file."""
        self.add_once(Kind.FAULT, rule, line, text)

    def add_once(self, kind: Kind, rule: Rule, line: int, text: str) -> None:
        """Note what breaks a rule and need be said but once in a file."""
        subject = _Subject(kind, rule.id, text)
        if rule.id in RULES and subject not in self._once:
            self._once.add(subject)
            self.add_all(kind, [line], text, rule)

    def breaches(
        self, rule: Rule, lines: Sequence[int], about: str, text: Callable[[int], str] | None = None
    ) -> None:
        """Note that each of those lines breaks a rule; ``text`` gives the words for one of them.

        Only the first of them have words of their own: a file may have millions.
        """
        if rule.id not in RULES or not lines:
            return
        subject = _Subject(Kind.FAULT, rule.id, about)
        self._about[subject] += len(lines)
        worded = lines[:MOST_WORDED] if text else lines
        self._list(
            [_Note(subject, line, text(n) if text else about) for n, line in enumerate(worded)]
        )
        self.left_off += len(lines) - len(worded)

    def add_all(
        self, kind: Kind, lines: Sequence[int | None], text: str, rule: Rule | None = None
    ) -> None:
        """Note the same of each of those lines; ``rule`` is what they break, if it is a rule."""
        if not lines or (rule and rule.id not in RULES):
            return
        subject = _Subject(kind, rule.id if rule else "", text)
        self._about[subject] += len(lines)
        self._list([_Note(subject, line, text) for line in lines])

    def _list(self, notes: list[_Note]) -> None:
        room = max(MOST_LISTED - len(self._listed), 0)
        self._listed += notes[:room]
        self.left_off += max(len(notes) - room, 0)

    def take(self, other: Diagnostics, lines: int) -> None:
        """Add the notes of a later slice of the file, which begins so many lines further down."""
        known = self._once & other._once
        shifted = [
            note._replace(line=note.line + lines if note.line else None)
            for note in other._listed
            if note.subject not in known
        ]
        self._list(shifted)
        self._about += other._about
        for said in known:
            self._about[said] = 1
        self._once |= other._once
        self.left_off += other.left_off

    def as_document(self) -> dict[str, Any]:
        """All of it, for ``of_document``."""
        subjects = {subject: number for number, subject in enumerate(self._about)}
        return {
            "subjects": [
                [*subject, times, subject in self._once] for subject, times in self._about.items()
            ],
            "notes": [[subjects[note.subject], note.line, note.text] for note in self._listed],
            "left_off": self.left_off,
        }

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Self:
        """What ``as_document`` gave."""
        found, subjects = cls(), []
        for kind, rule, about, times, is_once in document["subjects"]:
            subject = _Subject(Kind(kind), rule, about)
            subjects.append(subject)
            found._about[subject] = times
            found._once |= {subject} if is_once else set()
        found._listed = [_Note(subjects[of], line, text) for of, line, text in document["notes"]]
        found.left_off = document["left_off"]
        return found

    def renumbered(self, lines: Sequence[int | None]) -> Diagnostics:
        """The same, of the file that this was made of; ``lines`` are its lines of each of ours."""
        other = Diagnostics()
        other._about, other._once, other.left_off = self._about, self._once, self.left_off
        other._listed = [
            note._replace(line=lines[note.line - 1] if note.line else None) for note in self._listed
        ]
        return other

    def listed(self, kind: Kind) -> list[tuple[int | None, str]]:
        """Line and text of those of that kind that are listed."""
        return [(note.line, note.text) for note in self._listed if note.subject.kind is kind]

    def count(self, kind: Kind) -> int:
        """How many there are of that kind."""
        return sum(times for subject, times in self._about.items() if subject.kind is kind)

    def rows(self) -> Iterator[str]:
        """Each listed note as a line: kind, line of the file, text, separated by tabs."""
        for note in self._in_order():
            line = "" if note.line is None else f"line {note.line}"
            yield f"{note.subject.kind}\t{line}\t{note.text}"
        if self.left_off:
            yield f"note\t\tand {self.left_off:,} more"

    def shown(self) -> list[str]:
        """A few words on each thing that was noted, for a person."""
        words = []
        for subject, notes in list(self._first().items())[:_MOST_SHOWN]:
            times, first = self._about[subject], notes[0]
            more = f" (and {times - 1:,} more)" if times > 1 else ""
            text = f"line {first.line}: {first.text}" if first.line else first.text
            words.append(f"{text}{more}")
        return words

    def as_json(self) -> list[dict[str, Any]]:
        """Each kind of note with its count and its first lines, in the order of the file.

        A file may break a rule in as many ways as it has names: after some of them, the others of
        that rule are counted together.
        """
        found = []
        times: Counter[tuple[Kind, str]] = Counter()
        others: Counter[_Subject] = Counter()
        for subject, notes in self._first().items():
            of = (subject.kind, subject.rule)
            times[of] += 1
            if times[of] > _MOST_SUBJECTS:
                others[_Subject(*of, "others of this kind")] += self._about[subject]
            else:
                found.append(_document(subject, self._about[subject], notes))
        return found + [_document(subject, count, []) for subject, count in others.items()]

    def _in_order(self) -> list[_Note]:
        return sorted(self._listed, key=lambda note: (note.line is None, note.line))

    def _first(self) -> dict[_Subject, list[_Note]]:
        """The first notes of each subject."""
        first: dict[_Subject, list[_Note]] = {}
        for note in self._in_order():
            notes = first.setdefault(note.subject, [])
            if len(notes) < _FIRST_LINES:
                notes.append(note)
        return first


def _document(subject: _Subject, count: int, notes: list[_Note]) -> dict[str, Any]:
    return {
        "kind": subject.kind.value,
        "rule": subject.rule or None,
        "about": subject.about,
        "count": count,
        "first": [{"line": note.line, "text": note.text} for note in notes],
    }
