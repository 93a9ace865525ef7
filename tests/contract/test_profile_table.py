"""The table of profiles and API tokens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.memory.profiles import MemoryProfileTable
from gas.settings import Settings
from gas.tables.profiles import ApiToken, DynamoProfileTable, Profile, ProfileTable


@pytest.fixture
def profiles(settings: Settings | None) -> ProfileTable:
    if settings is None:
        return MemoryProfileTable()
    return DynamoProfileTable(Aws(settings).dynamodb(), settings.prefix)


def test_users_are_found_by_their_address(profiles: ProfileTable) -> None:
    users = [new_id() for _ in range(3)]
    name = users[0]
    for user, email in zip(
        users, (f"{name}@a.org", f"{name.upper()}@A.org", "x@a.org"), strict=True
    ):
        profiles.save(Profile(user, "http://issuer", user, email, "Ada"))
    found = profiles.with_email(f"{name}@a.org")
    assert {profile.user_id for profile in found} == set(users[:2])
    assert profiles.with_email("nobody@a.org") == []
    by_index = profiles.at_address(f"{name}@A.ORG")
    assert {profile.user_id for profile in by_index} == set(users[:2])
    profiles.save(Profile(users[0], "http://issuer", users[0], f"new-{name}@a.org", "Ada"))
    assert [found.user_id for found in profiles.at_address(f"{name}@a.org")] == [users[1]]
    assert profiles.at_address("nobody@a.org") == []


def test_a_changed_profile_keeps_its_tokens(profiles: ProfileTable) -> None:
    user = new_id()
    assert profiles.get(user) is None
    ada = Profile(user, "http://issuer", "sub", "ada@example.org", "Ada")
    profiles.save(ada)
    token = ApiToken("f" * 64, "abcd", "2026-01-01T00:00:00+00:00")
    assert profiles.add_token(user, token, most=1)
    profiles.save(Profile(user, "http://issuer", "sub", "new@example.org", "Ada L"))
    found = profiles.get(user)
    assert found is not None
    assert (found.email, found.name, found.tokens) == ("new@example.org", "Ada L", (token,))
    profiles.remove_token(user, token.sha256)
    profiles.remove_token(user, token.sha256)
    changed = profiles.get(user)
    assert changed is not None
    assert changed.tokens == ()


def test_a_profile_that_is_gone_does_not_come_back(profiles: ProfileTable) -> None:
    user = new_id()
    ada = Profile(user, "http://issuer", "sub", "ada@example.org", "Ada")
    assert not profiles.update(ada)
    profiles.remove_tokens(user)
    assert profiles.get(user) is None
    profiles.save(ada)
    profiles.add_token(user, ApiToken("f" * 64, "abcd", "2026-01-01T00:00:00+00:00"), most=1)
    assert profiles.update(replace(ada, name="Ada L"))
    profiles.remove_tokens(user)
    found = profiles.get(user)
    assert found is not None
    assert (found.name, found.tokens) == ("Ada L", ())
    for _ in range(2):
        profiles.remove(user)
        assert profiles.get(user) is None
    assert not profiles.update(ada)
    assert profiles.get(user) is None


def test_a_profile_has_no_more_tokens_than_are_allowed(profiles: ProfileTable) -> None:
    user = new_id()
    profiles.save(Profile(user, "http://issuer", "sub", "ada@example.org", "Ada"))
    first, second, third = (
        ApiToken(letter * 64, letter * 4, "2026-01-01T00:00:00+00:00") for letter in "abc"
    )
    assert profiles.add_token(user, first, most=2)
    assert profiles.add_token(user, second, most=2)
    assert not profiles.add_token(user, third, most=2)
    found = profiles.get(user)
    assert found is not None
    assert set(found.tokens) == {first, second}
    profiles.remove_token(user, first.sha256)
    assert profiles.add_token(user, third, most=2)


def test_use_of_tokens_zone_and_stopped_mails_are_kept_over_logins(profiles: ProfileTable) -> None:
    user, ada = new_id(), Profile(new_id(), "http://issuer", "sub", "ada@example.org", "Ada")
    ada = replace(ada, user_id=user)
    profiles.set_zone(user, "Asia/Tokyo")
    profiles.mute(user, ["archived"])
    profiles.use_token(user, "f" * 64, "2026-01-02T00:00:00+00:00")
    assert profiles.get(user) is None, "no change makes a profile"
    profiles.save(ada)
    token = ApiToken("f" * 64, "abcd", "2026-01-01T00:00:00+00:00", name="laptop")
    profiles.add_token(user, token, most=1)
    profiles.use_token(user, token.sha256, "2026-01-02T00:00:00+00:00")
    profiles.use_token(user, "0" * 64, "2026-01-02T00:00:00+00:00")
    profiles.set_zone(user, "Europe/Berlin")
    profiles.mute(user, {"restored", "archived"})
    first = profiles.get(user)
    profiles.save(ada)
    assert first is not None
    assert profiles.get(user) == first
    assert (first.zone, first.muted) == ("Europe/Berlin", ("archived", "restored"))
    assert first.tokens == (replace(token, used_at="2026-01-02T00:00:00+00:00"),)
    assert len(bytes.fromhex(first.mail_key)) == 32
    profiles.mute(user, ())
    found = profiles.get(user)
    assert found is not None
    assert found.muted == ()
