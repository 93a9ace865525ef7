"""Claims of effects that leave the system, such as mails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.memory.effect_claims import MemoryEffectClaims
from gas.messaging.effect_claims import Claim, DynamoEffectClaims, EffectClaims
from gas.settings import Settings
from tests.support.clock import ManualClock


@pytest.fixture
def effect_claims(settings: Settings | None, clock: ManualClock) -> EffectClaims:
    if settings is None:
        return MemoryEffectClaims(clock)
    return DynamoEffectClaims(
        Aws(settings).dynamodb(), settings.prefix, "test", claim_seconds=180, now=clock
    )


def test_an_effect_is_claimed_by_one_consumer_and_done_once(effect_claims: EffectClaims) -> None:
    event_id = new_id()
    assert effect_claims.claim(event_id) is Claim.OURS
    assert effect_claims.claim(event_id) is Claim.TAKEN
    effect_claims.complete(event_id)
    assert effect_claims.claim(event_id) is Claim.DONE


def test_a_claim_that_was_never_completed_can_be_taken_over(
    effect_claims: EffectClaims, clock: ManualClock
) -> None:
    event_id = new_id()
    assert effect_claims.claim(event_id) is Claim.OURS
    clock.time += timedelta(seconds=effect_claims.claim_seconds + 2)
    assert effect_claims.claim(event_id) is Claim.INHERITED
    effect_claims.complete(event_id)
    clock.time += timedelta(days=1)
    assert effect_claims.claim(event_id) is Claim.DONE


def test_a_released_claim_is_free_at_once_and_a_completed_one_stays(
    effect_claims: EffectClaims,
) -> None:
    event_id = new_id()
    assert effect_claims.claim(event_id) is Claim.OURS
    effect_claims.release(event_id)
    effect_claims.release(event_id)
    assert effect_claims.claim(event_id) is Claim.OURS
    effect_claims.complete(event_id)
    effect_claims.release(event_id)
    assert effect_claims.claim(event_id) is Claim.DONE
