"""Mutations: deliberate faults in the production code. The simulation must detect each of them.

Some are faults of public systems of this kind, some were ours until the simulation found them.
"""

from tests.simulation.mutations import (
    annotating,
    archiving,
    ends_of_parts,
    fetching,
    messages,
    parts,
    reconciling,
    restoring,
    suspending,
)
from tests.simulation.mutations.registry import MUTATIONS, applied

_REGISTERED = (
    annotating,
    archiving,
    ends_of_parts,
    fetching,
    messages,
    parts,
    reconciling,
    restoring,
    suspending,
)
__all__ = ["MUTATIONS", "applied"]
