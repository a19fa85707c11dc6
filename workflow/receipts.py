"""回执码: 128 bits written so that a person can copy them by hand, with 12 bits that catch a slip of the pen.

Crockford's alphabet: no I, L, O or U; what is read as 0 or 1 is taken as 0 or 1.
"""

import hashlib
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 28
GROUP = 4
_CHECK_BITS = 12
_LOOKALIKES = str.maketrans("OIL", "011")


def written(secret: str) -> str:
    """The code of a secret of 32 hexadecimal digits, in groups of four."""
    number = int(secret, 16) << _CHECK_BITS | _check(secret)
    code = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return " ".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def read(text: str) -> str | None:
    """The secret of a code, however it was typed; None for what is no code."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LOOKALIKES)
    code = "".join(letter for letter in plain if letter.isalnum())
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        return None
    number = 0
    for letter in code:
        number = number << 5 | ALPHABET.index(letter)
    secret = f"{number >> _CHECK_BITS:032x}"
    return secret if number & (1 << _CHECK_BITS) - 1 == _check(secret) else None


def kept(secret: str) -> str:
    """What the database keeps of it."""
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def _check(secret: str) -> int:
    return int(hashlib.sha256(f"receipt:{secret}".encode()).hexdigest()[:3], 16)
