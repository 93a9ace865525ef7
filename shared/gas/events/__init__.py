"""The contract between services: every event that GAS publishes, and nothing else.

Needs pydantic and no other part of GAS, so any program can use it to read our events.
"""

from gas.events.account import (
    AccountDowngraded,
    AccountRegistered,
    AccountReinstated,
    AccountSuspended,
    AccountUpgraded,
)
from gas.events.bodies import EventBody, Plan, Tier
from gas.events.catalogue import (
    CATALOGUE,
    UNREADABLE,
    Catalogue,
    InvalidEvent,
    UnknownEventType,
)
from gas.events.envelope import Event
from gas.events.ids import first_id_at, new_id, time_of_id
from gas.events.job import (
    ArchiveCopy,
    FailureCode,
    InputFile,
    JobArchived,
    JobBody,
    JobCancelled,
    JobCompleted,
    JobDeleted,
    JobDeletionRequested,
    JobDeletionWithdrawn,
    JobFailed,
    JobReopened,
    JobRestored,
    JobRestoreRequested,
    JobStarted,
    JobSubmitted,
    Lane,
    ResultFile,
    ResultKind,
)
from gas.events.letter import LetterBody, LetterDiscarded, LetterRedriven

__all__ = [
    "CATALOGUE",
    "UNREADABLE",
    "AccountDowngraded",
    "AccountRegistered",
    "AccountReinstated",
    "AccountSuspended",
    "AccountUpgraded",
    "ArchiveCopy",
    "Catalogue",
    "Event",
    "EventBody",
    "FailureCode",
    "InputFile",
    "InvalidEvent",
    "JobArchived",
    "JobBody",
    "JobCancelled",
    "JobCompleted",
    "JobDeleted",
    "JobDeletionRequested",
    "JobDeletionWithdrawn",
    "JobFailed",
    "JobReopened",
    "JobRestoreRequested",
    "JobRestored",
    "JobStarted",
    "JobSubmitted",
    "Lane",
    "LetterBody",
    "LetterDiscarded",
    "LetterRedriven",
    "Plan",
    "ResultFile",
    "ResultKind",
    "Tier",
    "UnknownEventType",
    "first_id_at",
    "new_id",
    "time_of_id",
]
