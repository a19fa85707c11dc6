"""The server's time of every page of a larger demo beside that of the demo of size 1, as docs/performance.md has it.

    python -m tests.page_times /tmp/one /tmp/hundred [rounds]

Each folder is the `--data` of a demo: `./xinjie demo --data /tmp/hundred --size 100` loads one (Ctrl-C once it serves).
Both are asked in turns, in this process alone: processor time, the median of the rounds; what grew most comes first.
"""

import gc
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from config import Settings
from models import Institution, User
from models.database import Database
from tests.browser.pages import PAGES, names
from views.clocks import clock_of
from views.sessions import open_session, usual_post

ROUNDS = 15
OK = 200


@dataclass
class Demo:
    """A loaded demo, and the browsers of its people."""

    app: Flask
    database: Database
    named: dict[str, str]

    def client(self, login: str) -> FlaskClient:
        client, at = self.app.test_client(), clock_of(self.database)()
        if login:
            with self.database.write() as session:
                user = session.scalars(select(User).where(User.login == login)).one()
                post = usual_post(session, user, at)
                if post is None:
                    raise SystemExit(f"{login} holds no post")
                token = open_session(session, user, post, at)
            with client.session_transaction() as cookie:
                cookie.update(_user_id=token, _fresh=True)
        return client


def demo(folder: Path) -> Demo:
    database = Database(f"sqlite:///{folder}/xinjie.db")
    settings = Settings(_env_file=None, secret_key="k" * 32, database_url=str(database.url), demo=True, data=folder)
    with database.read() as session:
        click.echo(f"{folder}: {session.scalar(select(func.count()).select_from(Institution))} institutions")
    return Demo(create_app(settings, database, clock_of(database)), database, names(database))


def asked(client: FlaskClient, address: str) -> float:
    """Milliseconds of this process."""
    began = time.process_time()
    answer = client.get(address)
    took = time.process_time() - began
    if answer.status_code != OK:
        raise SystemExit(f"{address} answered {answer.status}")
    return took * 1000


def measure(small: Demo, large: Demo, rounds: int) -> list[tuple[float, float, float, str]]:
    """(growth, the small one's time, the large one's, whose page it is) of every page, what grew most first."""
    found = []
    for login, addresses in PAGES.items():
        clients = small.client(login), large.client(login)
        for address in addresses:
            here = [(clients[0], address.format(**small.named)), (clients[1], address.format(**large.named))]
            turns = [[asked(*one) for one in here] for _ in range(rounds + 2)][2:]
            one, many = (median(times) for times in zip(*turns, strict=True))
            growth = median(turn[1] / turn[0] for turn in turns)
            found.append((growth, one, many, f"{login or '公众'} {address}"))
    return sorted(found, reverse=True)


def main(small: str, large: str, rounds: str = str(ROUNDS)) -> None:
    demos = demo(Path(small)), demo(Path(large))
    gc.collect()
    gc.freeze()  # as a server does before it answers
    click.echo("| page | ms | ms, larger | growth |\n|---|---|---|---|")
    for growth, one, many, page in measure(*demos, int(rounds)):
        click.echo(f"| {page} | {one:.1f} | {many:.1f} | {growth:.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
