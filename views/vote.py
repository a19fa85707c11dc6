"""表决: what a voice in a panel would bring about, before it is given."""

from views.texts import gettext as _
from workflow.engine.facts import Facts
from workflow.engine.panel import Count
from workflow.engine.plan import Plan


def foreseen(facts: Facts, plan: Plan) -> list[tuple[str, str]]:
    """Term and text; nothing outside a panel."""
    if plan.move.by == "panel_leader":
        return [(_("表决"), _stands(facts.panel))]
    if plan.move.by != "panel_member":
        return []
    agrees = plan.move.name == "agree"
    then = facts.panel.after(agree=agrees)
    return [(_("表决"), _agreed(then) if agrees else _against(then))]


def _stands(now: Count) -> str:
    return _("%(yes)s 人同意，%(no)s 人不同意，%(left)s 人未表态", yes=now.agreed, no=now.against, left=now.seats)


def _agreed(then: Count) -> str:
    if then.enough:
        return _("您同意后满 %(n)s 人同意，即可由组长签发", n=then.agreed)
    if then.lost:
        return _("您同意后也不可能满 %(n)s 人同意，组长不能签发", n=then.needed)
    return _("您同意后，再有 %(n)s 人同意即可由组长签发", n=then.missing)


def _against(then: Count) -> str:
    if then.enough:
        return _("已满 %(n)s 人同意，组长仍可签发", n=then.needed)
    if then.lost:
        return _("您不同意后，不可能再满 %(n)s 人同意，组长不能签发", n=then.needed)
    return _("您不同意后，还须 %(n)s 人同意，未表态的有 %(left)s 人", n=then.missing, left=then.seats)
