"""The members of a family as numbers of samples, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from web.variants.parameters import BadParameter
from web.variants.question import Member, Role
from web.variants.schema import NoSuchColumn, Schema

_ONCE = (Role.CHILD, Role.FATHER, Role.MOTHER)


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers of samples, from 1. ``affected`` has the child, ``unaffected`` a healthy parent."""

    child: int | None
    father: int | None
    mother: int | None
    affected: tuple[int, ...]
    unaffected: tuple[int, ...]

    @property
    def parents(self) -> tuple[int, ...]:
        """The parents that are there."""
        return tuple(n for n in (self.father, self.mother) if n is not None)

    @property
    def members(self) -> tuple[int, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.affected, *self.parents, *self.unaffected)))


def family_of(members: Iterable[Member], schema: Schema) -> Family:
    """The family. Parents are unaffected unless they are named as affected too.

    Raises BadParameter for an unknown sample and for roles that contradict each other.
    """
    roles: dict[Role, list[int]] = {role: [] for role in Role}
    for member in members:
        roles[member.role].append(sample_number("family", member.sample, schema))
    for role in _ONCE:
        if len(roles[role]) > 1:
            raise BadParameter("family", f"there can be one {role} only")
    child, father, mother = (next(iter(roles[role]), None) for role in _ONCE)
    named = [n for n in (child, father, mother) if n is not None]
    if len(set(named)) < len(named):
        raise BadParameter("family", "child, father and mother must be different samples")
    affected = tuple(dict.fromkeys([*roles[Role.CHILD], *roles[Role.AFFECTED]]))
    healthy = [n for n in (father, mother) if n is not None and n not in affected]
    unaffected = tuple(dict.fromkeys([*healthy, *roles[Role.UNAFFECTED]]))
    for number in set(affected) & set(unaffected):
        name = schema.samples[number - 1]
        raise BadParameter("family", f"{name} cannot be both affected and unaffected")
    return Family(child, father, mother, affected, unaffected)


def sample_number(field: str, name: str, schema: Schema) -> int:
    """The number of the sample, from 1. Raises BadParameter."""
    try:
        return schema.sample(name)
    except NoSuchColumn as error:
        raise BadParameter(field, str(error)) from None
