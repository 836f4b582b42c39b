"""Reads a time of day as people type it: on a 24-hour clock, or with a word for the part of the day."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from bot.engine.fixed import fixed
from bot.engine.reading import normalise

V = TypeVar("V")

# The longest time anybody types is a short sentence; more is something else.
LONGEST = 48

# Marks that make of a number beside them a date, a range, a price or a share. Others (: . , ') part hour and minute.
OTHER_MARKS = frozenset("/%#&@*_°")
OTHER_CATEGORIES = frozenset({"Sc", "Sm", "Pd"})

LEADS = (
    *("at", "around", "it is", "it s", "its", "now", "now it s", "now it is"),
    *("a las", "a la", "al", "las", "la", "son las", "es la", "ahora son las"),
    *("à", "vers", "il est", "as", "são", "é"),
    *("в", "сейчас", "الساعة", "في الساعة", "الآن", "الآن الساعة"),
)
# Chinese writes no spaces.
LEADS_JOINED = ("现在", "现在是")
MARKS = (
    *("h", "hs", "hr", "hrs", "o clock", "oclock", "hora", "horas", "en punto", "heure", "heures"),
    *("ч", "час", "часа", "часов", "点", "點", "点钟", "點鐘", "时", "時"),
)
MINUTES = ("m", "mn", "min", "mins", "minutes", "minutos", "мин", "минут", "минуты", "минута", "دقيقة", "分")
# Hours with a name of their own, as the digits that stand for them.
NAMED = {
    "12 h": ("noon", "midday", "mediodía", "midi"),
    "0 h": ("midnight", "medianoche", "minuit"),
}
# Numbers as words, in the languages we speak: the hours, and the minutes that are said most. "Once" is a Spanish
# eleven only behind "las": at once is no hour.
IN_WORDS = {
    "1": ("one", "una", "une"),
    "2": ("two", "dos", "deux"),
    "3": ("three", "tres", "trois"),
    "4": ("four", "cuatro", "quatre"),
    "5": ("five", "cinco", "cinq"),
    "6": ("six", "seis"),
    "7": ("seven", "siete", "sept"),
    "8": ("eight", "ocho", "huit"),
    "9": ("nine", "nueve", "neuf"),
    "10": ("ten", "diez", "dix"),
    "11": ("eleven", "once", "onze"),
    "12": ("twelve", "doce", "douze"),
    "15": ("fifteen", "quince", "quinze"),
    "30": ("thirty", "treinta", "trente"),
}
# English says them first: half past six.
FRACTIONS_BEFORE = {30: ("half past",), 15: ("quarter past", "a quarter past"), -15: ("quarter to", "a quarter to")}
# Minutes after the full hour, or before it.
FRACTIONS = {
    30: ("y media", "et demie", "et demi", "e meia", "с половиной", "半", "ونصف", "والنصف"),
    15: ("y cuarto", "et quart", "一刻", "وربع", "والربع"),
    -15: ("menos cuarto", "moins le quart", "moins quart", "إلا ربع"),
}


@fixed(frozen=True, slots=True)
class Part:
    """A part of the day: hours from ``first`` to ``last`` are those after noon; what its twelve o'clock is."""

    first: int
    last: int
    twelve: int

    def on_24(self, hour: int) -> int | None:
        """An hour of this part on a 24-hour clock; None when the two do not go together."""
        if hour == 12:
            return self.twelve
        if 1 <= hour < 12:
            return hour + 12 if self.first <= hour <= self.last else hour
        if hour == 0:
            return 0 if self.twelve == 0 else None
        # "19:30 pm" and "a las 19 de la tarde" are typed and clear.
        return hour if self.first <= hour - 12 <= self.last else None


AM = Part(12, 0, 0)
# In Spain "las 12 de la mañana" is noon.
FORENOON = Part(12, 0, 12)
NOON = Part(1, 4, 12)
PM = Part(1, 11, 12)
EVENING = Part(1, 11, 0)
# "7 de la noche" is before midnight, "3 de la noche" after it.
NIGHT = Part(5, 11, 0)

PARTS = {
    AM: (
        "am",
        "a m",
        "in the morning",
        "de la madrugada",
        "du matin",
        "le matin",
        "da manhã",
        "da madrugada",
        "утра",
        "صباحا",
        "ص",
    ),
    FORENOON: ("de la mañana", "por la mañana"),
    NOON: ("noon", "del mediodía", "del día", "ظهرا"),
    PM: ("pm", "p m", "in the afternoon", "de la tarde", "por la tarde", "de l après midi", "da tarde", "дня", "عصرا"),
    EVENING: ("in the evening", "du soir", "le soir", "вечера", "مساء", "م"),
    NIGHT: ("at night", "de la noche", "por la noche", "en la noche", "de la nuit", "da noite", "ночи", "ليلا"),
}
# Chinese says the part of the day first.
PARTS_BEFORE = {
    AM: ("凌晨", "清晨", "早上", "早晨"),
    FORENOON: ("上午",),
    NOON: ("中午",),
    PM: ("下午", "傍晚"),
    NIGHT: ("晚上", "夜里", "半夜"),
}


