"""报送 on the page of a round: which authority has handed in what, by when, and what the reader's own may hand in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models import Round
from views.present import Shown, day_words, deadline_law, local, until
from views.texts import gettext as _
from views.texts import text
from views.web import actor, at
from workflow import hand_ins
from workflow.clock import legal_day
from workflow.engine.load import rules_of
from workflow.rules.deadline import Deadline


def card(session: Session, one: Round, authorities: Sequence[int]) -> Shown | None:
    """`authorities`: those that manage an institution which the reader sees in the round."""
    papers = hand_ins.asked(session, one)
    found = hand_ins.handed(session, one, list(authorities)) if papers else []
    if not found:
        return None
    due, handler = hand_ins.due(session, one), actor().role == "handler"
    own = next((row.papers for row in found if row.authority_id == actor().authority_id), {}) if handler else {}
    complete = sum(all(row.papers.values()) for row in found)
    unsure = _("（暂定）") if due.provisional else ""
    return {
        "note": _("截止 %(day)s，已报齐 %(n)s / %(whole)s 家", day=until(due.instant, legal_day(at())) + unsure,
                  n=complete, whole=len(found)),
        "clause": deadline_law(rules_of(session, one.policy_id), due.rule.clause),
        "papers": [text(f"paper.{paper}") for paper in papers],
        "rows": [(row.authority, [_cell(row.papers[paper], due) for paper in papers]) for row in found],
        "offers": [(paper, text(f"paper.{paper}")) for paper in papers if own.get(paper, at()) is None],
    }  # fmt: skip


def _cell(came: datetime | None, due: Deadline) -> Shown:
    if came is None:
        over = at() >= due.instant
        return {"kind": "over" if over else "", "word": _("逾期未报") if over else _("未报"), "on": ""}
    late = came >= due.instant
    on = day_words(local(came).date(), legal_day(at()))
    return {"kind": "due" if late else "ok", "word": _("逾期") if late else _("按期"), "on": on}
