"""The settings of the notifier."""

from pydantic import Field

from gas.settings import DEVELOPMENT_ONLY, WorkerSettings


class NotifierSettings(WorkerSettings):
    """What the notifier needs besides."""

    public_url: str = Field("http://127.0.0.1:5000", json_schema_extra=DEVELOPMENT_ONLY)
    # Longer than four tries of 33 s each, after which the mail service has certainly answered.
    claim_seconds: int = Field(180, ge=1)
    mail_from: str = Field("gas@localhost.localdomain", json_schema_extra=DEVELOPMENT_ONLY)
