"""What the pages of recommendation rounds read."""

from collections.abc import Mapping, Sequence

from flask import request, url_for
from sqlalchemy.orm import Session

from views.present import Shown, boxes, bracketed, law, state_text, until
from views.texts import gettext as _
from views.texts import policy_text
from views.web import actor, at, fresh_id
from workflow.clock import legal_day
from workflow.engine.forms import Field
from workflow.engine.load import rules_of
from workflow.engine.queries import honours as query
from workflow.engine.queries import rounds as rounds_query
from workflow.engine.queries.rounds import Opened
from workflow.engine.refusal import NotFound
from workflow.machines.recommendation import HOLDER
from workflow.rules import policy

BEGIN = (
    Field("honour", "text", longest=130),
    Field("year", "whole", least=2000, most=2100),
    Field("title", "text", shortest=4, longest=100),
)
SEATS = (Field("quota", "whole", least=1), Field("seats", "whole", most=1000))
NOMINATE = (Field("institution", "whole", least=1), HOLDER)
SUMMARY = (Field("files", "ids"),)
NEAR = ("shortlisted", "reserve")
SHOWN = ("awaiting_publicity", "in_publicity", "contested", "cleared")
UP = ("province_review", "reported")


def sent(fields: Sequence[Field]) -> dict[str, str]:
    return {field.name: request.form.get(field.name, "") for field in fields}


def listing(found: Sequence[Opened], errors: Mapping[str, str]) -> Shown:
    today = legal_day(at())
    typed = sent(BEGIN) if request.method == "POST" else {"year": str(today.year)}
    return {
        "rounds": [
            (one, url_for("honours.show", round_id=one.id), until(one.submit_by, today), policy_text(one.policy))
            for one in found
            if one.submit_by
        ],
        "opens": actor().role == "section_head",
        "fields": boxes(BEGIN, values=typed, errors=errors, options={"honour": _honours()}),
        "request_id": fresh_id(),
    }


def _honours() -> list[tuple[str, str]]:
    """Every honour of a released policy that runs recommendations."""
    loaded = [policy.load(key) for key in policy.available()]
    inside = [one for one in loaded if one.content.policy.status == "released" and "recommendation" in one.machines]
    return [
        (
            f"{rules.key}.{key}",
            bracketed(policy_text(honour.title), policy_text(rules.title)),
        )
        for rules in inside
        for key, honour in rules.recommendation.honours.items()
    ]


def page(session: Session, round_id: int, form: str, errors: Mapping[str, str]) -> Shown:
    one = query.round_seen(session, round_id, actor())
    rules, today = rules_of(session, one.policy_id), legal_day(at())
    honour = rules.recommendation.honours[one.scheme]
    found, below = query.seats(session, one), query.line(session, actor())
    opens, mine = actor().role == "section_head" and actor().authority_id == one.authority_id, _mine(found)
    handler = actor().role == "handler"
    nominates = (
        handler and "authority" in rules.recommendation.entrance and bool(one.submit_by and at() < one.submit_by)
    )
    nominable = query.nominable(session, one, actor()) if nominates else []
    files = handler and "summary" in rules.recommendation.package
    ready = rounds_query.ready(session, round_id, actor()) if handler else []
    return {
        "heading": one.title,
        "facts": [
            (_("荣誉"), policy_text(honour.title)),
            (_("组织机关"), rounds_query.authority_name(session, one.authority_id)),
            (_("年度"), str(one.year)),
            (_("报送截止"), until(one.submit_by, today) if one.submit_by else ""),
            (_("规则"), policy_text(rules.title)),
        ],
        "clause": law(rules, honour.quota.clause, _("名额依据")),
        "quotas": [_quota(row, opens, row.authority_id in below) | _typed(row.id, form, errors) for row in found],
        "whole": sum(row.seats for row in found),
        "taken": sum(row.taken for row in found),
        "shares": any(row.base is not None for row in found),
        "candidates": [_candidate(row) for row in query.candidates(session, one, actor())],
        "ready": sum(len(one.ids) for one in ready),
        "notice_url": url_for("rounds.notice", round_id=round_id),
        "list_url": url_for("honours.ranked", round_id=round_id) if any(row.taken for row in found) else "",
        "round_id": round_id,
        "opens": opens,
        "nominate": _nominate(nominable, form, errors) if nominable else [],
        "summary": _summary(mine, form, errors) if mine and files else [],
        "summary_name": mine.summary if mine else "",
        "request_id": fresh_id(),
    }


def _typed(quota: int, form: str, errors: Mapping[str, str]) -> Shown:
    """Of the row whose seats were refused: what was typed, and why it may not be."""
    mine = form == "seats" and request.form.get("quota") == str(quota)
    return {"typed": request.form.get("seats", ""), "error": next(iter(errors.values()), "")} if mine else {}


def own_quota(session: Session, round_id: int) -> int:
    one = _mine(query.seats(session, query.round_seen(session, round_id, actor())))
    if one is None:
        raise NotFound
    return one.id


def _mine(found: Sequence[query.Seats]) -> query.Seats | None:
    return next((row for row in found if row.authority_id == actor().authority_id), None)


def _quota(row: query.Seats, opens: bool, reads: bool) -> Shown:
    states = row.states
    return {
        "id": row.id,
        "authority": row.authority,
        "base": row.base,
        "seats": row.seats,
        "taken": row.taken,
        "full": row.taken >= row.seats,
        "waiting": sum(states[state] for state in NEAR),
        "review": states["application"] + states["county_review"] + states["city_review"],
        "shown": sum(states[state] for state in SHOWN),
        "up": sum(states[state] for state in UP),
        "done": states["designated"],
        "changes": opens,
        "summary": row.summary,
        "summary_url": url_for("files.download", attachment_id=row.summary_id) if reads and row.summary_id else "",
    }


def _candidate(row: query.Candidate) -> Shown:
    return {
        "place": row.place,
        "name": row.name,
        "holder": row.holder,
        "authority": row.authority,
        "total": row.total,
        "state": state_text("recommendation", row.state, row.step),
        "seated": row.seated,
        "url": url_for("cases.show", number=row.number),
        "number": row.number,
    }


def _nominate(nominable: Sequence[tuple[int, str]], form: str, errors: Mapping[str, str]) -> list[Shown]:
    ours = form == "nominate"
    options = {"institution": [(str(id), name) for id, name in nominable]}
    return boxes(NOMINATE, values=sent(NOMINATE) if ours else {}, errors=errors if ours else {}, options=options)


def _summary(mine: query.Seats, form: str, errors: Mapping[str, str]) -> list[Shown]:
    hints = {
        "files": _("现有：%(name)s", name=mine.summary) if mine.summary else _("诚信体系建设及主题创建活动的工作总结")
    }
    return boxes(SUMMARY, errors=errors if form == "summary" else {}, hints=hints)
