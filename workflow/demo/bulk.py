"""What every size beyond the first adds: sixty plain institutions a time, a third of them with a finished year."""

from collections.abc import Sequence
from datetime import date

from workflow.demo.crowd import EACH, IN_FORCE, PARTS, Part
from workflow.demo.dates import WorkingDays
from workflow.demo.last_year import LAST
from workflow.demo.play import CITY
from workflow.demo.script import Script
from workflow.demo.this_year import THIS


def write(script: Script, days: WorkingDays, opens: date, parts: Sequence[Part]) -> None:
    more = parts[len(PARTS) :]
    for start in range(0, len(more), EACH):
        name = f"第{start // EACH + 4}批"
        block = more[start : start + EACH]
        _last(script, days, opens, name, [part.key for part in block if part.last])
        _this(script, days, name, block)


def _last(script: Script, days: WorkingDays, opens: date, name: str, keys: Sequence[str]) -> None:
    day = [days.after(opens, count) for count in range(40)]
    for number, key in enumerate(keys):
        script.report(LAST, key, day[2 + number % 8])
        script.climb(LAST, key, day[11:26])
    script.notice(LAST, name, keys, day[29], day[28])
    script.confirm(LAST, name, day[35])
    for key in keys:
        script.deliver(LAST, key, day[37])
    script.step(f"{LAST}:{name}", day[38], "archive", f"{CITY}-handler")


def _this(script: Script, days: WorkingDays, name: str, block: Sequence[Part]) -> None:
    for part in block:
        if part.reported:
            script.report(THIS, part.key, days.back(part.reported))
        if part.climbed:
            first, last, count = part.climbed
            script.climb(THIS, part.key, days.between(days.back(first), days.back(last)), count)
    shown = [part.key for part in block if part.climbed == IN_FORCE]
    script.notice(THIS, name, shown, days.back(11), days.back(12))
    script.confirm(THIS, name, days.back(6))
    for key in shown:
        script.deliver(THIS, key, days.back(5))
