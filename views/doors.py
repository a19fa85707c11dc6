"""All web doors, in one place: what is not listed here has no address."""

from views.account import door as account
from views.admin import door as admin
from views.auth import door as auth
from views.health import door as health

DOORS = (
    health,
    auth,
    account,
    admin,
)
