"""Mails are sent once, whatever fails on the way, and not to who wants or gets none."""

import dataclasses
from datetime import timedelta
from email.message import EmailMessage
from functools import partial

import pytest
from botocore.exceptions import ClientError

from gas.domain.account import SYSTEM_USER_ID
from gas.events import CATALOGUE
from gas.memory.queue import MemoryQueue
from gas.messaging.delivery import (
    ConsumerPolicy,
    MessageDelivery,
    ignore_given_up,
)
from gas.messaging.effect_claims import Claim
from gas.messaging.event_handlers import event_handler
from gas.tables.suppressions import Cause, Suppression
from notifier.handler import handle
from notifier.sending import MailRefused
from tests.support.mailing import Mailing


@pytest.fixture
def mailing() -> Mailing:
    return Mailing()


def test_nobody_is_mailed_about_the_public_sample() -> None:
    mailing = Mailing()
    mailing.world.completed(SYSTEM_USER_ID)
    handle(mailing.world.last_event(), mailing.ports)
    assert mailing.mail_sender.mails == []


class FailingMailSender:
    """Fails to send, as SES does with that error."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.sent = 0

    def send(self, mail: EmailMessage, to: str) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.sent += 1


def delivered(mailing: Mailing, sender: FailingMailSender) -> MemoryQueue:
    """The queue after its only message was delivered as often as it is there."""
    ports = dataclasses.replace(mailing.ports, mail_sender=sender)
    queue = MemoryQueue(mailing.world.now)
    queue.send(mailing.restore(mailing.restoring()).to_json())
    handler = event_handler(partial(handle, ports=ports))
    policy = ConsumerPolicy()
    delivery = MessageDelivery(queue, handler, ignore_given_up, policy, mailing.world.now)
    for _ in range(20):
        for message in queue.receive(1, 0, 30):
            delivery.deliver(message)
        mailing.world.pass_time(timedelta(seconds=120))
    assert queue.depth() == 0
    return queue


def test_a_mail_that_cannot_be_sent_becomes_a_dead_letter(mailing: Mailing) -> None:
    sender = FailingMailSender(*[LookupError("a fault of ours")] * 99)
    queue = delivered(mailing, sender)
    assert [reason for _, reason in queue.dead] == ["LookupError: a fault of ours"]
    assert len(sender.errors) == 99 - 4


def test_a_mail_that_cannot_be_built_becomes_a_dead_letter_and_claims_nothing(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("no such field")

    monkeypatch.setattr("notifier.sending.build_mail", fail)
    queue = delivered(mailing, FailingMailSender())
    assert [reason for _, reason in queue.dead] == ["LookupError: no such field"]
    event_id = CATALOGUE.parse(queue.dead[0][0]).id
    assert mailing.ports.effect_claims.claim(event_id) is Claim.OURS


def test_a_mail_that_failed_does_not_wait_for_its_claim(mailing: Mailing) -> None:
    sender = FailingMailSender(LookupError("a fault of ours"))
    ports = dataclasses.replace(mailing.ports, mail_sender=sender)
    event = mailing.restore(mailing.restoring())
    with pytest.raises(LookupError):
        handle(event, ports)
    handle(event, ports)
    assert sender.sent == 1


def test_a_throttled_mail_is_sent_later(mailing: Mailing) -> None:
    error = ClientError({"Error": {"Code": "Throttling", "Message": "rate"}}, "SendRawEmail")
    sender = FailingMailSender(error, error)
    assert delivered(mailing, sender).dead == []
    assert sender.sent == 1


def test_a_mail_that_ses_rejects_is_a_dead_letter_at_once_and_can_be_redriven(
    mailing: Mailing,
) -> None:
    sender = FailingMailSender(MailRefused("MessageRejected: address is not verified"))
    queue = delivered(mailing, sender)
    ((body, reason),) = queue.dead
    assert reason == "MessageRejected: address is not verified"
    handle(CATALOGUE.parse(body), dataclasses.replace(mailing.ports, mail_sender=sender))
    assert sender.sent == 1


def test_no_mail_is_sent_to_an_address_whose_mail_stopped(mailing: Mailing) -> None:
    stopped = Suppression(Cause.BOUNCE, "General", mailing.world.now())
    mailing.suppressions.add("Zoe@Example.org", stopped)
    event = mailing.restore(mailing.restoring())
    handle(event, mailing.ports)
    assert mailing.texts() == []
    mailing.suppressions.remove("zoe@example.org")
    handle(event, mailing.ports)
    assert len(mailing.texts()) == 1
