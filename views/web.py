"""What every web door shares: the database, the one instant of this request, and who asks."""

import hashlib
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache, wraps
from typing import Any

from flask import abort, current_app, g, request, url_for
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from config import Settings
from models.database import Database
from workflow.clock import Clock
from workflow.engine.permissions import OUTSIDER, Actor
from workflow.once import once as done_once

HIGHEST = 2**63 - 1
"""The largest id that the databases hold: addresses with larger numbers name nothing."""


def settings() -> Settings:
    return current_app.extensions["xinjie_settings"]


def database() -> Database:
    return current_app.extensions["xinjie_database"]


def at() -> datetime:
    """The instant this request was received: read once, used for everything in it."""
    received: datetime | None = g.get("at")
    if received is None:
        clock: Clock = current_app.extensions["xinjie_clock"]
        received = g.at = clock()
    return received


def reading() -> AbstractContextManager[Session]:
    return database().glance()


def writing() -> AbstractContextManager[Session]:
    """The request's unit of work: committed once when the block ends, rolled back when it raises."""
    return database().write()


def address(endpoint: str, **values: Any) -> str:
    """`url_for`; what has nothing in it but a file's name is put together once."""
    if endpoint.startswith(".") or values.keys() - {"filename"}:
        return url_for(endpoint, **values)
    return _address(request.script_root, endpoint, values.get("filename"))


@cache
def _address(_root: str, endpoint: str, filename: str | None) -> str:
    return url_for(endpoint, filename=filename) if filename else url_for(endpoint)


def row_address(endpoint: str, name: str, value: str | int) -> str:
    """`url_for` with one plain value, a case's number or an id, in a list: the rest is put together once."""
    before, after = _around(request.script_root, endpoint, name)
    return f"{before}{value}{after}"


@cache
def _around(_root: str, endpoint: str, name: str) -> tuple[str, str]:
    blank: dict[str, Any] = {name: "0"}
    before, _place, after = url_for(endpoint, **blank).rpartition("0")
    return before, after


def actor() -> Actor:
    """Who asks: the post that the session is working under, or an outsider."""
    return getattr(current_user, "actor", OUTSIDER)


def request_id() -> str:
    """The id that the form carried, so that sending it twice is one act."""
    sent = request.form.get("request_id", "")
    return sent if len(sent) == len(fresh_id()) and sent.isalnum() else abort(400)


def once(session: Session, verb: Callable[[], Any], **files: str) -> Any:
    """The verb's answer, the same however often this form is sent (workflow/once.py). `files`: what came beside the
    form's boxes and is part of what was asked."""
    sent = request.form.items(multi=True)
    asked = [[name, value] for name, value in sent if name not in ("csrf_token", "request_id")]
    body = {"path": request.path, "form": asked, **files}
    return done_once(session, request_id(), body, actor(), at(), verb)


def monotonic() -> float:
    """Seconds for measuring how long something took; no date."""
    return time.monotonic()


def fresh_id() -> str:
    return uuid.uuid4().hex


def secret_for(purpose: str, value: str) -> str:
    """128 bits that only this site derives from a value: equal for equal values, so a repeated form answers alike."""
    key = str(current_app.config["SECRET_KEY"])
    return hashlib.blake2b(f"{purpose}:{value}".encode(), key=key.encode()[:64], digest_size=16).hexdigest()


@login_required
def _not_here() -> Any:
    """For whoever is signed in, the page that does not exist; for strangers the way to the login."""
    abort(404)


def roles(*allowed: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only for sessions working under one of these roles."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs) if actor().role in allowed else _not_here()

        return guarded

    return decorate
