"""暂存: what somebody has typed and not handed in."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, to


class Draft(Base):
    """One form of a case as a person left it: a working paper of their own, no act and no material.

    `form` is the move of a form at the desk; empty for the page of a case, whose boxes name their moves. `seen_version`
    is the case's on the page where it was typed.
    """

    __tablename__ = "draft"
    person_id: Mapped[int] = mapped_column(to("person.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True, index=True)
    form: Mapped[Code] = mapped_column(primary_key=True)
    typed: Mapped[dict[str, Any]]
    seen_version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(index=True)
