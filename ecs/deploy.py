"""``make deploy ENV=staging`` and ``make destroy ENV=staging``: the change set is shown first.

Three stacks: ``PREFIX-registry`` for the images, ``PREFIX-data`` for all that is kept, and
``PREFIX`` for all that runs. Destroying removes the last alone.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ecs.environment import Environment, NotDeployed, read
from ecs.stacks import Stacks

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client

HERE = Path(__file__).resolve().parent
IMAGES = ("web", "annotator", "archiver", "restorer", "thawer")
CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard"})

Ask = Callable[[str], bool]


class Deployment:
    """One environment on AWS."""

    def __init__(self, environment: Environment, say: Callable[[str], None] = print) -> None:
        self.environment = environment
        self._say = say
        session = boto3.Session(region_name=environment.region)
        self._session = session
        self._stacks = Stacks(session.client("cloudformation", config=CONFIG))

    def up(self, tag: str, ask: Ask) -> bool:
        """Deploy the images of that tag; False if there was nothing to do, or it was declined.

        Raises NotDeployed.
        """
        prefix = self.environment.prefix
        parameters = {
            **self.environment.parameters,
            **self._images(tag),
            "Templates": self._templates(),
        }
        plans = [
            self._stacks.prepare(
                f"{prefix}-data", HERE / "data.yaml", self.environment.data_parameters
            ),
            self._stacks.prepare(prefix, HERE / "gas.yaml", parameters),
        ]
        changes = [plan for plan in plans if plan]
        for change in changes:
            self._say(f"{change.stack}:\n  " + "\n  ".join(change.lines))
        if not changes:
            self._say("nothing to change")
            return False
        if not ask(f"Change these in {self.environment.name} ({self.environment.region})?"):
            for change in changes:
                self._stacks.drop(change)
            self._say("left as it was")
            return False
        for change in changes:
            self._say(f"{change.stack} …")
            self._stacks.execute(change)
        self._stacks.keep(f"{prefix}-data")
        address = self._stacks.outputs(prefix).get("Address", "the load balancer")
        self._say(f"deployed; {self.environment.parameters['PublicUrl']} must lead to {address}")
        return True

    def down(self, ask: Ask) -> bool:
        """Remove all that runs; what is kept stays in its own stack. Raises NotDeployed."""
        prefix = self.environment.prefix
        if self._stacks.status(prefix) is None:
            self._say(f"there is no stack {prefix} in {self.environment.region}")
            return False
        if not ask(f"Remove all that runs of {prefix}? Buckets, tables and images stay."):
            self._say("left as it was")
            return False
        self._unprotect_balancer()
        self._stacks.delete(prefix)
        self._say(f"removed; {prefix}-data and {prefix}-registry stay")
        return True

    def _images(self, tag: str) -> dict[str, str]:
        """The parameters that name images, unless the environment names them itself."""
        if {f"{name.capitalize()}Image" for name in IMAGES} <= set(self.environment.parameters):
            return {}
        return digests(self._session.client("ecr", config=CONFIG), self.environment.prefix, tag)

    def _templates(self) -> str:
        """Put the nested templates where CloudFormation can read them; gives the address."""
        s3: S3Client = self._session.client("s3", config=CONFIG)
        account = self._session.client("sts", config=CONFIG).get_caller_identity()["Account"]
        region = self.environment.region
        bucket = f"{self.environment.prefix}-templates-{account}-{region}"
        _make_bucket(s3, bucket, region)
        files = sorted(HERE.glob("*.yaml"))
        content = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
        for file in files:
            s3.put_object(Bucket=bucket, Key=f"{content}/{file.name}", Body=file.read_bytes())
        return f"{s3.meta.endpoint_url}/{bucket}/{content}"

    def _unprotect_balancer(self) -> None:
        client = self._session.client("elbv2", config=CONFIG)
        try:
            found = client.describe_load_balancers(Names=[self.environment.prefix])
        except client.exceptions.LoadBalancerNotFoundException:
            return
        except ClientError as error:
            self._say(f"the load balancer may still be protected: {error}")
            return
        for balancer in found["LoadBalancers"]:
            client.modify_load_balancer_attributes(
                LoadBalancerArn=balancer["LoadBalancerArn"],
                Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}],
            )


def digests(ecr: ECRClient, prefix: str, tag: str) -> dict[str, str]:
    """The images of that tag as parameters of ``gas.yaml``. Raises NotDeployed."""
    found: dict[str, str] = {}
    for name in IMAGES:
        repository = f"{prefix}/{name}"
        try:
            answer = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
        except (
            ecr.exceptions.ImageNotFoundException,
            ecr.exceptions.RepositoryNotFoundException,
        ):
            raise NotDeployed(
                f"the registry has no {repository}:{tag}; first: make push ENV=… TAG={tag}"
            ) from None
        digest = answer["imageDetails"][0]["imageDigest"]
        where = ecr.describe_repositories(repositoryNames=[repository])
        found[f"{name.capitalize()}Image"] = f"{where['repositories'][0]['repositoryUri']}@{digest}"
    return found


def _make_bucket(s3: S3Client, bucket: str, region: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        more = {"CreateBucketConfiguration": place} if place else {}
        s3.create_bucket(Bucket=bucket, **more)  # type: ignore[arg-type]


def _ask(question: str) -> bool:
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def main(arguments: list[str]) -> int:
    """Do what the command line says; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ecs.deploy", description=__doc__)
    parser.add_argument("command", choices=["up", "down"])
    parser.add_argument("--env", required=True)
    parser.add_argument("--tag", default="latest", help="of the images")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)
    ask: Ask = (lambda _: True) if given.yes else _ask
    try:
        deployment = Deployment(read(given.env))
        if given.command == "up":
            deployment.up(given.tag, ask)
        else:
            deployment.down(ask)
    except (NotDeployed, BotoCoreError, ClientError) as error:
        print(f"not deployed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
