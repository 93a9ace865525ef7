"""What SES reports about mails, and what follows from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gas.events import InvalidEvent
from gas.memory.suppressions import MemorySuppressionTable
from gas.tables.suppressions import Cause
from notifier.feedback import handle_feedback
from tests.support.web_server import WebServer
from tests.support.world import BEGINNING

ADDRESS = "Ada@example.org"


def report(kind: str, **parts: Any) -> str:
    """A notification as SES sends it, as far as it matters here."""
    mail = {"messageId": "m", "source": "gas@example.org", "destination": [ADDRESS]}
    return json.dumps({"notificationType": kind, "mail": mail, **parts})


def bounce(kind: str) -> str:
    recipients = [{"emailAddress": f"Ada <{ADDRESS}>", "action": "failed", "status": "5.1.1"}]
    parts = {"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": recipients}
    return report("Bounce", bounce=parts)


def complaint(feedback: str | None) -> str:
    parts: dict[str, Any] = {"complainedRecipients": [{"emailAddress": ADDRESS}]}
    if feedback:
        parts["complaintFeedbackType"] = feedback
    return report("Complaint", complaint=parts)


STOPPING = {
    "permanent bounce": (bounce("Permanent"), Cause.BOUNCE, "General"),
    "complaint": (complaint("abuse"), Cause.COMPLAINT, "abuse"),
    "complaint without a reason": (complaint(None), Cause.COMPLAINT, ""),
}
HARMLESS = {
    "full mailbox": bounce("Transient"),
    "undetermined": bounce("Undetermined"),
    "no complaint after all": complaint("not-spam"),
    "delivery": report("Delivery", delivery={}),
    "test of SES": json.dumps({"notificationType": "AmazonSnsSubscriptionSucceeded"}),
}


@pytest.mark.parametrize("kind", STOPPING)
def test_a_bounce_or_a_complaint_stops_mail_to_the_address(kind: str) -> None:
    body, cause, detail = STOPPING[kind]
    suppressions = MemorySuppressionTable()
    handle_feedback(body, suppressions, lambda: BEGINNING)
    found = suppressions.get(ADDRESS)
    assert found is not None
    assert (found.cause, found.detail, found.at) == (cause, detail, BEGINNING)


@pytest.mark.parametrize("kind", HARMLESS)
def test_other_reports_stop_nothing(kind: str) -> None:
    suppressions = MemorySuppressionTable()
    handle_feedback(HARMLESS[kind], suppressions, lambda: BEGINNING)
    assert suppressions.get(ADDRESS) is None


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "{}", '{"notificationType": "Complaint", "complaint": {}}']
)
def test_what_is_no_report_is_refused_with_its_reason(body: str) -> None:
    with pytest.raises(InvalidEvent):
        handle_feedback(body, MemorySuppressionTable(), lambda: BEGINNING)


def test_the_account_page_says_that_mail_stopped_and_why() -> None:
    server = WebServer()
    user = server.user()
    assert "You get no mail" not in user.browser.get("/account").text
    handle_feedback(bounce("Permanent"), server.suppressions, lambda: BEGINNING)
    page = user.browser.get("/account").text
    assert "came back as undeliverable" in page
    handle_feedback(complaint("abuse"), server.suppressions, lambda: BEGINNING)
    assert "reported one of our mails as unwanted" in user.browser.get("/account").text
    assert server.suppressions.remove("ADA@example.org")
    assert "You get no mail" not in user.browser.get("/account").text
