"""Which bundles a job may name."""

from __future__ import annotations

from collections.abc import Collection

from web.bundles import BundleList, DescribedBundle
from web.problems import invalid_field

AUTO = "auto"
"""The bundle choice "by the header": the annotator finds the bundle that has the file's contigs."""


def must_be_offered(choice: str | None, listed: BundleList, ran_on: Collection[str]) -> None:
    """Raise Problem (400) for a bundle that users cannot choose; None is the default one.

    A retired version can be chosen only where the job ``ran_on`` it before.
    """
    if choice == AUTO:
        return
    found = listed.find(choice or listed.default)
    if found is None:
        known = ", ".join((AUTO, *(one.name for one in listed.offered)))
        raise invalid_field("bundle", f"must be one of {known}", status=400)
    if found.retired and found.id not in ran_on:
        raise invalid_field("bundle", _why_retired(found, listed), status=400)


def _why_retired(retired: DescribedBundle, listed: BundleList) -> str:
    newer = listed.newer_than(retired.id)
    then = f" Choose {newer.name}, which is {newer.id} now." if newer else ""
    why = f" ({retired.retired_because})" if retired.retired_because else ""
    return f"{retired.id} is retired{why} and takes only reruns of jobs that used it.{then}"
