"""``python -m web.token_command EMAIL``: print a new API token, and create the account if needed.

For development and operators. The account is the one that a login would use: the issuer from the
settings, and as the subject the e-mail address unless ``--subject`` gives another. Nobody uploads
with the token before the user has accepted the terms, on the page or with ``--accept-terms``.
"""

import argparse
import sys

from gas.account_commands import AccountAdministration, login_name
from gas.aws.clients import Aws
from gas.aws.errors import AwsError
from gas.events import Plan
from gas.eventstore.repository import BROKEN_STREAM
from gas.runtime.repositories import write_context_for
from gas.settings import load
from web.accounts import terms
from web.accounts.service import Identity, TooManyTokens
from web.identity.mailbox import is_mailbox
from web.ports import account_service_of
from web.settings import WebSettings


def main() -> int:
    """Print the token on the last line; returns exit status 1 if AWS does not answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("email")
    parser.add_argument("--subject", help="the user's id at the identity provider")
    parser.add_argument("--plan", choices=[plan.value for plan in Plan])
    parser.add_argument("--accept-terms", action="store_true", help="in the name of the user")
    arguments = parser.parse_args()
    if not is_mailbox(arguments.email):
        parser.error(f"{arguments.email!r} is not an e-mail address")
    settings = load(WebSettings)
    aws = Aws(settings)
    context = write_context_for("web", settings, aws)
    accounts = account_service_of(settings, aws, context)
    subject = arguments.subject or arguments.email
    identity = Identity(settings.oidc_issuer.rstrip("/"), subject, arguments.email, arguments.email)
    try:
        account = accounts.sign_in(identity)
        if arguments.accept_terms:
            accounts.accept_terms(account.user_id, terms.VERSION)
        if arguments.plan:
            administration = AccountAdministration(
                accounts.accounts, context.log, accounts.profiles, by=login_name()
            )
            administration.set_plan(account.user_id, Plan(arguments.plan), "given with a token")
        print(accounts.new_token(account.user_id))
    except TooManyTokens:
        print(
            f"no token: {arguments.email} has as many as GAS_API_TOKENS allows. Revoke one on the"
            " account page first",
            file=sys.stderr,
        )
        return 1
    except BROKEN_STREAM as error:
        print(f"no token: an event of the account cannot be read: {error}", file=sys.stderr)
        return 1
    except AwsError as error:
        print(f"no token: {error}. Start the stack first: make dev", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
