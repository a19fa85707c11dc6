"""All web doors, in one place: what is not listed here has no address."""

from views.auth import door as auth

DOORS = (auth,)
