"""boto3 clients of an AWS emulator, for the tools of development; services never use them.

``localstack_client`` makes clients that cannot reach AWS: it puts the emulator's address and
made-up credentials into each, whatever else the machine is configured with.
"""

from __future__ import annotations

import os
from unittest.mock import patch

from botocore.config import Config
from localstack_client.session import Session

from local.stack import CREDENTIALS, REGION

CONFIG = Config(connect_timeout=3, read_timeout=30, retries={"total_max_attempts": 4})


def session(url: str | None = None, region: str = REGION) -> Session:
    """A session with the emulator at ``url``, or at ``AWS_ENDPOINT_URL``, or on port 4566 here."""
    # The library takes a path only from this variable, and prefers it to every argument.
    given = {"AWS_ENDPOINT_URL": url} if url else {}
    with patch.dict(os.environ, given):
        return Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=region,
        )
