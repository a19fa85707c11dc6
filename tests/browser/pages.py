"""What the tests of all pages visit: who goes where in the demo city, and which addresses are no pages at all."""

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Appointment, Authority, Case, Delivery, Evaluation, Institution, Person, Round, Survey, User
from models.database import Database
from tests.browser.conftest import Site
from views.languages import COOKIE
from workflow.rules.policy import load

if TYPE_CHECKING:
    from playwright.sync_api import Page

Look = Literal["light", "dark"]

PAGES = {
    "": [
        "/tour",
        "/notices",
        "/notices/{notice}",
        "/notices/{notice}/object",
        "/documents/{confirmation}",
        "/lookup?q=示例",
        "/institutions/{code}",
        "/survey/{survey}",
        "/track",
        "/login",
    ],
    "411002-handler": [
        "/inbox",
        "/inbox?due=over&machine=evaluation",
        "/inbox?q=没有这家",
        "/inbox/office",
        "/inbox/done",
        "/inbox/mine",
        "/messages",
        "/cases",
        "/archive",
        "/account",
    ],
    "411000-head2": ["/inbox", "/cases/{objection}", "/cases/{objection}/proof"],
    "411002-leader": ["/cases/{in_county}/policy?to={revised}"],
    "411000-leader": [
        "/cases/{evaluation}",
        "/cases/{evaluation}/proof",
        "/cases/{own}/grade",
        "/cases/documents/{letter}",
        "/cases/{notice}",
        "/archive/{code}",
        "/archive?only=bare",
        "/policies",
        "/policies/xuchang-2023",
        "/workload",
        "/workload/{county}",
    ],
    "410000-leader2": ["/workload"],
    "411000-head": ["/inbox", "/rounds", "/rounds/{round}"],
    "411000-handler": ["/inbox", "/rounds/{round}/notice", "/repairs/notice"],
    "clerk-yongchang": [
        "/desk",
        "/desk/cases",
        "/desk/cases/{own}",
        "/desk/cases/{own}/result",
        "/desk/cases/{own}/re-review",
        "/desk/documents",
        "/desk/documents/{letter}",
        "/desk/repairs",
        "/desk/repairs/apply?kind=upgrade",
        "/notices",
    ],
    "clerk-xinxu": ["/desk"],
    "411000-admin": [
        "/admin",
        "/admin/persons/{person}",
        "/admin/authorities",
        "/account",
        "/calendar",
        "/admin/incidents",
        "/admin/channels",
        "/account/notifications",
    ],
    "411000-auditor": ["/audit?check=1", "/audit/logins"],
    "330902-expert2": ["/inbox", "/cases/{scored}"],
    "330902-leader": ["/cases/{capped}", "/cases/{capped}/grade"],
    "clerk-cezi": ["/desk/cases/{unrated}"],
    "clerk-haichao": ["/desk/cases/{self_scored}/report"],
    "370600-handler": ["/honours", "/honours/{honours}", "/cases/{recommended}"],
    "clerk-371100-1": ["/desk", "/desk/honours/{honours}"],
}
"""Login and addresses; nobody's login is the public."""

NO_PAGES = {
    "auth.home", "bootstrap.static", "static", "cases.file", "files.download", "public.listed", "rounds.annex",
    "honours.ranked", "survey.qr", "health.healthz", "health.metrics", "health.readyz",
    "calendar.notice",  # the demo imports no notice; the browser tests of legal time see it
}  # fmt: skip
"""Endpoints that answer with a file, data or another address."""


def enter(site: Site, login: str, width: int, look: Look = "light", language: str = "zh_Hans_CN") -> "Page":
    """A page of the demo for one of its people."""
    page = site.new(width, look)
    page.context.add_cookies([{"name": COOKIE, "value": language, "url": site.address}])
    if login:
        site.sign_in(page, login)
    return page


def names(database: Database) -> dict[str, str]:
    """What the addresses name, as the demo stands."""
    with database.read() as session:
        own = _own(session, "clerk-yongchang", "effective")
        letter = select(Delivery.document_id).where(Delivery.case_id == own.id)
        confirmation = select(Evaluation.confirmation_id).where(Evaluation.case_id == own.id)
        first = select(Institution.credit_code).join(Authority).where(Authority.code.startswith("41"))
        county = select(Authority.id).where(Authority.code == "411002")
        capped = select(Case.number).join(Evaluation, Evaluation.case_id == Case.id)
        capped = capped.where(Evaluation.capped_from.is_not(None))
        person = select(Person.id).join(User).where(User.login == "411000-handler")
        return {
            "own": own.number,
            "letter": str(session.scalars(letter).one()),
            "confirmation": str(session.scalars(confirmation).one()),
            "notice": _newest(session, "publicity", "open"),
            "objection": _newest(session, "objection", "acceptance"),
            "evaluation": _newest(session, "evaluation", "city_review"),
            "in_county": _newest(session, "evaluation", "county_review", "411002"),
            "scored": _newest(session, "evaluation", "scoring", "33"),
            "capped": session.scalars(capped).one(),
            "unrated": _own(session, "clerk-cezi", "unrated").number,
            "self_scored": _own(session, "clerk-haichao", "self_report").number,
            "recommended": _newest(session, "recommendation", "in_publicity", "37"),
            "survey": session.scalars(select(Survey.code).order_by(Survey.ends_at.desc()).limit(1)).one(),
            "code": session.scalars(first.order_by(Institution.id).limit(1)).one(),
            "round": _round(session, "credit_grade", "411000"),
            "honours": _round(session, "national_model", "370000"),
            "county": str(session.scalars(county).one()),
            "revised": load("xuchang-2023").checksum,
            "person": str(session.scalars(person).one()),
        }


def _own(session: Session, login: str, state: str) -> Case:
    known = select(Case).join(Appointment, Appointment.institution_id == Case.institution_id)
    known = known.join(User, User.person_id == Appointment.person_id).where(User.login == login, Case.state == state)
    return session.scalars(known.order_by(Case.id.desc()).limit(1)).one()


def _newest(session: Session, machine: str, state: str, place: str = "41") -> str:
    query = select(Case.number).join(Authority, Authority.id == Case.managing_authority_id)
    query = query.where(Case.machine == machine, Case.state == state, Authority.code.startswith(place))
    return session.scalars(query.order_by(Case.id.desc()).limit(1)).one()


def _round(session: Session, scheme: str, code: str) -> str:
    query = select(Round.id).join(Authority, Authority.id == Round.authority_id)
    query = query.where(Authority.code == code, Round.scheme == scheme)
    return str(session.scalars(query.order_by(Round.id.desc()).limit(1)).one())
