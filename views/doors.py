"""All web doors, in one place: what is not listed here has no address."""

from views.account import door as account
from views.admin import door as admin
from views.applications import door as applications
from views.archive import door as archive
from views.auth import door as auth
from views.calendar import door as calendar
from views.cases import door as cases
from views.channels import door as channels
from views.deeds import door as deeds
from views.drafts import door as drafts
from views.files import door as files
from views.health import door as health
from views.honours import door as honours
from views.inbox import door as inbox
from views.incidents import door as incidents
from views.institution import door as institution
from views.languages import door as languages
from views.nudges import door as nudges
from views.policies import door as policies
from views.preferences import door as preferences
from views.public import door as public
from views.repairs import door as repairs
from views.repolicy import door as repolicy
from views.rounds import door as rounds
from views.survey import door as survey
from views.tour import door as tour
from views.why import door as why
from views.workload import door as workload

DOORS = (
    health,
    auth,
    account,
    preferences,
    admin,
    deeds,
    incidents,
    channels,
    inbox,
    calendar,
    cases,
    drafts,
    why,
    repolicy,
    nudges,
    rounds,
    workload,
    policies,
    honours,
    archive,
    repairs,
    files,
    public,
    survey,
    institution,
    applications,
    tour,
    languages,
)
