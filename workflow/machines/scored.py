"""评分: who gives a sheet when, and what keeps the experts' phase open."""

from models import ScoreSheet, Survey
from models.base import canonical
from workflow.engine import scoresheet
from workflow.engine.facts import Facts
from workflow.engine.forms import Field
from workflow.engine.history import digest
from workflow.engine.plan import Effects, Row, TaskPlan
from workflow.engine.survey import asked as survey_of

SELF, EXPERT, OFFICIAL = (Field("sheet", "sheet", source=source) for source in ("self", "expert", "official"))

# --- guards: a reason code, or None


def too_few_sheets(facts: Facts) -> str | None:
    """The phase ends when as many experts as the policy asks for have scored."""
    rules = facts.rules.scoring.experts
    given = sum(row.source == "expert" for row in facts.sheets)
    return "too_few_sheets" if rules and given < rules.least else None


def nobody_to_invite(facts: Facts) -> str | None:
    return None if _not_asked(facts) else "nobody_to_invite"


def unscored(facts: Facts) -> str | None:
    """A source that must not be missing has given no scores. The form's own sheet comes with the form."""
    score = facts.findings.score
    if score is None or score.total is not None or (facts.preview and facts.row_asks("official")):
        return None
    return "score_not_complete"


def survey_runs(facts: Facts) -> str | None:
    """The public's answers are part of the result: no grade is proposed before all of them are in."""
    found = survey_of(facts.session, facts.id) if facts.rules.scored and facts.rules.scoring.survey else None
    return "survey_runs" if found and facts.at < found.ends_at else None


# --- effects


def survey(facts: Facts) -> list[tuple[type[Survey], Row]]:
    """Where the policy asks the public, the survey opens with the case."""
    if "social" not in facts.rules.scored_by("evaluation"):
        return []
    # Until a case is written its number is the request's own id, which nobody can guess.
    code = digest("sha256", f"survey:{facts.case['number']}")[:24]
    return [(Survey, {"case_id": facts.id, "code": code, "ends_at": facts.deadline("survey", facts.today).instant})]


def given(facts: Facts, source: str, effects: Effects | None = None) -> Effects:
    """The form's sheet is kept and its hash chained. The scores stay out of the history: while experts score, nobody
    may read there what another gave."""
    effects, read = effects or Effects(), scoresheet.read(facts.form)
    if not read["scores"]:
        return effects
    hashed = digest("sha256", canonical({"case": facts.id, "source": source, **read}))
    row = {"case_id": facts.id, "seq": facts.head[0] + 1, "source": source, "person_id": facts.actor.person_id,
           "hash": hashed, "at": facts.at, **read}  # fmt: skip
    effects.inserts.append((ScoreSheet, row))
    effects.note["sheet"] = hashed
    return effects


def scored(facts: Facts) -> Effects:
    return given(facts, "expert")


def invited(facts: Facts) -> Effects:
    return Effects(opens=asked(facts))


def asked(facts: Facts) -> list[TaskPlan]:
    """A seat for every expert who has not been asked yet; seats at hand are kept."""
    home = facts.case["managing_authority_id"]
    return [TaskPlan("expert", home, person_id=one, designated=True, purpose="score") for one in _not_asked(facts)]


def _not_asked(facts: Facts) -> list[int]:
    seated = {task.person_id for task in facts.tasks if task.purpose == "score"}
    return [person for person in facts.experts if person not in seated]
