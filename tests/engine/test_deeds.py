"""管理记录: every administrative act is in one chain, in its transaction, and a change of the chain is found."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from models import Deed, User
from models.core import table_of
from tests.cast import CITY, World
from tests.fire.crowd import together
from workflow import administration
from workflow.engine import audit, deeds, seal
from workflow.engine.refusal import Refused


@pytest.fixture
def written(world: World) -> World:
    """Six deeds of two people."""
    for number in range(6):
        with world.write() as session:
            by = world.actor(f"{CITY}-admin" if number % 2 else f"{CITY}-leader")
            administration.add_person(session, f"示例新人{number}", by, world.at)
    return world


def _tamper(world: World, *statements: str) -> None:
    """As whoever owns the database could, its guards dropped."""
    with world.write() as session:
        if world.database.is_sqlite:
            names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("ALTER TABLE deed DISABLE TRIGGER USER"))
        for statement in statements:
            session.execute(text(statement))


def _found(world: World) -> set[tuple[str, int]]:
    with world.database.read() as session:
        faults = deeds.verify(session)
        assert {(one.key, one.detail) for one in audit.verify(session)} == {(key, f"#{seq}") for key, seq in faults}
        return set(faults)


def test_deeds_written_at_once_make_one_chain_without_gaps(world: World) -> None:
    admin = world.actor(f"{CITY}-admin")

    def write() -> None:
        with world.write() as session:
            administration.add_person(session, "示例新人", admin, world.at)

    together([write] * 12)
    with world.database.read() as session:
        assert session.scalars(select(Deed.seq).order_by(Deed.seq)).all() == list(range(1, 13))
    assert _found(world) == set()


def test_a_deed_that_fails_leaves_neither_change_nor_record(world: World) -> None:
    admin = world.actor(f"{CITY}-admin")
    with pytest.raises(Refused), world.write() as session:
        person = administration.add_person(session, "示例新人", admin, world.at)
        administration.open_account(session, person, f"{CITY}-leader", "!", admin, world.at)
    assert world.count(Deed) == 0


SWAP = ("UPDATE deed SET seq = 99 WHERE seq = 3", "UPDATE deed SET seq = 3 WHERE seq = 4",
        "UPDATE deed SET seq = 4 WHERE seq = 99")  # fmt: skip
TWICE = (
    "UPDATE deed SET seq = seq + 100 WHERE seq > 3", "UPDATE deed SET seq = seq - 99 WHERE seq > 100",
    "INSERT INTO deed SELECT 4, at, deed, actor, person_id, appointment_id, authority_id, details, algorithm,"
    " prev_hash, hash FROM deed WHERE seq = 3",
)  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "keys"),
    [
        (("UPDATE deed SET person_id = person_id + 1 WHERE seq = 3",), {("deed_hash", 3)}),
        (("DELETE FROM deed WHERE seq = 3",), {("deed_gap", 4), ("deed_gap", 5), ("deed_gap", 6), ("deed_link", 4)}),
        (SWAP, {("deed_link", 3), ("deed_link", 4), ("deed_link", 5), ("deed_hash", 3), ("deed_hash", 4)}),
        (TWICE, {("deed_link", 4), *(("deed_hash", seq) for seq in (4, 5, 6, 7))}),
    ],
    ids=["changed", "dropped", "reordered", "inserted"],
)
def test_what_was_changed_is_found_and_named(written: World, statements: tuple[str, ...], keys: set) -> None:
    assert _found(written) == set()
    _tamper(written, *statements)
    assert _found(written) == keys


def test_a_cut_or_rewritten_record_is_found_by_the_witness(written: World) -> None:
    with written.write() as session:
        witness = seal.make(session, written.at)
    assert witness["heads"][-1]["case"] == seal.DEEDS and witness["heads"][-1]["seq"] == 6
    written.clock.to_local(written.today + timedelta(days=1))
    with written.write() as session:
        user = session.scalars(select(User).where(User.login == f"{CITY}-leader")).one()
        administration.set_active(session, user, False, written.actor(f"{CITY}-admin"), written.at)
        assert list(seal.against(session, witness)) == []
    _tamper(written, "DELETE FROM deed WHERE seq > 4")
    assert _found(written) == set()
    with written.database.read() as session:
        assert list(seal.against(session, witness)) == [(seal.DEEDS, "gone", 6)]
    _rewrite(written)
    assert _found(written) == set()
    with written.write() as session:
        administration.add_person(session, "示例新人", written.actor(f"{CITY}-admin"), written.at)
        administration.add_person(session, "示例新人", written.actor(f"{CITY}-admin"), written.at)
        assert list(seal.against(session, witness)) == [(seal.DEEDS, "replaced", 6)]


def _rewrite(world: World) -> None:
    """The whole chain made anew with another first deed, as one who knows the form could."""
    with world.write() as session:
        prev_hash = ""
        for row in session.execute(select(table_of(Deed)).order_by(Deed.seq)).mappings().all():
            changed = {**row, "details": {"person": 1}, "prev_hash": prev_hash}
            prev_hash = changed["hash"] = deeds.link(changed, prev_hash)
            session.execute(update(Deed).where(Deed.seq == row["seq"]).values(**changed))
