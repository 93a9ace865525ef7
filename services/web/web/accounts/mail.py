"""Which mails a user gets: on the account page, and by the link in each mail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gas.domain.mail import OPTIONAL, MailKind, UnsubscribeLink
from gas.tables.profiles import Profile, ProfileTable

DESCRIPTIONS = {
    MailKind.COMPLETED: "A job is done, with its numbers",
    MailKind.FAILED: "A job failed, with what to do",
    MailKind.LEAVING: "A result moves to the archive tomorrow (where it stays for days before)",
    MailKind.ARCHIVED: "A result has moved to the archive",
    MailKind.RESTORED: "A result is back from the archive",
}
"""What users may stop; mails about the plan, new API tokens and the end of the account always
come."""


class ForeignLink(LookupError):
    """The link was not made by GAS for a user who is there."""


@dataclass(frozen=True, slots=True)
class MailChoice:
    """A kind of mail, and whether the user stopped it."""

    kind: MailKind
    is_stopped: bool

    @property
    def description(self) -> str:
        """What the mails are about."""
        return DESCRIPTIONS[self.kind]


def choices(profile: Profile) -> list[MailChoice]:
    """All kinds that the user may stop."""
    return [MailChoice(kind, kind in profile.muted) for kind in OPTIONAL]


def stop(profiles: ProfileTable, user_id: str, kinds: Collection[str]) -> None:
    """Stop those kinds and send all others; what is no such kind is left out."""
    profiles.mute(user_id, [kind for kind in OPTIONAL if kind in kinds])


def choice_of_link(profiles: ProfileTable, text: str) -> tuple[Profile, MailChoice]:
    """Whose link it is, and what it is about. Raises ForeignLink."""
    link = UnsubscribeLink.read(text)
    profile = profiles.get(link.user_id) if link else None
    if link is None or profile is None or not link.is_signed(profile.mail_key):
        raise ForeignLink
    return profile, MailChoice(link.kind, link.kind in profile.muted)


def choose(profiles: ProfileTable, text: str, *, is_stopped: bool) -> MailChoice:
    """Stop the mails that the link is about, or send them again; idempotent. Raises ForeignLink."""
    profile, choice = choice_of_link(profiles, text)
    others = set(profile.muted) - {choice.kind}
    stop(profiles, profile.user_id, others | ({choice.kind} if is_stopped else set()))
    return MailChoice(choice.kind, is_stopped)
