"""满意度调查 of an evaluation: its address, its end, and what the answers come to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Survey, SurveyAnswer


@dataclass(frozen=True, slots=True)
class Asked:
    """`marks`: the sum of all answers' marks. Nobody is told it before the survey has ended."""

    code: str
    ends_at: datetime
    answers: int
    marks: int


def asked(session: Session, case_id: int) -> Asked | None:
    sums = func.count(SurveyAnswer.id), func.coalesce(func.sum(SurveyAnswer.total), 0)
    query = select(Survey.code, Survey.ends_at, *sums).outerjoin(SurveyAnswer, SurveyAnswer.case_id == Survey.case_id)
    row = session.execute(query.where(Survey.case_id == case_id).group_by(Survey.code, Survey.ends_at)).one_or_none()
    return None if row is None else Asked(row[0], row[1], row[2], int(row[3]))
