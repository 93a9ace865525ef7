"""Steps that the rules forbid. Handlers expect them: they are outcomes, not program errors."""


class IllegalStep(Exception):
    """The state of the aggregate does not allow this step."""


class NoSuchAggregate(IllegalStep):
    """The stream has no events: this job was never submitted, this account never registered."""


class AccountIsClosed(IllegalStep):
    """The account is closed: nothing follows but the record that it is erased."""


class AlreadyFinished(IllegalStep):
    """The job ended (completed, failed, cancelled, deleted) before this step."""


class Superseded(IllegalStep):
    """Another attempt at the job has begun since."""


class NotFinished(IllegalStep):
    """The step needs a finished job, or a warm result, and this job has none (yet)."""


class NotArchived(IllegalStep):
    """The step needs a result in cold storage, and this job has none."""


class OutOfOrder(Exception):
    """An event does not follow the one before it: the log or its reader is broken."""
