"""``python -m tests.crash.emulator``: MiniStack, changed for thousands of short stories.

Runs in the emulators' environment. A thaw takes no time instead of two seconds, an execution begins
at once, and old mails are forgotten, because each request for mails lists all of them.
"""

import os
import time
from types import SimpleNamespace
from typing import Any

import ministack.services.s3 as s3
import ministack.services.ses as ses
import ministack.services.stepfunctions as stepfunctions
from ministack.app import main

MOST_MAILS = 200 * (os.cpu_count() or 1)  # each core runs a few stories at once

_kept = ses._sent_emails_list


def latest_mails() -> list[dict[str, Any]]:
    """The last mails: those of more stories than ever run at once."""
    mails: list[dict[str, Any]] = _kept()
    del mails[:-MOST_MAILS]
    return mails


if __name__ == "__main__":
    s3._RESTORE_DELAY_SECONDS = 0.0
    ses._sent_emails_list = latest_mails
    stepfunctions.time = SimpleNamespace(
        time=time.time, monotonic=time.monotonic, sleep=lambda _: None
    )
    main()
