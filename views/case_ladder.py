"""The ladder of a case: which steps it takes, who signed when, what lies ahead and what else may come."""

from views.meter import days
from views.present import Shown, day_words, local, post_name
from views.terms import term
from views.texts import gettext as _
from views.texts import text
from workflow.engine.ladder import level_of, review_state
from workflow.engine.queries.case_page import Act, CasePage
from workflow.engine.queries.due import DaysLeft

AFTER_PUBLICITY = ("review_above", "reported", "designated")
PATHS = {
    "evaluation": ("self_report", "scoring", "review", "in_publicity", "cleared", "effective"),
    "publicity": ("draft", "open", "ended", "archived"),
    "objection": ("acceptance", "review", "answered"),
    "re_review": ("acceptance", "review", "answered"),
    "repair": ("acceptance", "review", "in_publicity", "cleared", "granted"),
    "recommendation": ("application", "review", "shortlisted", "in_publicity", "cleared", *AFTER_PUBLICITY),
}
# A state off the straight path stands at one of its steps.
STANDS_AT = {
    "correction": "review",
    "awaiting_publicity": "in_publicity",
    "contested": "in_publicity",
    "scheduled": "open",
    "supplement": "acceptance",
    "expired": "effective",
    "superseded": "effective",
    "refused": "answered",
    "statement": "prior_notice",
    "defence": "granted",
    "weighing": "granted",
    "rescinded": "granted",
    "spent": "granted",
    "reserve": "shortlisted",
    "revocation": "designated",
}
ENDED = (
    "annulled", "withdrawn", "refused", "not_granted",
    "rejected", "not_selected", "removed", "declined", "not_designated", "revoked",
)  # fmt: skip
LEFT = (*ENDED, "unrated")
SIGNS = (
    "propose", "verify", "close_scoring", "agree", "accept", "refuse", "confirm", "publish", "draft", "report", "file",
    "lapse",
)  # fmt: skip
CLOCK = ("pause", "resume", "extend", "undo_extension", "recompute")
FOLLOW_UPS = ("correct", "supply", "designate", "deliver", "acknowledge", "file_upward", "archive", "confirm_cleared",
              "change_policy")  # fmt: skip
STRAIGHT = frozenset({*SIGNS, *FOLLOW_UPS, *CLOCK})


def steps(page: CasePage, left: DaysLeft | None) -> list[Shown]:
    """Ahead of a case that has ended there is nothing."""
    names = _names(page)
    here = _here(page, names)
    shown = []
    for place, name in enumerate(names[: here + 1] if page.facts.case["closed_at"] else names):
        state = "done" if place < here else "now" if place == here else "ahead"
        if place == here and page.facts.case["state"] in (*ENDED, "correction", "supplement"):
            state = "returned"
        elif place == here and page.facts.case["closed_at"]:
            state = "done"
        shown.append(
            {
                "title": _title(page, name, current=place == here),
                "state": state,
                "lines": _lines(page, name, state),
                "days": days(left) if place == here else None,
            }
        )
    return shown


def _names(page: CasePage) -> list[str]:
    machine = page.facts.machine.table.key
    names = []
    for name in PATHS[machine]:
        if name in ("review", "review_above"):
            names += [review_state(level) for level in _levels(page, above=name == "review_above")]
        elif machine == "recommendation" and name in ("application", "reported"):
            asked = page.facts.rules.recommendation.forms if name == "application" else _levels(page, above=True)
            names += [name] if asked else []
        elif machine == "repair" and name in ("in_publicity", "cleared"):
            names += [name] if page.facts.rules.repair.publicity else []
        elif name == "scoring":
            names += [name] if "expert" in page.facts.rules.scored_by(machine) else []
        elif name == "self_report" and page.acts[-1].to_state == "prior_notice":
            names.append("prior_notice")  # a standing grade is changed: heard before, not asked to report
        elif name != "self_report" or page.facts.rules.evaluation.self_report:
            names.append(name)
    return names


def _levels(page: CasePage, *, above: bool) -> list[str]:
    """The levels up to the one that publishes, or those above it; without a pause for publicity, all of them."""
    levels, after = page.facts.levels, page.facts.level_after_publicity
    place = levels.index(after) if after else len(levels)
    return levels[place:] if above else levels[:place]


def _here(page: CasePage, names: list[str]) -> int:
    """Where the case stands; one that ended early stands where it was left."""
    state = page.facts.case["state"]
    if state in LEFT and STANDS_AT.get(state) not in names:
        state = next(act.from_state for act in page.acts if act.from_state != state)
    state = STANDS_AT.get(state, state)
    if state == "review":
        state = next(name for name in names if level_of(name))
    return names.index(state) if state in names else 0


def _title(page: CasePage, name: str, *, current: bool) -> str:
    """The state's own name where the case stands; elsewhere the short name of the step."""
    machine, state = page.facts.machine.table.key, page.facts.case["state"]
    short = {
        "in_publicity": _("公示"),
        "cleared": _("确定"),
        "open": _("公示"),
        "ended": _("期满"),
        "archived": _("归档"),
        "answered": _("答复"),
        "effective": _("生效"),
        "granted": _("修复"),
    }
    if machine == "recommendation" and page.facts.level_after_publicity:
        short["cleared"] = _("报送")
    return text(f"state.{machine}.{state}") if current else short.get(name) or text(f"state.{machine}.{name}")


