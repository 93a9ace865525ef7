"""``python -m gas account``: from a login to Premium, to a suspension and back, on the emulator."""

from __future__ import annotations

import getpass
import json
import sys

import pytest

from gas.domain.account import SYSTEM_USER_ID
from gas.tables.profiles import DynamoProfileTable, Profile
from tests.integration.deployed import DeployedGas
from tests.integration.test_operator_commands import gas_command
from web import token_command

pytestmark = pytest.mark.integration


def logged_in(deployed: DeployedGas, email: str) -> str:
    user, _ = deployed.submitted()
    profiles = DynamoProfileTable(deployed.aws.dynamodb(), deployed.settings.prefix)
    profiles.save(Profile(user, "http://issuer", user, email, "Ada"))
    return user


def test_an_operator_gives_premium_and_takes_it_back(deployed: DeployedGas) -> None:
    user = logged_in(deployed, "ada.plan@example.org")
    given = gas_command(
        *(deployed, "account", "plan", "Ada.Plan@example.org", "premium"),
        *("--reason", "contract 7", "--by", "grace"),
    )
    assert given.stdout == f"{user} is on Premium\n", given.stderr
    taken = gas_command(deployed, "account", "plan", user, "free", "--reason", "contract ended")
    assert taken.stdout == f"{user} is on Free\n"
    shown = json.loads(gas_command(deployed, "account", "show", user).stdout)
    assert shown["email"] == "ada.plan@example.org"
    _, up, down = shown["history"]
    assert (up["event"], up["by"], up["reason"]) == ("upgraded", "grace", "contract 7")
    assert down["by"], "whoever is logged in here"
    assert deployed.differences() == []


def test_an_operator_suspends_and_restores(deployed: DeployedGas) -> None:
    user = logged_in(deployed, "eve@example.org")
    suspended = gas_command(deployed, "account", "suspend", "eve@example.org", "--reason", "abuse")
    assert f"{user} is on Free, suspended since 20" in suspended.stdout, suspended.stderr
    restored = gas_command(deployed, "account", "restore", user, "--reason", "cleared")
    assert restored.stdout == f"{user} is on Free\n"


def test_a_token_with_a_plan_is_made_where_the_system_knows_no_name(
    deployed: DeployedGas, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", nameless)
    monkeypatch.setenv("GAS_PREFIX", deployed.settings.prefix)
    monkeypatch.setenv("AWS_ENDPOINT_URL", deployed.settings.endpoint_url or "")
    words = ["web.token_command", "nameless@example.org", "--plan", "premium"]
    monkeypatch.setattr(sys, "argv", words)
    assert token_command.main() == 0
    assert len(capsys.readouterr().out.splitlines()[-1]) > 30
    shown = json.loads(gas_command(deployed, "account", "show", words[1]).stdout)
    assert [event.get("by") for event in shown["history"] if event["event"] == "upgraded"] == [
        "an operator"
    ]


def test_what_cannot_be_done_is_said_in_a_line(deployed: DeployedGas) -> None:
    logged_in(deployed, "two@example.org")
    logged_in(deployed, "two@example.org")
    assert gas_command(deployed, "account", "suspend", "two@example.org").returncode == 2
    for user, complaint in (
        ("nobody@example.org", "nobody has logged in"),
        ("00000000-0000-0000-0000-000000000000", "log in once"),
        ("two@example.org", "several users"),
    ):
        refused = gas_command(deployed, "account", "show", user)
        assert refused.returncode == 1
        assert complaint in refused.stderr
        assert "Traceback" not in refused.stderr
    of_system = gas_command(deployed, "account", "suspend", SYSTEM_USER_ID, "--reason", "r")
    assert of_system.returncode == 1
