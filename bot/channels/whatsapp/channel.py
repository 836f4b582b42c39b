"""WhatsApp through Twilio. Laws, states, and what may go wrong.

Laws
- Nothing free-form outside the 24-hour window: an address that has not written for that long is not called. It may
  be asked in by a template that Meta has approved (``invitations``).
- Every message carries a status URL signed for its outbox row, so what becomes of it can be told in any order.
- A message is sent with a template of ours where it is known, else as numbered text; the learner can always answer.

States of a part at Twilio: accepted, queued, sending, sent, delivered, read; or undelivered, failed with a code.

What may go wrong
- No connection: the same again, soon. An answer lost on the way, a server's error, or one that is not Twilio's:
  ``Unknown``; the status callback settles it, else the message list after 90 seconds, and only then is it sent again:
  not as long as the list cannot be read. Twilio takes no idempotency key.
- An error code: one table (``codes``) says whether the learner is gone, the request is wrong or the time is.
- A template that vanished at Twilio: the same message as text.
- A picture that is refused or cannot be fetched: its message comes once more without it, and from then on, until a
  restart, all go without.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.channels.whatsapp import codes, shape
from bot.channels.whatsapp.client import Client, Lost, NotSent, NotTold, Reply
from bot.channels.whatsapp.invitations import Invitations
from bot.channels.whatsapp.templates import EDGE, Known, cards
from bot.content.wording import Message
from bot.engine.events import Event
from bot.engine.turn import Phrase, Text
from bot.outcomes import Held, Later, Refused, Result, Sent, Unknown
from storage.rows import OutboxRow, Tell

log = structlog.get_logger()

Placed = Callable[[OutboxRow], Awaitable[Collection[str]]]
"""The ids at Twilio of the other parts to the address of this one."""
Pictures = Callable[[str, str], Path | None]
"""The file of a lesson's picture in a language; its name is its address under ``PUBLIC_URL/media``."""

WINDOW = timedelta(hours=24)  # of free-form messages after the learner's last one (Meta's customer service window)
# Twilio takes a while to answer and the window closes on the second: nothing is started in its last half minute.
MARGIN = timedelta(seconds=30)

NO_TEMPLATE = 20404
NOT_FETCHED = 63019
FAILED = frozenset({"failed", "undelivered"})
MEDIA = frozenset({NOT_FETCHED, 63005, 63021})  # a picture may be why
COMPARED = 200  # characters that tell one message from another: with a template, buttons are not in the body
SLACK = timedelta(minutes=2)  # of Twilio's clock


def no_pictures(name: str, language: str) -> Path | None:
    return None


async def none_placed(part: OutboxRow) -> Collection[str]:
    return ()


