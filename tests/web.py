"""A browser without a browser: the application over the cast's world, and clients already signed in."""

import re
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import create_app
from config import Settings
from models import User
from tests.cast import World
from views.sessions import open_session, posts_of
from views.web import fresh_id


def app_for(world: World, **settings: Any) -> Flask:
    """The real application on the world's database and clock, its files beside an SQLite database; `settings` change
    the site's."""
    url = world.database.url
    given: dict[str, Any] = {"secret_key": "k" * 32, "database_url": url.render_as_string(False)}
    given["data"] = Path(url.database or "").parent if world.database.is_sqlite else Path(mkdtemp())
    return create_app(Settings(_env_file=None, **given | settings), world.database, world.clock)


def client_for(world: World, login: str = "", role: str = "", app: Flask | None = None) -> FlaskClient:
    """A client signed in under an account (and one of its posts), or an outsider's."""
    client = (app or app_for(world)).test_client()
    if login:
        with world.write() as database:
            user = database.scalars(select(User).where(User.login == login)).one()
            posts = [one for one in posts_of(database, user.person_id, world.at) if not role or one.role == role]
            token = open_session(database, user, posts[0], world.at)
        with client.session_transaction() as cookie:
            cookie.update(_user_id=token, _fresh=True)
    return client


def csrf(client: FlaskClient) -> dict[str, str]:
    """The form field that every POST needs."""
    with client.session_transaction() as cookie:
        known = cookie.get("csrf_token")
    with client.application.test_request_context():
        if known:
            session["csrf_token"] = known
        token, secret = generate_csrf(), session["csrf_token"]
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = secret
    return {"csrf_token": token}


def without_token(page: str) -> str:
    """A page without the secret of its forms, which is another for each visitor."""
    return re.sub(r'(csrf_token" value)="[^"]*"', r"\1", page)


def post(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    """Send a form as its page would."""
    return client.post(path, data=csrf(client) | {"request_id": fresh_id()} | form)
