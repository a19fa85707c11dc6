"""A timer says whose clock it is: the step's, or that of a follow-up task."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("timer", sa.Column("purpose", sa.String(64), nullable=False, server_default="work"))
    op.drop_index("uq_timer_once", table_name="timer")
    op.create_index("uq_timer_once", "timer", ["case_id", "seq", "purpose", "kind", "planned_at"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_timer_once", table_name="timer")
    op.create_index("uq_timer_once", "timer", ["case_id", "seq", "kind", "planned_at"], unique=True)
    op.drop_column("timer", "purpose")
