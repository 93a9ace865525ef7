"""Idempotency keys: a request that is sent again with its key gets the job that it made.

The same key with another request is a mistake of the caller, who must not be given the earlier job
in silence. So the hash of the request is kept with the key.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from gas.tables.uploads import KeyUse
from web.problems import Problem


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A user's key, and the SHA-256 of the request that it comes with."""

    key: str
    body_sha256: str

    @classmethod
    def of(cls, key: str | None, *request: object) -> IdempotencyKey | None:
        """The key with the hash of ``request``, its values as read; None without a key."""
        if not key:
            return None
        # As read, so that a default may be left out or spelt out.
        text = json.dumps(request)
        return cls(key, hashlib.sha256(text.encode()).hexdigest())

    def check(self, use: KeyUse) -> None:
        """Raise Problem (409) if the key was used for another request."""
        # Keys of earlier versions of GAS have no hash, for a week.
        if use.body_sha256 and use.body_sha256 != self.body_sha256:
            raise _reused(use.job_id)


def _reused(job_id: str) -> Problem:
    return Problem(
        409,
        "idempotency-key-reused",
        "The idempotency key was used before",
        f"This key came with another request before, which became job {job_id}. Send that request"
        " unchanged to get its job again, or this one with a new key to make a new job.",
        job_id=job_id,
    )
