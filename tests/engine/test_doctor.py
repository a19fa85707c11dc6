"""`doctor` names what is wrong, says what to do, and its exit status serves a monitor."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, text, update

from models import Case, Channel, Dispatch, Incident, OutboxMessage, Timer, schema
from models.core import table_of
from models.database import Database
from models.sqlite_log import wal_reset_safe
from tests.cast import CITY, World, stage
from views import texts
from views.cli import xinjie
from workflow import doctor
from workflow.engine import seal


def _late_timer(world: World) -> None:
    with world.write() as session:
        session.execute(update(Timer).values(fire_at=world.at - timedelta(hours=1)))


def _open_incident(world: World) -> None:
    with world.write() as session:
        session.add(Incident(kind="timer_failed", subject="x", opened_at=world.at))


def _dead_message(world: World) -> None:
    with world.write() as session:
        authority = world.actor(f"{CITY}-admin").authority_id
        channel = Channel(name="x", kind="mail", url="mailto://x", authority_id=authority, created_at=world.at)
        told = {"case_id": 1, "seq": 1, "event": "x", "payload": {}, "created_at": world.at}
        message = OutboxMessage(key="x", **told)
        session.add_all((channel, message))
        session.flush()
        sent = {"message_id": message.id, "channel_id": channel.id, "next_attempt_at": world.at}
        session.execute(insert(table_of(Dispatch)).values(status="dead", **sent))


def _old_seal(world: World) -> None:
    with world.write() as session:
        seal.make(session, world.at)
    world.clock.forward(days=3)


def _no_guard(world: World) -> None:
    with world.write() as session:
        where = "" if world.database.is_sqlite else " ON history_entry"
        session.execute(text(f"DROP TRIGGER history_entry_no_delete{where}"))


def _assigned_state(world: World) -> None:
    _no_guard(world)
    with world.write() as session:
        session.execute(update(Case).where(Case.id == 1).values(state="cleared", version=Case.version + 1))


def _december(world: World) -> None:
    """Nobody has announced the year after the last notice."""
    world.clock.to_local(date(world.today.year + 20, 12, 1))


@pytest.mark.parametrize(
    ("spoil", "level", "key"),
    [
        (_late_timer, "error", "timers_late"),
        (_dead_message, "error", "messages_dead"),
        (_open_incident, "warning", "incidents_open"),
        (_old_seal, "error", "seal_late"),
        (_no_guard, "error", "guards_missing"),
        (_assigned_state, "error", "invariant_broken"),
        (_december, "warning", "year_not_announced"),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_what_is_wrong_is_found_and_told_with_what_to_do(
    world: World, spoil: Callable[[World], None], level: str, key: str
) -> None:
    world.round()
    assert _found(world) == set()
    spoil(world)
    assert (level, key) in _found(world)


def _found(world: World) -> set[tuple[str, str]]:
    with world.database.read() as session:
        found = list(doctor.examine(session, world.at))
    for one in found:
        assert "：" in texts.text(f"doctor.{one.key}", **one.details)
    # The host's clock and library are not this world's.
    return {(one.level, one.key) for one in found} - {("notice", "sqlite_version"), ("error", "clock_skew")}


@pytest.mark.postgres
def test_a_clock_that_differs_from_the_databases_is_found(postgres_url: Callable[..., str]) -> None:
    database = Database(postgres_url())
    schema.upgrade(database)
    now = datetime.now(UTC)
    with database.read() as session:
        assert [one.key for one in doctor.clock(session, now)] == []
        assert [one.key for one in doctor.clock(session, now - timedelta(minutes=1))] == ["clock_skew"]
    database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("secret", ["", "k" * 32])
def test_a_site_of_several_nodes_needs_a_secret_of_its_own(
    postgres_url: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secret: str
) -> None:
    """Each node would else make one for itself, and not know the others' sessions."""
    url = postgres_url()
    given = {"DATA": str(tmp_path), "DATABASE_URL": url, "SECRET_KEY": secret}
    for name, value in given.items():
        monkeypatch.setenv(f"XINJIE_{name}", value) if value else monkeypatch.delenv(f"XINJIE_{name}", raising=False)
    with closing(Database(url)) as database:
        schema.upgrade(database)
    told = CliRunner().invoke(xinjie, ["doctor", "--json"], prog_name="xinjie").stdout
    assert ("default_secret" in {one["key"] for one in json.loads(told)}) is not bool(secret)


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 40, 1), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 7), True), ((3, 51, 2), False),
     ((3, 51, 3), True), ((3, 53, 0), True)],
)  # fmt: skip
def test_versions_of_sqlite_with_the_wal_fault_are_known(version: tuple[int, ...], safe: bool) -> None:
    assert wal_reset_safe(version) is safe


def test_its_exit_status_tells_a_monitor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XINJIE_DATA", str(tmp_path))
    monkeypatch.setenv("XINJIE_SECURE_COOKIES", "true")
    monkeypatch.delenv("XINJIE_DATABASE_URL", raising=False)
    checks = tuple(one for one in doctor.CHECKS if one is not doctor.calendar)  # the real year may not be announced
    monkeypatch.setattr(doctor, "CHECKS", checks)

    def run(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(xinjie, ["doctor", *options], prog_name="xinjie")
        return done.exit_code, done.stdout

    database = Database(f"sqlite:///{tmp_path / 'xinjie.db'}")
    schema.upgrade(database, "0002")
    assert run()[0] == 2 and "xinjie db upgrade" in run()[1]
    schema.upgrade(database)
    world = stage(database)
    assert run()[0] == 0
    monkeypatch.delenv("XINJIE_SECURE_COOKIES")
    assert run()[0] == 1
    _open_incident(world)
    keys = {one["key"] for one in json.loads(run("--json")[1])}
    assert {"insecure_cookies", "incidents_open"} <= keys
    _no_guard(world)
    assert run()[0] == 2
    database.close()
