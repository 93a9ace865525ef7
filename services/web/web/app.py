"""The Flask application: blueprints, errors, headers, readiness."""

from __future__ import annotations

from typing import Any

import structlog
from botocore.exceptions import BotoCoreError
from flask import Flask, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from gas.aws.errors import AwsError
from gas.domain.errors import AccountIsClosed
from gas.domain.job import JobStatus
from gas.eventstore.repository import BROKEN_STREAM
from gas.observability import tracing
from web import assets
from web.api import accounts as api_accounts
from web.api import addresses as api_addresses
from web.api import batches as api_batches
from web.api import bundles as api_bundles
from web.api import jobs as api_jobs
from web.api import mail as api_mail
from web.api import personal as api_personal
from web.api import saved as api_saved
from web.api import shares as api_shares
from web.api import takeout as api_takeout
from web.api import uploads as api_uploads
from web.api import variant_export as api_variant_export
from web.api import variants as api_variants
from web.backends import begin_request
from web.exchange import MAX_BODY_BYTES, AdmittingFlask
from web.identity import login, rate_limits
from web.identity import shared as shared_links
from web.identity.operators import is_operator
from web.identity.requester import csrf, seems_logged_in
from web.pages import (
    account,
    closing,
    comparison,
    filters,
    home,
    job_list,
    jobs,
    mail,
    operator,
    operator_accounts,
    operator_bundles,
    operator_jobs,
    operator_letters,
    report,
    results,
    sessions,
    shares,
    terms,
    uploads,
    variant,
)
from web.ports import Ports, ports
from web.problems import Problem, closed, from_http, internal, unavailable, unreadable
from web.security_policy import STYLES_OF_IGV, content_security_policy
from web.settings import WebSettings

logger = structlog.get_logger()

_ROUTES = (
    *(api_accounts, api_addresses, api_batches, api_bundles, api_jobs, api_mail, api_uploads),
    *(api_variant_export, api_variants),
    *(api_personal, api_saved, api_shares, api_takeout),
    *(login, account, closing, home, job_list, jobs, mail, report, results),
    *(sessions, shares, terms, uploads, variant),
    *(operator, operator_accounts, operator_bundles, operator_jobs, operator_letters),
)


def create_app(settings: WebSettings, wired: Ports) -> Flask:
    """The application with these settings and ports; ``python -m web`` serves it, tests call it."""
    app = AdmittingFlask(__name__)
    is_production = settings.env == "production"
    app.config.update(
        SECRET_KEY=settings.session_secret,
        SESSION_COOKIE_NAME="gas_session",
        SESSION_COOKIE_HTTPONLY=True,
        # Strict would drop the session on the way back from the identity provider.
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_production,
        PREFERRED_URL_SCHEME="https" if is_production else "http",
        DATA_REGION=settings.region,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        # `requester` checks it where a session is used; requests with an API token have none.
        WTF_CSRF_CHECK_DEFAULT=False,
        # Otherwise a form that stays open for an hour fails; the session's own end still applies.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["gas"] = wired
    _add_traces(app)
    if settings.proxy_hops:
        # Only as many as there are proxies: with more, clients could set their own address.
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0, x_host=0)  # type: ignore[method-assign]
    csrf.init_app(app)
    login.set_up_provider(app, settings)
    for routes in _ROUTES:
        app.register_blueprint(routes.blueprint)
    app.register_blueprint(comparison.page)
    app.register_blueprint(mail.links)
    app.register_blueprint(comparison.api)
    filters.register(app)
    assets.register(app)
    _add_readiness(app)
    app.before_request(begin_request)
    _add_errors(app)
    _add_headers(app, settings)
    rate_limits.add_headers(app)
    shared_links.keep_secret(app)
    shared_links.keep_in_links(app)
    _add_context(app, settings)
    return app


def _add_traces(app: Flask) -> None:
    provider = tracing.provider()
    if provider:
        FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call]
            app, excluded_urls="readyz,static", tracer_provider=provider
        )


def _add_readiness(app: Flask) -> None:
    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        try:
            ports().check()
        except AwsError as error:
            logger.warning("not ready", error=str(error))
            return jsonify(status="waiting", reason="the database does not answer"), 503
        return jsonify(status="ready")


def _add_errors(app: Flask) -> None:
    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> ResponseReturnValue:
        return problem.response() if _is_api() else _page(problem)

    @app.errorhandler(AccountIsClosed)
    def on_closed(_: AccountIsClosed) -> ResponseReturnValue:
        return on_problem(closed())

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> ResponseReturnValue:
        problem = from_http(error)
        return problem.response() if _is_api() else _page(problem)

    @app.errorhandler(Exception)
    def on_any(error: Exception) -> ResponseReturnValue:
        problem = _problem_of(error)
        logger.error(
            "request failed",
            path=request.path,
            error=str(error),
            trace_id=problem.extra["trace_id"],
            # No traceback for an AWS that does not answer: there may be thousands, all the same.
            exc_info=not isinstance(error, BotoCoreError),
        )
        return problem.response() if _is_api() else _page(problem)


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, AwsError):
        return unavailable()
    if isinstance(error, BROKEN_STREAM):
        return unreadable(ports().accounts.operators)
    return internal()


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _page(problem: Problem) -> ResponseReturnValue:
    return render_template("error.html", problem=problem), problem.status, problem.headers


def _add_headers(app: Flask, settings: WebSettings) -> None:
    policy = content_security_policy(settings)
    with_genome = content_security_policy(settings, STYLES_OF_IGV)

    @app.after_request
    def harden(response: Response) -> Response:
        has_genome = request.endpoint == "variant.variant"
        response.headers.setdefault(
            "Content-Security-Policy", with_genome if has_genome else policy
        )
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if settings.env == "production":
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        # Pages and API answers are personal; only static files may be cached.
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        elif response.status_code < 400 and request.path.startswith(f"{assets.URL}assets/"):
            # a changed file has another name
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _add_context(app: Flask, settings: WebSettings) -> None:
    @app.context_processor
    def shared() -> dict[str, Any]:
        share = shared_links.current_share()
        return {
            "profile": g.get("profile"),
            # With a link everybody is a visitor: such a page sends no Referer, without which the
            # forms of a session are refused.
            "is_logged_in": seems_logged_in() and not shared_links.has_share(),
            "is_operator": is_operator(),
            "share": share,
            "link_ends_at": share.ends_at if share else None,
            "statuses": [status for status in JobStatus if status is not JobStatus.DELETED],
            "oidc_label": settings.oidc_label,
            "grace": settings.archive_policy.grace,
            "min_archive_bytes": settings.min_archive_bytes,
            "limits": ports().submission.limits,
            "now": ports().jobs.now(),
        }
