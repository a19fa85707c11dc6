"""评分表: what each evaluator gave, item by item; nothing may change or remove a sheet afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "score_sheet",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("blanks", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("source IN ('self','expert','official')", name=op.f("ck_score_sheet_source")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_score_sheet_case_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_score_sheet_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheet")),
    )
    op.create_index(op.f("ix_score_sheet_person_id"), "score_sheet", ["person_id"], unique=False)
    op.create_index("uq_score_sheet", "score_sheet", ["case_id", "seq"], unique=True)
    postgres = op.get_bind().dialect.name == "postgresql"
    message = "score_sheet is append-only"
    for event in ("UPDATE", "DELETE"):
        body = (
            f"EXECUTE FUNCTION refuse_change('{message}')"
            if postgres
            else f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        op.execute(f"CREATE TRIGGER score_sheet_no_{event.lower()} BEFORE {event} ON score_sheet FOR EACH ROW {body}")


def downgrade() -> None:
    op.drop_index("uq_score_sheet", table_name="score_sheet")
    op.drop_index(op.f("ix_score_sheet_person_id"), table_name="score_sheet")
    op.drop_table("score_sheet")
