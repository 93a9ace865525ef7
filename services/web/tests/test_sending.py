"""What the notifier makes of SES's answers."""

from __future__ import annotations

from email.message import EmailMessage

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from notifier.sending import MailRefused, SesMailSender


@pytest.mark.parametrize(
    ("code", "is_final"),
    [
        ("MessageRejected", True),
        ("InvalidParameterValue", True),
        ("Throttling", False),
        ("ServiceUnavailable", False),
        # Both end when the operator has mended them, and then the mail goes out.
        ("AccountSendingPausedException", False),
        ("MailFromDomainNotVerifiedException", False),
    ],
)
def test_only_what_ses_will_never_send_is_final(code: str, is_final: bool) -> None:
    client = boto3.client(
        "ses", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    mail = EmailMessage()
    mail["From"] = "gas@example.org"
    with Stubber(client) as ses:
        ses.add_client_error("send_raw_email", code, "a reason")
        with pytest.raises(MailRefused if is_final else ClientError, match="a reason"):
            SesMailSender(client).send(mail, "zoe@example.org")
