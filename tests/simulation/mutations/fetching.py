"""Faults of files by address."""

from __future__ import annotations

from typing import Any

import web.jobs.from_address
from annotator import input_fetch
from tests.simulation.mutations.registry import Patches, mutation
from web.jobs.idempotency import IdempotencyKey


@mutation
def an_address_is_never_forgotten() -> Patches:
    return [(input_fetch, "forget", lambda job, ports: None)]


@mutation
def a_double_click_on_an_address_makes_two_jobs() -> Patches:
    class Keyless:
        @staticmethod
        def of(_: str | None, *parts: Any) -> IdempotencyKey | None:
            """Forget which form it is."""
            return IdempotencyKey.of(None, *parts)

    return [(web.jobs.from_address, "IdempotencyKey", Keyless)]
