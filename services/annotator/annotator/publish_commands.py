"""Commands on the bucket of bundles: ``bundle publish | published | retire``.

They work with the environment of the services (AWS_REGION, credentials; AWS_ENDPOINT_URL for an
emulator). The bucket is ``--bucket``, or GAS_BUNDLE_BUCKET.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from boto3.exceptions import Boto3Error

from annotator import bundle as bundles
from annotator.publishing import CannotPublish, publish
from gas.aws.clients import Aws
from gas.aws.errors import AwsError
from gas.files.bucket import Files
from gas.files.published import (
    NotPublished,
    mark_retired,
    newest,
    published,
    unmark_retired,
)
from gas.files.s3 import S3Files
from gas.settings import Settings, load


def add_commands(commands: Any) -> list[argparse.ArgumentParser]:
    """Add them to the subparsers of ``bundle``; gives those that read the folder of bundles."""
    publishing = commands.add_parser("publish", help="store a bundle where workers fetch it from")
    publishing.add_argument("name", help="of a bundle that is built in the folder --bundles")
    publishing.set_defaults(run=_with_files(_publish))
    listing = commands.add_parser("published", help="list the published versions")
    listing.set_defaults(run=_with_files(_list))
    retiring = commands.add_parser("retire", help="offer a version to new jobs no more")
    retiring.add_argument("version", metavar="NAME@VERSION")
    retiring.add_argument("--reason", default="", help="users read it")
    retiring.add_argument("--undo", action="store_true", help="offer it again")
    retiring.set_defaults(run=_with_files(_retire))
    for command in (publishing, listing, retiring):
        command.add_argument("--bucket", default=os.environ.get("GAS_BUNDLE_BUCKET", ""))
    return [publishing]


def _with_files(
    run: Callable[[argparse.Namespace, Files], None],
) -> Callable[[argparse.Namespace], int]:
    def command(given: argparse.Namespace) -> int:
        if not given.bucket:
            print("Name the bucket: --bucket BUCKET, or GAS_BUNDLE_BUCKET.", file=sys.stderr)
            return 2
        try:
            run(given, S3Files(Aws(load(Settings)).s3(), given.bucket))
        except (CannotPublish, NotPublished) as error:
            print(error, file=sys.stderr)
            return 1
        except (*AwsError, Boto3Error) as error:
            print(f"The bucket {given.bucket} cannot be used: {error}", file=sys.stderr)
            return 1
        return 0

    return command


def _publish(given: argparse.Namespace, files: Files) -> None:
    bundle = bundles.find(given.name, given.bundles)
    publish(bundle, files, lambda text: print(text, file=sys.stderr, flush=True))
    print(f"{bundle.version}: published in {files.bucket}")


def _list(_: argparse.Namespace, files: Files) -> None:
    versions = published(files)
    offered = {one.id for one in newest(versions).values()}
    for one in versions:
        state = "retired" if one.is_retired else "offered" if one.id in offered else "older"
        print(f"{one.published_at:%Y-%m-%d %H:%M}  {state:<8} {one.id}")


def _retire(given: argparse.Namespace, files: Files) -> None:
    if given.undo:
        unmark_retired(given.version, files)
        print(f"{given.version}: offered again")
        return
    left = mark_retired(given.version, given.reason, files)
    then = f"new jobs get {left.id}" if left else "no version of it is offered now"
    print(f"{given.version}: retired; {then}. Jobs on it can be run again.")
