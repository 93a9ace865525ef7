"""The notifier with the real tables and SES."""

from __future__ import annotations

import pytest

from gas.domain.job_rules import Fail
from gas.events import FailureCode
from gas.messaging.effect_claims import DynamoEffectClaims
from gas.runtime.repositories import utc_now
from gas.tables.accounts import DynamoAccountTable
from gas.tables.jobs import DynamoJobTable
from gas.tables.profiles import DynamoProfileTable, Profile
from local.client import mails_to
from notifier.handler import Ports, SesMailSender, handle
from tests.integration.deployed import DeployedGas

pytestmark = pytest.mark.integration


def test_a_mail_is_sent_once_by_ses(deployed: DeployedGas) -> None:
    user, job_id = deployed.submitted()
    address = f"{user}@example.org"
    dynamodb, prefix = deployed.aws.dynamodb(), deployed.settings.prefix
    profiles = DynamoProfileTable(dynamodb, prefix)
    profiles.save(Profile(user, "i", "s", address, "Zoë"))
    deployed.aws.ses().verify_email_identity(EmailAddress="gas@localhost.localdomain")
    ports = Ports(
        job_table=DynamoJobTable(dynamodb, prefix),
        account_table=DynamoAccountTable(dynamodb, prefix),
        profiles=profiles,
        effect_claims=DynamoEffectClaims(
            dynamodb, prefix, "notifier", claim_seconds=180, now=utc_now
        ),
        mail_sender=SesMailSender(deployed.aws.ses()),
        public_url="http://gas",
        mail_from="gas@localhost.localdomain",
        now=utc_now,
    )
    deployed.jobs.execute(job_id, Fail(FailureCode.NOT_VCF, "This is not a VCF file.", 1))
    event = deployed.write_context.log.read(f"job/{job_id}")[-1]
    handle(event, ports)
    handle(event, ports)
    mails = mails_to(deployed.settings.endpoint_url or "", address)
    assert len(mails) == 1
    subject, text = mails[0]
    assert subject == "f could not be annotated"
    assert "not_vcf" in text
    assert f"http://gas/jobs/{job_id}" in text
