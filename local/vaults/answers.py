"""Glacier's answers, where moto's are not sufficient."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from moto.glacier import responses

from local.vaults.kept import Retrieval, Vault, is_wanted, tree_hash

PAGE = 50


class Refused(Exception):
    """An error answer of Glacier."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = (
            status,
            {"content-type": "application/json", "x-amzn-ErrorType": code},
            json.dumps({"code": code, "message": message, "type": "Client"}),
        )


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
