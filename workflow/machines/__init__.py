"""One file, one state machine, readable by an official."""

from workflow.engine.machine import MachineTable
from workflow.machines.evaluation import EVALUATION
from workflow.machines.objection import OBJECTION, RE_REVIEW
from workflow.machines.publicity import PUBLICITY
from workflow.machines.recommendation import RECOMMENDATION
from workflow.machines.repair import REPAIR

MACHINES: dict[str, MachineTable] = {
    table.key: table for table in (EVALUATION, PUBLICITY, OBJECTION, RE_REVIEW, RECOMMENDATION, REPAIR)
}

__all__ = ["MACHINES"]
