"""评价规则: each locality's rules as an official reads them, with their clauses, and what they leave open."""

from flask import Blueprint, abort, render_template, url_for

from views import layout
from views import policy_words as say
from views.inbox import official
from views.present import Shown, law
from views.texts import gettext as _
from views.texts import policy_text
from workflow.rules import policy
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_reading import Block, blocks, not_set

door = Blueprint("policies", __name__)


@door.get("/policies")
@official
def index() -> str:
    rows = [_listed(policy.load(key)) for key in policy.available()]
    return render_template("policies/list.html", **layout.work(rows=rows))


@door.get("/policies/<key>")
@official
def show(key: str) -> str:
    if key not in policy.available():
        abort(404)
    rules = policy.load(key)
    heading, chinese = _titles(rules)
    page: Shown = {
        "heading": heading,
        "chinese": chinese,
        "facts": _facts(rules),
        "draft": rules.content.policy.status == "draft",
        "sections": _sections(rules),
        "unset": say.open_places(not_set(rules)),
        "checksum": rules.checksum,
    }
    return render_template("policies/show.html", **layout.work(**page))


def _listed(rules: PolicyRules) -> Shown:
    title, chinese = _titles(rules)
    made_by = policy_text(rules.content.policy.issued_by)
    shown = {"title": title, "chinese": chinese, "url": url_for("policies.show", key=rules.key), "issued_by": made_by}
    return shown | {"years": _years(rules), "status": _status(rules)}


def _sections(rules: PolicyRules) -> list[tuple[str, list[Shown]]]:
    """What stands for what in another locality's numbering is for the reader of the file."""
    grouped: dict[str, list[Shown]] = {}
    for block in (one for one in blocks(rules) if one.section != "basis"):
        grouped.setdefault(block.section, []).append(_row(rules, block))
    return [(say.section(name), rows) for name, rows in grouped.items()]


def _row(rules: PolicyRules, block: Block) -> Shown:
    return {
        "heading": policy_text(block.title) if block.title and block.section != "scoring" else say.heading(block),
        "lines": say.lines(rules, block),
        "laws": [law(rules, id) for id in block.clauses],
        "local": block.local,
    }


def _titles(rules: PolicyRules) -> tuple[str, str]:
    """As whoever reads it is told, and where that is a translation the official title."""
    said = policy_text(rules.title)
    return said, rules.title if said != rules.title else ""


def _facts(rules: PolicyRules) -> list[tuple[str, str]]:
    heading = rules.content.policy
    rows = [
        (_("制定机关"), policy_text(heading.issued_by)),
        (_("状态"), _status(rules)),
        (_("适用年度"), _years(rules)),
    ]
    if heading.extends:
        rows.append((_("在此基础上"), policy_text(policy.load(heading.extends).title)))
    return rows


def _status(rules: PolicyRules) -> str:
    if rules.content.policy.status == "draft":
        return _("草案，尚不生效")
    return _("已发布")


def _years(rules: PolicyRules) -> str:
    years = rules.content.scope.years
    in_a_row = len(years) > 1 and years[-1] - years[0] == len(years) - 1
    return f"{years[0]}—{years[-1]}" if in_a_row else _("、").join(str(year) for year in years)
