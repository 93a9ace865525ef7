"""The restorer's settings."""

from pydantic import Field

from gas.settings import ColdSettings


class RestorerSettings(ColdSettings):
    """How often reconciliation looks; each of its tasks has a period of its own besides."""

    reconcile_seconds: float = Field(30, gt=0)
