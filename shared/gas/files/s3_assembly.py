"""One S3 object made of many by UploadPartCopy."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import TYPE_CHECKING, Any

from gas.aws.errors import AwsError
from gas.files.assembly import (
    WHOLE_BYTES,
    Assembled,
    DamagedPiece,
    LocalPiece,
    Piece,
    Run,
    StoredPiece,
    parts_of,
    tree_sha256,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_COPIES_AT_ONCE = 16
"""S3 does them; a client has 32 connections, of which a process needs others."""
_SENT_AT_ONCE = 4
"""Each is in memory, with up to 10 MiB, and once more as the pieces that it is made of."""


class S3Assembly:
    """An object that is made of pieces."""

    def __init__(self, client: S3Client, copying: S3Client, bucket: str, key: str) -> None:
        self._client, self._copying = client, copying
        self._bucket, self._key = bucket, key
        self._sending = Semaphore(_SENT_AT_ONCE)

    def run(
        self,
        pieces: Sequence[Piece],
        content_type: str,
        metadata: Mapping[str, str],
        on_part: Callable[[], object],
    ) -> Assembled:
        """Make the object, whole or not at all. Raises DamagedPiece, what ``on_part`` raises."""
        size, tree = sum(piece.size_bytes for piece in pieces), tree_sha256(pieces)
        if size <= WHOLE_BYTES:
            sha256 = self._send(pieces, content_type, metadata)
        else:
            sha256 = None
            self._in_parts(pieces, content_type, metadata, on_part)
        return Assembled(size, sha256, tree)

    def _send(self, pieces: Sequence[Piece], content_type: str, metadata: Mapping[str, str]) -> str:
        texts = []
        for piece in pieces:
            texts.append(self._read(Run(piece, 0, piece.size_bytes)))
            if hashlib.sha256(texts[-1]).hexdigest() != piece.sha256:
                raise DamagedPiece(f"{self._key}: a piece is not what was stored")
        body = b"".join(texts)
        digest = hashlib.sha256(body)
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._key,
            Body=body,
            ContentType=content_type,
            Metadata=dict(metadata),
            ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
        )
        return digest.hexdigest()

    def _in_parts(
        self,
        pieces: Sequence[Piece],
        content_type: str,
        metadata: Mapping[str, str],
        on_part: Callable[[], object],
    ) -> None:
        upload_id = self._client.create_multipart_upload(
            Bucket=self._bucket,
            Key=self._key,
            ContentType=content_type,
            Metadata=dict(metadata),
            ChecksumAlgorithm="SHA256",
        )["UploadId"]
        try:
            made = self._parts(upload_id, pieces, on_part)
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=upload_id,
                MultipartUpload={"Parts": made},
            )
        except BaseException:
            # What a crash leaves is swept after a day: by S3's lifecycle, and by reconciliation.
            with contextlib.suppress(*AwsError):
                self._client.abort_multipart_upload(
                    Bucket=self._bucket, Key=self._key, UploadId=upload_id
                )
            raise

    def _parts(
        self, upload_id: str, pieces: Sequence[Piece], on_part: Callable[[], object]
    ) -> list[Any]:
        threads, made = ThreadPoolExecutor(_COPIES_AT_ONCE), []
        try:
            parts = enumerate(parts_of(pieces), start=1)
            for part in threads.map(lambda part: self._part(upload_id, *part), parts):
                made.append(part)
                on_part()
        finally:
            # Before the upload is aborted: a part that comes later would stay.
            threads.shutdown(cancel_futures=True)
        return made

    def _part(self, upload_id: str, number: int, runs: list[Run]) -> Any:
        where: Any = {"Bucket": self._bucket, "Key": self._key, "UploadId": upload_id}
        (run, *others) = runs
        if not others and isinstance(run.piece, StoredPiece):
            return self._copied(where, number, run, run.piece)
        with self._sending:
            body = b"".join(map(self._read, runs))
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            answer = self._client.upload_part(
                **where, PartNumber=number, Body=body, ChecksumSHA256=digest
            )
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": digest}

    def _copied(self, where: Any, number: int, run: Run, piece: StoredPiece) -> Any:
        answer = self._copying.upload_part_copy(
            **where,
            PartNumber=number,
            CopySource={"Bucket": piece.files.bucket, "Key": piece.key},
            CopySourceRange=_range(run),
        )["CopyPartResult"]
        # Emulators answer with the ETag alone.
        checksum = answer.get("ChecksumSHA256")
        if checksum is None:
            return {"PartNumber": number, "ETag": answer["ETag"]}
        is_whole = run.size_bytes == piece.size_bytes
        if is_whole and base64.b64decode(checksum).hex() != piece.sha256:
            raise DamagedPiece(f"{piece.key}: the content is not what was stored")
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    def _read(self, run: Run) -> bytes:
        piece = run.piece
        if not run.size_bytes:
            return b""
        if isinstance(piece, LocalPiece):
            with piece.path.open("rb") as file:
                file.seek(run.first)
                return file.read(run.size_bytes)
        answer = self._client.get_object(
            Bucket=piece.files.bucket, Key=piece.key, Range=_range(run)
        )
        text = answer["Body"].read()
        if len(text) != run.size_bytes:
            raise DamagedPiece(f"{piece.key}: {len(text)} bytes, not {run.size_bytes}")
        return text


def _range(run: Run) -> str:
    return f"bytes={run.first}-{run.first + run.size_bytes - 1}"
