"""Notices over cases of any machine, in a round or without one."""

import sqlalchemy as sa
from alembic import op

from models.base import BigId

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notice") as table:
        table.add_column(sa.Column("machine", sa.String(64), nullable=False, server_default="evaluation"))
        table.alter_column("round_id", existing_type=BigId, nullable=True)
    with op.batch_alter_table("notice") as table:
        table.alter_column("machine", existing_type=sa.String(64), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("notice") as table:
        table.drop_column("machine")
        table.alter_column("round_id", existing_type=BigId, nullable=False)
