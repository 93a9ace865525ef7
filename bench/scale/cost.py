"""What 1,000 jobs cost, by line: list prices of us-east-1 in US dollars, as published in 2025.

Counts are those of ``make bench`` (requests of one job's whole life) and of the simulated fleet.
Check prices before money depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass

MONTH_HOURS = 730
VCPU_HOUR, GB_HOUR = 0.04048, 0.004445
SPOT_DISCOUNT = 0.7  # about; three of four tasks beyond the first
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
SNS, SQS, SES = 0.50e-6, 0.40e-6, 0.10e-3
S3_PUT, S3_GET, GLACIER_PUT = 5e-6, 0.4e-6, 30e-6
EXPEDITED, STANDARD = 10e-3, 50e-6
STORED_GB_MONTH, COLD_GB_MONTH = 0.023, 0.0036
LOG_GB = 0.50
BALANCER_MONTH, NAT_MONTH = 16.4 + 5.8, 32.9
METRICS_MONTH = 30 * 0.30 + 12 * 0.10

WRITES, READS = (
    110,
    60,
)  # units of one job's whole life: 7 transactions, 7 marks, indexes, marks of mails
PUBLISHED, QUEUED, MAILS = 7, 32, 3
S3_WRITES, S3_READS = 8, 8
LOG_BYTES = 12_000
RESULT_GB = 0.002


@dataclass(frozen=True, slots=True)
class Fleet:
    """Tasks of the six services; hours a month of vCPU and GB."""

    annotator_task_hours: float
    other_tasks: int
    annotator_vcpu: float = 2.0
    annotator_gb: float = 6.0
    other_vcpu: float = 0.25
    other_gb: float = 0.5
    web_vcpu: float = 1.0
    web_gb: float = 2.0


def lines(jobs_a_day: float, fleet: Fleet, upgraded: float = 0.05) -> dict[str, float]:
    """Dollars for 1,000 jobs by line; ``upgraded`` is the share that is brought back."""
    month = max(jobs_a_day * 30.4, 1e-9)
    annotator = fleet.annotator_vcpu * VCPU_HOUR + fleet.annotator_gb * GB_HOUR
    first = min(fleet.annotator_task_hours, MONTH_HOURS)
    more = (fleet.annotator_task_hours - first) * (1 - 0.75 * SPOT_DISCOUNT)
    others = fleet.other_tasks * (fleet.other_vcpu * VCPU_HOUR + fleet.other_gb * GB_HOUR)
    web = fleet.web_vcpu * VCPU_HOUR + fleet.web_gb * GB_HOUR
    return {
        "annotators": (first + more) * annotator / month * 1000,
        "other tasks": (others + web) * MONTH_HOURS / month * 1000,
        "load balancer, NAT, metrics": (BALANCER_MONTH + NAT_MONTH + METRICS_MONTH) / month * 1000,
        "DynamoDB": (WRITES * WRITE_UNIT + READS * READ_UNIT) * 1000,
        "SNS, SQS": (PUBLISHED * SNS + QUEUED * SQS) * 1000,
        "mail": MAILS * SES * 1000,
        "S3 requests": (S3_WRITES * S3_PUT + S3_READS * S3_GET + GLACIER_PUT) * 1000,
        "restores, expedited": upgraded * EXPEDITED * 1000,
        "logs": LOG_BYTES / 1e9 * LOG_GB * 1000,
        "a year in cold storage": RESULT_GB * COLD_GB_MONTH * 12 * 1000,
    }
