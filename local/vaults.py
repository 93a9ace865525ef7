"""``python -m local.vaults HOST PORT``: Glacier vaults for development, based on moto.

Runs in the emulators' virtual environment, so it imports nothing of GAS. What it adds to moto:
unique archive ids, real tree hashes (and a check of the client's), multipart uploads, tiers,
descriptions, the notice to the SNS topic when a retrieval is done, inventories as CSV, and on
request a refusal for lack of capacity, a failed retrieval, or a notice that is never sent:

    PUT /-/next?refuse=1      the next expedited retrieval has no capacity
    PUT /-/next?fail=1        the next retrieval fails
    PUT /-/next?silent=1      the next retrieval is not announced
    GET /-/health             answers when it is ready
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from botocore.utils import calculate_tree_hash
from moto.glacier import models, responses, urls
from moto.server import create_backend_app
from werkzeug.serving import make_server

from local.emulator_session import session

SHARE = float(os.environ.get("GAS_VAULT_SECONDS", "0.5"))
SECONDS = {"Expedited": SHARE, "Standard": 2 * SHARE, "Bulk": 4 * SHARE}
PAGE = 50
REGION = os.environ.get("AWS_REGION", "us-east-1")
WANTED: Counter[str] = Counter()


def is_wanted(what: str) -> bool:
    """True if that was requested for the next time; a request counts once."""
    if not WANTED[what]:
        return False
    WANTED[what] -= 1
    return True


def tree_hash(body: bytes) -> str:
    """Glacier's SHA-256 tree hash of a body, in hexadecimal."""
    return str(calculate_tree_hash(io.BytesIO(body)))  # type: ignore[arg-type]


def stamp(moment: datetime) -> str:
    """A time in Glacier's format."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Refused(Exception):
    """An error answer of Glacier."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = (
            status,
            {"content-type": "application/json", "x-amzn-ErrorType": code},
            json.dumps({"code": code, "message": message, "type": "Client"}),
        )


class Retrieval:
    """One job of a vault."""

    def __init__(self, vault: Vault, asked: dict[str, Any]) -> None:
        self.vault = vault
        self.asked = asked
        self.job_id = secrets.token_urlsafe(60)
        self.tier = asked.get("Tier") or "Standard"
        self.began = datetime.now(UTC)
        self.ends = self.began + timedelta(seconds=SECONDS[self.tier])
        self.fails = is_wanted("fail")
        if asked.get("SNSTopic") and not is_wanted("silent"):
            timer = threading.Timer(SECONDS[self.tier] + 0.05, self._announce)
            timer.daemon = True
            timer.start()

    @property
    def is_done(self) -> bool:
        """True once the tier's time is over."""
        return datetime.now(UTC) > self.ends

    def to_dict(self) -> dict[str, Any]:
        """The job as DescribeJob returns it and the notice contains it."""
        archive = self.vault.archives.get(self.asked.get("ArchiveId", ""), {})
        is_archive = self.asked["Type"] == "archive-retrieval"
        done = "Failed" if self.fails else "Succeeded"
        return {
            "Action": "ArchiveRetrieval" if is_archive else "InventoryRetrieval",
            "ArchiveId": self.asked.get("ArchiveId"),
            "ArchiveSizeInBytes": archive.get("size"),
            "ArchiveSHA256TreeHash": archive.get("sha256"),
            "SHA256TreeHash": archive.get("sha256"),
            "Completed": self.is_done,
            "CompletionDate": stamp(self.ends) if self.is_done else None,
            "CreationDate": stamp(self.began),
            "JobDescription": self.asked.get("Description"),
            "JobId": self.job_id,
            "SNSTopic": self.asked.get("SNSTopic"),
            "StatusCode": done if self.is_done else "InProgress",
            "StatusMessage": done if self.is_done else None,
            "Tier": self.tier,
            "VaultARN": self.vault.arn,
        }

    def _announce(self) -> None:
        client = session(region=REGION).client("sns")
        client.publish(TopicArn=self.asked["SNSTopic"], Message=json.dumps(self.to_dict()))


class Vault(models.Vault):
    """A vault in which every archive has a unique id."""

    __module__ = models.__name__  # moto files its models by the module that they are from

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.uploads: dict[str, dict[str, Any]] = {}

    def create_archive(self, body: bytes, description: str) -> dict[str, Any]:
        archive_id = secrets.token_urlsafe(90)
        self.archives[archive_id] = {
            "archive_id": archive_id,
            "body": body,
            "size": len(body),
            "sha256": tree_hash(body),
            "creation_date": stamp(datetime.now(UTC)),
            "description": description,
        }
        kept: dict[str, Any] = self.archives[archive_id]
        return kept

    def inventory(self) -> str:
        """The inventory in Glacier's CSV format."""
        text = io.StringIO()
        names = ("ArchiveId", "ArchiveDescription", "CreationDate", "Size", "SHA256TreeHash")
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(self.get_archive_list())
        return text.getvalue()


