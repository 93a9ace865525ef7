"""Profiles, in memory."""

from __future__ import annotations

from dataclasses import replace

from gas.tables.profiles import ApiToken, Profile


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
        tokens = known.tokens if known else ()
        self._profiles[profile.user_id] = replace(profile, tokens=tokens)

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
