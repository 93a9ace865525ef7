"""The templates come up on the back end that the tests run against."""

import json
import secrets

import boto3
import pytest

from gas.platform.aws import Aws
from gas.platform.settings import Settings
from local.deploy import put_stack
from local.stack import CREDENTIALS, REGION
from tests.deploy.policies import TEMPLATE


@pytest.mark.integration
def test_the_roles_come_up_with_their_policies(
    emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    prefix = f"r{secrets.token_hex(4)}"
    settings = Settings(prefix=prefix, AWS_ENDPOINT_URL=emulator)
    arns = put_stack(
        Aws(settings).cloudformation(),
        f"{prefix}-roles",
        TEMPLATE,
        {"Prefix": prefix, "MailDomain": "example.org"},
    )
    assert len(arns) == 6
    iam = boto3.client("iam", endpoint_url=emulator, region_name=REGION)
    for key, arn in arns.items():
        service = key.removesuffix("RoleArn").lower()
        name = arn.rsplit("/", 1)[1]
        document = iam.get_role_policy(RoleName=name, PolicyName=service)["PolicyDocument"]
        text = json.dumps(document)
        assert f"table/{prefix}-" in text
        assert "${" not in text
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        assert len(attached) == 1
