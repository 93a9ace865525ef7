"""Reads a pedigree file (PED) into the roles of a job's samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.variants.question import Member, Role

MAX_CHARACTERS = 200_000
_MISSING = {"0", ".", "-9", ""}
_AFFECTED, _UNAFFECTED = {"2", "affected"}, {"1", "unaffected"}


class BadPedigree(ValueError):
    """A line that is no line of a pedigree; the message names it and says what is wanted."""


@dataclass(frozen=True, slots=True)
class Individual:
    """A line of the file; ``is_affected`` None is unknown."""

    family: str
    name: str
    father: str | None
    mother: str | None
    is_affected: bool | None


@dataclass(frozen=True, slots=True)
class Pedigree:
    """Roles of samples, and the individuals that the job's file does not have."""

    members: tuple[Member, ...]
    not_in_file: tuple[str, ...]


def read_pedigree(text: str, samples: Sequence[str], child: str | None = None) -> Pedigree:
    """The roles around one affected child: ``child``, or else the first with most parents here.

    A line has family, individual, father, mother, sex and phenotype (2 is affected, 1 is not, 0 or
    -9 unknown), separated by tabs or spaces. Only the child's family is read. Raises BadPedigree.
    """
    people = {person.name: person for person in _individuals(text)}
    chosen = _chosen(people, samples, child)
    relatives = [p for p in people.values() if p.family == chosen.family]
    members = [Member(chosen.name, Role.CHILD)]
    for name, role in ((chosen.father, Role.FATHER), (chosen.mother, Role.MOTHER)):
        if name in samples and name is not None:
            members.append(Member(name, role))
    parents = {chosen.father, chosen.mother}
    for person in relatives:
        if person.name == chosen.name or person.name not in samples:
            continue
        if person.is_affected:
            members.append(Member(person.name, Role.AFFECTED))
        elif person.is_affected is False and person.name not in parents:
            members.append(Member(person.name, Role.UNAFFECTED))
    absent = tuple(person.name for person in relatives if person.name not in samples)
    return Pedigree(tuple(members), absent)


def _individuals(text: str) -> list[Individual]:
    if len(text) > MAX_CHARACTERS:
        raise BadPedigree(f"the file may have {MAX_CHARACTERS:,} characters, not {len(text):,}")
    lines = enumerate(text.splitlines(), start=1)
    found = [_individual(number, line) for number, line in lines if _is_data(line)]
    if not found:
        raise BadPedigree("the file has no line with an individual")
    return found


def _is_data(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _individual(number: int, line: str) -> Individual:
    fields = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
    if len(fields) < 6:
        wanted = "family, individual, father, mother, sex, phenotype"
        raise BadPedigree(f"line {number} has {len(fields)} columns; it needs six: {wanted}")
    family, name, father, mother, _, phenotype = (field.strip() for field in fields[:6])
    state = phenotype.lower()
    return Individual(
        family,
        name,
        None if father in _MISSING else father,
        None if mother in _MISSING else mother,
        True if state in _AFFECTED else False if state in _UNAFFECTED else None,
    )


def _chosen(people: dict[str, Individual], samples: Sequence[str], child: str | None) -> Individual:
    if child is not None:
        if child not in people or child not in samples:
            raise BadPedigree(f"{child} is not both in the pedigree and among the job's samples")
        return people[child]
    affected = [p for p in people.values() if p.is_affected and p.name in samples]
    if not affected:
        few = ", ".join(samples[:5]) or "none"
        raise BadPedigree(f"no affected individual is among the job's samples ({few})")
    return max(affected, key=lambda p: sum(name in samples for name in (p.father, p.mother)))
