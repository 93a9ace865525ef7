"""Commands: ``python -m annotator annotate | check | sandbox | bundle build | check | list | …``.

They need no AWS and no settings, but for ``bundle publish | published | retire``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from annotator import annotate_command, publish_commands
from annotator import bundle as bundles
from annotator.annotate_command import MAX_INFLATED_BYTES
from annotator.bundle import Bundle, NoSuchBundle
from annotator.bundling import checking, recipe
from annotator.bundling.adding import add
from annotator.bundling.build import build
from annotator.bundling.catalogue import catalogue
from annotator.bundling.from_folder import wanted
from annotator.bundling.recipe import BadRecipe
from annotator.normalize.binary import as_text
from annotator.rejection import Rejected
from annotator.runner import sandbox
from annotator.validate.survey import survey
from annotator.variant_names.as_vcf import as_vcf
from annotator.vcf.reading import Input

RECIPES = Path(bundles.__file__).parent / "recipes"
_SOURCES = "a folder of manifests (NAME.toml) of your own sources; see docs/bundles.md"


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status.

    0: valid, or done; 1: a file or a bundle has faults; 2: the command could not be run.
    """
    parser = argparse.ArgumentParser(prog="python -m annotator", description=__doc__)
    commands = parser.add_subparsers(required=True)
    annotating = commands.add_parser(
        "annotate",
        help="annotate a file on this machine, without any service",
        description=annotate_command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    annotate_command.add_arguments(annotating)
    shutting_in = commands.add_parser(
        "sandbox", help="show what keeps the processes that read uploads from doing harm here"
    )
    shutting_in.set_defaults(run=_sandbox)
    check = commands.add_parser(
        "check", help="check whether files are valid VCF; prints one JSON line for each"
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.add_argument("--bundle", default="human-mt")
    check.set_defaults(run=_check)
    bundle = commands.add_parser("bundle").add_subparsers(required=True)
    building = bundle.add_parser("build", help="build a bundle from a recipe")
    building.add_argument("recipe", type=_recipe, help="a file, or grch38, grch37, any")
    building.add_argument("--from", dest="given", type=Path, metavar="FOLDER",
                          help="take the files from there and fetch none")  # fmt: skip
    building.add_argument("--name", default="", help="of the bundle, if not the recipe's")
    building.add_argument("--files", action="store_true", help="say which files it wants, and end")
    building.add_argument("--quiet", action="store_true", help="say only what is wrong")
    building.add_argument("--sources", type=Path, metavar="FOLDER", help=_SOURCES)
    building.set_defaults(run=_build)
    adding = bundle.add_parser("add", help="add your own sources to a bundle, as a new version")
    adding.add_argument("name")
    adding.add_argument("--sources", type=Path, metavar="FOLDER", required=True, help=_SOURCES)
    adding.add_argument("--version", required=True, help="the version of the bundle with them")
    adding.set_defaults(run=_add)
    checking_one = bundle.add_parser("check", help="check that a bundle is complete and correct")
    checking_one.add_argument("name")
    checking_one.set_defaults(run=_check_bundle)
    bundle.add_parser("list", help="list the installed bundles").set_defaults(run=_list)
    describing = bundle.add_parser("catalogue", help="write what the web service shows of bundles")
    describing.add_argument("--to", type=Path, metavar="FILE", help="instead of standard output")
    describing.set_defaults(run=_catalogue)
    own = (bundle.choices["list"], adding, *publish_commands.add_commands(bundle))
    for command in (annotating, check, building, checking_one, describing, *own):
        command.add_argument("--bundles", type=Path, default=bundles.EMBEDDED, metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        status: int = given.run(given)
    except (BadRecipe, NoSuchBundle) as error:
        unknown = isinstance(error, NoSuchBundle)
        text = f"There is no bundle {error}. See: python -m annotator bundle list"
        print(text if unknown else error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        again = " The same command goes on behind the last finished step."
        print(f"Interrupted.{again if given.run is _build else ''}", file=sys.stderr)
        return 130
    return status


def _check(given: argparse.Namespace) -> int:
    bundle = bundles.find(given.bundle, given.bundles)
    verdicts = [verdict(path, bundle) for path in given.files]
    for found in verdicts:
        print(json.dumps(found, ensure_ascii=False))
    return 0 if all(found["valid"] for found in verdicts) else 1


def verdict(path: Path, bundle: Bundle) -> dict[str, Any]:
    """The verdict on a file, by the check and with the codes of the service.

    Keys: ``file``, ``valid``, ``code`` and ``message`` (None if valid), ``line`` (1-based, or
    None), ``repairs`` (what the service would change). ``code`` is ``unreadable`` where the file
    cannot be opened; the service has no such code.
    """
    found: dict[str, Any] = {
        "file": str(path), "valid": True, "code": None, "message": None, "line": None, "repairs": []
    }  # fmt: skip
    try:
        with tempfile.TemporaryDirectory(prefix="gas-check-") as folder:
            text = as_text(path, Path(folder), MAX_INFLATED_BYTES)
            named = as_vcf(text, Path(folder), bundle, MAX_INFLATED_BYTES, lambda _: None)
            source = Input(named.path if named else text, MAX_INFLATED_BYTES)
            noted = survey(source, bundle, lambda *_: None).diagnostics
        found["repairs"] = (named.with_lines_of_list(noted) if named else noted).shown()
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


def _sandbox(_: argparse.Namespace) -> int:
    """A table of measures; status 1 if nothing keeps those processes from the network."""
    with tempfile.TemporaryDirectory(prefix="gas-probe-") as folder:
        grants = sandbox.probe(Path(folder))
    width = max(len(grant.measure) for grant in grants)
    for grant in grants:
        granted = "granted" if grant.is_granted else f"not granted: {grant.why}"
        print(f"{grant.measure:<{width}}  {granted}")
    return 0 if sandbox.is_off_network(grants) else 1


def _recipe(text: str) -> Path:
    """A recipe's file, or one of those that come with GAS by its name."""
    shipped = RECIPES / f"{text}.json"
    return shipped if shipped.is_file() and "/" not in text else Path(text)


def _build(given: argparse.Namespace) -> int:
    if given.files:
        print(wanted(recipe.read(given.recipe)))
        return 0
    say = _report_nothing if given.quiet else _report
    name = given.name
    if not name and given.given and given.recipe == RECIPES / "any.json":
        name = given.given.resolve().name.lower()
    bundle = build(
        given.recipe, given.bundles, say, given=given.given, name=name, sources=given.sources
    )
    if not given.quiet:
        print(f"{bundle.version}: built in {bundle.folder}")
    return 0


def _add(given: argparse.Namespace) -> int:
    old = bundles.find(given.name, given.bundles)
    bundle = add(old, given.sources, given.version, given.bundles, _report)
    print(f"{bundle.version}: built in {bundle.folder}")
    return 0


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _report_nothing(_: str) -> None:
    pass


def _check_bundle(given: argparse.Namespace) -> int:
    bundle = bundles.find(given.name, given.bundles)
    faults = checking.check(bundle, _report)
    for fault in faults:
        print(fault)
    print(f"{bundle.version}: {f'{len(faults)} faults' if faults else 'no faults'}")
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
