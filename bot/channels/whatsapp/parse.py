"""A form from Twilio → what happened. Unknown fields are ignored, media is noted by kind and never fetched."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.channels.clean import clean_text
from bot.content.territories import country_of_phone, languages_of
from bot.content.zones import zone_of_country, zone_of_phone
from bot.engine.events import Address, Event, Said, SentOther, Tapped

# whatsapp:+49…, or a business-scoped user id of somebody without a number: whatsapp:ES.1A2B…
PHONE = re.compile(r"whatsapp:\+[1-9]\d{5,14}", re.ASCII)
BSUID = re.compile(r"whatsapp:([A-Z]{2})\.[A-Za-z0-9]{1,128}", re.ASCII)
MESSAGE_SID = re.compile(r"(?:SM|MM)[0-9a-f]{32}", re.ASCII)

# A doubled one could mean two things to two readers, so it means nothing.
ONCE = ("From", "To", "Body", "MessageSid", "AccountSid", "MessageStatus", "ErrorCode")

KINDS = {"image": "photo", "video": "photo", "audio": "voice", "sticker": "sticker"}
CONTACTS = frozenset({"text/vcard", "text/x-vcard", "text/directory"})


class Unusable(Exception):
    """Twilio's own, but nothing we can use; the message says why."""


def single(fields: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """The fields as a mapping. Raises ``ValueError`` when one of those that identify a message stands twice."""
    names = [name for name, _ in fields]
    doubled = [name for name in ONCE if names.count(name) > 1]
    if doubled:
        raise ValueError(f"doubled field {doubled[0]}")
    return dict(fields)


def parse(fields: Mapping[str, str], now: datetime) -> Event:
    """What one inbound message brings.

    Raises ``Unusable`` for what is no message of a person. AccountSid and To were checked before.
    """
    sid, sender = fields.get("MessageSid", ""), fields.get("From", "")
    if not MESSAGE_SID.fullmatch(sid):
        raise Unusable("no message id")
    country = _country(sender)
    if country is None and not PHONE.fullmatch(sender):
        raise Unusable("sender is neither a number nor a user id")
    facts = {
        "id": f"whatsapp:{sid}",
        "address": Address("whatsapp", sender),
        "at": now,
        "languages": languages_of(country),
        "country": country,
        "zone": _zone(sender, country, now),
        "alias": _alias(fields, sender),
    }
    return _event(fields, facts)


def _event(fields: Mapping[str, str], facts: dict[str, object]) -> Event:
    pressed = fields.get("ButtonPayload") or fields.get("ListId")
    if pressed:
        message = fields.get("OriginalRepliedMessageSid", "")  # of the message with the button, where Twilio tells
        shown = message if MESSAGE_SID.fullmatch(message) else None
        return Tapped(**facts, data=clean_text(pressed)[:64], message=shown)  # type: ignore[arg-type]
    kind = _kind(fields)
    text = clean_text(fields.get("Body", ""))
    if kind is None and text.strip():
        return Said(**facts, text=text)  # type: ignore[arg-type]
    return SentOther(**facts, kind=kind or "other")  # type: ignore[arg-type]


def _kind(fields: Mapping[str, str]) -> str | None:
    """The kind of what is no text; None for plain words."""
    if fields.get("Latitude") or fields.get("MessageType") == "location":
        return "location"
    if fields.get("NumMedia", "0") in ("", "0"):
        return None
    content = fields.get("MediaContentType0", "").partition(";")[0].strip().lower()
    if content in CONTACTS:
        return "contact"
    if content == "image/webp":
        return "sticker"
    return KINDS.get(content.partition("/")[0], "file")


def _country(sender: str) -> str | None:
    """The country of a number or of a user id."""
    scoped = BSUID.fullmatch(sender)
    if scoped:
        return scoped[1]
    return country_of_phone(sender.removeprefix("whatsapp:")) if PHONE.fullmatch(sender) else None


def _zone(sender: str, country: str | None, now: datetime) -> str | None:
    """The time zone of a number, or of a user id whose country has one clock; else None, and the learner is asked."""
    if PHONE.fullmatch(sender):
        return zone_of_phone(sender.removeprefix("whatsapp:"), now)
    return zone_of_country(country, now)


def _alias(fields: Mapping[str, str], sender: str) -> Address | None:
    """The user id that goes with a number: kept, because the number may go."""
    other = fields.get("ExternalUserId", "")
    other = other if other.startswith("whatsapp:") else f"whatsapp:{other}"
    return Address("whatsapp", other) if other != sender and BSUID.fullmatch(other) else None
