"""``python -m web.token_command EMAIL``: print an API token, making the account if it is new.

For development and operators. The person is who the identity provider would say: the issuer of
the settings, with the e-mail address as subject unless ``--subject`` says otherwise.
"""

import argparse
import sys

from gas.aws.clients import Aws
from gas.aws.errors import AwsError
from gas.events import Plan
from gas.runtime.repositories import write_context_for
from gas.settings import load
from web.accounts.service import Identity
from web.ports import account_service_of
from web.settings import WebSettings


def main() -> int:
    """Print the token on the last line; the exit status is 1 where the back end does not answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("email")
    parser.add_argument("--subject", help="the person's id at the identity provider")
    parser.add_argument("--plan", choices=[plan.value for plan in Plan])
    arguments = parser.parse_args()
    if "@" not in arguments.email:
        parser.error(f"{arguments.email!r} is not an e-mail address")
    settings = load(WebSettings)
    aws = Aws(settings)
    accounts = account_service_of(settings, aws, write_context_for("web", settings, aws))
    subject = arguments.subject or arguments.email
    identity = Identity(settings.oidc_issuer.rstrip("/"), subject, arguments.email, arguments.email)
    try:
        account = accounts.sign_in(identity)
        if arguments.plan == Plan.PREMIUM:
            accounts.upgrade(account.user_id)
        elif arguments.plan == Plan.FREE:
            accounts.downgrade(account.user_id, reason="asked by the operator")
        print(accounts.new_token(account.user_id))
    except AwsError as error:
        print(f"no token: {error}. Is the stack running? (make dev)", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
