"""流转记录 as a chain: the canonical entry and its hash. docs/audit.md documents the form for outsiders."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from models.base import canonical
from workflow.engine.plan import Plan, Row

ALGORITHMS = ("sha256", "sm3")
_CHAINED = (
    "case_id", "seq", "version", "at", "move", "from_state", "from_step", "to_state", "to_step", "turn", "actor",
    "person_id", "appointment_id", "authority_id", "details", "commitment", "algorithm",
)  # fmt: skip


def digest(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode()).hexdigest()


def chained(entry: Row) -> str:
    """The canonical text of an entry: the columns of `_CHAINED`, instants as UTC with microseconds."""
    body: dict[str, Any] = {name: entry[name] for name in _CHAINED}
    at: datetime = body["at"]
    body["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return canonical(body)


def link(entry: Row, prev_hash: str) -> str:
    """The hash of an entry on top of the one before it."""
    return digest(entry["algorithm"], f"{prev_hash}\n{chained(entry)}")


def entry_of(plan: Plan, algorithm: str) -> tuple[Row, Row | None]:
    """The history row of a plan, hashed, and the remark whose text stays outside the chain."""
    remark = _remark(plan)
    entry = {
        "case_id": plan.case["id"],
        "seq": plan.seq,
        "version": plan.case["version"] + 1,
        "at": plan.at,
        "move": plan.move.name,
        "from_state": plan.case["state"],
        "from_step": plan.case["step"],
        "to_state": plan.to_state,
        "to_step": plan.to_step,
        "turn": plan.turn,
        "actor": plan.actor.kind,
        "person_id": plan.actor.person_id,
        "appointment_id": plan.actor.appointment_id,
        "authority_id": plan.actor.authority_id,
        "details": {**plan.effects.note, "basis": plan.move.basis, "cites": plan.cites},
        "commitment": digest(algorithm, remark["salt"] + remark["text"]) if remark else "",
        "algorithm": algorithm,
        "prev_hash": plan.head[1],
    }
    entry["hash"] = link(entry, plan.head[1])
    return entry, remark


def _remark(plan: Plan) -> Row | None:
    text = plan.form.get("opinion")
    if not text:
        return None
    return {"case_id": plan.case["id"], "seq": plan.seq, "salt": secrets.token_hex(16), "text": text}
