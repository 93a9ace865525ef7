"""The users of a simulated installation: they upload, give addresses, submit, cancel and delete.

Now and then an operator suspends one of them, or ends a suspension, or hands out a running job
anew. One user at most closes the account, and begins a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from gas.aws.errors import AwsError
from gas.domain.errors import IllegalStep
from gas.domain.job import Job, JobStatus
from gas.eventstore.guards import GuardFailed
from gas.eventstore.log import Conflict
from tests.simulation.system import LARGE_BYTES, SPLIT_BYTES, System
from web.accounts.closing import close
from web.accounts.service import Identity
from web.jobs.from_address import submit_address
from web.jobs.rerun import RerunOptions, rerun
from web.jobs.submission import JobOptions
from web.problems import Problem

USERS = 2
MAX_JOBS = 6
MAX_RERUNS = 3
MAX_ADDRESSES = 3
_SIZES = (0, 0, LARGE_BYTES, SPLIT_BYTES)
_SHOWN_ERRORS = (Problem, IllegalStep, GuardFailed, Conflict, *AwsError)


def _identity(number: int) -> Identity:
    return Identity("http://issuer", str(number), f"u{number}@example.org", f"u{number}")


class Users:
    """All users of an installation; each request of theirs is a task of the simulator."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._simulator = system.simulator
        self._rng = system.simulator.rng
        self.ids = [self._sign_up(number) for number in range(USERS)]
        self._has_closed = False
        self.uploads: list[tuple[str, str]] = []  # user id and upload id

    def _sign_up(self, number: int) -> str:
        identity = _identity(number)
        rate, self._simulator.fault_rate = self._simulator.fault_rate, 0.0
        self._simulator.start("web sign in", lambda: self._system.accounts.sign_in(identity))
        self._run_all()
        user_id = next(identity.user_ids())
        self._simulator.start("web begin", lambda: self._system.sessions.begin(user_id))
        self._run_all()
        self._simulator.fault_rate = rate
        return user_id

    def _run_all(self) -> None:
        while self._simulator.tasks:
            self._simulator.step(self._simulator.tasks[0])

    def act(self, jobs: Collection[Job]) -> None:
        """Start one random request of a random user; ``jobs`` are all jobs that exist."""
        user_id = self._rng.choice(self.ids)
        if self._is_closed(user_id):
            self._return(user_id)
            return
        if self.is_suspended(user_id):
            # Web refuses all that the user could ask for.
            if self._rng.random() < 0.3:
                self._administer("restore", user_id)
            return
        # The race that may leave a Premium user's result in the archive.
        is_archived_now = any(task.service == "archiver" for task in self._simulator.tasks)
        acts: dict[Callable[[], None], float] = {
            lambda: self.upload(user_id): 4,
            lambda: self._submit_any(user_id): 5,
            lambda: self._give_address(user_id): 1,
            lambda: self._upgrade(user_id): 8 if is_archived_now else 1,
            lambda: self._downgrade(user_id): 1,
            lambda: self._cancel_any(user_id, jobs): 0.4,
            lambda: self._delete_any(user_id, jobs): 0.3,
            lambda: self._undo_any(user_id, jobs): 0.3,
            lambda: self._rerun_any(user_id, jobs): 0.3,
            lambda: self._write_again(user_id, jobs): 0.3,
            lambda: self._administer("suspend", user_id): 0.4,
            lambda: self._hand_out_any(jobs): 0.4,
            lambda: self._close(user_id): 0.05,
        }
        self._rng.choices(list(acts), list(acts.values()))[0]()

    def upload(self, user_id: str) -> None:
        """Ask for an upload form and upload, unless there are enough jobs."""
        if len(self.uploads) >= MAX_JOBS:
            return

        def run() -> None:
            account = self._system.world.account_table.get(user_id)
            assert account is not None
            promised = self._system.submission.promise(account, "my.vcf", 10)
            key = promised.form["fields"]["key"]
            content = (b"bad " if self._rng.random() < 0.1 else b"vcf ") + key.encode()
            content = content.ljust(self._rng.choice(_SIZES), b"x")
            self._system.contents[key] = content
            self._system.world.inputs.write(key, content)
            self.uploads.append((user_id, promised.upload_id))

        self._request("upload", run)

    def submit(self, user_id: str, upload_id: str) -> None:
        """Submit that upload, perhaps not for the first time."""
        account = self._system.world.account_table.get(user_id)
        assert account is not None
        submit = self._system.submission.submit
        self._request("submit", lambda: submit(account, upload_id, JobOptions(), None))

    def _submit_any(self, user_id: str) -> None:
        uploads = [upload for owner, upload in self.uploads if owner == user_id]
        if uploads:
            self.submit(user_id, self._rng.choice(uploads))

    def _give_address(self, user_id: str) -> None:
        """Submit a job on the file at an address, perhaps by a double click."""
        system = self._system
        if len(system.addresses.files) >= MAX_ADDRESSES:
            return
        address = system.addresses.offer(user_id, self._rng.choice(_SIZES))

        def run() -> None:
            account = system.world.account_table.get(user_id)
            assert account is not None
            # Its form has a key of its own.
            submit_address(system.submission, account, address, JobOptions(), address)

        for _ in range(self._rng.choice([1, 2])):
            self._request("address", run)

    def _upgrade(self, user_id: str) -> None:
        self._request("upgrade", lambda: self._system.accounts.upgrade(user_id))

    def _downgrade(self, user_id: str) -> None:
        self._request("downgrade", lambda: self._system.accounts.downgrade(user_id, "asked"))

    def _close(self, user_id: str) -> None:
        """Close the account, unless another one was."""
        if not self._has_closed:
            self._has_closed = True
            system = self._system
            self._request("close", lambda: close(system.accounts, system.sessions, user_id))

    def _return(self, user_id: str) -> None:
        """Log in again after the end of an account, which begins another."""
        number = self.ids.index(user_id)

        def run() -> None:
            account = self._system.accounts.sign_in(_identity(number))
            self._system.sessions.begin(account.user_id)
            self.ids[number] = account.user_id

        self._request("sign in", run)

    def is_suspended(self, user_id: str) -> bool:
        """Whether the account is suspended at the moment."""
        account = self._system.world.account_table.get(user_id)
        return account is not None and account.is_suspended

    def _is_closed(self, user_id: str) -> bool:
        account = self._system.world.account_table.get(user_id)
        return account is not None and account.is_closed

    def _administer(self, name: str, user_id: str) -> None:
        act = getattr(self._system.administration, name)
        self._request(name, lambda: act(user_id, "an operator's reason"))

    def restore_all(self) -> None:
        """End every suspension, perhaps not at the first try."""
        for user_id in self.ids:
            if self.is_suspended(user_id):
                self._administer("restore", user_id)

    def _hand_out_any(self, jobs: Collection[Job]) -> None:
        """An operator has a job begun anew that seems stuck."""
        if found := [job for job in jobs if job.status is JobStatus.RUNNING]:
            job = self._rng.choice(found)
            hand_out = self._system.job_administration.hand_out
            self._request("hand out", lambda: hand_out(job.job_id, job.version, "it seems stuck"))

    def _cancel_any(self, user_id: str, jobs: Collection[Job]) -> None:
        service = self._system.job_service
        self._request_for_any("cancel", user_id, jobs, lambda id: service.cancel(user_id, id))

    def _delete_any(self, user_id: str, jobs: Collection[Job]) -> None:
        service = self._system.job_service
        self._request_for_any("delete", user_id, jobs, lambda id: service.delete(user_id, id))

    def _undo_any(self, user_id: str, jobs: Collection[Job]) -> None:
        undo = self._system.job_service.undo_delete
        self._request_for_any("undo", user_id, jobs, lambda id: undo(user_id, id))

    def _rerun_any(self, user_id: str, jobs: Collection[Job]) -> None:
        if sum(job.rerun_of is not None for job in jobs) >= MAX_RERUNS:
            return
        system = self._system
        # Sometimes the same key again, as after a double click or a lost answer.
        key = self._rng.choice([None, "a", "b"])

        def run(job_id: str) -> None:
            account = system.world.account_table.get(user_id)
            assert account is not None
            job = system.job_service.find(user_id, job_id)
            rerun(system.submission, account, job, RerunOptions(), key)

        self._request_for_any("rerun", user_id, jobs, run)

    def _write_again(self, user_id: str, jobs: Collection[Job]) -> None:
        """Use the form of a submitted upload once more, with another file."""
        own = [job for job in jobs if job.user_id == user_id and not job.input.fetched_from]
        keys = [job.input.key for job in own]
        inputs = self._system.world.inputs
        kept = [key for key in keys if key in inputs.objects]
        if kept:
            inputs.write(self._rng.choice(kept), b"vcf of another content")

    def _request_for_any(
        self, name: str, user_id: str, jobs: Collection[Job], act: Callable[[str], object]
    ) -> None:
        own = [job.job_id for job in jobs if job.user_id == user_id]
        if own:
            job_id = self._rng.choice(own)
            self._request(name, lambda: act(job_id))

    def _request(self, name: str, run: Callable[[], object]) -> None:
        def request() -> None:
            try:
                run()
            except _SHOWN_ERRORS as error:
                self._simulator.trace.append(f"the user gets {error!r}")

        self._simulator.start(f"web {name}", request)
