"""What Twilio's error codes mean for us: one table, each with its reason and what follows.

From twilio.com/docs/api/errors, November 2026. The reason stands on the outbox row: ``twilio 63049: why → what next``.
"""

import re
from enum import Enum

from bot.engine.fixed import fixed
from bot.outcomes import Later, Left, Refused, Result, Scope, Unknown


class Meaning(Enum):
    """What follows from a code."""

    WINDOW = "window"  # outside the 24-hour window: nothing free-form until they write again
    GONE = "gone"  # no usable WhatsApp there
    STOPPED = "stopped"  # blocked or opted out, until they write again
    OURS = "ours"  # our request is wrong: trying again cannot help
    SETTING = "setting"  # account or sender: an operator must look; try again later
    COUNTRY = "country"  # this account may not write there: an operator must look, and nobody else has to wait
    RATE = "rate"  # too much at once
    LIMIT = "limit"  # a daily limit of Meta
    TROUBLE = "trouble"  # the channel itself
    TEMPLATE = "template"  # Meta does not let this template through now
    MARKETING = "marketing"  # Meta keeps marketing templates from this learner


NEXT = {
    Meaning.WINDOW: "not repeated; only an approved template reaches them until they write",
    Meaning.GONE: "nothing more is sent there until they write",
    Meaning.STOPPED: "nothing more is sent until they write",
    Meaning.OURS: "not repeated; ours to mend",
    Meaning.SETTING: "an operator must look; again in a quarter of an hour",
    Meaning.COUNTRY: "an operator must allow it at Twilio; again in a quarter of an hour",
    Meaning.RATE: "again when Twilio says, else in half a minute",
    Meaning.LIMIT: "again in a minute, later each time; nobody is asked in for an hour, and it may last a day",
    Meaning.TROUBLE: "again in a minute",
    Meaning.TEMPLATE: "not repeated; the template rests until Meta's word on it is read again",
    Meaning.MARKETING: "not repeated; this category rests for this learner, longer each time",
}
# What follows where we would try again, but the message had been taken, or is not worth the wait.
OVER = {
    Meaning.SETTING: "an operator must look; it had been taken, so it is not repeated",
    Meaning.COUNTRY: "an operator must allow it at Twilio; not repeated",
    Meaning.RATE: "it had been taken, so it is not repeated",
    Meaning.LIMIT: "not repeated; nobody is asked in for an hour, and it may last a day",
    Meaning.TROUBLE: "it had been taken, so it is not repeated",
}


@fixed(frozen=True, slots=True)
class Code:
    meaning: Meaning
    reason: str
    follows: str = ""  # where it is not what follows from the meaning

    @property
    def next(self) -> str:
        """What follows, in short."""
        return self.follows or NEXT[self.meaning]


CODES: dict[int, Code] = {
    63016: Code(Meaning.WINDOW, "outside the 24-hour window"),
    63015: Code(
        Meaning.STOPPED,
        "this number has not joined the Twilio sandbox, or its three days are over",
        "nothing more is sent until they join again and write",
    ),
    63003: Code(Meaning.GONE, "no WhatsApp at this address"),
    63024: Code(Meaning.GONE, "this recipient cannot get WhatsApp messages"),
    63005: Code(Meaning.OURS, "WhatsApp refused the content"),
    63021: Code(Meaning.OURS, "WhatsApp refused the content: too long, or a field it does not take"),
    63019: Code(Meaning.OURS, "Twilio could not fetch the picture from PUBLIC_URL"),
    63007: Code(Meaning.SETTING, "the sender is not known to Twilio"),
    63002: Code(Meaning.SETTING, "the sender cannot use this channel"),
    63008: Code(Meaning.SETTING, "the channel's module is wrong or not there"),
    30016: Code(Meaning.SETTING, "sender and channel do not go together"),
    63014: Code(Meaning.STOPPED, "the learner blocked us"),
    21610: Code(Meaning.STOPPED, "the learner opted out with STOP"),
    63018: Code(Meaning.LIMIT, "Meta's limit of messages or people is reached"),
    63017: Code(Meaning.RATE, "the account's rate is reached"),
    20429: Code(Meaning.RATE, "too many requests at once"),
    30001: Code(Meaning.RATE, "Twilio's queue is full"),
    63049: Code(
        Meaning.MARKETING,
        "Meta does not deliver this marketing template",
        "not repeated; in the US never again, elsewhere this category rests, longer each time",
    ),
    63032: Code(Meaning.MARKETING, "Meta keeps this learner out of marketing in an experiment"),
    63050: Code(
        Meaning.MARKETING,
        "the learner takes no marketing from us",
        "not repeated; no marketing template is tried again",
    ),
    63027: Code(Meaning.TEMPLATE, "Meta does not have this template in this language"),
    63040: Code(Meaning.TEMPLATE, "Meta rejected this template"),
    63041: Code(Meaning.TEMPLATE, "Meta has paused this template"),
    63042: Code(Meaning.TEMPLATE, "Meta has disabled this template"),
    63028: Code(Meaning.OURS, "the template has another number of variables"),
    63012: Code(Meaning.TROUBLE, "the channel had an error of its own"),
    63020: Code(Meaning.SETTING, "the sender has not accepted Twilio's invitation at Meta"),
    63030: Code(Meaning.TROUBLE, "the channel did not take the message"),
    63051: Code(Meaning.SETTING, "the WhatsApp account is restricted"),
    21656: Code(Meaning.OURS, "the template's variables are wrong"),
    21654: Code(Meaning.OURS, "variables without a template"),
    21655: Code(Meaning.OURS, "the template's id is wrong"),
    21617: Code(Meaning.OURS, "the text is too long"),
    21658: Code(Meaning.OURS, "the text is too long"),
    21619: Code(Meaning.OURS, "a message without text"),
    21211: Code(Meaning.GONE, "not a valid address"),
    21614: Code(Meaning.GONE, "not the number of a mobile phone"),
    21408: Code(Meaning.COUNTRY, "the account may not write to this country"),
    21606: Code(Meaning.SETTING, "the sender's number is not ours"),
    20003: Code(Meaning.SETTING, "the account's credentials are wrong"),
    20005: Code(Meaning.SETTING, "the account is not active"),
    20006: Code(Meaning.SETTING, "the account may not do this"),
    20008: Code(Meaning.SETTING, "these are credentials for tests"),
    30002: Code(Meaning.SETTING, "the account is suspended"),
    20404: Code(Meaning.SETTING, "Twilio does not know this account or template"),
}

