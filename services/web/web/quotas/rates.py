"""Rate limits: how often a user or an address may do something.

Each task counts what it sees itself; logins are also counted in a table, for all tasks together. A
request that the task's own count refuses costs no call, so a flood costs each task a bounded number
of them. While the table does not answer, the task's own counts go on to apply.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

import structlog
from limits import RateLimitItem
from limits.strategies import FixedWindowRateLimiter

from gas.aws.errors import AwsError
from gas.events import Plan
from gas.tables.rates import LocalRateTable, RateTable
from web.problems import Problem
from web.quotas.window_storage import WindowStorage

logger = structlog.get_logger()
# A provider gives each customer that many bits of addresses (RFC 6177).
_IPV6_NETWORK = 64
_PAUSE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class RateOfUse:
    """How a caller stands with a limit: ``remaining`` of ``limit`` until ``reset_seconds`` pass."""

    name: str
    limit: int
    window_seconds: int
    remaining: int
    reset_seconds: int
    is_exceeded: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """``RateLimit`` and ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers-10)."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={self.window_seconds}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.reset_seconds}',
        }


class Rates:
    """The limits of requests to the API, by user, and of logins and visits, by address.

    ``shared`` has the counts of all tasks, ``secret`` makes addresses unreadable there.
    """

    def __init__(
        self,
        shared: RateTable,
        now: Callable[[], datetime],
        requests: dict[Plan, RateLimitItem],
        *,
        logins: RateLimitItem,
        visits: RateLimitItem,
        secret: str,
    ) -> None:
        self._requests = requests
        self.shared = shared
        self._logins = logins
        self._now = now
        # Apart, so that a flood from many addresses does not displace the counts of users.
        self._users = FixedWindowRateLimiter(WindowStorage(LocalRateTable(), now))
        self._visits = visits
        self._visitors = FixedWindowRateLimiter(WindowStorage(LocalRateTable(), now))
        self._own = FixedWindowRateLimiter(WindowStorage(LocalRateTable(), now))
        self._shared_again_at = 0.0
        self._shared = FixedWindowRateLimiter(WindowStorage(shared, now))
        self._secret = secret.encode()

    def count_request(self, user_id: str, plan: Plan) -> RateOfUse:
        """Count a request to the API, in this task only: its threads are what is shared out."""
        item = self._requests[plan]
        allowed = self._users.hit(item, "requests", user_id)
        return self._standing(self._users, allowed, item, "requests", user_id)

    def see_request(self, user_id: str, plan: Plan) -> RateOfUse:
        """How the user stands, without counting anything."""
        item = self._requests[plan]
        allowed = self._users.test(item, "requests", user_id)
        return self._standing(self._users, allowed, item, "requests", user_id)

    def count_visit(self, address: str) -> RateOfUse:
        """Count a request of nobody who is known, in this task only."""
        key = self._client(address)
        allowed = self._visitors.hit(self._visits, "visits", key)
        return self._standing(self._visitors, allowed, self._visits, "visits", key)

    def count_login(self, step: str, address: str) -> RateOfUse:
        """Count a step of a login (its start, or the return from the provider)."""
        key = self._client(address)
        allowed = self._own.hit(self._logins, step, key)
        if not allowed or self._now().timestamp() < self._shared_again_at:
            return self._standing(self._own, allowed, self._logins, step, key)
        try:
            allowed = self._shared.hit(self._logins, step, key)
            limiter = self._own if allowed else self._shared
            return self._standing(limiter, allowed, self._logins, step, key)
        except AwsError as error:
            # Open rather than closed: this task's own count bounds what comes through. For a while
            # nobody else waits for the table.
            self._shared_again_at = self._now().timestamp() + _PAUSE_SECONDS
            logger.warning("logins are counted by this task alone", error=str(error))
            return self._standing(self._own, True, self._logins, step, key)

    def _standing(
        self,
        limiter: FixedWindowRateLimiter,
        allowed: bool,
        item: RateLimitItem,
        name: str,
        key: str,
    ) -> RateOfUse:
        stats = limiter.get_window_stats(item, name, key)
        seconds = int(stats.reset_time) - int(self._now().timestamp())
        return RateOfUse(
            name, item.amount, item.get_expiry(), stats.remaining, max(0, seconds), not allowed
        )

    def _client(self, address: str) -> str:
        """A name for the client of that address, which nobody without the secret can read back."""
        network = _network(address)
        return hmac.new(self._secret, network.encode(), hashlib.sha256).hexdigest()


def too_many(rate: RateOfUse, what: str) -> Problem:
    """429 for a caller who is over the limit of ``what``."""
    seconds = max(1, rate.reset_seconds)
    return Problem(
        429,
        "too-many-requests",
        "Too many requests",
        f"{what}: {rate.limit:,} in {rate.window_seconds:,} seconds are allowed. Try again in"
        f" {seconds:,} seconds; nothing was done or lost.",
        retry_after=seconds,
        limit=rate.limit,
        window_seconds=rate.window_seconds,
    )


def _network(address: str) -> str:
    """What counts as one client: an IPv4 address, or a network of IPv6."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address  # a socket without an address, and all of those are one
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((ip, _IPV6_NETWORK), strict=False))
    return str(ip)