def _lines(page: CasePage, name: str, state: str) -> list[str]:
    lines = [place] if (place := _place(page, name)) else []
    if state == "ahead":
        return lines + _ahead(page, name)
    detail = page.facts.detail
    if name == "open" and detail["closes_on"]:
        today = page.facts.today
        lines.append(f"{day_words(detail['opens_on'], today)} {_('至')} {day_words(detail['closes_on'], today)}")
    signed = _signatures(page, name, current=state != "done")
    lines += _in_short(page, signed) if state == "done" and len(signed) > 1 else _signed(page, signed)
    return lines + waiting(page) if state == "now" else lines


def _place(page: CasePage, name: str) -> str:
    facts = page.facts
    if level := level_of(name):
        return facts.authorities[facts.rung(level)].short_name
    if name in ("self_report", "application"):
        return _("机构")
    if name == "reported":
        return facts.authorities[facts.case["ladder"][-1]["authority"]].short_name
    if name in ("shortlisted", "in_publicity", "cleared"):
        return facts.authorities[facts.publisher_id].short_name
    return (
        facts.authorities[facts.case["managing_authority_id"]].short_name
        if name not in ("effective", "designated")
        else ""
    )


def _signatures(page: CasePage, name: str, *, current: bool) -> list[Act]:
    """Who signed at a step, oldest first: in the present turn where the case stands, else in that step's newest one."""
    at = [act for act in page.acts if STANDS_AT.get(act.from_state, act.from_state) == name and act.move in SIGNS]
    turn = page.facts.case["turn"] if current else max((act.turn for act in at), default=0)
    return [act for act in reversed(at) if act.turn == turn]


def _in_short(page: CasePage, acts: list[Act]) -> list[str]:
    """A step that is behind: from when to when, and how many signed. Who and why stands in the file."""
    first, last = (day_words(local(act.at).date(), page.facts.today) for act in (acts[0], acts[-1]))
    span = first if first == last else _("%(first)s 至 %(last)s", first=first, last=last)
    return [_("%(span)s，%(n)s 人签", span=span, n=len({act.person for act in acts}))]


def _signed(page: CasePage, acts: list[Act]) -> list[str]:
    """One line for each signature; the members of a panel together."""
    voices = [act for act in acts if act.role == "panel_member"]
    lines = []
    for act in acts:
        on = day_words(local(act.at).date(), page.facts.today)
        if act not in voices:
            step = text(f"step.{act.from_step}") if act.from_step else ""
            step = step or text(f"move.{page.facts.machine.table.key}.{act.move}")
            lines.append(f"{on} {act.person or text('actor.' + act.actor)} · {step}")
        elif act is voices[-1]:
            lines.append(_("%(day)s 评价小组 %(n)s 人同意", day=on, n=len(voices)))
    return lines


def waiting(page: CasePage) -> list[str]:
    """What the step waits for now, in order: who owes it and whether somebody has signed for it."""
    facts = page.facts
    step = text(f"step.{facts.case['step']}") if facts.case["step"] else ""
    work = [one for one in page.owners if one.purpose == "work"]
    if work and len(work) > 1:
        return [_("%(step)s：还有 %(n)s 人未表态", step=step, n=len(work))]
    if work:
        one = work[0]
        place = "" if one.role == "objector" else one.authority
        who = one.person or one.institution or post_name(place, one.role)
        kind = _("已签收") if one.claimed else _("指定办理") if one.designated else _("待办理")
        said = _("%(what)s：%(said)s", what=step, said=who) if step and one.person else who  # a post names the step
        return [f"{said} · {kind}"]
    waits = facts.machine.state(facts.full_state).waits
    words = {"publicity": _("期满自动结束"), "objection": _("异议办结后恢复"), "opening": _("到日自动发布")}
    return [words[waits]] if waits in words else []


def _ahead(page: CasePage, name: str) -> list[str]:
    facts = page.facts
    due = {"in_publicity": "publicity", "cleared": "confirm", "effective": "validity", "open": "publicity",
           "scoring": "expert_scoring"}.get(name, "")  # fmt: skip
    if level_of(name):
        due = facts.machine.table.review_due or name
    if not due:
        return []
    words = [term(facts.rules, due) if due in facts.rules.content.deadlines else _("本地规则设定")]
    if name == "in_publicity":
        words.append(_("有异议的只暂缓本条"))
    return words


def may(page: CasePage) -> list[str]:
    """Sideways: where else a person may send it from here, from the machine's own table."""
    facts = page.facts
    machine = facts.machine.table.key
    here = (move for move in facts.machine.moves if move.source == facts.full_state and move.by != "system")
    leave = dict.fromkeys(move.name for move in here if move.to not in ("stay", facts.full_state))
    ways = [text(f"move.{machine}.{name}") for name in leave if name not in STRAIGHT]
    if machine == "evaluation" and not facts.case["closed_at"]:
        if facts.case["state"] == "effective":
            return [*ways, _("复评 → 维持、变更或撤销"), _("有效期届满")]
        asked = {"objection": _("公示期异议 → 暂缓 → 维持、变更或撤下重评"), "re_review": _("告知后复评")}
        return [*ways, *(words for key, words in asked.items() if key in facts.rules.machines)]
    return ways
