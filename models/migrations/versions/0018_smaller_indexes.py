"""Indexes that no statement needs are gone, and others hold only rows that have a value: each costs an act a page."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = "closed_at IS NULL"
SMALLER = (
    ("ix_outbox_person", "outbox_message", ["person_id", "id"], ""),
    ("ix_outbox_role", "outbox_message", ["authority_id", "role", "id"], ""),
    ("ix_outbox_institution", "outbox_message", ["institution_id", "id"], ""),
    ("ix_task_pool", "task", ["authority_id", "role", "due_at", "id"], OPEN),
    ("ix_task_person", "task", ["person_id", "due_at", "id"], OPEN),
    ("ix_task_institution", "task", ["institution_id"], OPEN),
    ("ix_task_closed_by", "task", ["closed_by_id", "closed_at"], ""),
    ("ix_history_entry_begun", "history_entry", ["person_id", "case_id"], "seq = 1"),
)
"""Each with the condition that it had, to which comes that its first column has a value."""

GONE = (
    ("ix_timer_case", "timer", ["case_id"]),  # uq_timer_once begins with the case too
    ("ix_history_entry_person_id", "history_entry", ["person_id"]),
    ("ix_outbox_message_case_id", "outbox_message", ["case_id"]),
)


def upgrade() -> None:
    for name, table, _ in GONE:
        op.drop_index(name, table_name=table)
    for name, table, columns, condition in SMALLER:
        op.drop_index(name, table_name=table)
        _create(name, table, columns, " AND ".join(filter(None, (condition, f"{columns[0]} IS NOT NULL"))))


def downgrade() -> None:
    for name, table, columns, condition in SMALLER:
        op.drop_index(name, table_name=table)
        _create(name, table, columns, condition)
    for name, table, columns in GONE:
        op.create_index(name, table, columns)


def _create(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition) if condition else None
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
