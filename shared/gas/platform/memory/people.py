"""Profiles and progress, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from gas.events import Lane
from gas.platform.profiles import ApiToken, Profile
from gas.platform.progress import Progress


class MemoryProfileTable:
    """Profiles by user."""

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}

    def get(self, user_id: str) -> Profile | None:
        return self._profiles.get(user_id)

    def remember(self, profile: Profile) -> None:
        known = self._profiles.get(profile.user_id)
        tokens = known.tokens if known else ()
        self._profiles[profile.user_id] = replace(profile, tokens=tokens)

    def add_token(self, user_id: str, token: ApiToken) -> None:
        profile = self._profiles[user_id]
        self._profiles[user_id] = replace(profile, tokens=(*profile.tokens, token))

    def remove_token(self, user_id: str, sha256: str) -> None:
        profile = self._profiles[user_id]
        kept = tuple(token for token in profile.tokens if token.sha256 != sha256)
        self._profiles[user_id] = replace(profile, tokens=kept)


class MemoryProgressTable:
    """The latest progress of each job."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._told: dict[str, Progress] = {}
        self._paces: dict[Lane, float] = {}

    def tell(self, job_id: str, fraction: float, variants: int, attempt: int) -> None:
        self._told[job_id] = Progress(min(max(fraction, 0.0), 1.0), variants, attempt, self._now())

    def tell_pace(self, lane: Lane, seconds: float) -> None:
        self._paces[lane] = seconds

    def pace(self, lane: Lane) -> float | None:
        return self._paces.get(lane)

    def get(self, job_id: str) -> Progress | None:
        return self._told.get(job_id)
