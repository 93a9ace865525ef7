"""What operators do while stories are played: with accounts without faults, recovery with them."""

from __future__ import annotations

from gas.account_commands import AccountAdministration
from gas.aws.clients import Aws
from gas.recovery.command import ports_for
from gas.recovery.ports import Ports
from gas.runtime.repositories import account_repository, write_context_for
from gas.settings import ColdSettings
from tests.crash.installation import Installation


def administration_of(installation: Installation) -> AccountAdministration:
    """The operator's commands on that installation."""
    context = write_context_for(
        "operator", installation.settings, installation.aws, installation.clock
    )
    profiles = installation.web_ports.accounts.profiles
    accounts = account_repository(context)
    return AccountAdministration(accounts, context.log, profiles, by="an operator")


def recovery_ports_of(installation: Installation) -> Ports:
    """What ``python -m gas recover`` works with there; each of its calls may fail."""
    common = installation.settings
    settings = ColdSettings(prefix=common.prefix, endpoint_url=common.endpoint_url)
    aws = Aws(settings)
    installation.injector.hook_into(aws.events)
    context = write_context_for("operator", settings, aws, installation.clock)
    return ports_for(settings, aws, context)
