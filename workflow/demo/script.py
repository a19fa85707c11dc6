"""The demo's script: what happens when, collected first and then played in order of time."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

from models import Timer
from models.core import word
from models.database import Database
from models.prepared import Query
from workflow.clock import SHANGHAI
from workflow.demo.play import CITY, PROVINCE, Play
from workflow.scheduler import run_all_due

Act = Callable[[], Any]
Form = dict[str, Any]
OPINIONS = {
    "propose": ("档案记录与书面报告一致，拟按所列情形评定。", "已作信息核查，依据充分，拟评。"),
    "agree": ("同意。", "事实清楚，同意所拟等级。", "已核对依据，同意。"),
}
REPORTS = (
    "本年度依法开展职业中介和劳务派遣服务，收费标准、服务台账均已公示，未收到有效投诉。",
    "本年度履行信用承诺，规章制度齐备，按期报送统计资料和年度报告，自评无失信情形。",
)
PROPOSE, AGREE = "propose", "agree"
MORNING = time(9, 0)
SLOT = timedelta(minutes=32)


@dataclass
class Script:
    play: Play
    scenes: list[tuple[datetime, int, Act]] = field(default_factory=list)

    def at(self, day: date, hour: int, act: Act) -> None:
        """A few minutes past the hour, as chosen by the seed."""
        minute = self.play.random.randrange(1, 25)
        self._add(datetime.combine(day, time(hour, minute), SHANGHAI), act)

    def report(self, round_name: str, key: str, day: date) -> None:
        statement = self.play.random.choice(REPORTS)
        self.move(round_name, key, day, "report", self.play.firms[key].clerk, hour=14, statement=statement)

    def climb(self, round_name: str, key: str, days: Sequence[date], count: int | None = None) -> None:
        """The first `count` signatures of the institution's ladder (all of them without), spread over the days."""
        self.sign(round_name, key, days, ladder(self.play.firms[key].authority)[:count])

    def sign(self, round_name: str, key: str, days: Sequence[date], signatures: Sequence[tuple[str, str]]) -> None:
        slots: dict[date, int] = {}
        for number, (login, move) in enumerate(signatures):
            day = days[number * len(days) // len(signatures)]
            slots[day] = slots.get(day, -1) + 1
            at = datetime.combine(day, MORNING, SHANGHAI) + SLOT * slots[day]
            opinion = self.play.random.choice(OPINIONS[move])
            late = timedelta(minutes=self.play.random.randrange(25))
            self._add(at + late, partial(self._do, round_name, key, move, login, opinion=opinion))

    def move(self, round_name: str, key: str, day: date, move: str, login: str, *, hour: int = 15, **form: Any) -> None:
        """Any other move on an institution's evaluation."""
        self.at(day, hour, partial(self._do, round_name, key, move, login, **form))

    def notice(self, round_name: str, name: str, keys: Sequence[str], opens_on: date, drafted_on: date) -> None:
        """Drafted and signed the day before, so that it opens by itself at the first instant of its day."""
        play, label = self.play, f"{round_name}:{name}"
        self.at(drafted_on, 16, lambda: play.draft(name, round_name, keys, opens_on))
        self.at(drafted_on, 17, lambda: play.do(play.notices[label], "publish", f"{CITY}-leader"))

    def confirm(self, round_name: str, name: str, day: date) -> None:
        label = f"{round_name}:{name}"
        self.at(day, 10, lambda: self.play.do(self.play.notices[label], "confirm_cleared", f"{CITY}-leader"))

    def deliver(self, round_name: str, key: str, day: date, how: str = "portal") -> None:
        self.move(round_name, key, day, "deliver", f"{CITY}-handler", hour=11, how=how)

    def step(self, name: str, day: date, move: str, login: str, *, hour: int = 11, **form: Any) -> None:
        """A move on a notice, an objection or a re-review, kept under its name."""
        self.at(day, hour, lambda: self.play.do(self.play.notices[name], move, login, **form))

    def run(self, until: datetime, progress: Callable[[int, int], None]) -> None:
        """Play it all, letting whatever falls due between two scenes happen in its own time."""
        scenes = sorted(self.scenes, key=lambda scene: scene[:2])
        gc.collect()
        gc.freeze()  # a large demo's scenes, which stay to the end, would be walked with every collection
        try:
            for number, (at, _, act) in enumerate(scenes):
                progress(number, len(scenes))
                self._pass_time(at)
                act()
            self._pass_time(until)
        finally:
            gc.unfreeze()
        progress(len(scenes), len(scenes))

    def _pass_time(self, until: datetime) -> None:
        """Timers fire at their own instant, not at the next scene: what they write is dated right."""
        clock, database = self.play.clock, self.play.database
        while (due := next_due(database)) and due <= until:
            clock.to(due)
            run_all_due(database, clock)
        clock.to(until)

    def _do(self, round_name: str, key: str, move: str, login: str, **form: Any) -> None:
        self.play.do(self.play.cases[round_name, key], move, login, **form)

    def _add(self, at: datetime, act: Act) -> None:
        self.scenes.append((at, len(self.scenes), act))


def ladder(authority: str) -> list[tuple[str, str]]:
    """Who signs in turn for an institution of this authority, and with which move, under the demo policy."""
    county = ["handler", "head", "panel1", "panel2", "panel3", "panel4", "leader"]
    signers = [] if authority == CITY else [f"{authority}-{post}" for post in county]
    signers += [f"{CITY}-{post}" for post in ("handler", "head", "leader")]
    signers += [f"{PROVINCE}-{post}" for post in ("handler", "leader")]
    return [(signer, AGREE if number else PROPOSE) for number, signer in enumerate(signers)]


NEXT_DUE = Query(select(func.min(Timer.fire_at)).where(Timer.status == word("armed")))
"""Asked before every scene."""


def next_due(database: Database) -> datetime | None:
    with database.read() as session:
        return NEXT_DUE.first(session, {})[0]
