"""Settings from environment variables, checked at start: a service never runs half configured.

Settings of one service alone are in its own ``settings.py``.
"""

import sys
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gas.domain.job_rules import ArchivePolicy
from gas.domain.source_url import PORTS
from gas.events import Tier

DEVELOPMENT_ONLY: dict[str, Any] = {"development_only": True}
"""``json_schema_extra`` of a field whose default must be replaced in production."""


# Every other region is in the partition "aws".
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition_of(region: str) -> str:
    """The partition of a region, the second part of its ARNs."""
    return next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws")


class Settings(BaseSettings):
    """Settings of every service. The field ``x`` is the variable ``GAS_X``, unless it has an alias.

    ``prefix`` begins the name of every table, queue, topic and bucket: one for each installation.
    ``endpoint_url`` is an emulator's; None means AWS. ``metrics`` is ``emf`` to make CloudWatch
    extract metrics from logs. ``grace_seconds`` is how long a Free user's result stays available,
    ``min_archive_bytes`` the size below which it stays for good. ``fetch_private``: inputs are
    fetched from addresses that are not public too, and from any port; for development alone.
    """

    model_config = SettingsConfigDict(env_prefix="GAS_", frozen=True, populate_by_name=True)

    env: Literal["development", "production"] = "development"
    prefix: str = Field("gas", pattern=r"^[a-z][a-z0-9-]{0,19}$")
    account_id: str = Field(
        "000000000000", pattern=r"^[0-9]{12}$", json_schema_extra=DEVELOPMENT_ONLY
    )
    region: str = Field("us-east-1", validation_alias="AWS_REGION")
    endpoint_url: str | None = Field(None, validation_alias="AWS_ENDPOINT_URL")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics: Literal["off", "emf"] = "off"
    grace_seconds: int = Field(300, ge=1, le=31_536_000)
    min_archive_bytes: int = Field(0, ge=0)
    fetch_private: bool = False

    @property
    def fetch_ports(self) -> frozenset[int] | None:
        """The ports that inputs are fetched from; None means any."""
        return None if self.fetch_private else PORTS

    @property
    def archive_policy(self) -> ArchivePolicy:
        """What of Free users goes to cold storage, and when."""
        return ArchivePolicy(timedelta(seconds=self.grace_seconds), self.min_archive_bytes)

    def named(self, name: str) -> str:
        """The full name of a table, queue or topic: ``gas-events`` for ``events``."""
        return f"{self.prefix}-{name}"

    def bucket(self, name: str) -> str:
        """The full name of a bucket, unique over all AWS accounts and regions."""
        return f"{self.prefix}-{name}-{self.account_id}-{self.region}"

    def topic_arn(self, name: str) -> str:
        """The ARN of a topic, by its short name."""
        return self._arn("sns", self.named(name))

    def machine_arn(self, name: str) -> str:
        """The ARN of a state machine, by its short name."""
        return self._arn("states", f"stateMachine:{self.named(name)}")

    def _arn(self, service: str, resource: str) -> str:
        partition = partition_of(self.region)
        return f"arn:{partition}:{service}:{self.region}:{self.account_id}:{resource}"

    @model_validator(mode="after")
    def _production_has_no_development_defaults(self) -> Self:
        if self.env == "production":
            if self.fetch_private:
                raise ValueError(
                    "GAS_FETCH_PRIVATE lets users reach this network, which is not allowed in"
                    " production"
                )
            for name, field in type(self).model_fields.items():
                extra = field.json_schema_extra
                marked = isinstance(extra, dict) and extra.get("development_only")
                if marked and getattr(self, name) == field.default:
                    raise ValueError(
                        f"{variable_name(type(self), name)} has its default for development,"
                        " which is not allowed in production"
                    )
        return self


