"""`calendar`: legal deadlines with their proof, from the published calendar and what the site has imported.

The notices themselves are imported and released in views.cli.notices.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from views.cli import notices
from views.cli.door import BadInput, Door, as_json, echo_json

if TYPE_CHECKING:
    from workflow.rules.calendar import Calendar
    from workflow.rules.deadline import CountedDay, Deadline, Roll, StartDay, Unit

UNITS = {"working": "个工作日", "calendar": "日", "month": "个月", "year": "年"}
WHY = {"weekday": "工作日", "weekend": "周末", "holiday": "放假", "makeup": "调休上班", "override": "另行规定"}
WEEKDAYS = "一二三四五六日"


@click.group()
def calendar() -> None:
    """推算期限，导入、发布放假安排 | Legal deadlines and the notices they rest on"""


for command in notices.COMMANDS:
    calendar.add_command(command)


@calendar.command()
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="起算日 | Start day")
@click.option("--count", type=click.IntRange(1, 1000), required=True, help="期间长度 | Length of the period")
@click.option("--unit", type=click.Choice(list(UNITS)), required=True, help="单位 | Unit")
@click.option("--start", "start_day", type=click.Choice(["counted", "next"]), required=True,
              help="起算日计入，或自次日起 | Is the start day counted")  # fmt: skip
@click.option("--roll", type=click.Choice(["none", "next"]), default="none", show_default=True,
              help="末日逢休息日顺延 | Roll a last day that is a day off")  # fmt: skip
@click.option("--provisional", is_flag=True, help="未公布年度按法定假日暂算 | Estimate years not announced")
@as_json
@click.pass_obj
def due(
    door: Door,
    start: datetime,
    count: int,
    unit: "Unit",
    start_day: "StartDay",
    roll: "Roll",
    provisional: bool,
    as_json: bool,
) -> None:
    """推算末日并逐日列明 | The last day and its proof

    年度安排未公布时退出状态为 2，除非用 --provisional。
    Status 2 for a year that nobody has announced, unless --provisional.
    """
    from workflow.rules.calendar import UncoveredYear
    from workflow.rules.deadline import DeadlineRule, compute

    rule = DeadlineRule(count, unit, start_day, roll, "24:00", "命令行 | command line")
    try:
        deadline = compute(rule, start.date(), _calendar(door), provisional)
    except UncoveredYear as error:
        raise BadInput(f"{error.year} 年节假日安排尚未公布，不能确定末日；加 --provisional 暂算") from error
    if as_json:
        days = [{"date": day.date, "counted": day.counted, "why": day.why} for day in deadline.days]
        echo_json({"due": deadline.due, "provisional": deadline.provisional, "days": days})
    else:
        click.echo("\n".join(_proof(deadline)))


def _calendar(door: Door) -> "Calendar":
    """The site's calendar; the published one alone where there is no site yet."""
    from workflow.rules.calendar import Calendar

    if not door.has_site():
        return Calendar()
    from workflow.engine import calendars

    with door.reading() as session:
        return calendars.current(session)


def _proof(deadline: "Deadline") -> list[str]:
    unsure = "（暂算，以正式公布的安排为准）" if deadline.provisional else ""
    rule = deadline.rule
    head = f"末日 {_spelt(deadline.due)}{unsure}"
    counted = "起算日计入" if rule.start_day == "counted" else "自次日起算"
    roll = "，末日逢休息日顺延" if rule.roll == "next" else ""
    period = f"自 {_spelt(deadline.start)} 起 {rule.count} {UNITS[rule.unit]}"
    return [
        head,
        f"{period}，{counted}{roll}；日历 {deadline.calendar_version}",
        *(_line(day) for day in deadline.days),
    ]


def _line(day: "CountedDay") -> str:
    number = f"第 {day.number}" if day.counted else "不计"
    unsure = "，暂算" if day.provisional else ""
    return f"  {_spelt(day.date)}  {number}  {WHY[day.why]}{day.name and '，' + day.name}{unsure}"


def _spelt(day: date) -> str:
    return f"{day.isoformat()} 周{WEEKDAYS[day.weekday()]}"
