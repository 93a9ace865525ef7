"""The settings of the web server."""

import re
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Self

from limits import parse
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from gas.events import Tier
from gas.settings import DEVELOPMENT_ONLY, Settings
from web.accounts.billing import BillingKind

_LOCAL_SECRET = "for development only: anybody can read this"  # noqa: S105


def _current_word(billing: object) -> object:
    """``open`` was called ``sandbox``."""
    return "open" if billing == "sandbox" else billing


def _addresses(value: object) -> object:
    """Raises ValueError for what is not an e-mail address."""
    if not isinstance(value, str):
        return value
    found = tuple(each.strip() for each in value.split(",") if each.strip())
    if wrong := [each for each in found if not re.fullmatch(r"[^\s@]+@[^\s@]+", each)]:
        raise ValueError(f"{', '.join(wrong)}: not an e-mail address; separate several by commas")
    return found


def _list(value: object) -> object:
    return [each.strip() for each in value.split(",")] if isinstance(value, str) else value


def _rate(text: str) -> str:
    """Raises ValueError for what ``limits`` cannot read as one rate."""
    parse(text)
    return text


Rate = Annotated[str, AfterValidator(_rate)]
"""Such as ``60/minute`` or ``5 per 10 seconds``."""


class WebSettings(Settings):
    """What the web server needs.

    - ``public_url``: where users reach the pages, the only address that links have and the only
      ``Host`` that is answered; S3 accepts uploads from pages of this origin
    - ``listen_host``, ``listen_port``: where the server listens
    - ``health_port``: the port of ``/healthz``, on the same host
    - ``aws_seconds``: how long a call of AWS may take; a request that has waited for so long in all
      its calls begins no further one
    - ``session_secret``: signs sessions, at least 32 characters
    - ``proxy_hops``: how many proxies in front of the server add forwarded headers
    - ``oidc_*``: the OpenID provider and our client there; ``oidc_label`` is its name on the login
      button
    - ``s3_public_url``: S3's address for browsers, if it differs from the services' one
    - ``billing``: ``operator``: operators give plans; ``open`` (or ``sandbox``): whoever asks gets
      Premium, which is refused in production
    - ``operator_contact``: whom users ask: an e-mail address, the address of a page, or nothing
    - ``free_upload_bytes``, ``premium_upload_bytes``: the largest upload of each plan; above 5 GiB
      it must be sent in parts, as pages do. Annotators need disk for it (``ecs/gas.yaml``)
    - ``operators``: the e-mail addresses, separated by commas, of those who see the operators'
      pages; the login provider must have verified them
    - ``free_open_uploads``, ``premium_open_uploads``: how many uploads that are not submitted yet a
      user of each plan may have
    - ``free_waiting_jobs``, ``premium_waiting_jobs``: how many waiting jobs
    - ``free_stored_bytes``, ``premium_stored_bytes``: how much of a user's jobs is kept before the
      next upload is refused
    - ``free_requests``, ``premium_requests``: how often a user of each plan may ask the API; each
      task counts for itself
    - ``logins``: how often an address may begin a login, and how often return from the provider
    - ``visits``: how often an address may ask for what is open to everybody, or with a token that
      is not valid; each task counts for itself
    - ``api_tokens``: how many API tokens a user may have
    - ``large_file_bytes``: larger uploads go to the queue of large files
    - ``restore_tiers``: as the restorer has them: what pages tell of times and costs
    - ``undo_seconds``: how long users can take a deletion back
    - ``bundles``: the bundles that users can choose; the first is the default of the API
    - ``variants_folder``, ``variants_bytes``: where the task keeps copies of tables of variants,
      and how much of its disk they may take
    - ``variants_memory``, ``variants_threads``: what DuckDB may use in one process, for all
      questions together
    - ``variants_seconds``, ``variants_at_once``: how long a question may take, and how many are
      answered at once; others wait, and what takes seconds is counted apart
    - ``exports_at_once``, ``export_memory``: how many exports one process writes at once, and what
      DuckDB may use for each
    - ``bundle_catalogue``: a file that describes those of them that do not come with GAS;
      ``bundle_bucket``: the bucket of published bundles, which are offered besides
    """

    public_url: str = Field("http://127.0.0.1:5000", json_schema_extra=DEVELOPMENT_ONLY)
    listen_host: str = "127.0.0.1"
    listen_port: int = Field(5000, ge=0, le=65_535)
    health_port: int = Field(5080, ge=0, le=65_535)
    aws_seconds: float = Field(3, gt=0, le=60)
    session_secret: str = Field(_LOCAL_SECRET, min_length=32, json_schema_extra=DEVELOPMENT_ONLY)
    proxy_hops: int = Field(0, ge=0, le=5)
    oidc_issuer: str = Field("http://127.0.0.1:9400", json_schema_extra=DEVELOPMENT_ONLY)
    oidc_client_id: str = Field("gas-development", json_schema_extra=DEVELOPMENT_ONLY)
    oidc_client_secret: str = Field(_LOCAL_SECRET, json_schema_extra=DEVELOPMENT_ONLY)
    oidc_label: str = "your institution"
    s3_public_url: str | None = None
    billing: Annotated[BillingKind, BeforeValidator(_current_word)] = "operator"
    operator_contact: str = Field("", pattern=r"^(|https?://[^\s]+|[^\s@]+@[^\s@]+)$")
    operators: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses)] = ()
    free_upload_bytes: int = Field(100_000_000, ge=1)
    premium_upload_bytes: int = Field(10_000_000_000, ge=1, le=5_000_000_000_000)
    free_open_uploads: int = Field(50, ge=1, le=10_000)
    premium_open_uploads: int = Field(500, ge=1, le=10_000)
    free_waiting_jobs: int = Field(100, ge=1, le=10_000)
    premium_waiting_jobs: int = Field(1_000, ge=1, le=10_000)
    free_stored_bytes: int = Field(50_000_000_000, ge=1)
    premium_stored_bytes: int = Field(2_000_000_000_000, ge=1)
    free_requests: Rate = "600/minute"
    premium_requests: Rate = "1800/minute"
    logins: Rate = "60/minute"
    visits: Rate = "1200/minute"
    api_tokens: int = Field(20, ge=1, le=1_000)
    large_file_bytes: int = Field(10_000_000, ge=1)
    restore_tiers: Annotated[tuple[Tier, ...], NoDecode, BeforeValidator(_list)] = Field(
        (Tier.EXPEDITED, Tier.STANDARD), min_length=1
    )
    undo_seconds: int = Field(10, ge=0, le=600)
    bundles: tuple[str, ...] = Field(("human-mt", "grch38-21q21"), min_length=1)
    bundle_catalogue: Path | None = None
    bundle_bucket: str | None = None
    variants_folder: Path = Field(default_factory=lambda: Path(gettempdir()) / "gas-variants")
    variants_bytes: int = Field(4 << 30, ge=1)
    variants_memory: str = Field("200MB", pattern=r"^[1-9][0-9]*(MB|GB)$")
    variants_threads: int = Field(2, ge=1, le=64)
    variants_seconds: float = Field(20, gt=0, le=300)
    variants_at_once: int = Field(2, ge=1, le=64)
    exports_at_once: int = Field(3, ge=1, le=64)
    export_memory: str = Field("400MB", pattern=r"^[1-9][0-9]*(MB|GB)$")

    @model_validator(mode="after")
    def _production_is_not_open(self) -> Self:
        if self.env == "production" and self.billing == "open":
            raise ValueError(
                "GAS_BILLING open gives Premium to whoever asks, which is not allowed in production"
            )
        return self
