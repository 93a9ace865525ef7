"""Why an input cannot be annotated, in words that tell its owner what to do."""

from __future__ import annotations

from annotator.rules.rule import Rule
from annotator.rules.table import RULES
from gas.events import FailureCode


class Rejected(Exception):
    """The input is at fault. ``line`` counts the lines of the uncompressed file from 1.

    ``rule`` is the id of the rule of the specification that is broken, if it is one.
    """

    def __init__(
        self, code: FailureCode, message: str, line: int | None = None, rule: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.rule = rule

    def __reduce__(self) -> tuple[type[Rejected], tuple[FailureCode, str, int | None, str]]:
        return Rejected, (self.code, self.message, self.line, self.rule)

    def further_down(self, lines: int) -> Rejected:
        """The same, so many lines further down."""
        line = self.line + lines if self.line else None
        return Rejected(self.code, self.message, line, self.rule)


def not_vcf(message: str, line: int | None = None, rule: Rule | None = None) -> Rejected:
    """The file is something else than a VCF."""
    return Rejected(FailureCode.NOT_VCF, message, line, _id(rule))


def damaged(message: str) -> Rejected:
    """The file is incomplete or was changed on its way."""
    return Rejected(FailureCode.DAMAGED_FILE, message)


def changed() -> Rejected:
    """The file in storage is not the one that was submitted."""
    return Rejected(
        FailureCode.INPUT_CHANGED,
        "The uploaded file was replaced after it was submitted, and what was submitted is no longer"
        " kept. Upload the file again, and submit it.",
    )


def invalid(message: str, line: int, rule: Rule | None = None) -> Rejected:
    """The file is a VCF with a fault at ``line``."""
    return Rejected(FailureCode.INVALID_VCF, message, line, _id(rule))


def _id(rule: Rule | None) -> str:
    """The id of a rule; KeyError if the table lacks it, as nothing may be refused without one."""
    return RULES[rule.id].id if rule else ""


def wrong_build(message: str, line: int | None = None) -> Rejected:
    """The file does not fit the reference."""
    return Rejected(FailureCode.WRONG_BUILD, message, line)


def too_large(message: str, line: int | None = None) -> Rejected:
    """The file exceeds a limit."""
    return Rejected(FailureCode.LIMIT_EXCEEDED, message, line)
