"""What is stored: tables and constraints, no rules."""

from models.archive import ArchiveRecord
from models.base import Base
from models.calendar import CalendarDay, CalendarRelease
from models.case import Case, Decision, HistoryEntry, Remark, Request, Seal, Task, Timer
from models.deed import Deed
from models.details import Evaluation, Notice, Objection, Objector, PublicityEntry, Repair, RepairRecord, ScoreSheet
from models.draft import Draft
from models.institution import Institution, InstitutionManagement, InstitutionName, Interest, ResponsiblePerson
from models.material import Attachment, Delivery, Document, Material, MaterialFile
from models.outbox import Channel, Dispatch, Incident, Nudge, OutboxMessage, Preference
from models.people import Appointment, Authority, LoginEvent, LoginSession, Office, Person, SavedFilter, Throttle, User
from models.policy import HandIn, Policy, PolicyReuse, Round
from models.recommendation import Quota, Recommendation
from models.survey import Survey, SurveyAnswer

__all__ = [
    "Appointment",
    "ArchiveRecord",
    "Attachment",
    "Authority",
    "Base",
    "CalendarDay",
    "CalendarRelease",
    "Case",
    "Channel",
    "Decision",
    "Deed",
    "Delivery",
    "Dispatch",
    "Document",
    "Draft",
    "Evaluation",
    "HandIn",
    "HistoryEntry",
    "Incident",
    "Institution",
    "InstitutionManagement",
    "InstitutionName",
    "Interest",
    "LoginEvent",
    "LoginSession",
    "Material",
    "MaterialFile",
    "Notice",
    "Objection",
    "Objector",
    "Office",
    "Nudge",
    "OutboxMessage",
    "Person",
    "Policy",
    "PolicyReuse",
    "Preference",
    "PublicityEntry",
    "Quota",
    "Recommendation",
    "Remark",
    "Repair",
    "RepairRecord",
    "Request",
    "ResponsiblePerson",
    "Round",
    "SavedFilter",
    "ScoreSheet",
    "Seal",
    "Survey",
    "SurveyAnswer",
    "Task",
    "Throttle",
    "Timer",
    "User",
]
