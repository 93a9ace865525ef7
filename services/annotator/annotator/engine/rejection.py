"""Why an input cannot be annotated, in words that tell its owner what to do."""

from gas.events import FailureCode


class Rejected(Exception):
    """The input is at fault. ``line`` counts the lines of the uncompressed file from 1."""

    def __init__(self, code: FailureCode, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line


def not_vcf(message: str, line: int | None = None) -> Rejected:
    """The file is something else than a VCF."""
    return Rejected(FailureCode.NOT_VCF, message, line)


def damaged(message: str) -> Rejected:
    """The file is incomplete or was changed on its way."""
    return Rejected(FailureCode.DAMAGED_FILE, message)


def invalid(message: str, line: int) -> Rejected:
    """The file is a VCF with a fault at ``line``."""
    return Rejected(FailureCode.INVALID_VCF, message, line)


def wrong_build(message: str, line: int | None = None) -> Rejected:
    """The file does not fit the reference."""
    return Rejected(FailureCode.WRONG_BUILD, message, line)


def too_large(message: str, line: int | None = None) -> Rejected:
    """The file exceeds a limit."""
    return Rejected(FailureCode.LIMIT_EXCEEDED, message, line)
