"""What operators do with published bundles on the web: retire, and offer again, each as an event.

The event comes first: after a crash in between, whoever repeats the act does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from gas.domain.bundle import Record
from gas.events import BundleReinstated, BundleRetired
from gas.eventstore.repository import BundleRepository
from gas.files.bucket import Files
from gas.files.published import (
    PublishedVersion,
    mark_retired,
    must_be_published,
    unmark_retired,
)


@dataclass(frozen=True, slots=True)
class BundleAdministration:
    """``files`` is the bucket of bundles, ``by`` the operator's user id."""

    bundles: BundleRepository
    files: Files
    by: str

    def retire(self, bundle_id: str, reason: str) -> PublishedVersion | None:
        """Offer the version to new jobs no more; the one that they get now, if there is one.

        Raises NotPublished.
        """
        must_be_published(bundle_id, self.files)
        said = BundleRetired(user_id=self.by, bundle_id=bundle_id, reason=reason)
        self.bundles.execute(bundle_id, Record(said))
        return mark_retired(bundle_id, reason, self.files)

    def reinstate(self, bundle_id: str, reason: str) -> None:
        """Offer the version again. Raises NotPublished."""
        must_be_published(bundle_id, self.files)
        said = BundleReinstated(user_id=self.by, bundle_id=bundle_id, reason=reason)
        self.bundles.execute(bundle_id, Record(said))
        unmark_retired(bundle_id, self.files)
