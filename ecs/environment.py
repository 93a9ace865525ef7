"""An environment: a region and the parameters of its stacks (``ecs/environments/NAME.json``)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "environments"
MOST_DELAY_SECONDS = 900  # of SQS; the archiver keeps the rest of a longer grace period
_ARN_REGION = 3  # arn:partition:service:region:…
_PLACEHOLDERS = ("example.org", "000000000000", "the-client-id")


class NotDeployed(Exception):
    """Nothing was changed, or not all of it; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What one file says.

    ``parameters`` are those of ``gas.yaml``, ``kept`` those of ``data.yaml`` that do not follow.
    """

    name: str
    region: str
    parameters: dict[str, str]
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """How the names of everything begin, stacks included."""
        return self.parameters["Prefix"]

    @property
    def data_parameters(self) -> dict[str, str]:
        """The parameters of ``data.yaml``."""
        grace = int(self.parameters.get("GraceSeconds", "300"))
        return {
            **self.kept,
            "Prefix": self.prefix,
            "QueueDelaySeconds": str(min(grace, MOST_DELAY_SECONDS)),
            "WebOrigin": self.parameters["PublicUrl"],
        }


def read(name: str, folder: Path = FOLDER) -> Environment:
    """The environment of that name. Raises NotDeployed."""
    path = folder / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(found.stem for found in folder.glob("*.json")))
        raise NotDeployed(f"there is no environment {name!r}; there are: {there} ({folder.name}/)")
    try:
        document = json.loads(path.read_text("utf-8"))
        parameters, kept = (
            {key: str(value) for key, value in found.items()}
            for found in (document["parameters"], document.get("data", {}))
        )
        environment = Environment(name, str(document["region"]), parameters, kept)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotDeployed(f"{path.name} is not an environment: {error!r}") from None
    missing = [key for key in ("Prefix", "PublicUrl") if key not in parameters]
    unset = [
        key for key, value in parameters.items() if any(mark in value for mark in _PLACEHOLDERS)
    ]
    if missing or unset:
        raise NotDeployed(f"set {', '.join(missing + unset)} in environments/{path.name} first")
    certificate = parameters.get("CertificateArn", "").split(":")
    if len(certificate) > _ARN_REGION and certificate[_ARN_REGION] != environment.region:
        raise NotDeployed(
            f"the certificate is of {certificate[_ARN_REGION]}, the environment of"
            f" {environment.region}: request one there, or set another region in {path.name}"
        )
    return environment
