"""Why an input cannot be annotated, in words that tell its owner what to do."""

from __future__ import annotations

from gas.events import FailureCode


class Rejected(Exception):
    """The input is at fault. ``line`` counts the lines of the uncompressed file from 1."""

    def __init__(self, code: FailureCode, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line

    def __reduce__(self) -> tuple[type[Rejected], tuple[FailureCode, str, int | None]]:
        return Rejected, (self.code, self.message, self.line)

    def further_down(self, lines: int) -> Rejected:
        """The same, so many lines further down."""
        return Rejected(self.code, self.message, self.line + lines if self.line else None)


def not_vcf(message: str, line: int | None = None) -> Rejected:
    """The file is something else than a VCF."""
    return Rejected(FailureCode.NOT_VCF, message, line)


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


def invalid(message: str, line: int) -> Rejected:
    """The file is a VCF with a fault at ``line``."""
    return Rejected(FailureCode.INVALID_VCF, message, line)


def wrong_build(message: str, line: int | None = None) -> Rejected:
    """The file does not fit the reference."""
    return Rejected(FailureCode.WRONG_BUILD, message, line)


def too_large(message: str, line: int | None = None) -> Rejected:
    """The file exceeds a limit."""
    return Rejected(FailureCode.LIMIT_EXCEEDED, message, line)
