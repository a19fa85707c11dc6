"""Run by Alembic: `models.schema` hands in the connection, inside its transaction."""

from typing import Literal

from alembic import context

from models import Base
from models.base import BigId, CanonicalJson, Instant


def render(kind: str, item: object, _autogenerate: object) -> str | Literal[False]:
    """Write our types by the names that script.py.mako gives them: a revision must not change with the models."""
    if kind != "type":
        return False
    if item is BigId:
        return "BIG_ID"
    if isinstance(item, Instant):
        return "INSTANT"
    return "sa.Text()" if isinstance(item, CanonicalJson) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render,
    # SQLite's changes of schema are transactional too, once the driver leaves BEGIN to us.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
