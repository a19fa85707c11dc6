"""A browser without a browser: the application over the cast's world, and clients already signed in."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from config import Settings
from models import User
from tests.cast import World
from views.sessions import open_session, posts_of


def app_for(world: World, **settings: object) -> Flask:
    """The real application on the world's database and clock; `settings` change the site's."""
    given = {"secret_key": "k" * 32, "database_url": str(world.database.url), **settings}
    return create_app(Settings(_env_file=None, **given), world.database, world.clock)


def client_for(world: World, login: str = "", role: str = "", app: Flask | None = None) -> FlaskClient:
    """A client signed in under an account (and one of its posts), or an outsider's."""
    client = (app or app_for(world)).test_client()
    if login:
        with world.write() as session:
            user = session.scalars(select(User).where(User.login == login)).one()
            posts = [one for one in posts_of(session, user.person_id, world.at) if not role or one.role == role]
            token = open_session(session, user, posts[0], world.at)
        with client.session_transaction() as cookie:
            cookie |= {"_user_id": token, "_fresh": True}
    return client


def csrf(client: FlaskClient) -> dict[str, str]:
    """The form field that every POST needs."""
    from flask_wtf.csrf import generate_csrf

    app = client.application
    with app.test_request_context():
        from flask import session

        token = generate_csrf()
        raw = session["csrf_token"]
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = raw
    return {"csrf_token": token}