class WhatsApp:
    """The channel. ``words`` gives the line for typed answers in a language; ``sign`` signs an outbox id."""

    name = "whatsapp"
    keeps_talk = False
    brings = True
    attaches = False  # it takes documents, but none of the kinds that a program can read
    patience = 90.0  # seconds for the status callback to settle a lost answer

    def __init__(
        self,
        client: Client,
        *,
        public_url: str,
        words: Callable[[Text, str], str],
        sign: Callable[[str], str],
        clock: Callable[[], datetime],
        pictures: Pictures = no_pictures,
        placed: Placed = none_placed,
        own_data: Callable[[str], str] = lambda learner_id: "",
    ) -> None:
        self.client, self.public_url = client, public_url
        self.words, self.sign, self.clock = words, sign, clock
        self.known: Known = {}
        self.invitations = Invitations(clock)
        self.pictures, self.placed, self.own_data = pictures, placed, own_data
        self.cards = cards(f"{public_url}/media")

    def parts(self, message: Message, event: Event | None) -> list[dict[str, object]]:
        """The message cut into calls; each knows until when it may go out free-form."""
        keys = {"scale": "scale.how", "choice": "choice.how", "list": "list.open"}
        how = {name: self.words(Phrase(key), message.language) for name, key in keys.items()}
        until = (event.heard + WINDOW - MARGIN).isoformat() if event is not None and event.heard is not None else ""
        return [{**part, "until": until} for part in shape.parts(message, how, self._card(message))]

    def holds(self, body: Mapping[str, object]) -> bool:
        return True

    def _card(self, message: Message) -> shape.Card | None:
        if message.picture is None or not self.cards:
            return None
        path = self.pictures(message.picture, message.language)
        return shape.Card(path.name, self.cards) if path else None

    def invitation(self, kind: str, language: str, time: str) -> dict[str, object] | None:
        """The outbox body that asks a learner in by an approved template, None where none is approved.

        In the language or one it falls back to (es → en). ``kind`` is lesson, review, follow_up or slower; ``time``
        the hour they asked for, as they read it. It carries the template, its category, and the text as it will read.
        """
        return self.invitations.body(kind, language, time)

    def invited_by(self, kind: str, language: str) -> str | None:
        """The category (utility, marketing) of the template that ``invitation`` would use."""
        template = self.invitations.usable(kind, language)
        return template.category if template else None

    def heard(self, tells: Sequence[Tell]) -> None:
        """What became of parts; a picture that Twilio could not fetch is the last one it is asked to."""
        self.invitations.heard(tells)
        if any(map(picture_failed, tells)):
            self._without_pictures(codes.told(NOT_FETCHED))

    def _without_pictures(self, reason: str) -> None:
        log.warning("whatsapp.pictures_off", reason=reason, cure="look at PUBLIC_URL/media from outside, then restart")
        self.cards = {}

    def unseen_twice(self, part: OutboxRow) -> bool:
        return False

    async def send(self, part: OutboxRow) -> Result:
        """Hands one part to Twilio; one that may have gone out before is looked for first."""
        invited = "asked" in part.body
        held = self.invitations.held(part) if invited else self._closed(part)
        if held is not None:
            return held
        fields = self.fields(part)
        if fields is None:
            return Sent(None)
        try:
            there = await self._found(part) if part.state == "unknown" else None
            reply = None if there else await self.client.create_message(part.address.id, fields)
        except NotSent as never:
            return Later(2.0, "part", True, str(never))
        except (Lost, NotTold) as gone:
            return Unknown(str(gone))
        if reply is None:
            return Sent(there)
        return self.invitations.outcome(part, reply) if invited else self._outcome(reply, fields)

    def _closed(self, part: OutboxRow) -> Held | None:
        until = str(part.body.get("until") or "")
        is_open = bool(until) and self.clock() <= datetime.fromisoformat(until)
        return None if is_open else Held("outside the 24-hour window")

    async def _found(self, part: OutboxRow) -> str | None:
        """The id of this part among what Twilio has taken for this address since it was written."""
        text, others = str(part.body["text"])[:COMPARED], await self.placed(part)
        async for message in self.client.messages(part.created_at - SLACK, To=part.address.id):
            body = str(message.get("body") or "").strip(EDGE)  # as a template has it
            ours = message.get("direction") != "inbound" and message.get("sid") not in others
            ours = ours and message.get("status") not in FAILED
            if ours and body and text.startswith(body[:COMPARED]):
                return str(message.get("sid"))
        return None

    def fields(self, part: OutboxRow) -> dict[str, str] | None:
        """The form of one call; None for a line that the template already carried."""
        body = part.body
        template = self.known.get(str(body.get("template", "")))
        if body.get("only_without_template") and self.known:
            return None
        callback = {"StatusCallback": self.status_url(part.id)}
        if "asked" in body:
            return {**self.invitations.fields(part), **callback}
        card = self.known.get(str(body.get("card", ""))) if self.cards else None
        if card is not None:
            return {"ContentSid": card, "ContentVariables": str(body["card_variables"]), **callback}
        if template is not None:
            return {"ContentSid": template, "ContentVariables": str(body["variables"]), **callback}
        return {"Body": str(body["text"]), **callback}

    def status_url(self, outbox_id: int) -> str:
        """Where Twilio tells what became of a part; signed, so that nobody else can."""
        return f"{self.public_url}/webhooks/twilio/status?part={outbox_id}&sign={self.sign(str(outbox_id))}"

    def _outcome(self, reply: Reply, fields: Mapping[str, str]) -> Result:
        if reply.taken:
            return Sent(reply.taken)
        if reply.code == NO_TEMPLATE and "ContentSid" in fields:
            self.known = {name: sid for name, sid in self.known.items() if sid != fields["ContentSid"]}
            return Later(0.0, "part", True, "the template is gone")
        self.invitations.limited(reply.code)
        result = codes.outcome(reply.code, reply.status, reply.wait(self.clock()))
        if isinstance(result, Refused) and reply.code in MEDIA and self._is_card(fields):
            self._without_pictures(result.reason)
            return Later(0.0, "part", True, "again without its picture")
        return result

    def _is_card(self, fields: Mapping[str, str]) -> bool:
        sent = fields.get("ContentSid")
        return sent is not None and any(self.known.get(card.name) == sent for card in self.cards.values())


def picture_failed(tell: Tell) -> bool:
    """A message did not arrive because its picture could not be fetched."""
    return tell.means == "failed" and codes.code_of(tell.reason) == NOT_FETCHED


def without_picture(body: Mapping[str, object]) -> dict[str, object] | None:
    """The same call without its picture; None where it has none."""
    plain = {key: value for key, value in body.items() if key not in ("card", "card_variables")}
    return plain if len(plain) < len(body) else None