class Answers(responses.GlacierResponse):
    """Glacier's answers, where moto's are not sufficient."""

    def _vault(self) -> Vault:
        name = self.parsed_url.path.split("/")[3]
        backend = self.glacier_backend
        if name not in backend.vaults:
            raise Refused(404, "ResourceNotFoundException", f"Vault not found: {name}")
        found: Vault = backend.vaults[name]
        return found

    def _job(self) -> Retrieval:
        job_id = self.parsed_url.path.split("/")[5]
        found: Retrieval | None = self._vault().jobs.get(job_id)
        if found is None:
            raise Refused(404, "ResourceNotFoundException", f"The job ID was not found: {job_id}")
        return found

    def upload_archive(self) -> Any:
        told = self.headers.get("x-amz-sha256-tree-hash")
        if told != tree_hash(self.body):
            raise Refused(400, "InvalidParameterValueException", "Checksum mismatch")
        kept = self._vault().create_archive(
            self.body, self.headers.get("x-amz-archive-description") or ""
        )
        return _archived(kept)

    def initiate_multipart_upload(self) -> Any:
        upload_id = secrets.token_urlsafe(60)
        self._vault().uploads[upload_id] = {
            "description": self.headers.get("x-amz-archive-description") or "",
            "part_bytes": int(self.headers["x-amz-part-size"]),
            "parts": {},
        }
        return 201, {"x-amz-multipart-upload-id": upload_id}, ""

    def upload_multipart_part(self) -> Any:
        upload = self._upload()
        hashed = tree_hash(self.body)
        start, end = map(int, re.findall(r"\d+", self.headers["Content-Range"])[:2])
        if hashed != self.headers.get("x-amz-sha256-tree-hash") or end - start + 1 != len(
            self.body
        ):
            raise Refused(400, "InvalidParameterValueException", "Checksum or range mismatch")
        if start % upload["part_bytes"]:
            raise Refused(400, "InvalidParameterValueException", "The part is not aligned")
        upload["parts"][start] = self.body
        return 204, {"x-amz-sha256-tree-hash": hashed}, ""

    def complete_multipart_upload(self) -> Any:
        upload = self._upload()
        body = b"".join(upload["parts"][start] for start in sorted(upload["parts"]))
        if len(body) != int(self.headers["x-amz-archive-size"]):
            raise Refused(400, "InvalidParameterValueException", "Parts are missing")
        if tree_hash(body) != self.headers["x-amz-sha256-tree-hash"]:
            raise Refused(400, "InvalidParameterValueException", "Checksum mismatch")
        self._vault().uploads.pop(self.parsed_url.path.split("/")[5])
        return _archived(self._vault().create_archive(body, upload["description"]))

    def abort_multipart_upload(self) -> Any:
        self._vault().uploads.pop(self.parsed_url.path.split("/")[5], None)
        return 204, {}, ""

    def _upload(self) -> dict[str, Any]:
        upload_id = self.parsed_url.path.split("/")[5]
        found = self._vault().uploads.get(upload_id)
        if found is None:
            raise Refused(404, "ResourceNotFoundException", "The upload ID was not found")
        return found

    def delete_archive(self) -> Any:
        self._vault().archives.pop(self.parsed_url.path.split("/")[5], None)
        return 204, {}, ""

    def initiate_job(self) -> Any:
        vault, asked = self._vault(), json.loads(self.body)
        if asked["Type"] == "archive-retrieval" and asked.get("ArchiveId") not in vault.archives:
            raise Refused(404, "ResourceNotFoundException", "The archive ID was not found")
        if asked.get("Tier") == "Expedited" and is_wanted("refuse"):
            raise Refused(503, "InsufficientCapacityException", "No expedited capacity")
        job = Retrieval(vault, asked)
        vault.jobs[job.job_id] = job
        return 202, {"x-amz-job-id": job.job_id}, ""

    def describe_job(self) -> Any:
        return 200, {"content-type": "application/json"}, json.dumps(self._job().to_dict())

    def list_jobs(self) -> Any:
        jobs: list[Any] = list(self._vault().jobs.values())
        start = int((self.querystring.get("marker") or ["0"])[0])
        marker = str(start + PAGE) if start + PAGE < len(jobs) else None
        page = [job.to_dict() for job in jobs[start : start + PAGE]]
        document = json.dumps({"JobList": page, "Marker": marker})
        return 200, {"content-type": "application/json"}, document

    def get_job_output(self) -> Any:
        job = self._job()
        if not job.is_done or job.fails:
            raise Refused(400, "InvalidParameterValueException", "The job is not ready")
        if job.asked["Type"] == "inventory-retrieval":
            return 200, {"content-type": "text/csv"}, job.vault.inventory()
        archive = job.vault.archives[job.asked["ArchiveId"]]
        headers = {
            "content-type": "application/octet-stream",
            "x-amz-sha256-tree-hash": archive["sha256"],
        }
        return 200, headers, archive["body"]

    def call_action(self) -> Any:
        try:
            return super().call_action()
        except Refused as refused:
            return refused.answer


def _archived(kept: dict[str, Any]) -> Any:
    headers = {
        "x-amz-archive-id": kept["archive_id"],
        "x-amz-sha256-tree-hash": kept["sha256"],
    }
    return 201, headers, ""


def control(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Record what must happen the next time."""
    for what, counts in parse_qs(environ["QUERY_STRING"]).items():
        WANTED[what] += int(counts[0])
    start_response("204 No Content", [])
    return []


def main() -> None:
    """Serve until the process is stopped."""
    host, port = sys.argv[1], int(sys.argv[2])
    models.Vault = Vault
    upload = "{0}/(?P<account_number>.+)/vaults/(?P<vault_name>[^/]+)/multipart-uploads"
    urls.url_paths = dict.fromkeys(urls.url_paths, Answers.dispatch)
    urls.url_paths |= {
        f"{upload}$": Answers.dispatch,
        upload + "/(?P<upload_id>[^/]+)$": Answers.dispatch,
    }
    moto = create_backend_app("glacier")

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        served = control if environ["PATH_INFO"] in {"/-/next", "/-/health"} else moto
        return served(environ, start_response)

    make_server(host, port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
