"""A bundle is built, published, used by a worker and retired, with the commands and on S3."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from annotator import commands
from annotator.__main__ import ports_of
from annotator.bundle import MANIFEST
from annotator.handler import handle
from annotator.ports import Ports
from annotator.settings import AnnotatorSettings
from gas.domain.account import Register
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Submit
from gas.events import InputFile, Plan, ResultKind, new_id
from gas.files.s3 import S3Files
from gas.runtime.worker import Stopping, Worker
from tests.integration.deployed import DeployedGas
from tests.support import synthetic_genome
from web.bundles import described
from web.published_bundles import OfferedBundles

pytestmark = pytest.mark.integration
BUCKET = "gas-bundles-of-a-test"


class House:
    """A bucket of bundles, the operator's commands, and a worker that fetches from it."""

    def __init__(self, deployed: DeployedGas, folder: Path) -> None:
        self.deployed = deployed
        self.folder = folder
        (folder / "work").mkdir()
        self.settings = AnnotatorSettings(
            **deployed.settings.model_dump(),
            bundle_bucket=BUCKET,
            bundle_folder=folder / "none",
            work_folder=folder / "work",
        )
        s3 = deployed.aws.s3()
        s3.create_bucket(Bucket=BUCKET)
        self.files = S3Files(s3, BUCKET)
        self.user = new_id()
        deployed.accounts.execute(self.user, Register(self.user))

    def command(self, *arguments: str) -> int:
        return commands.main(["bundle", *arguments, "--bucket", BUCKET])

    def built(self) -> Path:
        """The folder of built bundles, with the first version of ``synthetic``."""
        return synthetic_genome.build_bundle(self.folder / "made").folder.parent

    def worker(self) -> Ports:
        """What a new worker with an empty disk has."""
        shutil.rmtree(self.folder / "work" / "gas-bundles", ignore_errors=True)
        worker = Worker(
            "annotator", self.settings, self.deployed.aws, self.deployed.write_context, Stopping()
        )
        return ports_of(worker, self.settings)

    def run(self, bundle: str, ports: Ports) -> Job:
        """A job on that bundle, as the worker ends it."""
        job_id = new_id()
        base = synthetic_genome.sequences()["1"][299]
        head = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        content = head + f"chr1\t300\t.\t{base}\t{base}A\t.\t.\t.\n".encode()
        bucket = self.deployed.settings.bucket("inputs")
        key = f"{self.user}/{job_id}"
        stored = self.deployed.aws.s3().put_object(Bucket=bucket, Key=key, Body=content)
        file = InputFile(
            bucket=bucket,
            key=key,
            size_bytes=len(content),
            etag=stored["ETag"].strip('"'),
            filename="my.vcf",
        )
        self.deployed.jobs.execute(job_id, Submit(job_id, self.user, file, bundle, Plan.FREE))
        event = next(iter(self.deployed.write_context.log.read(f"job/{job_id}")))
        handle(event, ports)
        job = self.deployed.jobs.load(job_id)
        assert job
        return job

    def provenance(self, job: Job) -> dict[str, object]:
        file = job.result(ResultKind.PROVENANCE)
        assert file
        bucket = self.deployed.settings.bucket("results")
        body = self.deployed.aws.s3().get_object(Bucket=bucket, Key=file.key)["Body"].read()
        found: dict[str, object] = json.loads(body)["bundle"]
        return found


@pytest.fixture
def house(deployed: DeployedGas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    for name, value in {
        "GAS_PREFIX": deployed.settings.prefix,
        "AWS_ENDPOINT_URL": deployed.settings.endpoint_url or "",
    }.items():
        monkeypatch.setenv(name, value)
    return House(deployed, tmp_path)


def test_a_bundle_is_built_published_used_and_retired(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    built = house.built()
    assert house.command("publish", "synthetic", "--bundles", str(built)) == 0
    worker = house.worker()
    first = house.run("synthetic", worker)
    assert (first.status, first.bundle_version) == (JobStatus.COMPLETED, "synthetic@1")

    manifest = built / "synthetic" / MANIFEST
    manifest.write_text(manifest.read_text().replace('"version": "1"', '"version": "2"', 1))
    assert house.command("publish", "synthetic", "--bundles", str(built)) == 0
    second = house.run("synthetic", worker)
    assert second.bundle_version == "synthetic@2"
    assert house.provenance(second)["version"] == "2"
    cached = house.folder / "work" / "gas-bundles"
    assert {path.name for path in cached.iterdir()} == {"synthetic@1", "synthetic@2"}

    assert house.command("retire", "synthetic@1", "--reason", "old gene models") == 0
    offered = OfferedBundles(described(("synthetic",)), house.files).now()
    assert [(one.id, one.retired) for one in offered] == [
        ("synthetic@2", False),
        ("synthetic@1", True),
    ]
    again = house.run("synthetic@1", house.worker())
    assert (again.status, again.bundle_version) == (JobStatus.COMPLETED, "synthetic@1")
    assert house.provenance(again) == house.provenance(first)
    assert house.run("synthetic", house.worker()).bundle_version == "synthetic@2"

    capsys.readouterr()
    assert house.command("published") == 0
    assert [line.split()[2:] for line in capsys.readouterr().out.splitlines()] == [
        ["offered", "synthetic@2"],
        ["retired", "synthetic@1"],
    ]


def test_a_bucket_that_is_not_there_is_an_error_that_names_it(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["bundle", "published", "--bucket", "no-such-bucket-of-a-test"]) == 1
    assert "no-such-bucket-of-a-test" in capsys.readouterr().err
    assert commands.main(["bundle", "published", "--bucket", ""]) == 2
    assert house.command("retire", "synthetic@9") == 1
