"""Deliberate faults in the production code: a test of the tests. Each must be caught.

Several are faults that public systems of this kind really have, several were ours until the
simulation found them.
"""

from tests.simulation.mutations import annotating, archiving, messages, reconciling, restoring
from tests.simulation.mutations.registry import MUTATIONS, applied

_REGISTERED = (annotating, archiving, messages, reconciling, restoring)
__all__ = ["MUTATIONS", "applied"]
