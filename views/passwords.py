"""Passwords, as argon2id hashes. An account that does not exist costs as much time as a wrong password."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()
SHORTEST, LONGEST = 12, 128
# Before the hash of a password that somebody else handed out: it opens only the page where it is changed.
ONCE = "once:"


def hash_password(password: str) -> str:
    return HASHER.hash(password)


def one_time(secret: str) -> tuple[str, str]:
    """A password for an administrator to hand over, of 64 bits of a secret in hexadecimal; and what to store of it."""
    password = "-".join(secret[start : start + 4] for start in range(0, 16, 4))
    return password, ONCE + HASHER.hash(password)


def handed_out(password_hash: str) -> bool:
    return password_hash.startswith(ONCE)


@cache
def _decoy() -> str:
    return HASHER.hash("no account has this password")


def matches(password_hash: str | None, password: str) -> bool:
    try:
        return HASHER.verify((password_hash or _decoy()).removeprefix(ONCE), password) and password_hash is not None
    except InvalidHashError:  # an account without a usable password must not answer faster
        return matches(None, password)
    except VerificationError:
        return False


def outdated(password_hash: str) -> bool:
    """Whether it was made with weaker settings than today's."""
    return not handed_out(password_hash) and HASHER.check_needs_rehash(password_hash)


def too_weak(password: str, login: str) -> tuple[str, dict[str, int]] | None:
    """The reason why this may not be a password, or None."""
    if len(password) < SHORTEST:
        return "field_too_short", {"least": SHORTEST, "now": len(password)}
    if len(password) > LONGEST:
        return "field_too_long", {"most": LONGEST, "now": len(password)}
    if login.casefold() in password.casefold() or len(set(password)) < SHORTEST // 2:
        return "password_guessable", {}
    return None
