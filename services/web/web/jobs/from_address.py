"""A job on a file that GAS fetches itself, from an address that the user gives.

The job is submitted at once, and the annotator fetches its file. The address may hold secrets, such
as the signature of a presigned link: it is in the row of the upload until the file is fetched, and
in no event, no log and no answer. What remains is the name of its host.
"""

from __future__ import annotations

from dataclasses import replace

from gas.domain.account import Account
from gas.domain.job import Job
from gas.domain.source_url import BadUrl, parse
from gas.tables.uploads import FETCHED
from web.jobs.idempotency import IdempotencyKey
from web.jobs.submission import JobOptions, Submission
from web.problems import invalid_field


def submit_address(
    submission: Submission,
    account: Account,
    address: str,
    options: JobOptions,
    idempotency_key: str | None,
) -> Job:
    """Submit a job on the file at ``address``; the same one each time for the same key.

    Raises Problem: 422 for what is no address of a file, 403 before the terms are accepted, 400 for
    an unknown bundle, 409 if the key was used for another request, 429 with too many waiting jobs
    or open uploads or too much stored.
    """
    try:
        url = parse(address.strip(), submission.fetch_ports)
    except BadUrl as bad:
        raise invalid_field("url", str(bad)) from None
    key = IdempotencyKey.of(
        idempotency_key, "fetch", address, options.bundle, options.split_multiallelics
    )
    earlier = submission.job_of_key(account, key)
    if earlier:
        return earlier
    submission.check_upload(account, 1)
    submission.check_bundle(options.bundle)
    submission.quotas.check_jobs(account)
    use = submission.quotas.stored_bytes(account)
    most = min(submission.limits[account.plan], use.limit - use.used)
    planned = submission.planned_upload(account, url.filename, most, FETCHED)
    upload = replace(planned, source_url=address.strip())
    submission.uploads.put(upload)
    return submission.submit_new(account, upload, options, key)
