"""暂存 on both databases: the last saving wins where it knows the one before; what is of no use any more is dropped."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import World
from workflow import drafts
from workflow.engine.refusal import Refused

NAME = "魏都示例甲人力资源有限公司"
STATEMENT = "本年度依法经营，按时报送年度报告和统计，无违法违规。"


@pytest.fixture
def case(world: World) -> int:
    return world.round()[1][NAME]


def test_the_last_saving_wins_and_a_page_that_does_not_know_it_overwrites_nothing(world: World, case: int) -> None:
    me, first = world.actor("clerk-0").person_id or 0, world.at
    second = first + timedelta(seconds=5)
    with world.database.write() as session:
        drafts.save(session, me, case, "report", {"statement": "一"}, 1, None, first)
        drafts.save(session, me, case, "report", {"statement": "二"}, 1, first, second)
    with world.database.write() as session, pytest.raises(Refused, match="draft_newer"):
        drafts.save(session, me, case, "report", {"statement": "三"}, 1, first, second + timedelta(seconds=5))
    with world.database.read() as session:
        assert _typed(session, me, case) == {"statement": "二"}


def test_a_draft_lasts_as_long_as_it_can_be_handed_in(world: World, case: int) -> None:
    me = world.actor("clerk-0").person_id or 0
    with world.database.write() as session:
        for form in ("report", "object"):  # an objection is another case: no move of this one
            drafts.save(session, me, case, form, {"statement": STATEMENT}, 1, None, world.at)
        assert drafts.tidy(session, world.at) == 0
    world.do(case, "report", "clerk-0", statement=STATEMENT, files=[])
    with world.database.write() as session:
        kept = drafts.of(session, me, case, "object")
        assert kept is not None
        assert drafts.moved_on(session, kept) == world.at
        assert drafts.tidy(session, world.at) == 1
        assert drafts.begun(session, me) == {(case, "object")}


def _typed(session: Session, person: int, case: int) -> dict[str, str] | None:
    draft = drafts.of(session, person, case, "report")
    return draft.typed if draft else None
