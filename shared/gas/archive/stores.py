"""Several archive stores as one: new copies go to the chosen one, old ones stay where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from gas.archive.store import (
    ArchiveStore,
    CopyReference,
    Notice,
    Readiness,
    RestorePromise,
    StoredCopy,
)
from gas.events import ArchiveCopy, InvalidEvent, ResultFile, Tier

StoreName = Literal["s3", "vault"]


class ArchiveStores:
    """The stores of one installation; ``chosen`` gets what is archived from now on."""

    def __init__(self, chosen: StoreName, stores: Mapping[StoreName, ArchiveStore]) -> None:
        self._chosen = stores[chosen]
        self._stores = stores

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        return self._chosen.put(user_id, job_id, warm)

    def request_restore(
        self, user_id: str, job_id: str, copy: ArchiveCopy, asked_before: Tier | None = None
    ) -> RestorePromise:
        return self._of(copy).request_restore(user_id, job_id, copy, asked_before)

    def readiness(self, copy: ArchiveCopy, retrieval: str | None) -> Readiness:
        return self._of(copy).readiness(copy, retrieval)

    def parse_notice(self, body: str) -> list[Notice]:
        # Notices of all stores arrive on one queue, so each store tries to read them.
        reasons = []
        for store in self._stores.values():
            try:
                return store.parse_notice(body)
            except InvalidEvent as error:
                reasons.append(str(error))
        raise InvalidEvent("; ".join(reasons))

    def fetch(self, copy: ArchiveCopy, to: ResultFile, retrieval: str | None) -> None:
        self._of(copy).fetch(copy, to, retrieval)

    def delete(self, copy: CopyReference) -> None:
        self._of(copy).delete(copy)

    def erase(self, user_id: str, job_id: str, copy: CopyReference | None) -> None:
        for name, store in self._stores.items():
            store.erase(user_id, job_id, copy if copy and copy.store == name else None)

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        for store in self._stores.values():
            yield from store.stored_before(moment)

    def abort_unfinished(self, before: datetime) -> int:
        return sum(store.abort_unfinished(before) for store in self._stores.values())

    def quarantine(self, copy: CopyReference, reason: str) -> None:
        self._of(copy).quarantine(copy, reason)

    def deleted_since(self, moment: datetime) -> Iterator[StoredCopy]:
        for store in self._stores.values():
            yield from store.deleted_since(moment)

    def bring_back(self, copy: CopyReference) -> None:
        self._of(copy).bring_back(copy)

    def _of(self, copy: CopyReference) -> ArchiveStore:
        try:
            return self._stores[copy.store]
        except KeyError:
            raise LookupError(
                f"a copy is in the store {copy.store!r}, which is not configured: set GAS_VAULT"
            ) from None
