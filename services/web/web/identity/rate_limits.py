"""Counts requests of users, logins and visits of addresses; refuses those over a limit with 429."""

from __future__ import annotations

from flask import Flask, Response, g, request

from gas.events import Plan
from web.exchange import ADMITTING
from web.ports import ports
from web.quotas.rates import RateOfUse, too_many


def limit_requests(user_id: str, plan: Plan) -> None:
    """Count this request of the user to the API. Raises Problem (429)."""
    rates = ports().rates
    # A request with a body comes twice: it is counted when the body is there.
    is_asking = ADMITTING in request.environ
    count = rates.see_request if is_asking else rates.count_request
    _tell(count(user_id, plan), "You send requests faster than your plan allows")


def limit_more_requests(user_id: str, plan: Plan, more: int) -> None:
    """Count a request that does the work of many as so many more. Raises Problem (429)."""
    for _ in range(more):
        limit_requests(user_id, plan)


def limit_logins(step: str) -> None:
    """Count a step of a login from the request's address. Raises Problem (429)."""
    rate = ports().rates.count_login(step, request.remote_addr or "")
    _tell(rate, "There are many logins from your address, perhaps also of others in your network")


def limit_visits() -> None:
    """Count a request of nobody who is known, by its address. Raises Problem (429)."""
    rate = ports().rates.count_visit(request.remote_addr or "")
    _tell(rate, "There are many requests from your address, perhaps also of others in your network")


def add_headers(app: Flask) -> None:
    """Tell callers how they stand, with the headers of every answer that was counted."""

    @app.after_request
    def tell(response: Response) -> Response:
        rate: RateOfUse | None = g.get("rate")
        if rate:
            response.headers.update(rate.headers)
        return response


def _tell(rate: RateOfUse, what: str) -> None:
    g.rate = rate
    if rate.is_exceeded:
        raise too_many(rate, what)
