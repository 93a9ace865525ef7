"""Suspended accounts: the rules, without any service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.domain.account import (
    SYSTEM_USER_ID,
    Downgrade,
    Reinstate,
    Suspend,
    Upgrade,
)
from gas.domain.errors import IllegalStep, NoSuchAggregate
from gas.domain.job_rules import ArchivePolicy, archive_due
from gas.events import Plan
from gas.eventstore.rows import account_from, account_row
from tests.support.world import GRACE, World

HOUR = timedelta(hours=1)
SUSPEND, REINSTATE = Suspend("ops", "abuse"), Reinstate("ops", "cleared")


def test_an_account_is_suspended_and_reinstated_once_each_with_who_and_why() -> None:
    world = World()
    user = world.register()
    assert not world.accounts.execute(user, REINSTATE).is_suspended
    suspended = world.accounts.execute(user, SUSPEND)
    assert suspended.is_suspended
    assert world.accounts.execute(user, SUSPEND) == suspended
    assert not world.accounts.execute(user, REINSTATE).is_suspended
    assert not world.accounts.execute(user, REINSTATE).is_suspended
    _, first, second = world.log.read(f"account/{user}")
    assert first.type == "gas.account.suspended.v1"
    assert second.type == "gas.account.reinstated.v1"
    said = [(event.data.by, event.data.reason) for event in (first, second)]  # type: ignore[attr-defined]
    assert said == [("ops", "abuse"), ("ops", "cleared")]


def test_a_suspension_leaves_the_plan_and_survives_its_change() -> None:
    world = World()
    user = world.register()
    world.accounts.execute(user, Upgrade("p"))
    assert world.accounts.execute(user, SUSPEND).plan is Plan.PREMIUM
    assert world.accounts.execute(user, Downgrade("r")).is_suspended
    back = world.accounts.execute(user, REINSTATE)
    assert (back.plan, back.is_suspended) == (Plan.FREE, False)
    assert account_from(account_row(back).item) == back


def test_nothing_of_a_suspended_account_is_due_and_the_grace_period_begins_anew() -> None:
    world = World()
    job = world.completed(world.register())
    world.pass_time(GRACE)
    account = world.accounts.execute(job.user_id, SUSPEND)
    assert archive_due(job, account, ArchivePolicy(GRACE)) is None
    world.pass_time(HOUR)
    account = world.accounts.execute(job.user_id, REINSTATE)
    assert archive_due(job, account, ArchivePolicy(GRACE)) == world.now() + GRACE


def test_who_is_not_there_and_the_system_are_not_suspended() -> None:
    world = World()
    with pytest.raises(NoSuchAggregate):
        world.accounts.execute("nobody", SUSPEND)
    world.register(SYSTEM_USER_ID)
    with pytest.raises(IllegalStep, match="system"):
        world.accounts.execute(SYSTEM_USER_ID, SUSPEND)


def test_a_plan_that_an_operator_gives_says_who_and_why() -> None:
    world = World()
    user = world.register()
    world.accounts.execute(user, Upgrade("operator", by="ops", reason="contract 7"))
    world.accounts.execute(user, Downgrade("contract ended", by="ops"))
    _, up, down = world.log.read(f"account/{user}")
    said = [(event.data.by, event.data.reason) for event in (up, down)]  # type: ignore[attr-defined]
    assert said == [("ops", "contract 7"), ("ops", "contract ended")]
