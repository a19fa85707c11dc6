"""What a page links, its reader may open, and what it asks them to send, they may send: from where each person begins,
one address of every kind is followed, and the door of every form knocked at."""

import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from shutil import copy, copytree
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.database import Database
from tests.cast import World
from tests.conftest import DEMO_DAY
from tests.web import app_for, client_for, csrf

BEGINS = {
    "": "/tour",
    "411002-handler": "/inbox",
    "411000-leader": "/inbox",
    "410000-handler": "/inbox",
    "411000-admin": "/admin",
    "411000-auditor": "/audit",
    "clerk-yongchang": "/desk",
    "330902-expert2": "/inbox",
    "330902-leader": "/inbox",
    "370600-handler": "/honours",
    "clerk-371100-1": "/desk",
}
LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)')
SENDS = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>|<button\b[^>]*\bformaction=[^>]*>')
ACTION = re.compile(r'action="([^"#]+)')
SHUT = (404, 405)
NAMED = re.compile(r"[0-9A-Z]*\d[0-9A-Z-]*")
"""What stands in an address for one row among many: a number, a case's number, a credit code."""
REFUSED = 400
ENDS = re.compile("log|session|language")
"""Doors that end or change the visit itself."""


@pytest.fixture(scope="module")
def demo(demo_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Flask]]:
    file = Path(copy(demo_city, tmp_path_factory.mktemp("links")))
    copytree(demo_city.parent / "files", file.parent / "files")
    world = World(Database(f"sqlite:///{file}"))
    world.clock.to(DEMO_DAY)
    yield world, app_for(world, data=file.parent, demo=True)
    world.database.close()


@pytest.mark.parametrize("login", BEGINS)
def test_no_link_leads_to_a_shut_door(demo: tuple[World, Flask], login: str) -> None:
    world, app = demo
    client, forms = client_for(world, login, app=app), {}
    dead = list(_dead(client, BEGINS[login], forms))
    token = csrf(client)
    for kind, (address, page) in forms.items():
        answer = None if ENDS.search(kind) else client.post(address, data=token)  # no request id: nothing is done
        dead += [(answer.status, address, page)] if answer and answer.status_code in SHUT else []
    assert dead == []


def _dead(client: FlaskClient, begin: str, forms: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """(answer, address, the page that links it) of everything that cannot be opened. Notes a form of every kind."""
    waiting, known = deque([(begin, "")]), {_kind(begin)}
    while waiting:
        address, page = waiting.popleft()
        answer = client.get(address)
        if answer.status_code >= REFUSED:
            yield answer.status, address, page
        if answer.mimetype == "text/html":
            for action in ACTION.findall(" ".join(SENDS.findall(answer.text))):
                forms.setdefault(_kind(unescape(action)), (urljoin(address, unescape(action)), address))
            for link in LINK.findall(answer.text):
                found = urljoin(address, unescape(link))
                if not urlsplit(found).scheme and _kind(found) not in known:
                    known.add(_kind(found))
                    waiting.append((found, address))


def _kind(address: str) -> str:
    """Addresses that differ only by the row they name, and by what is asked, are of one kind."""
    parts = urlsplit(address)
    asked = sorted(name for name, _ in parse_qsl(parts.query))
    return f"{NAMED.sub('*', parts.path)}?{'&'.join(asked)}"
