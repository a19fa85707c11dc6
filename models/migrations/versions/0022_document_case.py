"""A document belongs to the case whose act issued it, which only the words of its cause told until now."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CASE_OF_CAUSE = {
    "sqlite": "CAST(substr(cause, instr(cause, ':') + 1) AS INTEGER)",
    "postgresql": "CAST(split_part(cause, ':', 2) AS BIGINT)",
}
"""A cause is `kind:case`, or `kind:case:seq`."""


def upgrade() -> None:
    guards = _guards()
    op.add_column("document", sa.Column("case_id", BIG_ID, nullable=True))
    op.execute(f"UPDATE document SET case_id = {CASE_OF_CAUSE[op.get_bind().dialect.name]}")
    with op.batch_alter_table("document") as table:
        table.alter_column("case_id", existing_type=BIG_ID, nullable=False)
        table.create_foreign_key(op.f("fk_document_case_id"), "case", ["case_id"], ["id"], ondelete="RESTRICT")
    op.create_index("ix_document_case_id", "document", ["case_id"])
    _again(guards)


def downgrade() -> None:
    guards = _guards()
    op.drop_index("ix_document_case_id", table_name="document")
    with op.batch_alter_table("document") as table:
        table.drop_constraint(op.f("fk_document_case_id"), type_="foreignkey")
        table.drop_column("case_id")
    _again(guards)


def _guards() -> list[str]:
    """The table's triggers on SQLite, where they go with the table that a change of columns replaces."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        return []
    return list(bind.scalars(sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'document'")))


def _again(guards: list[str]) -> None:
    for trigger in guards:
        op.execute(trigger)
