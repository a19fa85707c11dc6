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
    """`login` is empty for a step that needs no account. `place` is what the step is about: (kind, name)."""

    title: str
    who: str
    login: str
    place: tuple[str, str]
    text: str


STEPS = (
    Step(
        "提出拟评等级", "魏都区经办", f"{COUNTY_SHOWN}-handler", ("case", "county-today"),
        "这件今天到期。看期限怎样逐日算出、档案里有哪些事实、依哪一条评为哪一级，再选“提出拟评等级”。提交之前，页面已写明下一步到谁手里、何时到期。",
    ),
    Step(
        "评价小组表决", "魏都区评价小组成员", f"{COUNTY_SHOWN}-panel3", ("case", "xuyou"),
        "七人中四人同意才算通过。已有两票，选“同意”；票数不够时，组长不能签发，页面说明还差几票。",
    ),
    Step(
        "市级签发", "许昌市分管领导", f"{CITY_SHOWN}-leader", ("case", "city-sign"),
        "县级已评，市级经办、科室负责人已审。签发之后报省级审定。谁也不能在两个环节表态，管理员也不能。",
    ),
    Step(
        "看正在公示的一批", "任何人", "", ("notice", "open"),
        "每一条都有等级、理由、截止时刻。有异议的四条暂缓，其余照常到期，互不影响。页末的摘要可用来核对名单未被改动。",
    ),
    Step(
        "不用账号提出异议", "任何人", "", ("object", "open"),
        "选一家，写明事实。姓名和联系方式另行存放，被异议的机构和县级都看不到。记下回执，凭回执查进度。",
    ),
    Step(
        "受理异议", "许昌市科室副职", f"{CITY_SHOWN}-head2", ("objection", this_year.NEWEST),
        "选“受理”。核查交给没有参与原评价的经办；参与过的人打开本件，看到的是须回避的原因。",
    ),
    Step(
        "确定期满无异议的结果", "许昌市分管领导", f"{CITY_SHOWN}-leader", ("notice", "ended"),
        "一份文书确定全部期满无异议的结果，自当日生效。仍在核查的那一条不在其内。",
    ),
    Step(
        "机构看结果、申请复评", "魏都示例永昌经办人", "clerk-yongchang", ("desk", ""),
        "结果是什么、为什么、到哪天为止，以及现在能做什么、截止何时。复评由省级办理，原来经手的人都要回避。",
    ),
)  # fmt: skip


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
