"""An institution's own scores in an application stand on a score sheet, as in an evaluation."""

import sqlalchemy as sa
from alembic import op

from models.base import CanonicalJson

revision = "0013"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("recommendation", "self_scores")


def downgrade() -> None:
    op.add_column("recommendation", sa.Column("self_scores", CanonicalJson, nullable=True))