def _plain(table: Mapping[V, Sequence[str]]) -> dict[str, V]:
    """The table turned round: from a word as normalised to what it means."""
    return {normalise(word): meaning for meaning, words in table.items() for word in words}


PART_OF = _plain(PARTS) | _plain(PARTS_BEFORE)
FRACTION_OF = _plain(FRACTIONS) | _plain(FRACTIONS_BEFORE)
DIGITS_OF = _plain(NAMED) | _plain(IN_WORDS)


def _any(words: Iterable[str]) -> str:
    """A pattern for one of these words as normalised, the longest first."""
    return "(?:" + "|".join(sorted({normalise(word) for word in words}, key=len, reverse=True)) + ")"


TIME = re.compile(
    rf"(?:{_any(LEADS)} |{_any(LEADS_JOINED)} ?)?(?:(?P<before>{_any(_plain(PARTS_BEFORE))}) ?)?"
    rf"(?:(?P<early>{_any(_plain(FRACTIONS_BEFORE))}) )?"
    r"(?P<hour>\d{1,2})"
    rf"(?:(?P<joined>\d\d)| (?P<spaced>\d\d)| ?{_any(MARKS)} ?(?P<marked>\d{{1,2}})(?: ?{_any(MINUTES)})?)?"
    rf"(?: ?{_any(MARKS)})?"
    rf"(?: ?(?P<fraction>{_any(_plain(FRACTIONS))}))?"
    rf"(?: ?(?P<part>{_any(_plain(PARTS))}))?",
    re.ASCII,
)


NAMED_FIRST = re.compile(rf"^((?:{_any(LEADS)} )?)({_any(_plain(NAMED))})\b")
NUMBER_WORD = re.compile(rf"(?<!\w)(?!once)({_any(_plain(IN_WORDS))})(?!\w)|(?<=las )once(?!\w)")

# What a time begins or ends with, also one that is not read: "at lunch", "a las tantas", "in the morning".
ALMOST = re.compile(rf"(?:{_any(('at', 'a las', 'a la', 'al', 'à'))} .*|(?:.* )?{_any(_plain(PARTS))})")
FEW = 4  # words


def read_hour(text: str) -> str | None:
    """A typed time of day as "HH:MM": 7, 07.30, 7h30, 19 h 30, 7:30 p.m., a las 7, à 19h, noon. None for what is none.

    A bare number from 1 to 24 is an hour of a 24-hour clock.
    """
    found = _found(text)
    minutes = _minutes(found) if found else None
    return f"{minutes // 60:02}:{minutes % 60:02}" if minutes is not None else None


def is_either_half(text: str) -> bool:
    """Whether a typed time may be meant before noon or after it: 7:15, but not 7:15 am, 19:15 or noon."""
    found = _found(text)
    return found is not None and 1 <= int(found["hour"]) < 12 and not (found["before"] or found["part"])


def may_be_hour(text: str, *, digits: bool = False) -> bool:
    """Whether a few words were meant as a time of day, though they are none that can be read; ``digits``: surely so."""
    words = normalise(text)
    if len(words.split()) > FEW:
        return False
    return any(sign.isdigit() for sign in words) or (not digits and ALMOST.fullmatch(words) is not None)


def _found(text: str) -> re.Match[str] | None:
    if len(text) > LONGEST or _marked(text):
        return None
    return TIME.fullmatch(_in_digits(normalise(text)))


def _in_digits(words: str) -> str:
    """Numbers in figures, noon and midnight too; a number word alone is no time: it may be any number."""
    if words in DIGITS_OF and DIGITS_OF[words].isdigit():
        return words
    words = NAMED_FIRST.sub(lambda found: found[1] + DIGITS_OF[found[2]], words)
    return NUMBER_WORD.sub(lambda found: DIGITS_OF[found[0]], words)


def _marked(text: str) -> bool:
    """Whether a mark that makes it no time stands beside a digit."""
    signs = "".join(text.split())
    beside = zip(signs, f" {signs}", f"{signs} "[1:], strict=False)
    return any(_other_mark(sign) and (left.isdigit() or right.isdigit()) for sign, left, right in beside)


def _other_mark(sign: str) -> bool:
    return sign in OTHER_MARKS or unicodedata.category(sign) in OTHER_CATEGORIES


def _minutes(found: re.Match[str]) -> int | None:
    """Minutes since midnight."""
    digits, minute = found["hour"], found["spaced"] or found["marked"] or found["joined"]
    parts = [PART_OF[word] for word in (found["before"], found["part"]) if word]
    # Three digits alone are any number; with "pm" they are a time.
    loose = found["joined"] is not None and len(digits) == 1 and not parts
    said = [value for value in (minute, found["early"], found["fraction"]) if value]
    if loose or len(parts) > 1 or len(said) > 1 or int(minute or 0) > 59:
        return None
    hour = parts[0].on_24(int(digits)) if parts else _bare(found, int(digits))
    past = int(minute or FRACTION_OF.get(found["early"] or found["fraction"], 0))
    return None if hour is None or hour * 60 + past > 24 * 60 else (hour * 60 + past) % (24 * 60)


def _bare(found: re.Match[str], hour: int) -> int | None:
    """An hour of a 24-hour clock; a nought and nothing else is no time."""
    return hour if hour <= 24 and found.string.strip("0") else None
