"""A web server on in-memory ports, and its users, each with a token and a browser."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from gas.domain.job_rules import ArchivePolicy
from gas.events import Plan
from gas.memory.feed import MemoryEventFeed
from gas.memory.part_uploads import MemoryPartUploads
from gas.memory.profiles import MemoryProfileTable
from gas.memory.progress import MemoryProgressTable
from gas.memory.sessions import MemorySessionTable
from gas.memory.suppressions import MemorySuppressionTable
from gas.memory.users import MemoryCallerTables
from gas.tables.rates import LocalRateTable, RateTable
from tests.support.operation import Desk
from tests.support.world import GRACE, World
from web.accounts import terms
from web.accounts.billing import OpenBilling
from web.accounts.service import AccountService, Identity
from web.accounts.sessions import Sessions
from web.app import create_app
from web.bundles import described
from web.jobs.listing import JobLists
from web.jobs.sample import Samples
from web.jobs.service import JobService
from web.jobs.submission import Submission
from web.jobs.terms import must_be_accepted
from web.live.sources import Sources
from web.personal.wiring import personal_of
from web.ports import Ports, export_service_of, variant_service_of
from web.published_bundles import OfferedBundles
from web.quotas.quotas import Quotas
from web.quotas.wiring import quota_of_plan, rates_of
from web.settings import WebSettings
from web.uploads.in_parts import UploadsInParts

FREE_LIMIT = 1000
# The clock stands still, so no window of time ends by itself.
UNLIMITED = dict.fromkeys(
    ("free_requests", "premium_requests", "logins", "visits"), "1000000/minute"
)
BUNDLES = ("human-mt", "grch38-21q21")


class FakeStorage:
    """Links and forms that lead nowhere."""

    def upload_form(self, key: str, size_bytes: int) -> dict[str, Any]:
        return {"url": "http://s3/", "fields": {"key": key, "max": str(size_bytes)}}

    def part_url(self, key: str, bucket_id: str, number: int, size_bytes: int) -> str:
        return f"http://s3/{key}?uploadId={bucket_id}&partNumber={number}&size={size_bytes}"

    def download_url(self, key: str, filename: str) -> str:
        return f"http://s3/{key}?name={filename}"

    def reading_url(self, key: str) -> str:
        return f"http://s3/{key}"


class WebServer:
    """The Flask application with its ports; ``check`` is what its readiness depends on.

    ``rates`` has the counts that it shares with other tasks.
    """

    def __init__(self, rates: RateTable | None = None, **settings_given: Any) -> None:
        world = self.world = World()
        self._folder = tempfile.TemporaryDirectory(prefix="gas-variants-")
        settings = WebSettings(
            variants_folder=Path(self._folder.name),
            variants_memory="200MB",
            **(UNLIMITED | settings_given),
        )
        self.progress = MemoryProgressTable(world.now)
        storage = FakeStorage()
        profiles, sessions = MemoryProfileTable(), MemorySessionTable()
        self.accounts = AccountService(
            world.accounts,
            world.account_table,
            profiles,
            MemoryCallerTables(profiles, world.account_table, sessions),
            OpenBilling(),
            world.now,
            most_tokens=settings.api_tokens,
        )
        self.offered = OfferedBundles(described(BUNDLES))
        self.parts = MemoryPartUploads(world.inputs)
        self.limits = {Plan.FREE: FREE_LIMIT, Plan.PREMIUM: 2 * FREE_LIMIT}
        submission = Submission(
            jobs=world.jobs,
            table=world.job_table,
            uploads=world.uploads,
            inputs=world.inputs,
            storage=storage,
            now=world.now,
            new_id=world.new_id,
            limits=self.limits,
            bundles=self.offered.now,
            large_file_bytes=FREE_LIMIT // 2,
            quotas=Quotas(quota_of_plan(settings), world.job_table, world.uploads, world.now),
            check_terms=partial(must_be_accepted, address="http://gas/terms"),
        )
        jobs = JobService(
            jobs=world.jobs,
            table=world.job_table,
            log=world.log,
            progress=self.progress,
            results=world.results,
            storage=storage,
            archive_policy=ArchivePolicy(GRACE),
            lists=JobLists(world.job_list, world.now),
            now=world.now,
            undo=timedelta(seconds=settings.undo_seconds),
        )
        self.desk = Desk(world, settings, self.progress, self.offered)
        self.sessions = Sessions(sessions, world.now, world.new_id)
        self.suppressions = MemorySuppressionTable()
        self.check: Callable[[], object] = lambda: None
        self.samples = Samples(world.job_table)
        self.personal = personal_of(world.personal, world.now, world.new_id, "http://gas")
        variants = variant_service_of(settings, world.results)
        exports = export_service_of(settings, variants, world.results, world.now)
        ports = Ports(
            self.accounts,
            submission,
            jobs,
            self.suppressions,
            self._check,
            self.offered.now,
            variants,
            self.personal,
            self.samples,
            exports,
            self.sessions,
            rates_of(settings, rates or LocalRateTable(), world.now),
            UploadsInParts(submission, self.parts, world.inputs, storage),
            Sources(MemoryEventFeed(world.db), world.job_table, self.progress, world.now),
            self.desk.operation,
            settings.restore_tiers,
        )
        self.app = create_app(settings, ports)

    def _check(self) -> object:
        return self.check()  # tests replace it after the start

    def replace(self, **ports: Any) -> None:
        """Serve with other ports than before."""
        wired = self.app.extensions["gas"]
        self.app.extensions["gas"] = dataclasses.replace(wired, **ports)

    def user(self, name: str = "ada") -> User:
        """A user who has signed in."""
        identity = Identity("http://issuer", name, f"{name}@example.org", name)
        account = self.accounts.sign_in(identity)
        self.accounts.accept_terms(account.user_id, terms.VERSION)
        return User(self, account.user_id)

    def operator(self, name: str = "grace") -> User:
        """A user whose address the provider has verified; an operator if the settings name it."""
        user = self.user(name)
        with user.browser.session_transaction() as session:
            session["verified"] = f"{name}@example.org"
        return user


class User:
    """A user with a token and, in ``browser``, a session."""

    def __init__(self, server: WebServer, user_id: str) -> None:
        self.server = server
        self.id = user_id
        self.token = server.accounts.new_token(user_id)
        self.browser: FlaskClient = server.app.test_client()
        with self.browser.session_transaction() as session:
            session["login"] = str(server.sessions.begin(user_id))

    def call(self, method: str, path: str, **more: Any) -> Any:
        """A request to the API with the user's token; ``more`` goes to the Flask test client."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        client = self.server.app.test_client()
        return client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def uploaded(self, size: int = 100, name: str = "my.vcf.gz") -> str:
        """The id of an upload whose file is in the bucket."""
        promised = self.call("POST", "/uploads", json={"filename": name, "size_bytes": size}).json
        self.server.world.inputs.write(promised["fields"]["key"], b"x" * size)
        return str(promised["upload_id"])

    def submitted(self) -> str:
        """The id of a submitted job."""
        answer = self.call("POST", "/jobs", json={"upload_id": self.uploaded()})
        assert answer.status_code == 202
        return str(answer.json["job_id"])


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    """The RFC 9457 document of an answer, checked to be that problem with that status."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = answer.json
    assert document["type"].endswith(slug)
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document
