"""The notifier with the real tables and SES."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest

from gas.domain.job_rules import ArchivePolicy, Fail
from gas.events import FailureCode, new_id
from gas.messaging.delivery import ConsumerPolicy, MessageDelivery, ignore_given_up
from gas.messaging.effect_claims import DynamoEffectClaims
from gas.runtime.repositories import utc_now
from gas.tables.jobs import DynamoJobTable
from gas.tables.profiles import DynamoProfileTable, Profile
from gas.tables.recipients import DynamoRecipientTables
from gas.tables.suppressions import DynamoSuppressionTable
from local.client import mails_to
from notifier.contents import Site
from notifier.feedback import handle_feedback
from notifier.handler import handle
from notifier.ports import Ports
from notifier.sending import SesMailSender
from tests.integration.deployed import DeployedGas, eventually

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
        recipients=DynamoRecipientTables(dynamodb, prefix),
        profiles=profiles,
        effect_claims=DynamoEffectClaims(
            dynamodb, prefix, "notifier", claim_seconds=180, now=utc_now
        ),
        mail_sender=SesMailSender(deployed.aws.ses()),
        site=Site("http://gas"),
        archive_policy=ArchivePolicy(timedelta(minutes=5)),
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


def test_a_bounce_comes_over_the_topic_and_stops_mail(deployed: DeployedGas) -> None:
    address = f"{new_id()}@example.org"
    report = {
        "notificationType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bounceSubType": "General"},
        "mail": {"destination": [address]},
    }
    topic = deployed.settings.topic_arn("mail-feedback")
    deployed.aws.sns().publish(TopicArn=topic, Message=json.dumps(report))
    queue = deployed.queue("notifier-feedback")
    table = DynamoSuppressionTable(deployed.aws.dynamodb(), deployed.settings.prefix)
    handler = partial(handle_feedback, suppressions=table, now=utc_now)
    delivery = MessageDelivery(queue, handler, ignore_given_up, ConsumerPolicy(), utc_now)

    def is_stopped() -> bool:
        for message in queue.receive(1, 1, 30):
            delivery.deliver(message)
        return table.get(address) is not None

    eventually(is_stopped)
    assert queue.depth() == 0
