"""What the counties hand in to the city by the day that the policy names, and when; nothing changes it afterwards."""

import sqlalchemy as sa
from alembic import op

from models.base import BigId, Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

LINKS = {"round_id": "round", "authority_id": "authority", "person_id": "person"}


def upgrade() -> None:
    op.create_table(
        "hand_in",
        *(sa.Column(name, BigId, nullable=False) for name in LINKS),
        sa.Column("paper", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        *(_link(*link) for link in LINKS.items()),
        sa.PrimaryKeyConstraint("round_id", "authority_id", "paper", name=op.f("pk_hand_in")),
    )
    _append_only("hand_in")


def _link(name: str, table: str) -> sa.ForeignKeyConstraint:
    key = op.f(f"fk_hand_in_{name}_{table}")
    return sa.ForeignKeyConstraint([name], [f"{table}.id"], name=key, ondelete="RESTRICT")


def _append_only(table: str) -> None:
    told = f"'{table} is append-only'"
    postgres = op.get_bind().dialect.name == "postgresql"
    body = f"EXECUTE FUNCTION refuse_change({told})" if postgres else f"BEGIN SELECT RAISE(ABORT, {told}); END"
    for event in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW {body}")


def downgrade() -> None:
    op.drop_table("hand_in")
