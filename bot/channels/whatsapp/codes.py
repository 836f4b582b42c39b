"""What Twilio's error codes mean for us: one table, each with its reason (twilio.com/docs/api/errors, 11/2026)."""

from dataclasses import dataclass
from enum import Enum

from bot.channels.outcomes import Later, Left, Refused, Result, Scope


class Meaning(Enum):
    """What follows from a code."""

    WINDOW = "window"  # outside the 24-hour window: nothing free-form until they write again
    GONE = "gone"  # no usable WhatsApp there
    STOPPED = "stopped"  # blocked or opted out, until they write again
    OURS = "ours"  # our request is wrong: trying again cannot help
    SETTING = "setting"  # account or sender: an operator must look; try again later
    RATE = "rate"  # too much at once
    LIMIT = "limit"  # a daily limit of Meta
    TROUBLE = "trouble"  # the channel itself


@dataclass(frozen=True, slots=True)
class Code:
    meaning: Meaning
    reason: str


CODES: dict[int, Code] = {
    63016: Code(Meaning.WINDOW, "outside the 24-hour window"),
    63015: Code(Meaning.SETTING, "this number has not joined the Twilio sandbox, or its three days are over"),
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
    63049: Code(Meaning.OURS, "Meta does not deliver this marketing template"),
    63032: Code(Meaning.OURS, "Meta keeps this learner out of marketing in an experiment"),
    63012: Code(Meaning.TROUBLE, "the channel had an error of its own"),
    63020: Code(Meaning.SETTING, "the sender has not accepted Twilio's invitation at Meta"),
    63030: Code(Meaning.TROUBLE, "the channel did not take the message"),
    63051: Code(Meaning.SETTING, "the WhatsApp account is restricted"),
    21656: Code(Meaning.OURS, "the template's variables are wrong"),
    21654: Code(Meaning.OURS, "variables without a template"),
    21617: Code(Meaning.OURS, "the text is too long"),
    21658: Code(Meaning.OURS, "the text is too long"),
    21619: Code(Meaning.OURS, "a message without text"),
    21211: Code(Meaning.GONE, "not a valid address"),
    21606: Code(Meaning.SETTING, "the sender's number is not ours"),
    20003: Code(Meaning.SETTING, "the account's credentials are wrong"),
    20404: Code(Meaning.SETTING, "Twilio does not know this account or template"),
}

# Long enough for an operator to look and for a queue to empty; a daily limit of Meta may hold for a day.
WAITS = {Meaning.RATE: 30.0, Meaning.TROUBLE: 60.0, Meaning.SETTING: 15 * 60.0, Meaning.LIMIT: 60 * 60.0}
SCOPES: dict[Meaning, Scope] = {
    Meaning.RATE: "account",
    Meaning.LIMIT: "account",
    Meaning.SETTING: "account",
    Meaning.TROUBLE: "part",
}


def outcome(code: int | None, status: int = 400) -> Result:
    """What becomes of a message that Twilio answered, or later reported, with this error code."""
    known = CODES.get(code or 0)
    if known is None:
        if status == 429:
            return Later(WAITS[Meaning.RATE], "account", False, "twilio 429")
        if status >= 500:
            return Later(5.0, "part", True, f"twilio {status}")
        return Refused(f"twilio {code or status}")
    reason = f"twilio {code}: {known.reason}"
    match known.meaning:
        case Meaning.GONE | Meaning.STOPPED:
            return Left(reason)
        case Meaning.OURS | Meaning.WINDOW:
            return Refused(reason)
        case meaning:
            return Later(WAITS[meaning], SCOPES[meaning], meaning is Meaning.TROUBLE, reason)
