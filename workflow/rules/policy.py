"""政策: one locality's rules, read from a TOML file that an official can read, checked whole, and frozen.

A file may extend another one: its tables replace the parent's key by key, its conditions by id. What the checksum
covers, and what a case keeps for ever, is the merged content, so the parent's rules are in it.
"""

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from models.base import canonical
from workflow.rules.deadline import DeadlineRule, Rule
from workflow.rules.policy_base import Fault, Steps
from workflow.rules.policy_evaluation import EvaluationRules
from workflow.rules.policy_lines import line_of
from workflow.rules.policy_recommendation import RecommendationRules
from workflow.rules.policy_repair import RegradeRules, RepairRules
from workflow.rules.policy_scoring import Scoring
from workflow.rules.policy_tables import (
    Clause,
    ClockRules,
    Condition,
    Content,
    Panel,
    Reminders,
    ReReviewRules,
    Signing,
    faults_of_sense,
    faults_of_shape,
)

FOLDER = Path(__file__).parent.parent / "policies"
LOCK = "CHECKSUMS"
T = TypeVar("T")


class PolicyError(ValueError):
    """A file that cannot be a policy: every fault with its place, a stable key and, where it is known, the line."""

    def __init__(self, file: str, faults: list[Fault], text: str = "") -> None:
        self.file = file
        self.faults = faults
        self.lines = [line_of(text, where) for where, _ in faults]
        found = zip(faults, self.lines, strict=True)
        super().__init__("; ".join(f"{file}{line and f':{line}'} {where}: {what}" for (where, what), line in found))


class PolicyGap(LookupError):
    """The policy sets no such rule, and nothing is guessed in its place (inventory §7 item 44)."""

    def __init__(self, policy: str, key: str) -> None:
        super().__init__(f"{policy} sets no {key}")
        self.policy = policy
        self.key = key


@dataclass(frozen=True)
class PolicyRules:
    """`body` alone rebuilds it; `checksum` is the body's SHA-256."""

    body: str
    content: Content = field(compare=False, repr=False)

    @cached_property
    def checksum(self) -> str:
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def key(self) -> str:
        return self.content.policy.key

    @property
    def title(self) -> str:
        return self.content.policy.title

    @property
    def evaluation(self) -> EvaluationRules:
        return self._section("evaluation", self.content.evaluation)

    @property
    def panel(self) -> Panel:
        return self._section("panel", self.content.panel)

    @property
    def re_review(self) -> ReReviewRules:
        return self._section("re_review", self.content.re_review)

    @property
    def repair(self) -> RepairRules:
        return self._section("repair", self.content.repair)

    @property
    def regrade(self) -> RegradeRules:
        return self._section("regrade", self.content.regrade)

    @property
    def reminders(self) -> Reminders:
        return self._section("reminders", self.content.reminders)

    @property
    def clock(self) -> ClockRules:
        return self._section("clock", self.content.clock)

    @property
    def signing(self) -> Signing:
        return self._section("signing", self.content.signing)

    @property
    def scoring(self) -> Scoring:
        return self._section("scoring", self.content.scoring)

    @property
    def recommendation(self) -> RecommendationRules:
        return self._section("recommendation", self.content.recommendation)

    @property
    def machines(self) -> tuple[str, ...]:
        """Which processes run under it; a case of another one cannot be opened."""
        return self.content.scope.machines

    @property
    def scored(self) -> bool:
        return self.content.scoring is not None

    def scored_by(self, machine: str) -> frozenset[str]:
        """Whose scores the policy asks for in a process; nobody's where it scores nothing there."""
        asked, honours = self.content.scoring, self.content.recommendation
        scored = machine == "evaluation" or (machine == "recommendation" and honours is not None and honours.scored)
        return frozenset(asked.sources if asked and scored else ())

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return self.content.conditions

    @property
    def record_kinds(self) -> dict[str, str]:
        return self.content.record_kinds

    def _section(self, section: str, value: T | None) -> T:
        """A section that the policy may leave out."""
        if value is None:
            raise PolicyGap(self.key, section)
        return value

    def basis(self, cited: str) -> str:
        """The clause on which a row rests here, where its table names another locality's."""
        return self.content.basis.get(cited, cited)

    def clause(self, id: str) -> Clause:
        return _found(self.content.clauses, self.key, id)

    def condition(self, id: str) -> Condition:
        return _found({condition.id: condition for condition in self.conditions}, self.key, id)

    def deadline(self, key: str) -> Rule:
        if key not in self._rules:  # kept here: what a table of the content keeps would be read as a part of it
            self._rules[key] = _found(self.content.deadlines, self.key, key).rule
        return self._rules[key]

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return {}

    def period(self, key: str) -> DeadlineRule:
        """One that is announced as so many days: the check lets no date stand there (policy_deadlines.COUNTED)."""
        rule = self.deadline(key)
        if not isinstance(rule, DeadlineRule):
            raise PolicyGap(self.key, key)
        return rule

    def limit(self, machine: str) -> Rule | None:
        """How long a case of this machine may take by law; None where the policy sets nothing."""
        term = self.content.limits.get(machine)
        return term.rule if term else None

    def steps(self, name: str) -> Steps:
        signing = {field: value for field, value in self.signing if field != "clauses"}
        return _found(signing, self.key, name)

    def ladder_to(self, machine: str) -> str:
        """How far up a machine's cases climb: as its own section says, else no further than who handles it."""
        return getattr(getattr(self.content, machine, None), "ladder_to", "managing")

    def covers(self, authority_codes: list[str], kind: str, year: int) -> bool:
        """`authority_codes`: the institution's managing authority and all above it."""
        scope = self.content.scope
        return kind in scope.kinds and year in scope.years and not set(scope.authorities).isdisjoint(authority_codes)


