"""评分表 in a form: the lines of the policy's scheme as fields, and back from a checked form to a sheet."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from workflow.engine.forms import Field
from workflow.rules.policy_scoring import Item, Scoring

SCORE, NOTE, BLANK = "score-", "note-", "blank-"
LONGEST_NOTE = 500


def spelled_out(field: Field, scheme: Scoring, items: tuple[Item, ...]) -> Iterator[Field]:
    """For every line its score and a note (an institution's evidence, an evaluator's grounds); what SD-38 leaves
    blank is filled in by the institution."""
    for item in items:
        base = replace(field, label=item.title, required=False, longest=LONGEST_NOTE)
        points = Decimal(item.points)
        yield replace(base, name=f"{SCORE}{item.id}", kind="score", required=field.required, points=points,
                      decimals=scheme.decimals or 0)  # fmt: skip
        yield replace(base, name=f"{NOTE}{item.id}", kind="lines")
        if item.blank and field.source == "self":
            yield replace(base, name=f"{BLANK}{item.id}", kind="lines", label=item.blank)


def read(form: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Scores, notes and blanks by item, those left empty not among them."""
    found: dict[str, dict[str, str]] = {"scores": {}, "notes": {}, "blanks": {}}
    for prefix, kept in zip((SCORE, NOTE, BLANK), found.values(), strict=True):
        kept |= {name.removeprefix(prefix): value for name, value in form.items() if name.startswith(prefix) and value}
    return found
