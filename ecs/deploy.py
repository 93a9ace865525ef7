"""``make deploy ENV=staging`` and ``make destroy ENV=staging``: shows the changes and asks first.

There are three stacks: ``PREFIX-registry`` for the images, ``PREFIX-data`` for buckets and tables,
and ``PREFIX`` for everything that runs. Destroying removes only the last one. ``sample`` has the
public sample annotated again, which ``up`` does by itself.
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
from ecs.registry import IMAGES, digest_of, repository_of
from ecs.sample import start_sample
from ecs.service_roles import create_service_roles
from ecs.stacks import ChangeSet, Stacks

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client

HERE = Path(__file__).resolve().parent
CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard"})

Ask = Callable[[str], bool]
"""Asks a yes-or-no question; True is yes."""


class Deployment:
    """One environment on AWS. ``report`` gets each line of the progress."""

    def __init__(self, environment: Environment, report: Callable[[str], None] = print) -> None:
        self.environment = environment
        self._report = report
        session = boto3.Session(region_name=environment.region)
        self._session = session
        self._stacks = Stacks(session.client("cloudformation", config=CONFIG))

    def up(self, tag: str, ask: Ask) -> bool:
        """Deploy the images of that tag; False if nothing changes, or the answer was no.

        Raises NotDeployed.
        """
        prefix = self.environment.prefix
        parameters = {
            **self.environment.parameters,
            **self._images(tag),
            "Templates": self._templates(),
        }
        # Both change sets are made before the question, so that it covers everything; the data
        # stack is changed first, because what runs needs its tables, queues and buckets.
        plans = [
            self._stacks.prepare(
                f"{prefix}-data", HERE / "data.yaml", self.environment.data_parameters
            ),
            self._stacks.prepare(prefix, HERE / "gas.yaml", parameters),
        ]
        changes = [plan for plan in plans if plan]
        self._refuse_to_uproot(changes)
        for change in changes:
            self._report(f"{change.stack}:\n  " + "\n  ".join(change.lines))
        if not changes:
            self._report("nothing to change")
            return False
        if not ask(f"Make these changes in {self.environment.name} ({self.environment.region})?"):
            for change in changes:
                self._stacks.discard(change)
            self._report("nothing was changed")
            return False
        for service in create_service_roles(self._session.client("iam", config=CONFIG)):
            self._report(f"the account has a role for {service} now")
        for change in changes:
            self._report(f"{change.stack} …")
            self._stacks.execute(change)
        self._stacks.protect(f"{prefix}-data")
        address = self._stacks.outputs(prefix).get("Address", "the load balancer")
        url = self.environment.parameters["PublicUrl"]
        self._report(f"deployed; next, let the DNS name of {url} point to {address}")
        try:
            self.make_sample(tag)
        except NotDeployed as error:
            # All that runs is deployed, and the sample of before is still there.
            self._report(f"{error}; try again: python -m ecs.deploy sample --env … --tag {tag}")
        return True

    def _refuse_to_uproot(self, changes: list[ChangeSet]) -> None:
        """Refuse to take away the network under what runs. Raises NotDeployed."""
        uprooted = [name for change in changes for name in change.uprooted]
        if not uprooted:
            return
        for change in changes:
            self._stacks.discard(change)
        name = self.environment.name
        raise NotDeployed(
            f"{', '.join(uprooted)} would be replaced or removed under the load balancer and the"
            " tasks, which cannot move to another network; nothing was changed. To move,"
            f" `make destroy ENV={name}` and deploy again: data and images stay"
        )

    def make_sample(self, tag: str) -> None:
        """Have the public sample annotated by what is deployed. Raises NotDeployed."""
        client = self._session.client("ecs", config=CONFIG)
        task = start_sample(client, self.environment.prefix, tag)
        self._report(f"the public sample is being annotated by the task {task}")

    def down(self, ask: Ask) -> bool:
        """Remove everything that runs; data and images stay. False if the answer was no.

        Raises NotDeployed.
        """
        prefix = self.environment.prefix
        if self._stacks.status(prefix) is None:
            self._report(f"there is no stack {prefix} in {self.environment.region}")
            return False
        if not ask(f"Remove everything that runs of {prefix}? Buckets, tables and images stay."):
            self._report("nothing was changed")
            return False
        self._unprotect_balancer()
        self._stacks.delete(prefix)
        self._report(f"removed; {prefix}-data and {prefix}-registry stay")
        return True

    def _images(self, tag: str) -> dict[str, str]:
        """The parameters with the images, unless the environment sets them itself."""
        if {f"{name.capitalize()}Image" for name in IMAGES} <= set(self.environment.parameters):
            return {}
        return digests(self._session.client("ecr", config=CONFIG), self.environment.prefix, tag)

    def _templates(self) -> str:
        """Upload the nested templates for CloudFormation; returns the URL of their folder."""
        s3: S3Client = self._session.client("s3", config=CONFIG)
        account = self._session.client("sts", config=CONFIG).get_caller_identity()["Account"]
        region = self.environment.region
        bucket = f"{self.environment.prefix}-templates-{account}-{region}"
        _make_bucket(s3, bucket, region)
        files = sorted(HERE.glob("*.yaml"))
        # A folder for each content: a change set that is still open keeps its own templates.
        content = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
        for file in files:
            s3.put_object(Bucket=bucket, Key=f"{content}/{file.name}", Body=file.read_bytes())
        return f"{s3.meta.endpoint_url}/{bucket}/{content}"

    def _unprotect_balancer(self) -> None:
        # CloudFormation cannot delete a load balancer whose deletion protection is on.
        client = self._session.client("elbv2", config=CONFIG)
        try:
            found = client.describe_load_balancers(Names=[self.environment.prefix])
        except client.exceptions.LoadBalancerNotFoundException:
            return
        except ClientError as error:
            self._report(f"the load balancer may still be protected: {error}")
            return
        for balancer in found["LoadBalancers"]:
            client.modify_load_balancer_attributes(
                LoadBalancerArn=balancer["LoadBalancerArn"],
                Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}],
            )


def digests(ecr: ECRClient, prefix: str, tag: str) -> dict[str, str]:
    """The images of that tag as parameters of ``gas.yaml``. Raises NotDeployed.

    By digest, so that a task that starts later runs the same image even if the tag has moved.
    """
    found: dict[str, str] = {}
    for name in IMAGES:
        repository = repository_of(prefix, name)
        digest = digest_of(ecr, repository, tag)
        if digest is None:
            raise NotDeployed(
                f"the registry has no {repository}:{tag}; push it first: make push ENV=… TAG={tag}"
            )
        where = ecr.describe_repositories(repositoryNames=[repository])
        found[f"{name.capitalize()}Image"] = f"{where['repositories'][0]['repositoryUri']}@{digest}"
    return found


def _make_bucket(s3: S3Client, bucket: str, region: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        # S3 refuses us-east-1 as a location constraint, and needs every other region as one.
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        more = {"CreateBucketConfiguration": place} if place else {}
        s3.create_bucket(Bucket=bucket, **more)  # type: ignore[arg-type]


def _ask(question: str) -> bool:
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def main(arguments: list[str]) -> int:
    """Run the command of the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ecs.deploy", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "sample"])
    parser.add_argument("--env", required=True)
    parser.add_argument("--tag", default="latest", help="of the images")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)
    ask: Ask = (lambda _: True) if given.yes else _ask
    try:
        deployment = Deployment(read(given.env))
        if given.command == "up":
            deployment.up(given.tag, ask)
        elif given.command == "sample":
            deployment.make_sample(given.tag)
        else:
            deployment.down(ask)
    except (NotDeployed, BotoCoreError, ClientError) as error:
        print(f"not deployed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
