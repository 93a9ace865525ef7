"""``make push ENV=staging``: push the images that were built here to the environment's registry."""

from __future__ import annotations

import argparse
import base64
import subprocess
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ecs.deploy import CONFIG, HERE
from ecs.environment import Environment, NotDeployed, read
from ecs.registry import IMAGES, digest_of, repository_of
from ecs.stacks import Stacks

PLATFORM = "linux/amd64"
"""What tasks run on (``RuntimePlatform`` in ``web.yaml`` and ``worker.yaml``)."""

_PUSH_SECONDS = 1_800


def push(environment: Environment, tag: str) -> None:
    """Create the registry if needed, and push every image under that tag. Raises NotDeployed.

    What the registry has under that tag is not pushed again: its tags never move, so that a push
    that was interrupted can be repeated.
    """
    session = boto3.Session(region_name=environment.region)
    stacks = Stacks(session.client("cloudformation", config=CONFIG))
    stacks.deploy(
        f"{environment.prefix}-registry", HERE / "registry.yaml", {"Prefix": environment.prefix}
    )
    ecr = session.client("ecr", config=CONFIG)
    prefix = environment.prefix
    missing = [n for n in IMAGES if digest_of(ecr, repository_of(prefix, n), tag) is None]
    for name in set(IMAGES) - set(missing):
        print(f"{repository_of(prefix, name)}:{tag} is in the registry already")
    if not missing:
        return
    token = ecr.get_authorization_token()["authorizationData"][0]
    registry = token["proxyEndpoint"].removeprefix("https://")
    user, password = base64.b64decode(token["authorizationToken"]).decode().split(":", 1)
    _docker("login", "--username", user, "--password-stdin", registry, stdin=password)
    for name in missing:
        _refuse_other_platform(name)
        target = f"{registry}/{repository_of(prefix, name)}:{tag}"
        _docker("tag", f"gas-{name}", target)
        _docker("push", "--quiet", target)
        print(f"pushed {target}")


def _refuse_other_platform(name: str) -> None:
    built_for = _docker(
        "image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", f"gas-{name}"
    ).strip()
    if built_for != PLATFORM:
        raise NotDeployed(
            f"the image gas-{name} is for {built_for}, but tasks run on {PLATFORM}: build it with"
            f" DOCKER_DEFAULT_PLATFORM={PLATFORM}"
        )


def _docker(*words: str, stdin: str | None = None) -> str:
    try:
        done = subprocess.run(
            ["docker", *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_PUSH_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise NotDeployed("docker was not found: install it, images are pushed with it") from None
    if done.returncode:
        raise NotDeployed(f"docker {words[0]}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def main(arguments: list[str]) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ecs.push", description=__doc__)
    parser.add_argument("--env", required=True)
    parser.add_argument("--tag", required=True)
    given = parser.parse_args(arguments)
    try:
        push(read(given.env), given.tag)
    except (NotDeployed, BotoCoreError, ClientError) as error:
        print(f"not pushed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
