"""The templates that ask a learner in once the 24-hour window is closed: what they say, and which one is used.

Meta has to approve each of them, in each language, before anything may be sent on it; ``approvals`` sees to that.
They say what the learner asked for and nothing else: a template that advertises is a marketing template, which
costs more and does not reach everybody (Twilio 63049).

The words of an approved template cannot change, so its name carries a fingerprint of them: other words are another
template, and the old one goes on being used until Meta has approved the new one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from hashlib import blake2b
from typing import Self

import orjson

from bot.channels.whatsapp.shape import marked
from bot.channels.whatsapp.templates import variable
from bot.content.catalogue import ENGLISH, Catalogue
from bot.engine.fixed import fixed
from bot.engine.turn import Phrase

KINDS = ("lesson", "review", "follow_up", "slower")
UTILITY, MARKETING = "utility", "marketing"  # categories of Meta; a third one is for pass codes
PAYLOAD = "c:today"  # of the one button: the same for all, so that what is due then is what comes
SAMPLE = "18:00"
TIME = "{time}"  # where the words have the hour; the template's only variable

# Raise it when anything but the words changes.
VERSION = 1

# Where Meta's code of a language is not ours; else only the hyphen differs (pt-BR, pt_BR). From Meta's list of
# supported languages, May 2026.
META_LANGUAGES = {
    "be": "be_BY",
    "ky": "ky_KG",
    "no": "nb",
    "prs": "prs_AF",
    "ps": "ps_AF",
    "pt": "pt_PT",
    "rw": "rw_RW",
    "si": "si_LK",
    "zh": "zh_CN",
    "zh-Hans": "zh_CN",
    "zh-Hant": "zh_TW",
}

# States of a template: ours for what Meta has not seen, else the word Twilio uses. Only an approved one is used.
MISSING, MADE, RECEIVED, PENDING = "missing", "made", "received", "pending"
APPROVED, REJECTED = "approved", "rejected"


def meta_language(code: str) -> str:
    """A language's code as Meta writes it."""
    return META_LANGUAGES.get(code) or code.replace("-", "_")


@fixed(frozen=True, slots=True)
class Asked:
    """One such template in one language; ``text`` has ``{time}`` where the hour comes, or nowhere."""

    kind: str
    language: str
    text: str
    button: str

    @property
    def name(self) -> str:
        words = blake2b(f"{self.text}\n{self.button}".encode(), digest_size=4).hexdigest()
        return f"sse_asked_{self.kind}_{self.language.lower().replace('-', '_')}_v{VERSION}_{words}"

    @property
    def samples(self) -> dict[str, str]:
        return {"1": SAMPLE} if TIME in self.text else {}

    @property
    def sample(self) -> str:
        """The text as Meta's reviewer reads it."""
        return self.text.replace(TIME, SAMPLE)

    def body(self) -> dict[str, object]:
        """The request that creates it (Content API, POST /v1/Content)."""
        actions = [{"type": "QUICK_REPLY", "title": self.button, "id": PAYLOAD}]
        content = {"body": self.text.replace(TIME, variable(1)), "actions": actions}
        return {
            "friendly_name": self.name,
            "language": meta_language(self.language),
            "variables": self.samples,
            "types": {"twilio/quick-reply": content},
        }


def wanted(catalogue: Catalogue) -> list[Asked]:
    """Every kind in every language that has the words for it; the others fall back."""
    return [
        Asked(kind, code, marked(_words(catalogue, key, code)), _words(catalogue, f"{key}.button", code))
        for code in (language.code for language in catalogue.languages)
        for kind in KINDS
        for key in [f"asked.{kind}"]
        if catalogue.has(key, code) and catalogue.has(f"{key}.button", code)
    ]


def _words(catalogue: Catalogue, key: str, language: str) -> str:
    return re.sub(r"[ \t\n]+", " ", catalogue.text(Phrase(key), language)).strip()  # Meta takes no line breaks


@fixed(frozen=True, slots=True)
class Standing:
    """A template as it stands at Meta. What is needed to use it is in here: the words may have changed since.

    ``category`` is the one Meta gave it, which need not be the one we asked for.
    """

    name: str
    kind: str
    language: str
    text: str
    sid: str = ""
    state: str = MISSING
    category: str = UTILITY
    reason: str = ""

    @classmethod
    def of(cls, asked: Asked) -> Self:
        return cls(asked.name, asked.kind, asked.language, asked.text)

    @classmethod
    def recalled(cls, raw: str) -> Self | None:
        """From what was remembered; None for what another version of the bot wrote."""
        try:
            return cls(**orjson.loads(raw))
        except (orjson.JSONDecodeError, TypeError):
            return None

    def remembered(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @property
    def approved(self) -> bool:
        return self.state == APPROVED

    @property
    def variables(self) -> tuple[str, ...]:
        return ("1",) if TIME in self.text else ()

    def at(self, seen: "Seen | None") -> Self:
        """The same as it is seen at Twilio; gone there, it is missing. A category that is not told stays."""
        if seen is None:
            return replace(self, state=MISSING)
        category = seen.category or self.category
        return replace(self, sid=seen.sid, state=seen.state, category=category, reason=seen.reason)


@fixed(frozen=True, slots=True)
class Seen:
    """What Twilio tells of a Content template and of Meta's judgement."""

    name: str
    sid: str
    state: str
    category: str
    reason: str


Known = Mapping[str, Standing]
"""Template name → how it stands."""


def chosen(known: Iterable[Standing], kind: str, language: str) -> Standing | None:
    """The approved template of a kind, in the language or one it falls back to."""
    there = [one for one in known if one.kind == kind and one.approved]
    for code in fallbacks(language):
        for one in there:
            if one.language == code:
                return one
    return None


def fallbacks(language: str) -> Iterator[str]:
    """es-MX, es, en."""
    yield language
    base = language.partition("-")[0]
    if base != language:
        yield base
    if base != ENGLISH:
        yield ENGLISH


def newest_first(known: Iterable[Standing], names: Iterable[str]) -> list[Standing]:
    """Those with these names, the words of today, before what is left of other days."""
    now = frozenset(names)
    return sorted(known, key=lambda one: (one.name not in now, one.name))


BAD_EDGE = re.compile(r"^\s*\{time\}|\{time\}[\s.!?…]*$")


def fits(asked: Asked) -> str | None:
    """Why Meta would not take it; None if nothing speaks against it."""
    if BAD_EDGE.search(asked.text):
        return "the hour is its first or its last word"
    if asked.text.count(TIME) > 1 or len(asked.sample) > 1024 or "{" in asked.text.replace(TIME, ""):
        return "it is over 1,024 characters, or has another variable than one {time}"
    if not 0 < len(asked.button) <= 20:
        return "its button is empty or over 20 characters"
    return None if re.fullmatch(r"[a-z0-9_]{1,512}", asked.name) else f"{asked.name} is no name that Meta takes"
