"""拼音 for search: initials and full syllables of a name, with the readings of place names that dictionaries miss."""

from collections.abc import Callable
from functools import cache

LONGEST = 400

# Read differently in the place's name than alone.
PLACES = {
    "单县": "shan xian",
    "浚县": "xun xian",
    "长垣": "chang yuan",
    "长葛": "chang ge",
    "乐陵": "lao ling",
    "涡阳": "guo yang",
    "洪洞": "hong tong",
    "繁峙": "fan shi",
    "郏县": "jia xian",
    "魏都": "wei du",
    "泌阳": "bi yang",
}


def search_text(name: str) -> str:
    """Initials, then full pinyin; where a place name is read in its own way, also the common reading."""
    readings = [_syllables(name)]
    plain = _syllables(name, places=False)
    if plain != readings[0]:
        readings.append(plain)
    words = [word for reading in readings for word in ("".join(part[0] for part in reading), "".join(reading))]
    return " ".join(dict.fromkeys(words))[:LONGEST].strip()


def _syllables(name: str, places: bool = True) -> list[str]:
    place = next((place for place in PLACES if places and place in name), None)
    if place is None:
        return [part.lower() for part in _reader()(name, errors=_kept) if part]
    before, after = name.split(place, 1)
    return [*_syllables(before), *PLACES[place].split(), *_syllables(after)]


def _kept(text: str) -> str:
    """What is no Chinese character stays, letters and digits only."""
    return "".join(letter for letter in text if letter.isalnum())


@cache
def _reader() -> Callable[..., list[str]]:
    # Imported here: its dictionaries take a second to load.
    from pypinyin import lazy_pinyin

    return lazy_pinyin
