"""Mails about accounts: all essential, so nobody can stop them."""

from __future__ import annotations

from datetime import datetime

from gas.domain.job_rules import ArchivePolicy
from gas.domain.mail import MailKind
from gas.events import (
    AccountBody,
    AccountDowngraded,
    AccountErased,
    AccountTokenCreated,
    AccountUpgraded,
)
from notifier.contents import Content, Site
from notifier.zones import local_time


def account_content(
    body: AccountBody, at: datetime, zone: str, site: Site, policy: ArchivePolicy
) -> Content | None:
    """The mail about an event of an account, which was at ``at``; None if there is no mail."""
    when = local_time(at, zone)
    match body:
        case AccountUpgraded():
            return _upgraded(when, site)
        case AccountDowngraded():
            leaves = local_time(at + policy.grace, zone)
            return _downgraded(when, leaves, site)
        case AccountTokenCreated(hint=hint):
            return _token(hint, when, site)
        case AccountErased():
            return _erased()
    return None


def _upgraded(when: str, site: Site) -> Content:
    return Content(
        MailKind.PLAN,
        "You are on Premium now",
        "You are on Premium now",
        (
            "Every result stays available for download. What is in the archive comes back by"
            " itself within minutes to hours, and we mail you when it is there.",
        ),
        (("Since", when),),
        ("See your plan", site.account),
    )


def _downgraded(when: str, leaves: str, site: Site) -> Content:
    return Content(
        MailKind.PLAN,
        "You are on Free now",
        "You are on Free now",
        (
            f"Finished results move to the archive from {leaves} on. Download before then what you"
            " need at hand. Nothing is lost: an upgrade brings archived results back.",
        ),
        (("Since", when), ("Results move from", leaves)),
        ("See your results", f"{site.url}/jobs"),
    )


def _token(hint: str, when: str, site: Site) -> Content:
    return Content(
        MailKind.TOKEN,
        "A new API token was created",
        "A new API token was created",
        (
            "Whoever has it can use GAS in your name. If it was you, there is nothing to do. If it"
            " was not, revoke the token on the account page and sign out everywhere.",
        ),
        (("Token", f"gas_…{hint}"), ("Created", when)),
        ("See your tokens", site.account),
    )


def _erased() -> Content:
    return Content(
        MailKind.ERASED,
        "Your account is deleted",
        "Your account is deleted",
        (
            "Your account was closed, and now everything of yours is deleted: uploads, results,"
            " what was in the archive, notes and links. With this mail we delete your name and"
            " address too.",
            "If you log in again, you begin a new, empty account.",
        ),
    )
