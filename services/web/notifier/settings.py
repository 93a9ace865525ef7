"""The settings of the notifier."""

from pydantic import Field

from gas.settings import DEVELOPMENT_ONLY, WorkerSettings


class NotifierSettings(WorkerSettings):
    """What the notifier needs in addition to other workers.

    ``public_url`` is where users reach the pages, for the links in mails; ``mail_from`` the
    sender's address, which SES must have verified; ``claim_seconds`` how long a claimed mail may
    take.
    """

    public_url: str = Field("http://127.0.0.1:5000", json_schema_extra=DEVELOPMENT_ONLY)
    # Longer than the SES client can take for one mail: four tries of 33 s each. A shorter claim
    # could expire while the mail is being sent, and another process would send it again.
    claim_seconds: int = Field(180, ge=1)
    mail_from: str = Field("gas@localhost.localdomain", json_schema_extra=DEVELOPMENT_ONLY)
