"""WhatsApp through Twilio. Laws, states, and what may go wrong.

Laws
- Nothing free-form outside the 24-hour window: an address that has not written for that long is not called.
- Every message carries a status URL signed for its outbox row, so what becomes of it can be told in any order.
- A message is sent with a template of ours where it is known, else as numbered text; the learner can always answer.

States of a part at Twilio: accepted, queued, sending, sent, delivered, read; or undelivered, failed with a code.

What may go wrong
- No connection: the same again, soon. An answer lost on the way: ``Unknown``; the status callback settles it, else
  the message list after 90 seconds, and only then is it sent again. Twilio takes no idempotency key.
- An error code: one table (``codes``) says whether the learner is gone, the request is wrong or the time is.
- A template that vanished at Twilio: the same message as text.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.channels.outcomes import Later, Refused, Result, Sent, Unknown
from bot.channels.whatsapp import codes, shape
from bot.channels.whatsapp.client import Client, Lost, NotSent, Reply
from bot.channels.whatsapp.templates import Known
from bot.content.wording import Message
from bot.engine.events import Event
from bot.engine.turn import Phrase, Text
from storage.rows import OutboxRow

WINDOW = timedelta(hours=24)  # of free-form messages after the learner's last one (Meta's customer service window)
# Twilio takes a while to answer and the window closes on the second: nothing is started in its last minute.
MARGIN = timedelta(minutes=1)

NO_TEMPLATE = 20404
COMPARED = 200  # characters that tell one message from another: with a template, buttons are not in the body
SLACK = timedelta(minutes=2)  # of Twilio's clock


class WhatsApp:
    """The channel. ``words`` gives the line for typed answers in a language; ``sign`` signs an outbox id."""

    name = "whatsapp"
    keeps_talk = False
    own_data = ""
    patience = 90.0  # seconds for the status callback to settle a lost answer

    def __init__(
        self,
        client: Client,
        *,
        public_url: str,
        words: Callable[[Text, str], str],
        sign: Callable[[str], str],
        clock: Callable[[], datetime],
    ) -> None:
        self.client, self.public_url = client, public_url
        self.words, self.sign, self.clock = words, sign, clock
        self.known: Known = {}

    def parts(self, message: Message, event: Event | None) -> list[dict[str, object]]:
        """The message cut into calls; each knows until when it may go out free-form."""
        keys = {"scale": "scale.how", "choice": "choice.how", "list": "list.open"}
        how = {name: self.words(Phrase(key), message.language) for name, key in keys.items()}
        until = (event.at + WINDOW - MARGIN).isoformat() if event is not None else ""
        return [{**part, "until": until} for part in shape.parts(message, how)]

    async def send(self, part: OutboxRow) -> Result:
        """Hands one part to Twilio; one that may have gone out before is looked for first."""
        if not self._open(part):
            return Refused("outside the 24-hour window")
        fields = self.fields(part)
        if fields is None:
            return Sent(None)
        try:
            there = await self._found(part) if part.state == "unknown" else None
            reply = None if there else await self.client.create_message(part.address.id, fields)
        except NotSent as never:
            return Later(2.0, "part", True, str(never))
        except Lost as gone:
            return Unknown(str(gone))
        return Sent(there) if reply is None else self._outcome(reply, fields)

    def _open(self, part: OutboxRow) -> bool:
        until = str(part.body.get("until") or "")
        return bool(until) and self.clock() <= datetime.fromisoformat(until)

    async def _found(self, part: OutboxRow) -> str | None:
        """The id of this part among what Twilio has taken for this address since it was written."""
        text = str(part.body["text"])[:COMPARED]
        async for message in self.client.messages(part.created_at - SLACK, To=part.address.id):
            if message.get("direction") != "inbound" and text.startswith(str(message.get("body") or "\0")[:COMPARED]):
                return str(message.get("sid"))
        return None

    def fields(self, part: OutboxRow) -> dict[str, str] | None:
        """The form of one call; None for a line that the template already carried."""
        body = part.body
        template = self.known.get(str(body.get("template", "")))
        if body.get("only_without_template") and self.known:
            return None
        callback = {"StatusCallback": self.status_url(part.id)}
        if template is not None:
            return {"ContentSid": template, "ContentVariables": str(body["variables"]), **callback}
        return {"Body": str(body["text"]), **callback}

    def status_url(self, outbox_id: int) -> str:
        """Where Twilio tells what became of a part; signed, so that nobody else can."""
        return f"{self.public_url}/webhooks/twilio/status?part={outbox_id}&sign={self.sign(str(outbox_id))}"

    def _outcome(self, reply: Reply, fields: Mapping[str, str]) -> Result:
        if reply.status in (200, 201):
            return Sent(str(reply.body.get("sid", "")) or None)
        if reply.code == NO_TEMPLATE and "ContentSid" in fields:
            self.known = {name: sid for name, sid in self.known.items() if sid != fields["ContentSid"]}
            return Later(0.0, "part", True, "the template is gone")
        return codes.outcome(reply.code, reply.status)