class WorkerSettings(Settings):
    """Settings of every service that consumes a queue.

    ``poll_seconds`` is the wait of one long poll (SQS allows 20), ``visibility_seconds`` how long a
    message stays hidden without a heartbeat (SQS allows 12 h), ``concurrency`` how many messages
    are handled at once, ``gather_seconds`` the time between two receives that find messages,
    ``max_receives`` the
    ``maxReceiveCount`` of the queue, ``retry_seconds`` the longest pause after the first failure,
    ``stop_seconds`` how long handlers may run on after SIGTERM (below the container's stop
    timeout; ECS allows 120), ``relay_seconds`` the age at which an unpublished event is relayed.
    """

    poll_seconds: int = Field(20, ge=1, le=20)
    visibility_seconds: int = Field(120, ge=3, le=43_200)
    concurrency: int = Field(10, ge=1, le=64)
    gather_seconds: float = Field(0.25, ge=0, le=5)
    max_receives: int = Field(5, ge=2)
    retry_seconds: float = Field(30, gt=0)
    stop_seconds: float = Field(25, gt=0, le=120)
    relay_seconds: float = Field(10, gt=0)
    health_file: str | None = None


class ColdSettings(WorkerSettings):
    """Settings of the services that move results to or from cold storage.

    ``restore_tiers`` are the tiers that a restore may be requested with: the first, and the next
    one where that has no capacity. ``vault`` names a Glacier vault; it is needed for
    ``archive_store`` ``vault``, and as long as results are in it, whatever store new ones go to.
    Larger files than ``copy_part_bytes`` are copied in parts of that size (S3: 5 MiB to 5 GiB).
    """

    restore_tiers: Annotated[tuple[Tier, ...], NoDecode] = (Tier.EXPEDITED, Tier.STANDARD)
    restore_tier: str | None = Field(None, description="what GAS_RESTORE_TIERS was before")
    copy_part_bytes: int = Field(512 << 20, ge=5 << 20, le=5 << 30)
    archive_store: Literal["s3", "vault"] = "s3"
    vault: str | None = Field(None, pattern=r"^[A-Za-z0-9_.-]{1,255}$")

    @field_validator("restore_tiers", mode="before")
    @classmethod
    def _tiers_in_a_list(cls, value: Any) -> Any:
        return [each.strip() for each in value.split(",")] if isinstance(value, str) else value

    @field_validator("restore_tiers")
    @classmethod
    def _tiers_end_with_one_that_has_capacity(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        fastest_first = tuple(tier for tier in Tier if tier in tiers)
        if tiers != fastest_first or tiers[-1:] in {(), (Tier.EXPEDITED,)}:
            raise ValueError(
                "name each tier once, the fastest first, and end with standard or bulk,"
                " as expedited capacity is not guaranteed: expedited,standard"
            )
        return tiers

    @field_validator("restore_tier")
    @classmethod
    def _renamed(cls, value: str | None) -> str | None:
        if value is not None:
            raise ValueError("is GAS_RESTORE_TIERS now, a list such as expedited,standard")
        return value

    @model_validator(mode="after")
    def _vault_has_a_name(self) -> Self:
        if self.archive_store == "vault" and not self.vault:
            raise ValueError("GAS_ARCHIVE_STORE is vault, so GAS_VAULT must name a vault")
        return self


S = TypeVar("S", bound=Settings)


def variable_name(settings: type[Settings], field: str) -> str:
    """The environment variable that sets ``field``."""
    alias = settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"GAS_{field}".upper()


def load(settings: type[S]) -> S:
    """Read the settings from the environment.

    If any is missing or wrong, the process ends with status 2 and prints one line for each.
    """
    try:
        return settings()
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            known = [str(part) for part in fault["loc"] if str(part) in settings.model_fields]
            place = variable_name(settings, known[0]) if known else "".join(map(str, fault["loc"]))
            message = fault["msg"].removeprefix("Value error, ")
            print(f"wrong setting: {place}: {message}".replace(": : ", ": "), file=sys.stderr)
        raise SystemExit(2) from None
