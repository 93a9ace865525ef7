"""Profiles, in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gas.tables.profiles import ApiToken, Profile, new_mail_key


class MemoryProfileTable:
    """The profiles of all users."""

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}

    def get(self, user_id: str) -> Profile | None:
        return self._profiles.get(user_id)

    def with_email(self, email: str) -> list[Profile]:
        known = self._profiles.values()
        return [profile for profile in known if profile.email.lower() == email.lower()]

    def at_address(self, email: str) -> list[Profile]:
        return self.with_email(email)[:10]

    def save(self, profile: Profile) -> None:
        known = self._profiles.get(profile.user_id)
        kept = known or replace(profile, tokens=(), mail_key=new_mail_key())
        self._profiles[profile.user_id] = replace(
            profile, tokens=kept.tokens, zone=kept.zone, muted=kept.muted, mail_key=kept.mail_key
        )

    def update(self, profile: Profile) -> bool:
        if profile.user_id not in self._profiles:
            return False
        self.save(profile)
        return True

    def use_token(self, user_id: str, sha256: str, used_at: str) -> None:
        if profile := self._profiles.get(user_id):
            tokens = [
                replace(token, used_at=used_at) if token.sha256 == sha256 else token
                for token in profile.tokens
            ]
            self._profiles[user_id] = replace(profile, tokens=tuple(tokens))

    def set_zone(self, user_id: str, zone: str) -> None:
        if profile := self._profiles.get(user_id):
            self._profiles[user_id] = replace(profile, zone=zone)

    def mute(self, user_id: str, kinds: Collection[str]) -> None:
        if profile := self._profiles.get(user_id):
            self._profiles[user_id] = replace(profile, muted=tuple(sorted(kinds)))

    def remove_tokens(self, user_id: str) -> None:
        if profile := self._profiles.get(user_id):
            self._profiles[user_id] = replace(profile, tokens=())

    def remove(self, user_id: str) -> None:
        self._profiles.pop(user_id, None)

    def add_token(self, user_id: str, token: ApiToken, most: int) -> bool:
        profile = self._profiles[user_id]
        if len(profile.tokens) >= most:
            return False
        self._profiles[user_id] = replace(profile, tokens=(*profile.tokens, token))
        return True

    def remove_token(self, user_id: str, sha256: str) -> None:
        profile = self._profiles[user_id]
        kept = tuple(token for token in profile.tokens if token.sha256 != sha256)
        self._profiles[user_id] = replace(profile, tokens=kept)
