"""A file that is cut into parts in S3: ranged reads of a pinned version, and a joined result."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pysam
import pytest
from botocore.awsrequest import AWSResponse, HeadersDict

from annotator.scatter.joining import missing
from gas.aws.clients import Aws
from gas.files.s3 import S3Files
from gas.runtime.repositories import utc_now
from tests.integration.deployed import DeployedGas
from tests.support import scattered, synthetic_genome
from tests.support.annotation import vcf

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.integration


def upload(folder: Path) -> bytes:
    rows = []
    for contig, bases in synthetic_genome.sequences().items():
        for at in sorted(random.Random(6).sample(range(1, len(bases) + 1), 400)):
            alt = "ACGT".replace(bases[at - 1], "")[at % 3]
            rows.append(f"{contig}\t{at}\t.\t{bases[at - 1]}\t{alt}\t.\t.\t.")
    (folder / "plain").write_bytes(vcf(*rows, header="##fileformat=VCFv4.2\n"))
    pysam.tabix_compress(str(folder / "plain"), str(folder / "packed"))
    return (folder / "packed").read_bytes()


class Body(BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def slowing_down(aws: Aws, every: int) -> tuple[S3Client, Counter[str]]:
    """A client of which S3 refuses every n-th request, and the operations that it refused."""
    refused: Counter[str] = Counter()
    numbers = itertools.count(1)
    body = (
        b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
    )

    def refuse(event_name: str, **_: Any) -> Any:
        if next(numbers) % every:
            return None
        refused[event_name.rpartition(".")[2]] += 1
        headers: Any = HeadersDict({"content-type": "application/xml"})
        return AWSResponse("", 503, headers, Body(body))

    client = aws.s3()
    client.meta.events.register("before-send.s3", refuse)
    return client, refused


def test_parts_in_s3_equal_one_task(deployed: DeployedGas, tmp_path: Path) -> None:
    """S3 asks to slow down now and then, and changes nothing by it."""
    bundle = synthetic_genome.build_bundle(tmp_path / "bundle")
    s3, refused = slowing_down(Aws(deployed.settings), every=9)
    results = S3Files(s3, deployed.settings.bucket("results"))
    place = replace(
        scattered.workplace(bundle, tmp_path, files=results),
        inputs=S3Files(s3, deployed.settings.bucket("inputs")),
    )
    asked = scattered.stored(upload(tmp_path), place, tmp_path, part_records=90)
    one = scattered.whole(asked, place, tmp_path / "one")
    (tmp_path / "later").write_bytes(b"what was written over the upload since")
    place.inputs.put(asked.key, tmp_path / "later", "text/plain")
    plan, done = scattered.joined(asked, place)
    assert plan.parts > 3
    assert missing(scattered.ROOT, place) == []
    found = scattered.fetched(done, place, tmp_path / "parts")
    assert (found.text, found.table, found.log) == (one.text, one.table, one.log)
    assert found.counts == one.counts
    assert {"GetObject", "PutObject"} <= set(refused)
    heads = {
        file.name: s3.head_object(Bucket=results.bucket, Key=file.key)["ContentType"]
        for file in done.files
    }
    assert heads["annotated.vcf.gz"] == "application/gzip"
    results.erase(f"{scattered.ROOT}/")
    assert list(results.keys(f"{scattered.ROOT}/")) == []
    assert results.abort_unfinished(utc_now()) == 0
