"""Who staffs the demo's authorities: enough for every step, every objection and every re-review by other people."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Authority, Office
from workflow.staffing import add_person, appoint, open_account

SINCE = date(2020, 1, 1)
PANEL = ("approval", "policy", "employment", "arbitration", "inspection", "insurance")


@dataclass(frozen=True)
class Post:
    """One demo person: login suffix, name suffix, office kind, roles."""

    login: str
    name: str
    office: str
    roles: tuple[str, ...]
    title: str


POSTS = (
    Post("handler", "经办甲", "market", ("handler",), "经办"),
    Post("handler2", "经办乙", "market", ("handler",), "经办"),
    Post("head", "科长甲", "market", ("section_head", "panel_member"), "科室负责人"),
    Post("head2", "科长乙", "market", ("section_head",), "科室副职"),
    Post("leader", "局领导甲", "leadership", ("leader",), "分管领导"),
    Post("leader2", "局领导乙", "leadership", ("leader",), "局领导"),
)

ADMINISTRATOR = Post("admin", "系统管理员", "approval", ("system_admin",), "系统管理员")
"""Of every city: keeps persons, posts and accounts, and decides nothing."""

AUDITOR = Post("auditor", "审计管理员", "policy", ("audit_admin",), "审计管理员")
"""Of every city: reads the record of what administrators did."""

COUNTY_SHOWN, CITY_SHOWN, PROVINCE_SHOWN = "411002", "411000", "410000"
SHOWN = (
    ("县级（魏都区）", "经办", "情形待认定、待拟评", f"{COUNTY_SHOWN}-handler"),
    ("县级（魏都区）", "科室负责人", "待审核", f"{COUNTY_SHOWN}-head"),
    ("县级（魏都区）", "评价小组成员", "待表决", f"{COUNTY_SHOWN}-panel3"),
    ("县级（魏都区）", "分管领导", "评价小组组长", f"{COUNTY_SHOWN}-leader"),
    ("市级（许昌市）", "经办", "待审核、待公示", f"{CITY_SHOWN}-handler"),
    ("市级（许昌市）", "科室负责人", "组织评价批次", f"{CITY_SHOWN}-head"),
    ("市级（许昌市）", "科室副职", "异议待受理、待审定", f"{CITY_SHOWN}-head2"),
    ("市级（许昌市）", "分管领导", "待签发、待确定", f"{CITY_SHOWN}-leader"),
    ("省级", "经办", "待审核", f"{PROVINCE_SHOWN}-handler"),
    ("省级", "厅领导", "复评待签发", f"{PROVINCE_SHOWN}-leader2"),
    ("机构", "魏都示例新许，经办人", "自评待报", "clerk-xinxu"),
    ("机构", "魏都示例永昌，经办人", "结果已送达，可申请复评", "clerk-yongchang"),
    ("舟山（按评分）", "县级经办", "专家评分、评估打分", "330902-handler"),
    ("舟山（按评分）", "评审专家", "待评分", "330902-expert2"),
    ("舟山（按评分）", "定海示例海潮，经办人", "自评待报", "clerk-haichao"),
    ("山东（按名额推荐）", "省级经办", "待审核", "370000-handler"),
    ("山东（按名额推荐）", "济南市分管领导", "名额、推荐顺序", "370100-leader"),
    ("管理", "系统管理员", "许昌市", f"{CITY_SHOWN}-admin"),
    ("管理", "审计管理员", "许昌市", f"{CITY_SHOWN}-auditor"),
)
"""The accounts that a demo's login page offers: group, label, what waits there, login."""


def staff(session: Session, at: datetime, password_hash: str) -> None:
    """Every authority's people."""
    for authority in session.scalars(select(Authority).order_by(Authority.id)):
        staff_of(session, authority, at, password_hash)


def staff_of(session: Session, authority: Authority, at: datetime, password_hash: str) -> None:
    """The posts of one authority, and the six other department heads of the panel (XC-02)."""
    offices = {one.kind: one for one in session.scalars(select(Office).where(Office.authority_id == authority.id))}
    place = authority.short_name.removesuffix("人社局").removesuffix("人社厅")
    seats = [
        Post(f"panel{number}", f"{offices[kind].name}负责人", kind, ("panel_member",), "科室负责人")
        for number, kind in enumerate(PANEL, 1)
    ]
    keepers = (ADMINISTRATOR, AUDITOR) if authority.level == "city" else ()
    for post in (*POSTS, *seats, *keepers):
        _hire(session, at, password_hash, authority, offices[post.office], post, place)


def _hire(
    session: Session, at: datetime, password_hash: str, authority: Authority, office: Office, post: Post, place: str
) -> None:
    person = add_person(session, f"{place}{post.name}", at)
    for role in post.roles:
        appoint(session, person, role, SINCE, office=office, title=post.title)
    open_account(session, person, f"{authority.code}-{post.login}", password_hash, at, is_demo=True)
