"""Steps that the rules forbid. Each is a fact about the aggregate, not a fault of the program."""


class IllegalStep(Exception):
    """The aggregate is in a state from which this step cannot be taken."""


class NoSuchAggregate(IllegalStep):
    """The stream has no events: nobody submitted this job, or registered this account."""


class AlreadyFinished(IllegalStep):
    """The job ended (completed, failed, cancelled, deleted) before this step."""


class NotFinished(IllegalStep):
    """The step needs a finished job, and this one is still waiting or running."""


class NotArchived(IllegalStep):
    """The step needs a result in cold storage, and there is none."""


class OutOfOrder(Exception):
    """An event was folded that does not follow the last one: the log or the reader is broken."""
