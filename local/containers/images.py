"""After a build: checks each image, prints its size over its base, writes its bill of materials.

Fails if an image has a set-uid or set-gid file, a file that looks like a secret, or a secret in its
settings. Needs only Python and the container engine.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BASE = "python:3.13-slim"
SERVICES = ("web", "annotator", "archiver", "restorer", "thawer")
# polars, pyarrow and mehari are 380 of them: decision 22.
MOST_MEGABYTES = {"annotator": 620}
MOST_MEGABYTES_OTHERWISE = 200
_SECRET_SETTING = re.compile(r"SECRET|TOKEN|PASSWORD|_KEY")
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Contents:
    """What ``local.containers.contents`` found: packages with versions, and forbidden files."""

    python: list[tuple[str, str]]
    debian: list[tuple[str, str]]
    setuid: list[str]
    secrets: list[str]


def bill_of_materials(image: str, contents: Contents) -> dict[str, Any]:
    """The bill of materials in CycloneDX 1.5 (https://cyclonedx.org/specification/overview/).

    Packages are identified by their purl.
    """
    kinds = (("pypi", contents.python), ("deb/debian", contents.debian))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": {"component": {"type": "container", "name": image}},
        "components": [
            {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:{kind}/{name.lower()}@{version}",
            }
            for kind, packages in kinds
            for name, version in packages
        ],
    }


def look_into(image: str) -> Contents:
    """Run ``local.containers.contents`` in the image, as root and without a network."""
    script = Path(__file__).with_name("contents.py").read_text("utf-8")
    words = ["run", "--rm", "--interactive", "--user", "0", "--network", "none"]
    return Contents(
        **json.loads(_docker(*words, "--entrypoint", "python", image, "-", feed=script))
    )


def megabytes(image: str) -> float:
    """The size of an image, in 10^6 bytes, as the engine counts it."""
    return int(_docker("image", "inspect", "--format", "{{.Size}}", image)) / 1e6


def faults(image: str, contents: Contents, settings: list[str]) -> list[str]:
    """The forbidden contents of an image, one line each."""
    return [
        *(f"{image}: {path} runs as another user" for path in contents.setuid),
        *(f"{image}: {path} looks like a secret" for path in contents.secrets),
        *(
            f"{image}: the setting {setting.split('=')[0]} looks like a secret"
            for setting in settings
            if _SECRET_SETTING.search(setting.split("=")[0]) and not setting.startswith("GPG_KEY=")
        ),
    ]


def _docker(*words: str, feed: str | None = None) -> str:
    done = subprocess.run(
        ["docker", *words],
        input=feed,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"docker {words[0]}: {done.stderr.strip()}")
    return done.stdout


def main() -> int:
    """Print the table, write ``.gas/sbom``, print the faults; returns the exit status."""
    folder = ROOT / ".gas" / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    base = megabytes(BASE)
    wrong: list[str] = []
    print(f"{'image':<16}{'MB':>6}{'over base':>11}{'Python':>8}{'Debian':>8}")
    for service in SERVICES:
        image = f"gas-{service}"
        size, contents = megabytes(image), look_into(image)
        settings = json.loads(
            _docker("image", "inspect", "--format", "{{json .Config.Env}}", image)
        )
        (folder / f"{image}.json").write_text(
            json.dumps(bill_of_materials(image, contents), indent=1)
        )
        wrong += faults(image, contents, settings)
        most = MOST_MEGABYTES.get(service, MOST_MEGABYTES_OTHERWISE)
        if size - base > most:
            wrong.append(f"{image}: {size - base:.0f} MB over its base, {most} are allowed")
        packages = f"{len(contents.python):>8}{len(contents.debian):>8}"
        print(f"{image:<16}{size:>6.0f}{size - base:>11.0f}{packages}")
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