# Long enough for an operator to look and for a queue to empty. Meta's limit is one of people we write to, and whoever
# has just written may not be among those it stops: their reply is tried again by itself.
WAITS = {
    Meaning.RATE: 30.0,
    Meaning.TROUBLE: 60.0,
    Meaning.SETTING: 15 * 60.0,
    Meaning.COUNTRY: 15 * 60.0,
    Meaning.LIMIT: 60.0,
}
SCOPES: dict[Meaning, Scope] = {
    Meaning.RATE: "account",
    Meaning.LIMIT: "part",
    Meaning.SETTING: "account",
    Meaning.COUNTRY: "part",
    Meaning.TROUBLE: "part",
}
# Without a code of Twilio's that we know. They say nothing of the message: something between us, or the account.
PASSING = frozenset({409, 425})
AN_OPERATOR_S = frozenset({300, 301, 302, 303, 307, 308, 401, 403, 404, 407})
SOON = 5.0  # seconds


NUMBER = re.compile(r"^twilio (\d{1,6})\b")


def told(code: int, *, later: bool = False) -> str:
    """What stands on the row; ``later`` where Twilio had taken the message and reports this afterwards."""
    known = CODES.get(code)
    if known is None:
        return f"twilio {code}"
    follows = OVER.get(known.meaning, known.next) if later else known.next
    return f"twilio {code}: {known.reason} → {follows}"


def code_of(outcome: str | None) -> int | None:
    """The code of what stands on a row."""
    found = NUMBER.match(outcome or "")
    return int(found[1]) if found else None


def reaches_nobody(outcome: str | None) -> bool:
    """Whether what stands on a row says that nobody is reached there, or wants to be."""
    known = CODES.get(code_of(outcome) or 0)
    return known is not None and known.meaning in (Meaning.GONE, Meaning.STOPPED)


def outcome(code: int | None, status: int = 400, wait: float | None = None) -> Result:
    """What becomes of a message that Twilio has not said to have taken, with this error code.

    ``wait`` are the seconds for which it wants to be left alone, where it tells them.
    """
    known = CODES.get(code or 0)
    if code is None or known is None:
        return _by_status(status, f"twilio {code or status}", wait)
    reason = told(code)
    match known.meaning:
        case Meaning.GONE | Meaning.STOPPED:
            return Left(reason)
        case Meaning.RATE:
            return _too_fast(reason, wait)
        case meaning if meaning in WAITS:
            return Later(WAITS[meaning], SCOPES[meaning], SCOPES[meaning] == "part", reason)
        case _:
            return Refused(reason)


def _too_fast(reason: str, wait: float | None) -> Later:
    return Later(WAITS[Meaning.RATE] if wait is None else wait, SCOPES[Meaning.RATE], False, reason)


def _by_status(status: int, reason: str, wait: float | None) -> Result:
    if status == 429:
        return _too_fast(reason, wait)
    if status in AN_OPERATOR_S:
        return Later(WAITS[Meaning.SETTING], "account", False, f"{reason} → {NEXT[Meaning.SETTING]}")
    if status < 300 or status == 408 or status >= 500:
        return Unknown(f"{reason}: no word of Twilio's that it was not taken")
    if status in PASSING:
        return Later(SOON, "part", True, reason)
    return Refused(reason)
