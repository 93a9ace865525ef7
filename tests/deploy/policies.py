"""Reads the roles of ``ecs/roles.yaml`` and decides like IAM, without its
conditions, which only narrow what a statement allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cfnlint.decode.cfn_yaml import load

TEMPLATE = Path(__file__).resolve().parents[2] / "ecs" / "roles.yaml"
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy, which allows or denies."""

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, action: str, resource: str) -> bool:
        """True if the statement applies to that action on that resource."""
        return any(
            fnmatchcase(action.lower(), pattern.lower()) for pattern in self.actions
        ) and any(fnmatchcase(resource, pattern) for pattern in self.resources)


class Roles:
    """The task roles of an installation, by service."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values
        template = load(str(TEMPLATE))
        self._template = template
        self.statements = {
            str(found["Properties"]["Tags"][0]["Value"]): list(self._of(found["Properties"]))
            for found in template["Resources"].values()
            if found["Type"] == "AWS::IAM::Role"
        }

    def allows(self, service: str, action: str, resource: str) -> bool:
        """True if a statement of the service's role allows it and none denies it."""
        applying = [s for s in self.statements[service] if s.covers(action, resource)]
        return any(s.allows for s in applying) and all(s.allows for s in applying)

    def _of(self, properties: Any) -> Iterator[Statement]:
        documents = [policy["PolicyDocument"] for policy in properties["Policies"]]
        for reference in properties.get("ManagedPolicyArns", []):
            documents.append(
                self._template["Resources"][reference["Ref"]]["Properties"]["PolicyDocument"]
            )
        for document in documents:
            for statement in document["Statement"]:
                yield Statement(
                    statement["Effect"] == "Allow",
                    tuple(_many(statement["Action"])),
                    tuple(self._text(text) for text in _many(statement["Resource"])),
                )

    def _text(self, value: Any) -> str:
        text = value["Fn::Sub"] if isinstance(value, dict) else value
        return _VARIABLE.sub(lambda found: self._values[found.group(1)], text)


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]
