"""For machines that watch the site: alive, ready, and figures. Figures only for this host."""

from functools import cache
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import Dispatch, HistoryEntry, Incident, OutboxMessage, Timer
from models.core import table_of
from views import web

door = Blueprint("health", __name__)
THIS_HOST = ("127.0.0.1", "::1")

requests_total = Counter("xinjie_requests", "Requests answered", ["endpoint", "status"], registry=None)
request_seconds = Histogram("xinjie_request_seconds", "Time to answer", ["endpoint"], registry=None)


@door.before_app_request
def began() -> None:
    g.began = web.monotonic()


@door.after_app_request
def counted(response: Response) -> Response:
    total, seconds = _meters(request.endpoint or "none", response.status_code)
    total.inc()
    seconds.observe(web.monotonic() - g.get("began", web.monotonic()))
    return response


@cache
def _meters(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    return requests_total.labels(endpoint, status), request_seconds.labels(endpoint)


@door.get("/healthz")
def healthz() -> tuple[dict[str, Any], int]:
    return {"alive": True}, 200


@door.get("/readyz")
def readyz() -> tuple[dict[str, Any], int]:
    try:
        with web.reading() as session:
            session.execute(select(func.count()).select_from(Incident))
    except SQLAlchemyError:
        current_app.logger.exception("database not ready")
        return {"ready": False}, 503
    return {"ready": True}, 200


@door.get("/metrics")
def metrics() -> Response:
    if request.remote_addr not in THIS_HOST:
        abort(404)
    registry = CollectorRegistry()
    registry.register(requests_total)
    registry.register(request_seconds)
    with web.reading() as session:
        _figures(session, registry)
    return Response(generate_latest(registry), mimetype="text/plain")


def _figures(session: Session, registry: CollectorRegistry) -> None:
    timer, entry, message, now = table_of(Timer), table_of(HistoryEntry), table_of(OutboxMessage), web.at()
    late = (timer.c.status == "armed", timer.c.fire_at < now)
    _gauge(registry, "moves", "Moves ever made", session.scalar(select(func.max(entry.c.id))))
    _gauge(registry, "timers_late", "Timers due and not fired", session.scalar(select(func.count()).where(*late)))
    waiting = select(func.min(message.c.created_at)).join(Dispatch, Dispatch.message_id == message.c.id)
    oldest = session.scalar(waiting.where(Dispatch.status == "pending"))
    _gauge(
        registry,
        "outbox_age_seconds",
        "Age of the oldest message not yet sent",
        (now - oldest).total_seconds() if oldest else 0,
    )
    open_ones = select(func.count()).select_from(Incident).where(Incident.closed_at.is_(None))
    _gauge(registry, "incidents_open", "Open incidents", session.scalar(open_ones))


def _gauge(registry: CollectorRegistry, name: str, text: str, value: float | None) -> None:
    Gauge(f"xinjie_{name}", text, registry=registry).set(value or 0)
