"""All web doors, in one place: what is not listed here has no address."""

from views.account import door as account
from views.auth import door as auth

DOORS = (
    auth,
    account,
)