def _found(table: Mapping[Any, T], policy: str, key: str) -> T:
    if key not in table:
        raise PolicyGap(policy, key)
    return table[key]


def available() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load(key: str) -> PolicyRules:
    rules = load_text(_read(key), f"{key}.toml")
    if rules.key != key:
        raise PolicyError(f"{key}.toml", [("policy.key", "not_the_file_name")])
    return rules


def load_text(text: str, file: str = "") -> PolicyRules:
    """A policy from the text of its file; what it extends is read from the folder."""
    tables = _merged(text, file, ())
    # Dates become text here, so that the body is one JSON text whatever wrote it.
    return _checked(canonical(json.loads(json.dumps(tables, default=str))), file, text)


@lru_cache(maxsize=64)
def from_body(body: str) -> PolicyRules:
    return _checked(body, "body")


def _checked(body: str, file: str, text: str = "") -> PolicyRules:
    try:
        content = Content.model_validate_json(body)
    except ValidationError as error:
        raise PolicyError(file, faults_of_shape(error, json.loads(body).get("conditions", [])), text) from error
    if faults := faults_of_sense(content):
        raise PolicyError(file, faults, text)
    return PolicyRules(body, content)


def _read(key: str) -> str:
    if key not in available():
        raise PolicyError(f"{key}.toml", [("", "no_such_policy")])
    return (FOLDER / f"{key}.toml").read_text(encoding="utf-8")


def _merged(text: str, file: str, children: tuple[str, ...]) -> dict[str, Any]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(file, [(str(error), "not_toml")]) from error
    if twice := [id for id, number in Counter(id for id, _ in _conditions(tables)).items() if number > 1]:
        raise PolicyError(file, [(f"conditions.{id}", "id_twice") for id in twice], text)
    heading = tables.get("policy")
    parent = heading.get("extends") if isinstance(heading, dict) else ""
    if not parent:
        return tables
    if parent in children:
        raise PolicyError(file, [("policy.extends", "circular")], text)
    return _overlaid(_merged(_read(parent), f"{parent}.toml", (*children, parent)), tables)


def _overlaid(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    merged = parent | child
    for name in (parent.keys() & child.keys()) - {"policy", "conditions"}:
        if isinstance(child[name], dict):
            merged[name] = parent[name] | child[name]
    if own := _conditions(child):
        merged["conditions"] = list(dict([*_conditions(parent), *own]).values())
    return merged


def _conditions(tables: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The conditions by id; none where they are no list of tables with ids, which the check then refuses."""
    rows = tables.get("conditions")
    named = isinstance(rows, list) and all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows)
    return [(row["id"], row) for row in rows] if named else []


def verify_lock(folder: Path = FOLDER) -> list[Fault]:
    """Released files that are not what CHECKSUMS (the format of sha256sum) says: (file, changed|missing|unlocked)."""
    lines = (folder / LOCK).read_text(encoding="utf-8").splitlines()
    locked = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {path.name: path.read_bytes() for path in sorted(folder.glob("*.toml"))}
    missing = [(name, "missing") for name in locked if name not in found]
    unlocked = [(name, "unlocked") for name, raw in found.items() if name not in locked and _released(raw)]
    changed = [
        (name, "changed")
        for name, digest in locked.items()
        if name in found and hashlib.sha256(found[name]).hexdigest() != digest
    ]
    return missing + unlocked + changed


def _released(raw: bytes) -> bool:
    return tomllib.loads(raw.decode())["policy"]["status"] == "released"
