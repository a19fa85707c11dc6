"""What the pages of rounds and of a notice's draft read."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from flask import request, url_for
from sqlalchemy.orm import Session

from models import Round
from views import hand_ins, results, rows
from views.languages import in_chinese
from views.present import Shown, boxes, day_words, state_text
from views.terms import term
from views.texts import gettext as _
from views.texts import keys, policy_text
from views.web import actor, at, fresh_id
from workflow.clock import legal_day
from workflow.engine import caps
from workflow.engine.forms import Field
from workflow.engine.load import rules_of
from workflow.engine.queries import rounds as query
from workflow.engine.queries.cases import Asked
from workflow.engine.queries.inbox import PAGE
from workflow.engine.reads import lines
from workflow.machines import wording
from workflow.machines.publicity import DRAFT
from workflow.openings import still_to_open
from workflow.rules import policy
from workflow.rules.policy import PolicyRules

ROUND = (
    Field("policy", "text", longest=64),
    Field("year", "whole", least=2000, most=2100),
    Field("title", "text", shortest=4, longest=100),
)
LISTED = 200
"""Of more results than this the draft of a notice shows how many there are, not each with a box to tick."""
NOTICE = tuple(field for field in DRAFT if field.name != "cases")


def chosen_cases() -> list[str]:
    """Ticked one by one, or all together."""
    return [one for value in request.form.getlist("cases") for one in value.split(",")]


def sent(fields: Sequence[Field]) -> dict[str, str]:
    return {field.name: request.form.get(field.name, "") for field in fields}


def listing(found: Sequence[query.Opened], errors: Mapping[str, str], why: str) -> Shown:
    today = legal_day(at())
    typed = sent(ROUND) if request.method == "POST" else {"year": str(today.year)}
    return {
        "rounds": [
            (
                one,
                url_for("rounds.show", round_id=one.id),
                day_words(one.reference_date, today),
                policy_text(one.policy),
            )
            for one in found
        ],
        "opens": actor().role == "section_head",
        "fields": boxes(ROUND, values=typed, errors=errors, options={"policy": _policies()}),
        "request_id": fresh_id(),
        "why": why,
    }


def _policies() -> list[tuple[str, str]]:
    """Released rules that run evaluations; a draft is not in force anywhere."""
    loaded = [policy.load(key) for key in policy.available()]
    released = [
        rules for rules in loaded if rules.content.policy.status == "released" and "evaluation" in rules.machines
    ]
    return [(rules.key, policy_text(rules.title)) for rules in released if "evaluation" in rules.machines]


def page(session: Session, round_id: int) -> Shown:
    one = query.round_seen(session, round_id, actor())
    today = legal_day(at())
    found = query.progress(session, round_id, actor())
    states = [state for state in _state_order() if any(row.states[state] for row in found)]
    mine = one.authority_id == actor().authority_id
    return {
        "heading": one.title,
        "facts": [(_("组织机关"), query.authority_name(session, one.authority_id)), (_("年度"), str(one.year)),
                  (_("评级日"), day_words(one.reference_date, today)), (_("规则"), policy_text(one.policy.title)),
                  *_seats(session, one)],
        "states_shown": [(state, state_text("evaluation", state)) for state in states],
        "progress": found,
        "handed": hand_ins.card(session, one, [row.authority_id for row in found]),
        "round_id": round_id,
        "waiting": len(still_to_open(session, round_id)) if mine and actor().role == "section_head" else 0,
        "ready": _count(query.ready(session, round_id, actor())) if actor().role == "handler" else 0,
    }  # fmt: skip


def _seats(session: Session, one: Round) -> list[tuple[str, str]]:
    """How much of each percentage of a top grade is taken."""
    found = caps.seats(session, one.id, rules_of(session, one.policy_id))
    return [
        (_("%(grade)s 级名额", grade="、".join(cap.grades)), _("已占 %(n)s / %(most)s 家", n=held, most=most))
        for cap, held, most in found
    ]


def _state_order() -> list[str]:
    prefix = "state.evaluation."
    return [key.removeprefix(prefix) for key in keys() if key.startswith(prefix)]


def pages(round_id: int, asked: Asked, number: int, total: int) -> Shown:
    def url(page: int) -> str:
        return url_for("rounds.show", round_id=round_id, state=asked.state or None, page=page)

    return {"page": rows.pages(number, total, PAGE, url)}


def remarks() -> dict[str, str]:
    """What annex 2 says of a result that is not in force."""
    return {state: state_text("evaluation", state) for state in _state_order() if state != "effective"}


def notice(session: Session, round_id: int, errors: Mapping[str, str], why: str) -> tuple[str, Shown]:
    """The template, by how many there are, and what it reads."""
    one = query.round_seen(session, round_id, actor())
    whole, managing = query.ready(session, round_id, actor()), request.args.get("managing", 0, int)
    ids = sorted(id for group in whole if managing in (0, group.authority_id) for id in group.ids)
    posted = request.method == "POST"
    chosen = set(chosen_cases()) if posted else {str(id) for id in ids}
    listed = lines(session, ids) if len(ids) <= LISTED else []
    typed = sent(NOTICE) if posted else {"title": _title(session, one), "opens_on": _today().isoformat()}
    page = {
        "above": _above(one),
        "fields": boxes(
            NOTICE, values=typed, errors=errors, hints={"opens_on": _period(rules_of(session, one.policy_id))}
        ),
        "count": len(ids),
        "ready": [(row, *results.waiting(row), str(row.id) in chosen) for row in listed],
        "cases_error": errors.get("cases", ""),
        "why": why,
        "request_id": fresh_id(),
        "may": actor().role == "handler",
    }
    if _count(whole) <= LISTED:
        return "notices/draft.html", page
    return "notices/many.html", page | _many(round_id, whole, ids, managing)


def _count(found: Sequence[query.Ready]) -> int:
    return sum(len(one.ids) for one in found)


def _above(one: Round) -> list[tuple[str, str]]:
    if one.submit_by:
        return [(_("推荐批次"), url_for("honours.index")), (one.title, url_for("honours.show", round_id=one.id))]
    return [(_("评价批次"), url_for("rounds.index")), (one.title, url_for("rounds.show", round_id=one.id))]


def _many(round_id: int, whole: Sequence[query.Ready], ids: list[int], managing: int) -> Shown:
    """What nobody reads line by line on one page: how many of whom there are, and all of them or one authority's."""
    grades = sorted({one.grade for one in whole if one.grade})
    url = partial(url_for, "rounds.notice", round_id=round_id)
    shares: dict[tuple[int, str], dict[str | None, int]] = {}
    for one in whole:
        shares.setdefault((one.authority_id, one.authority), {})[one.grade] = len(one.ids)
    return {
        "grades": grades,
        "shares": [
            (name, url(managing=id), id == managing, [share.get(one, 0) for one in grades], sum(share.values()))
            for (id, name), share in shares.items()
        ],
        "whole": _count(whole),
        "whole_url": url() if managing else "",
        "together": ",".join(map(str, ids)),
    }


def _title(session: Session, one: Round) -> str:
    """An official paper's: Chinese, whoever drafts it. From the second on, it says which of the round it is."""
    earlier = query.notices(session, one.id, actor())
    with in_chinese():
        batch = wording.batch(earlier + 1) if earlier else ""
        if one.submit_by is None:
            return _("%(year)s年度人力资源服务机构信用等级评价结果公示", year=one.year) + batch
        honour = rules_of(session, one.policy_id).recommendation.honours[one.scheme].title
        return _("%(year)s年度%(honour)s拟推荐名单公示", year=one.year, honour=honour) + batch


def _period(rules: PolicyRules) -> str:
    return _("公示期 %(span)s；届满没有异议的，由分管领导确定。", span=term(rules, "publicity"))


def _today() -> date:
    return legal_day(at())
