"""A model of a file of any size on any number of tasks, from measured pieces and list prices."""

from __future__ import annotations

from dataclasses import dataclass

from bench.scale.cost import GB_HOUR, S3_GET, S3_PUT, SQS, VCPU_HOUR

TRANSITION = 25e-6
"""Dollars of a state transition of a standard workflow of Step Functions, us-east-1, 2025."""
_TRANSITIONS_A_PART = 3  # start of the child workflow, its task, its end
_PUTS_A_PART, _GETS_A_PART, _COPIES_A_PART = 5, 8, 3
S3_BYTES_A_SECOND, _STREAMS = 90e6, 8  # of one stream, and how many read ahead at once
_COPY_SECONDS, _COPIES_AT_ONCE = 0.5, 16
_TASK_VCPU, _TASK_GB = 2, 6
_MOST_PARTS = 9_900
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds to annotate one file of so many bytes, and for each part.

    ``split_rate`` is how many bytes are cut in a second by one core. ``start`` is what a process of
    a part takes before it begins, ``join`` what the join takes for a part.
    """

    size_bytes: int
    split_rate: float
    annotate: float
    start: float
    join: float


@dataclass(frozen=True, slots=True)
class Predicted:
    """Seconds of each step for a larger file, and dollars."""

    split: float
    annotate: float
    join: float
    dollars: float

    @property
    def seconds(self) -> float:
        """From the first step to the last."""
        return self.split + self.annotate + self.join


def predict(of: Measured, size_bytes: float, tasks: int, parts: int) -> Predicted:
    """A file of that size with records as those that were measured, on so many tasks of two cores.

    The split reads at the speed of its streams of S3 or of one core, whichever is slower.
    """
    growth = size_bytes / of.size_bytes
    split = size_bytes / min(of.split_rate, _STREAMS * S3_BYTES_A_SECOND)
    work = of.annotate * growth + of.start * parts
    annotate = work / min(_TASK_VCPU * tasks, _TASK_VCPU * parts)
    join = of.join * parts + _COPIES_A_PART * parts * _COPY_SECONDS / _COPIES_AT_ONCE
    task_hour = _TASK_VCPU * VCPU_HOUR + _TASK_GB * GB_HOUR
    dollars = (
        (work / _TASK_VCPU + split + join) / 3600 * task_hour
        + parts * (_TRANSITIONS_A_PART * TRANSITION + 3 * SQS)
        + parts * ((_PUTS_A_PART + _COPIES_A_PART) * S3_PUT + _GETS_A_PART * S3_GET)
    )
    return Predicted(split, annotate, join, dollars)


def print_prediction(of: Measured) -> None:
    """Print what files of other sizes take."""
    print("\nPredicted, in parts of about 100 MB:\n")
    print("| file | tasks | parts | split | parts | join | together | dollars |")
    print("|---|" + "---:|" * 7)
    for size in (5 * _GB, 50 * _GB, 300 * _GB):
        parts = min(int(size / 100e6), _MOST_PARTS)
        for tasks in (1, 20, 200, 1_000):
            found = predict(of, size, tasks, parts)
            steps = (found.split, found.annotate, found.join, found.seconds)
            shown = " | ".join(f"{seconds / 60:,.0f} min" for seconds in steps)
            print(
                f"| {size / _GB:.0f} GB | {tasks:,} | {parts:,} | {shown} | {found.dollars:,.2f} |"
            )
