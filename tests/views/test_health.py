"""For machines that watch the site: alive, ready, and figures that are true."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from models import Channel, Dispatch, HistoryEntry, Incident, OutboxMessage, Timer
from models.core import table_of
from tests.cast import CITY, World


def _figures(app: Flask, address: str = "127.0.0.1") -> dict[str, float]:
    answer = app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address})
    return {name: float(value) for name, value in re.findall(r"^(xinjie_[^ ]+) (\S+)$", answer.text, re.MULTILINE)}


def test_the_figures_tell_requests_moves_late_timers_and_the_age_of_what_waits(world: World, app: Flask) -> None:
    found = _figures(app)
    assert (found["xinjie_moves"], found["xinjie_timers_late"], found["xinjie_outbox_age_seconds"]) == (0, 0, 0)
    world.round()
    with world.write() as session:
        message_id = session.scalars(select(OutboxMessage.id)).first()
        admin = world.actor(f"{CITY}-admin")
        one = {"name": "x", "kind": "mail", "url": "mailto://x", "authority_id": admin.authority_id}
        channel = session.execute(
            insert(table_of(Channel)).values(**one, active=True, created_at=world.at).returning(Channel.id)
        )
        waiting = {"message_id": message_id, "channel_id": channel.scalar_one(), "next_attempt_at": world.at}
        session.execute(insert(table_of(Dispatch)).values(**waiting))
        session.add(Incident(kind="timer_failed", subject="x", opened_at=world.at))
        late = session.scalars(select(Timer.id).limit(2)).all()
        session.execute(update(Timer).where(Timer.id.in_(late)).values(fire_at=world.at - timedelta(minutes=1)))
        moves = session.scalar(select(func.count()).select_from(HistoryEntry))
    world.clock.forward(seconds=90)
    app.test_client().get("/notices")
    found = _figures(app)
    assert found["xinjie_moves"] == moves == 4
    assert found["xinjie_timers_late"] == 2
    assert found["xinjie_outbox_age_seconds"] == 90
    assert found["xinjie_incidents_open"] == 1
    asked = 'xinjie_requests_total{endpoint="public.notices",status="200"}'
    before = found[asked]
    app.test_client().get("/notices")
    assert _figures(app)[asked] == before + 1


@pytest.mark.parametrize("address", ["10.0.0.8", "2001:db8::1"])
def test_the_figures_are_for_this_host_only(app: Flask, address: str) -> None:
    assert _figures(app, address) == {}


def test_a_site_whose_database_is_away_is_alive_and_not_ready(world: World, app: Flask) -> None:
    client = app.test_client()
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    with world.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE incident RENAME TO hidden")
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]
