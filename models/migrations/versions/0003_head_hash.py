"""The case row knows the hash of its newest history entry, so that the next act need not look for it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0009"
branch_labels = None
depends_on = None

NEWEST = """
UPDATE "case" SET head_hash = (
    SELECT hash FROM history_entry WHERE history_entry.case_id = "case".id AND history_entry.seq = "case".version
) WHERE version > 0
"""
STAYS = "NEW.state = OLD.state AND NEW.step = OLD.step"


def upgrade() -> None:
    op.add_column("case", sa.Column("head_hash", sa.String(128), nullable=False, server_default=""))
    op.execute(NEWEST)
    _guard(f"{STAYS} AND NEW.head_hash = OLD.head_hash")


def downgrade() -> None:
    _guard(STAYS)
    op.drop_column("case", "head_hash")


def _guard(stays: str) -> None:
    """A move raises `version` by one; without one, what a move writes stays."""
    postgres = op.get_bind().dialect.name == "postgresql"
    told = "'case moves by one version at a time'"
    body = f"EXECUTE FUNCTION refuse_change({told})" if postgres else f"BEGIN SELECT RAISE(ABORT, {told}); END"
    rightly = f"NEW.version = OLD.version + 1 OR (NEW.version = OLD.version AND {stays})"
    op.execute('DROP TRIGGER case_version ON "case"' if postgres else "DROP TRIGGER case_version")
    op.execute(f'CREATE TRIGGER case_version BEFORE UPDATE ON "case" FOR EACH ROW WHEN (NOT ({rightly})) {body}')
