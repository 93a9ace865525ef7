"""The story of an account's end, and what must not be left of it."""

from __future__ import annotations

from typing import Any

from archiver.closing import SETTLES_AFTER
from gas.domain.account import Account
from gas.domain.job import JobStatus
from gas.tables.personal import FILTERS, JOB_TAGS, LAYOUTS, MARKS, SHARES
from local.client import mails_to
from tests.crash.installation import GRACE_SECONDS, Installation
from tests.crash.stories import Story, expect, mark_and_share

_ROUNDS = 10
_PERSONAL = (SHARES, MARKS, FILTERS, LAYOUTS, JOB_TAGS)
_LAST_MAIL = "Your account is deleted"


def close_with_everything(story: Story) -> None:
    """An account with a result in the archive, a job that waits, notes, links and begun uploads."""
    installation, user_id = story.installation, story.user_id
    story.submit()
    story.until(JobStatus.COMPLETED)
    mark_and_share(story)
    installation.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)
    story.earlier = (story.job_id,)
    story.submit()
    begin_uploads(installation, user_id)
    profile = installation.web_ports.accounts.profiles.get(user_id)
    assert profile
    story.email = profile.email
    installation.web_ports.sessions.begin(user_id)
    installation.processes.count_from_here()
    close_account(installation, user_id)


def begin_uploads(installation: Installation, user_id: str) -> None:
    """Leave one upload without its job, and one in parts that is not complete."""
    form = {"filename": "my.vcf", "size_bytes": 1}
    key = installation.request(user_id, "POST", "/uploads", form)[1]["fields"]["key"]
    s3, bucket = installation.aws.s3(), installation.settings.bucket("inputs")
    s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    in_parts = f"{user_id}/in-parts"
    upload = s3.create_multipart_upload(Bucket=bucket, Key=in_parts)["UploadId"]
    s3.upload_part(Bucket=bucket, Key=in_parts, UploadId=upload, PartNumber=1, Body=b"x")


def close_account(installation: Installation, user_id: str) -> None:
    """A user deletes the account, and everything runs until it is erased.

    Raises BrokenPromise where it never is.
    """
    body = {"confirm": "delete my account"}
    status, answer = installation.request(user_id, "DELETE", "/account", body)
    # The second try of a request that died meets its effect: no token, or a closed account.
    expect(status in {202, 401, 403}, f"closing answers {status}: {answer}")
    ports = installation.web_ports
    for _ in range(_ROUNDS):
        while installation.deliver_all():
            pass
        account = ports.accounts.table.get(user_id)
        if account and account.erased_at and not ports.accounts.profiles.get(user_id):
            installation.processes.stop_counting()
            return
        installation.pass_time(SETTLES_AFTER.total_seconds() + 1)
        installation.processes.stop_counting()  # what sweeps do is cut short in other stories
        installation.sweep()
        installation.processes.count_from_here()
    expect(False, "the account was never erased, or its profile is still there")


def check_nothing_is_left(story: Story, account: Account, most_mails: int) -> None:
    """Check that a closed account has left its events only. Raises BrokenPromise."""
    installation, user_id = story.installation, account.user_id
    ports = installation.web_ports
    expect(account.erased_at, "the account is closed and was never erased")
    expect(ports.accounts.profiles.get(user_id) is None, "the profile is still there")
    expect(not ports.sessions.of_user(user_id), "a session is still there")
    rows = [row for kind in _PERSONAL for row in ports.personal.table.page(user_id, f"{kind}/", 1)]
    expect(not rows, "what the user wrote is still there")
    expect(not ports.submission.uploads.all_open(user_id, 1), "an upload is still there")
    left = objects_of(installation, user_id)
    expect(not left, f"the account left {left}")
    url = str(installation.settings.endpoint_url)
    last = [subject for subject, _ in mails_to(url, story.email) if subject == _LAST_MAIL]
    expect(1 <= len(last) <= most_mails, f"the last mail was sent {len(last)} times")


def objects_of(installation: Installation, user_id: str) -> list[str]:
    """Every version of every object of the user, and every copy that is half done."""
    s3: Any = installation.aws.s3()
    found: list[str] = []
    for name in ("inputs", "results", "archive", "parts"):
        bucket, prefix = installation.settings.bucket(name), f"{user_id}/"
        page = s3.list_object_versions(Bucket=bucket, Prefix=prefix)
        begun = s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", [])
        versions = page.get("Versions", []) + page.get("DeleteMarkers", [])
        found += [f"{name}: {one['Key']}" for one in versions + begun]
    return found
