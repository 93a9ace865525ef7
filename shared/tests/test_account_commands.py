"""What an operator does with accounts, on in-memory ports."""

from __future__ import annotations

import pytest

from gas.account_commands import AccountAdministration, NoSuchUser, SeveralUsers
from gas.events import Plan
from gas.memory.profiles import MemoryProfileTable
from gas.tables.profiles import ApiToken, Profile
from tests.support.world import World

ADA = "6a1a1d34-54a5-5d3c-8f6e-000000000001"
EVE = "6a1a1d34-54a5-5d3c-8f6e-000000000002"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def administration(world: World) -> AccountAdministration:
    profiles = MemoryProfileTable()
    for user, email in ((ADA, "Ada@example.org"), (EVE, "eve@example.org")):
        world.register(user)
        profiles.save(Profile(user, "http://issuer", user, email, "Somebody"))
    return AccountAdministration(world.accounts, world.log, profiles, by="grace")


def test_a_user_is_found_by_id_or_by_address_in_any_case(
    administration: AccountAdministration,
) -> None:
    assert administration.find(ADA) == ADA
    assert administration.find(ADA.upper()) == ADA
    assert administration.find("ada@EXAMPLE.org") == ADA
    for unknown in ("nobody@example.org", ADA[:-1] + "9", "ada", ""):
        with pytest.raises(NoSuchUser):
            administration.find(unknown)


def test_of_two_users_with_one_address_none_is_guessed(
    administration: AccountAdministration,
) -> None:
    administration.profiles.save(Profile(EVE, "http://issuer", "x", "ada@example.org", "Eve"))
    with pytest.raises(SeveralUsers) as several:
        administration.find("ada@example.org")
    assert ADA in str(several.value)
    assert EVE in str(several.value)


def test_a_plan_is_given_and_taken_with_who_and_why(
    administration: AccountAdministration, world: World
) -> None:
    for plan in (Plan.PREMIUM, Plan.PREMIUM, Plan.FREE):
        assert administration.set_plan(ADA, plan, "contract 7").plan is plan
    _, up, down = world.log.read(f"account/{ADA}")
    assert up.data.model_dump()["by"] == down.data.model_dump()["by"] == "grace"
    assert up.data.model_dump()["reason"] == down.data.model_dump()["reason"] == "contract 7"


def test_what_is_shown_has_no_secret(administration: AccountAdministration) -> None:
    token = ApiToken("f" * 64, "abcd", "2026-01-01T00:00:00+00:00")
    administration.profiles.add_token(ADA, token, most=1)
    administration.suspend(ADA, "abuse")
    administration.restore(ADA, "cleared")
    administration.suspend(ADA, "again")
    shown = administration.show(ADA)
    assert "f" * 64 not in str(shown)
    assert shown["email"] == "Ada@example.org"
    assert (shown["plan"], shown["api_tokens"]) == ("free", 1)
    assert shown["suspended_at"]
    assert [(one["event"], one.get("by"), one.get("reason")) for one in shown["history"]] == [
        ("registered", None, None),
        ("suspended", "grace", "abuse"),
        ("reinstated", "grace", "cleared"),
        ("suspended", "grace", "again"),
    ]
