"""An environment: a region and the parameters of its stacks (``ecs/environments/NAME.json``)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "environments"

MAX_QUEUE_DELAY_SECONDS = 900
"""SQS allows no more; the archiver postpones messages for the rest of a longer grace period."""

_ARN_REGION = 3  # arn:partition:service:region:…
# What the example files contain where a real value is needed.
_PLACEHOLDERS = ("example.org", "000000000000", "the-client-id")


class NotDeployed(Exception):
    """Nothing was changed, or not everything; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The content of one file.

    ``parameters`` are those of ``gas.yaml``; ``extra_data_parameters`` are those of ``data.yaml``
    that cannot be derived from them.
    """

    name: str
    region: str
    parameters: dict[str, str]
    extra_data_parameters: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The beginning of all names, also of the stacks."""
        return self.parameters["Prefix"]

    @property
    def data_parameters(self) -> dict[str, str]:
        """The parameters of ``data.yaml``."""
        grace = int(self.parameters.get("GraceSeconds", "300"))
        return {
            **self.extra_data_parameters,
            "Prefix": self.prefix,
            "QueueDelaySeconds": str(min(grace, MAX_QUEUE_DELAY_SECONDS)),
            "WebOrigin": self.parameters["PublicUrl"],
        }


def read(name: str, folder: Path = FOLDER) -> Environment:
    """The environment of that name. Raises NotDeployed.

    It is checked here, because CloudFormation would report these mistakes only after minutes.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(found.stem for found in folder.glob("*.json")))
        raise NotDeployed(f"there is no environment {name!r}; there are: {there} ({folder.name}/)")
    try:
        document = json.loads(path.read_text("utf-8"))
        parameters, data_parameters = (
            {key: str(value) for key, value in found.items()}
            for found in (document["parameters"], document.get("data", {}))
        )
        environment = Environment(name, str(document["region"]), parameters, data_parameters)
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
            f"the certificate is in {certificate[_ARN_REGION]}, the environment in"
            f" {environment.region}: request one there, or set another region in {path.name}"
        )
    return environment
