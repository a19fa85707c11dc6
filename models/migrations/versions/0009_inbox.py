"""Saved filters of the inbox, and an index for the cases that a person has begun."""

import sqlalchemy as sa
from alembic import op

from models.base import BigId, CanonicalJson, Instant

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

FIRST = sa.text("seq = 1")


def upgrade() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("asked", CanonicalJson(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_saved_filter_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    op.create_index("uq_saved_filter_name", "saved_filter", ["person_id", "name"], unique=True)
    op.create_index(
        "ix_history_entry_begun",
        "history_entry",
        ["person_id", "case_id"],
        sqlite_where=FIRST,
        postgresql_where=FIRST,
    )


def downgrade() -> None:
    op.drop_index("ix_history_entry_begun", table_name="history_entry")
    op.drop_table("saved_filter")
