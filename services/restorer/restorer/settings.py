"""The restorer's settings."""

from pydantic import Field

from gas.settings import ColdSettings


class RestorerSettings(ColdSettings):
    """``reconcile_seconds``: how often reconciliation checks which of its tasks are due."""

    reconcile_seconds: float = Field(30, gt=0)
