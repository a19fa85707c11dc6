"""What the pages of the archive read."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from views import case_list, repair_context, rows
from views.present import Shown, boxes, day_words, grade
from views.texts import gettext as _
from views.texts import policy_text, text
from views.web import actor, at, fresh_id
from workflow.archive import JUDGEMENT, PUBLICATION, RECORD
from workflow.clock import legal_day
from workflow.engine.forms import Field
from workflow.engine.queries import archive as query
from workflow.engine.queries import repairs
from workflow.engine.queries.cases import Asked, cases
from workflow.engine.queries.coverage import Coverage
from workflow.engine.queries.inbox import PAGE
from workflow.rules.publication import NoOrder, order_of

REASON = (Field("reason", shortest=4),)
KEEPERS = ("handler", "section_head")
"""Only for leaving the forms away; workflow/archive.py is what refuses."""


def listing(words: str, found: Sequence[query.Kept], page: int, total: int, *, bare: bool) -> Shown:
    kept: dict[str, Any] = {"q": words or None, "only": "bare" if bare else None}
    return {
        "bare": bare,
        "words": words,
        "search_text": words,
        "total": total,
        "lines": [(one, grade(one.grade), url_for("archive.show", code=one.credit_code)) for one in found],
        "page": rows.pages(page, total, PAGE, lambda number: url_for("archive.index", **kept, page=number)),
    }


def covered(one: Coverage) -> Shown:
    """The figures of coverage, the last with the institutions that it counts."""
    return {
        "coverage": [(_("在管机构"), one.whole), (_("有在档记录"), one.recorded), (_("近一年核查过"), one.checked)],
        "uncovered": one.bare,
        "uncovered_url": url_for("archive.index", only="bare"),
    }


def page(session: Session, code: str, form: Mapping[str, Any]) -> Shown:
    found = query.archive_page(session, code, actor(), at())
    one = query.institution(session, code, actor())
    kinds = query.kinds(session, one.managing_authority_id)
    today = legal_day(at())
    dated = repairs.standings(session, found.id, at())
    shown = {row["id"]: row for row in (repair_context.row(dated.rules, one) for one in dated.records)} if dated else {}
    lines, _total = cases(session, actor(), Asked(institution_id=found.id), 1, at())
    return {
        "one": found,
        "facts": [(_("信用代码"), code), (_("管理机关"), found.authority),
                  (_("性质"), text(f"choice.nature.{found.nature}")), (_("业务"), text(f"choice.kind.{found.kind}"))],
        "grade": grade(found.grade),
        "grade_until": day_words(found.expires_on, today) if found.expires_on else "",
        "spells": [_spell(_("名称"), spell, today) for spell in found.names]
        + [_spell(_("管理机关"), spell, today) for spell in found.managers],
        "records": [
            _record(record, kinds, form, code) | _publication(record, shown.get(record.id), dated, form, code)
            for record in found.records
        ],
        "keeps": actor().role in KEEPERS,
        "boxes": _boxes(RECORD, "record", form, kinds),
        "entry_url": url_for("archive.record", code=code),
        "why": form.get("why", ""),
        "request_id": fresh_id(),
        "lines": [case_list.line(line) for line in lines],
    }  # fmt: skip


def _boxes(
    fields: Sequence[Field],
    which: str,
    form: Mapping[str, Any],
    kinds: Mapping[str, str],
    more: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> list[Shown]:
    mine = form.get("which") == which
    options = {"kind": [(kind, policy_text(title)) for kind, title in kinds.items()], **(more or {})}
    typed = form.get("typed", {}) if mine else {}
    return boxes(fields, prefix=f"{which}-", values=typed, errors=form.get("errors") if mine else {}, options=options)


def _record(one: query.Record, kinds: Mapping[str, str], form: Mapping[str, Any], code: str) -> Shown:
    where: dict[str, Any] = {"code": code, "record_id": one.id}
    return {
        "fact": one,
        "kind": policy_text(kinds.get(one.kind, one.kind)),
        "severity": text(f"choice.severity.{one.severity}") if one.severity else "",
        "corrected": _corrected(one),
        "request_id": fresh_id(),
        "judge": _boxes(JUDGEMENT, f"judge{one.id}", form, {}),
        "judge_url": url_for("archive.judge", **where),
        "judge_open": form.get("which") == f"judge{one.id}",
        "void": _boxes(REASON, f"void{one.id}", form, {}),
        "void_url": url_for("archive.void", **where),
        "void_open": form.get("which") == f"void{one.id}",
    }


def _publication(
    one: query.Record, shown: Shown | None, dated: repairs.Standings | None, form: Mapping[str, Any], code: str
) -> Shown:
    """可修复日 and the end of publication, and the form that classes the act under the order of its decision."""
    classes = _classes(dated, one) if dated else []
    return {
        "dates": shown,
        "publish": _boxes(PUBLICATION, f"publish{one.id}", form, {}, {"repair_class": classes}) if classes else [],
        "publish_url": url_for("archive.publish", code=code, record_id=one.id),
        "publish_open": form.get("which") == f"publish{one.id}",
    }


def _classes(dated: repairs.Standings, one: query.Record) -> list[tuple[str, str]]:
    if one.decided_on is None:
        return []
    try:
        order = order_of(dated.rules.repair, one.acted_on, one.decided_on)
    except NoOrder:
        return []
    return [(act.id, repair_context.classed(act, order)) for act in order.classes]


def _corrected(one: query.Record) -> str:
    if one.corrected_in_time is None:
        return ""
    return text(f"choice.corrected_in_time.{'yes' if one.corrected_in_time else 'no'}")


def _spell(term: str, spell: query.Spell, today: Any) -> tuple[str, str]:
    since = day_words(spell.since, today)
    if spell.until is None:
        return term, _("%(what)s（%(since)s 至今）", what=spell.what, since=since)
    end = day_words(spell.until, today)
    return term, _("%(what)s（%(since)s 至 %(end)s）", what=spell.what, since=since, end=end)
