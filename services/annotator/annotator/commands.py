"""``python -m annotator check | bundle build | bundle check | bundle list | bundle catalogue``."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from annotator import bundle as bundles
from annotator.bundle import Bundle, NoSuchBundle
from annotator.bundling import checking
from annotator.bundling.build import build
from annotator.bundling.catalogue import catalogue
from annotator.bundling.recipe import BadRecipe
from annotator.rejection import Rejected
from annotator.validate.survey import survey
from annotator.vcf.reading import Input

_MAX_INFLATED_BYTES = 64 << 30


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m annotator", description=__doc__)
    commands = parser.add_subparsers(required=True)
    check = commands.add_parser("check", help="say whether files are valid VCF; one JSON line each")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.add_argument("--bundle", default="human-mt")
    check.set_defaults(run=_check)
    bundle = commands.add_parser("bundle").add_subparsers(required=True)
    building = bundle.add_parser("build", help="build a bundle from a recipe")
    building.add_argument("recipe", type=Path)
    building.add_argument("--quiet", action="store_true", help="say only what is wrong")
    building.set_defaults(run=_build)
    checking_one = bundle.add_parser("check", help="say whether a bundle is whole and right")
    checking_one.add_argument("name")
    checking_one.set_defaults(run=_check_bundle)
    bundle.add_parser("list", help="list the installed bundles").set_defaults(run=_list)
    describing = bundle.add_parser("catalogue", help="write what the web service shows of bundles")
    describing.add_argument("--to", type=Path, metavar="FILE", help="instead of standard output")
    describing.set_defaults(run=_catalogue)
    for command in (check, building, checking_one, bundle.choices["list"], describing):
        command.add_argument("--bundles", type=Path, default=bundles.EMBEDDED, metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        status: int = given.run(given)
    except (BadRecipe, NoSuchBundle) as error:
        named = isinstance(error, NoSuchBundle)
        print(f"There is no bundle {error}." if named else error, file=sys.stderr)
        return 2
    return status


def _check(given: argparse.Namespace) -> int:
    bundle = bundles.find(given.bundle, given.bundles)
    verdicts = [verdict(path, bundle) for path in given.files]
    for found in verdicts:
        print(json.dumps(found, ensure_ascii=False))
    return 0 if all(found["valid"] for found in verdicts) else 1


def verdict(path: Path, bundle: Bundle) -> dict[str, Any]:
    """What the service would say of a file: the same check, the same codes."""
    found: dict[str, Any] = {
        "file": str(path), "valid": True, "code": None, "message": None, "line": None, "repairs": []
    }  # fmt: skip
    try:
        found["repairs"] = survey(
            Input(path, _MAX_INFLATED_BYTES), bundle, lambda *_: None
        ).diagnostics.shown()
    except Rejected as rejected:
        found |= {
            "valid": False,
            "code": rejected.code.value,
            "message": rejected.message,
            "line": rejected.line,
        }
    except OSError as error:
        found |= {"valid": False, "code": "unreadable", "message": f"{error.strerror}."}
    return found


def _build(given: argparse.Namespace) -> int:
    bundle = build(given.recipe, given.bundles, _say_nothing if given.quiet else _say)
    if not given.quiet:
        print(f"{bundle.version} is in {bundle.folder}")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _say_nothing(_: str) -> None:
    pass


def _check_bundle(given: argparse.Namespace) -> int:
    bundle = bundles.find(given.name, given.bundles)
    faults = checking.check(bundle, _say)
    for fault in faults:
        print(fault)
    print(f"{bundle.version}: {f'{len(faults)} faults' if faults else 'all is right'}")
    return 1 if faults else 0


def _catalogue(given: argparse.Namespace) -> int:
    text = catalogue(bundles.installed(given.bundles))
    if given.to:
        given.to.write_text(text, "utf-8")
    else:
        print(text, end="")
    return 0


def _list(given: argparse.Namespace) -> int:
    width = shutil.get_terminal_size().columns
    for bundle in bundles.installed(given.bundles):
        manifest = bundle.manifest
        known = ", ".join(f"{source.name} {source.version}" for source in manifest.known)
        row = f"{bundle.version:<24} {manifest.assembly:<10} {manifest.title}"
        print(f"{row} ({known})"[:width] if known else row[:width])
    return 0
