"""What SES reports about our mails: a permanent bounce or a complaint stops mail to the address.

The reports are SES's notifications (Amazon SES developer guide, "Amazon SNS notification contents
for Amazon SES"). Each of our mails has one recipient, who is the mail's ``destination``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gas.events import InvalidEvent
from gas.tables.suppressions import Cause, Suppression, SuppressionTable

logger = structlog.get_logger()

_MAX_DETAIL_CHARACTERS = 200


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Bounce(_Part):
    kind: str = Field(alias="bounceType")
    subtype: str = Field("", alias="bounceSubType")


class _Complaint(_Part):
    feedback: str | None = Field(None, alias="complaintFeedbackType")


class _Mail(_Part):
    destination: list[str] = Field(max_length=50)


class _Report(_Part):
    kind: str = Field(alias="notificationType")
    mail: _Mail | None = None
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None


def handle_feedback(body: str, suppressions: SuppressionTable, now: Callable[[], datetime]) -> None:
    """Stop mail to the address that the report is about, if it is of a kind that ends mail.

    Raises InvalidEvent where the body is no report of SES.
    """
    try:
        report = _Report.model_validate_json(body)
    except ValidationError as error:
        raise InvalidEvent(f"not a report of SES: {error.error_count()} faults") from None
    found = _cause(report)
    if found is None:
        logger.info("mail report without consequence", kind=report.kind)
        return
    cause, detail = found
    if report.mail is None or not report.mail.destination:
        raise InvalidEvent(f"a {cause} without its mail")
    for address in report.mail.destination:
        suppressions.add(address, Suppression(cause, detail[:_MAX_DETAIL_CHARACTERS], now()))
    # No address: who users are is in the table of profiles only.
    logger.warning("mail to an address stopped", cause=cause, detail=detail)


def _cause(report: _Report) -> tuple[Cause, str] | None:
    """Why mail must stop, with a detail; None where it need not."""
    match report:
        # Others are transient: a full mailbox, a server that is down. SES itself tries again.
        case _Report(kind="Bounce", bounce=_Bounce(kind="Permanent", subtype=subtype)):
            return Cause.BOUNCE, subtype
        case _Report(kind="Complaint", complaint=_Complaint(feedback="not-spam")):
            return None  # the reader took a complaint back
        case _Report(kind="Complaint", complaint=_Complaint(feedback=feedback)):
            return Cause.COMPLAINT, feedback or ""
    return None
