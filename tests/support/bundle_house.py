"""A web server that offers bundles of a bucket, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import EndpointConnectionError

from gas.files.bucket import StoredFile
from gas.files.published import entry_key, retired_key
from gas.memory.files import MemoryFiles
from tests.support.web_server import BUNDLES, User, WebServer
from web.bundles import described
from web.published_bundles import KEPT_SECONDS

_CONTENT = b"##fileformat=VCFv4.2\n#CHROM\n"


class Bucket(MemoryFiles):
    """A bucket whose clock goes on, and that can be away."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.is_away = False
        super().__init__("bundles", self._tick)

    def _tick(self) -> datetime:
        self.time += timedelta(minutes=1)
        return self.time

    def stored_before(self, moment: datetime) -> Iterator[StoredFile]:
        if self.is_away:
            raise EndpointConnectionError(endpoint_url="s3")
        return super().stored_before(moment)

    def publish(self, name: str, version: str) -> None:
        """Store the entry of a version."""
        text = f'{{"name": "{name}", "version": "{version}", "title": "The {name}"}}'
        self.write(entry_key(f"{name}@{version}"), text.encode())

    def retire(self, bundle_id: str, reason: str) -> None:
        """Store the mark of a retired version, as the command does."""
        self.write(retired_key(bundle_id), reason.encode())


class House:
    """A web server whose bundles are those of the settings and of a bucket."""

    def __init__(self, **settings: Any) -> None:
        self.bucket = Bucket()
        self.seconds = 0.0
        self.server = WebServer(**settings)
        # In place: the submission has the bound method already.
        self.server.offered.__init__(  # type: ignore[misc]
            described(BUNDLES), self.bucket, lambda: self.seconds
        )
        self.user: User = self.server.user()

    def later(self) -> None:
        """Let the list of the bucket be too old."""
        self.seconds += KEPT_SECONDS

    def submit(self, bundle: str) -> object:
        """The answer to a new job on that bundle."""
        body = {"upload_id": self.user.uploaded(), "bundle": bundle}
        return self.user.call("POST", "/jobs", json=body)

    def ran_on(self, bundle: str, version: str) -> str:
        """The id of a completed job of the user."""
        world = self.server.world
        job = world.submit(self.user.id, _CONTENT, bundle=bundle)
        return world.complete(job, b"{}", version).job_id
