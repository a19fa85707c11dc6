"""满意度调查: what those who used an institution's services say of it, without an account (SD-18, ZS-22)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, Key, to


class Survey(Base):
    """One evaluation's survey: open to whoever has its `code`, by link or QR code, until `ends_at`."""

    __tablename__ = "survey"
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True)
    code: Mapped[Code]
    ends_at: Mapped[datetime]
    __table_args__ = (Index("uq_survey_code", "code", unique=True),)


class SurveyAnswer(Base):
    """Append-only. `marks` by question, `total` their sum. `line` and `browser` are digests under the site's key: they
    tell two answers of one line or browser apart from two of others, and nothing else."""

    __tablename__ = "survey_answer"
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(to("survey.case_id"))
    line: Mapped[Digest]
    browser: Mapped[Digest]
    marks: Mapped[list[Any]]
    total: Mapped[int]
    at: Mapped[datetime]
    __table_args__ = (
        Index("uq_survey_answer", "case_id", "browser", unique=True),
        Index("ix_survey_answer_line", "case_id", "line"),
    )
