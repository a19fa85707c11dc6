"""统一社会信用代码: the check of GB 32100-2015 and of the organisation code (GB 11714) inside it."""

import re
from dataclasses import dataclass

from workflow.rules import regions

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY_VALUE = {letter: value for value, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}

_DIGITS = "123456789"
# Department (position 1) -> kinds it registers (position 2); any digit but 0 where no closed list was found.
_KINDS = {
    "1": "1239", "2": _DIGITS, "3": _DIGITS, "4": _DIGITS, "5": "1239", "6": _DIGITS, "7": _DIGITS, "8": _DIGITS,
    "9": "123", "A": _DIGITS, "N": "123", "Y": "1",
}  # fmt: skip

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SEPARATORS = re.compile(r"[\s\u200b\ufeff\-\u2010-\u2015\u2212]+")


@dataclass(frozen=True)
class CodeCheck:
    """What was found, as stable keys: refusals stop the code, warnings ask a person to look."""

    code: str
    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.refusals


def normalise(text: str) -> str:
    """Undo how codes are printed and typed; never guess a letter (O and 0, I and 1 stay as they are)."""
    return _SEPARATORS.sub("", text.translate(_FULL_WIDTH)).upper()


def check(text: str) -> CodeCheck:
    """Refuse what no registrar can have issued.

    An unknown region or a failed inner check alone is only a warning: codes outlive the region that issued them, and
    some issued codes carry a body that fails GB 11714. Both together mean an invented code.
    """
    code = normalise(text)
    if len(code) != LENGTH:
        return CodeCheck(code, ("code_length",))
    if not set(code) <= _VALUE.keys() or not set(code[2:8]) <= set("0123456789"):
        return CodeCheck(code, ("code_alphabet",))
    refusals = []
    if code[1] not in _KINDS.get(code[0], ""):
        refusals.append("code_kind")
    # MOD 31 alone accepts 000000000000000000, so it never stands alone.
    if check_character(code[:17]) != code[17]:
        refusals.append("code_check_digit")
    warnings = []
    stray_region = not regions.known(code[2:8])
    faulty_body = body_check_character(code[8:16]) != code[16]
    if stray_region and faulty_body:
        refusals.append("code_region_and_inner")
    elif stray_region:
        warnings.append("code_region_unknown")
    elif faulty_body:
        warnings.append("code_inner_check")
    return CodeCheck(code, tuple(refusals), tuple(warnings))


def mint(prefix: str, body: str) -> str:
    """Complete an invented code for demonstration data: 8 characters of department, kind and region, 8 of body.

    Raises ValueError for other lengths.
    """
    inner = prefix + body + body_check_character(body)
    return inner + check_character(inner)


def check_character(seventeen: str) -> str:
    """GB 32100-2015, MOD 31. The second modulus matters: a sum of 0 gives check character 0, not 31."""
    total = sum(_VALUE[letter] * weight for letter, weight in zip(seventeen, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def body_check_character(body: str) -> str:
    """GB 11714, MOD 11: 10 is written X, 11 is written 0."""
    total = sum(_BODY_VALUE[letter] * weight for letter, weight in zip(body, _BODY_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]
