"""Which plural form a number takes, language by language.

The rules stand here and not in the PO files' headers, because tools write those headers differently and not always
rightly: Babel's Arabic rule has its last two forms swapped. What is written here is written into every PO file.
"""

from collections.abc import Callable
from functools import cache
from gettext import c2py

# Sources: the gettext manual, "Plural forms", and the CLDR plural rules.
RULES = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "en": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "pt": "nplurals=2; plural=(n > 1);",
    "ru": ("nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"),
    "zh": "nplurals=1; plural=0;",
}

# Aymara and others are in no table of Babel's. Babel takes this rule too for languages whose own it does not know.
UNKNOWN = "nplurals=2; plural=(n != 1);"


@cache
def header(language: str) -> str:
    """The ``Plural-Forms`` header of a language's PO files."""
    if language not in RULES:
        # Imported only where needed: a running bot speaks the languages above and does without Babel.
        from babel import UnknownLocaleError
        from babel.messages.plurals import get_plural

        try:
            return str(get_plural(language.replace("-", "_")).plural_forms)
        except UnknownLocaleError:
            return UNKNOWN
    return RULES[language]


@cache
def count(language: str) -> int:
    """How many forms the language has."""
    return int(header(language).removeprefix("nplurals=").split(";")[0])


@cache
def _rule(language: str) -> Callable[[int], int]:
    return c2py(header(language).split("plural=", 1)[1].rstrip("; "))


def form(language: str, number: int) -> int:
    """The position of the form that a number takes."""
    return _rule(language)(abs(number))
