"""得分 of a case: the sheets that count, what they come to, and who may be asked for one."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import select

from models import ScoreSheet
from models.core import table_of
from workflow.engine import scoresheet
from workflow.engine.independence import barred
from workflow.engine.survey import asked
from workflow.rules.scored import Scored, Sheet, Survey
from workflow.rules.scoring import score

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

SCORING = "scoring"
"""The state in which experts score."""


def sheets(facts: "Facts") -> list[SqlRow[Any]]:
    """Each expert's newest sheet, the institution's and the authority's, in the order in which they were given."""
    table = table_of(ScoreSheet)
    rows = facts.session.execute(select(table).where(table.c.case_id == facts.id).order_by(table.c.seq))
    newest = {(row.source, row.person_id if row.source == "expert" else 0): row for row in rows}
    return sorted(newest.values(), key=lambda row: row.seq)


def result(facts: "Facts") -> Scored:
    """What the sheets come to; an official's sheet that is just being handed in counts instead of the one before."""
    given = scoresheet.read(facts.form)["scores"] if facts.row_asks("official") else {}
    kept = [row for row in facts.sheets if not (given and row.source == "official")]
    found = [Sheet.model_validate({"source": row.source, "scores": row.scores}) for row in kept]
    if given:
        found.append(Sheet.model_validate({"source": "official", "scores": given}))
    return score(facts.rules.scoring, found, survey(facts))


def survey(facts: "Facts") -> Survey | None:
    """What the public's answers come to; nothing is counted before the survey has ended."""
    found = asked(facts.session, facts.id) if facts.rules.scoring.survey else None
    return Survey(answers=found.answers, marks=found.marks) if found and facts.at >= found.ends_at else None


def experts(facts: "Facts") -> list[int]:
    out = barred(facts, SCORING, "", facts.case["turn"])
    home = facts.case["managing_authority_id"]
    return [person for person in facts.holders("expert", home) if person not in out]
