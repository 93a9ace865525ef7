"""What an operator does with accounts while stories are played: without faults."""

from __future__ import annotations

from gas.account_commands import AccountAdministration
from gas.runtime.repositories import account_repository, write_context_for
from tests.crash.installation import Installation


def administration_of(installation: Installation) -> AccountAdministration:
    """The operator's commands on that installation."""
    context = write_context_for(
        "operator", installation.settings, installation.aws, installation.clock
    )
    profiles = installation.web_ports.accounts.profiles
    accounts = account_repository(context)
    return AccountAdministration(accounts, context.log, profiles, by="an operator")
