"""信息核查、现场核查: what an authority looked up or saw before it grades, also where it found nothing (XC-10).

What was found against an institution is a fact of its archive, with its evidence; a grade rests on nothing else.
"""

from workflow.engine.facts import Facts
from workflow.engine.forms import Field
from workflow.engine.machine import Move
from workflow.engine.plan import Effects
from workflow.machines import entry

KINDS = {"information": "information_check", "on_site": "verification"}
"""How it was checked, and as which kind of material that is kept."""
FORM = (
    Field("means", "choice", choices=tuple(KINDS)),
    Field("checked_on", "date"),
    Field("checked", shortest=4, longest=10_000),
    Field("files", "ids", required=False),
)


def ahead(facts: Facts) -> str | None:
    return "check_ahead" if not facts.preview and facts.form["checked_on"] > facts.today else None


def kept(facts: Facts) -> Effects:
    form, on = facts.form, facts.form["checked_on"].isoformat()
    written = {"checked_on": on, "statement": f"{on}：{form['checked']}"}
    return Effects(
        material=(KINDS[form["means"]], written, form["files"]), note={"means": form["means"], "checked_on": on}
    )


ROW = Move("record_check", "review:start", "stay", "owner", unless=(entry.has_interest, ahead), form=FORM, effect=kept,
           closes=False, basis="XC-10")  # fmt: skip
