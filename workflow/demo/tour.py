"""The guided tour: the demo's story in eight steps. Each names who does it, where, and what there is to see."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Institution, Notice, Objection
from workflow.demo import crowd, this_year
from workflow.demo.firms import FIRMS
from workflow.demo.people import CITY_SHOWN, COUNTY_SHOWN
from workflow.demo.play import receipt


@dataclass(frozen=True)
class Step:
    """Its words are the keys `tour.<key>.title`, `.who` and `.text`. `login` is empty for a step that needs no account.
    `place` is what the step is about: (kind, name)."""

    key: str
    login: str
    place: tuple[str, str]


STEPS = (
    Step("propose", f"{COUNTY_SHOWN}-handler", ("case", "county-today")),
    Step("vote", f"{COUNTY_SHOWN}-panel3", ("case", "xuyou")),
    Step("sign", f"{CITY_SHOWN}-leader", ("case", "city-sign")),
    Step("notice", "", ("notice", "open")),
    Step("object", "", ("object", "open")),
    Step("accept", f"{CITY_SHOWN}-head2", ("objection", this_year.NEWEST)),
    Step("confirm", f"{CITY_SHOWN}-leader", ("notice", "ended")),
    Step("desk", "clerk-yongchang", ("desk", "")),
)


def found(session: Session, place: tuple[str, str]) -> str:
    """The number of the case that a step is about, as the demo stands now; none where it is about somebody's desk."""
    kind, name = place
    if kind == "desk":
        return ""
    if kind == "case":
        codes = {firm.key: firm.code for firm in [*FIRMS, *crowd.crowd(list(crowd.PARTS))]}
        query = select(Case.number).join(Institution, Institution.id == Case.institution_id)
        query = query.where(Institution.credit_code == codes[name], Case.machine == "evaluation")
    elif kind == "objection":
        query = select(Case.number).join(Objection, Objection.case_id == Case.id)
        query = query.where(Objection.receipt_hash == receipt(name))
    else:
        state = "ended" if name == "ended" else "open"
        query = select(Case.number).join(Notice, Notice.case_id == Case.id).where(Case.state == state)
    return session.scalars(query.order_by(Case.id.desc()).limit(1)).first() or ""
