"""Satisfaction surveys, whose answers nothing may change or remove afterwards; why an institution is not rated, or not
as its points say; an institution's own scores in an application stand on a score sheet, as in an evaluation."""

import sqlalchemy as sa
from alembic import op

from models.base import BigId, CanonicalJson, Instant

revision = "0013"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("recommendation", "self_scores")
    op.create_table(
        "survey",
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_survey_case_id_case"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_survey")),
    )
    op.create_index("uq_survey_code", "survey", ["code"], unique=True)
    op.create_table(
        "survey_answer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("line", sa.String(128), nullable=False),
        sa.Column("browser", sa.String(128), nullable=False),
        sa.Column("marks", CanonicalJson, nullable=False),
        sa.Column("total", BigId, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["survey.case_id"], name=op.f("fk_survey_answer_case_id_survey"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
    )
    op.create_index("uq_survey_answer", "survey_answer", ["case_id", "browser"], unique=True)
    op.create_index("ix_survey_answer_line", "survey_answer", ["case_id", "line"])
    op.add_column("evaluation", sa.Column("capped_from", sa.String(64), nullable=True))
    op.add_column("evaluation", sa.Column("unrated", sa.String(64), nullable=True))
    for table in ("survey", "survey_answer"):
        _append_only(table)


def _append_only(table: str) -> None:
    told = f"'{table} is append-only'"
    postgres = op.get_bind().dialect.name == "postgresql"
    body = f"EXECUTE FUNCTION refuse_change({told})" if postgres else f"BEGIN SELECT RAISE(ABORT, {told}); END"
    for event in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW {body}")


def downgrade() -> None:
    op.drop_column("evaluation", "unrated")
    op.drop_column("evaluation", "capped_from")
    op.drop_table("survey_answer")
    op.drop_table("survey")
    op.add_column("recommendation", sa.Column("self_scores", CanonicalJson, nullable=True))
