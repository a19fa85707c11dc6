"""What the page of a recommendation shows: its conditions with their evidence, its scores, its seat and what lacks."""

from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from models import Round
from views.present import Shown, boxes, bracketed
from views.texts import gettext as _
from views.texts import policy_text, text
from views.uploads import hint
from workflow import recommendations
from workflow.engine import quota
from workflow.engine.facts import Facts
from workflow.engine.forms import Field
from workflow.engine.load import machine_of
from workflow.engine.machine import NEW
from workflow.engine.permissions import Actor
from workflow.engine.queries import honours as query
from workflow.machines.recommendation import HOLDER
from workflow.rules.eligibility import Checked, Eligible
from workflow.rules.policy import PolicyRules


def sections(facts: Facts) -> list[Shown]:
    frozen = facts.detail["eligibility"]
    found = Eligible.model_validate(frozen) if frozen else facts.eligible
    note = _("按 %(day)s 的档案", day=found.on.isoformat())
    shown = [{"title": _("基本条件"), "note": note, "pairs": conditions(facts, found), "wide": True}]
    shown.append({"title": _("名额与报送"), "note": _honour(facts), "pairs": _seat(facts), "files": _summary(facts)})
    if facts.detail["ground"]:
        shown.append({"title": _("拟撤销的理由"), "note": "", "pairs": [(_("理由"), facts.detail["ground"])]})
    return shown


def conditions(facts: Facts, found: Eligible) -> list[tuple[str, str]]:
    """Each condition with its answer and the facts it rests on."""
    titles = {one.id: policy_text(one.title) for one in facts.rules.recommendation.conditions}
    pairs = [(titles[one.condition], _answer(facts, found, one)) for one in found.checked]
    said = facts.detail.get("attestation")
    return [*pairs, (_("评估人的认定"), said)] if said else pairs


def before(session: Session, one: Round, actor: Actor, at: datetime) -> Facts:
    """What an institution's application would rest on, before there is a case."""
    subject = recommendations.candidate(session, one.id, actor.institution_id or 0)
    unborn = {
        "id": 0,
        "parent_id": None,
        "state": NEW,
        "step": "",
        "round_id": one.id,
        "institution_id": actor.institution_id,
        "ladder": subject.ladder,
    }
    return Facts(session, machine_of(session, "recommendation", one.policy_id), unborn, actor, at)


def asked(facts: Facts, honour: str) -> tuple[Field, ...]:
    """What an application asks for: whose honour it is only where the honour goes to a person."""
    personal = facts.rules.recommendation.honours[honour].holder == "person"
    row = next(row for row in facts.machine.moves if row.name == "apply")
    return tuple(field for field in facts.fields(row) if personal or field is not HOLDER)


def application_fields(
    rules: PolicyRules, fields: tuple[Field, ...], values: Any, errors: dict[str, str]
) -> list[Shown]:
    """The form, with what the policy says that a box must hold (SD-42, SD-43)."""
    hints: dict[str, str] = {"notes": _("上面有未填写的，或者登记有缺项的，在这里说明。"), "files": hint()}
    for name, one in rules.recommendation.contents.items():
        hints[name] = _("应当包括：%(list)s。", list=policy_text(one.text))
    shown = boxes(fields, values=values, errors=errors, hints=hints)
    return [one | {"rows": 8} if one["kind"] == "textarea" else one for one in shown]


def _answer(facts: Facts, found: Eligible, one: Checked) -> str:
    known = {fact.id: fact for fact in found.facts}
    kinds, met_by = facts.rules.record_kinds, [known[record] for record in one.records]
    evidence = _("；").join(
        _("，").join((policy_text(kinds[fact.kind]), fact.acted_on.isoformat(), fact.evidence)) for fact in met_by
    )
    if one.met is None:
        return _("由评估人认定")
    if one.met:
        return bracketed(_("符合"), evidence)
    if one.soft:
        return _("原则上不符合（%(evidence)s）；%(set_aside)s", evidence=evidence, set_aside=_set_aside(facts))
    return bracketed(_("不符合"), evidence)


def _set_aside(facts: Facts) -> str:
    if not facts.detail.get("override_reason"):
        return _("例外列入须说明理由，并经另一人同意")
    agreed = _("已经另一人同意") if facts.detail["override_by_id"] else _("待另一人同意")
    return _("例外列入的理由：%(why)s（%(agreed)s）", why=facts.detail["override_reason"], agreed=agreed)


def _summary(facts: Facts) -> list[Shown]:
    """The work summary of the authority whose list it is (SD-46)."""
    found = query.summary(facts.session, facts.detail["quota_id"], facts.actor)
    if found is None:
        return []
    return [{"title": found[1], "url": url_for("files.download", attachment_id=found[0]), "note": _("工作总结")}]


def _honour(facts: Facts) -> str:
    return policy_text(facts.rules.recommendation.honours[facts.detail["honour"]].title)


def _seat(facts: Facts) -> list[tuple[str, str]]:
    seats, lacking = quota.seats(facts), quota.missing(facts)
    taken = seats.taken + (facts.detail["seated_at"] is not None)
    pairs = [(_("名额"), _("%(whole)s 名，已列入 %(taken)s 家", whole=seats.whole, taken=taken))]
    if facts.detail["holder"]:
        pairs.append((text("field.holder"), facts.detail["holder"]))
    words = _("、").join(text(f"package.{part}") for part in lacking)
    pairs.append((_("报送材料"), _("缺：%(list)s", list=words) if lacking else _("齐全")))
    if facts.detail["outcome_number"]:
        pairs.append((_("部级结果文号"), facts.detail["outcome_number"]))
    return pairs
