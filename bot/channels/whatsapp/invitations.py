"""Asking learners in outside the 24-hour window: by an approved template, or not at all.

Laws
- A template is looked at again at the moment of sending. Not approved then: nothing is sent, and never free text.
- What Meta does not let through is not tried again before its word on it has been read anew, or for a while.
- A limit of Meta's on people we write to is the account's: for an hour nobody is asked in, and replies go on.
- An invitation is for its day. One that could not be sent for hours is not sent any more.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import orjson
import structlog

from bot.channels.whatsapp import codes
from bot.channels.whatsapp.asked import TIME, Standing, chosen
from bot.channels.whatsapp.client import Reply
from bot.outcomes import Held, Refused, Result, Sent
from storage.rows import OutboxRow, Tell

log = structlog.get_logger()

FRESH = timedelta(hours=12)  # that an invitation may wait for its turn
REST = timedelta(hours=1)  # after Meta's limit; it may last a day, and is found out by trying
DOUBT = timedelta(minutes=20)  # longer than Meta's word takes to be read anew
REMEMBERED = 10_000  # invitations whose end we may still hear of; the oldest is forgotten first
NOT_APPROVED = "the template is not approved"
GONE = 20404  # the template is not at Twilio any more


class Invitations:
    """``known`` are the templates as they stand, those with the words of today first."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._known: dict[str, Standing] = {}
        self._doubted: dict[str, datetime] = {}  # until when: refused though we took them for approved
        self._sent: dict[int, str] = {}  # part → template
        self.rests_until: datetime | None = None  # other processes learn of it by what is remembered

    def take_up(self, known: Mapping[str, Standing]) -> None:
        """How templates stand, as Meta was asked just now: doubts are over."""
        self._known = dict(known)
        self._doubted.clear()

    def learn(self, known: Mapping[str, Standing]) -> None:
        """How templates stand as far as is remembered."""
        self._known = dict(known)

    def standings(self) -> Sequence[Standing]:
        """Every template as it is known to stand."""
        return tuple(self._known.values())

    def usable(self, kind: str, language: str) -> Standing | None:
        return chosen((one for one in self._known.values() if not self._doubts(one.name)), kind, language)

    def body(self, kind: str, language: str, time: str) -> dict[str, object] | None:
        """What the outbox keeps; ``text`` is how it will read."""
        template = self.usable(kind, language)
        if template is None:
            return None
        return {
            "kind": "asked",
            "asked": template.name,
            "category": template.category,
            "variables": orjson.dumps(dict.fromkeys(template.variables, time)).decode(),
            "text": template.text.replace(TIME, time),
            "until": (self.clock() + FRESH).isoformat(),
        }

    def held(self, part: OutboxRow) -> Held | None:
        """Why this part may not be sent now."""
        standing = self._known.get(str(part.body["asked"]))
        if standing is None or not standing.approved or self._doubts(standing.name):
            return Held(NOT_APPROVED)
        now = self.clock()
        if now > datetime.fromisoformat(str(part.body["until"])):
            return Held("too late for this invitation")
        if self.rests_until is not None and now < self.rests_until:
            return Held(f"Meta's limit is reached → not before {self.rests_until:%Y-%m-%d %H:%M} UTC")
        return None

    def fields(self, part: OutboxRow) -> dict[str, str]:
        """The form of the call; a template without variables takes none."""
        variables = str(part.body["variables"])
        given = {"ContentVariables": variables} if orjson.loads(variables) else {}
        return {"ContentSid": self._known[str(part.body["asked"])].sid, **given}

    def outcome(self, part: OutboxRow, reply: Reply) -> Result:
        """What Twilio's answer means. Nothing of an invitation waits long: it would hold up the learner's replies."""
        name = str(part.body["asked"])
        if reply.taken:
            self._sent[part.id] = name
            if len(self._sent) > REMEMBERED:
                del self._sent[next(iter(self._sent))]
            return Sent(reply.taken)
        self._learn(name, reply.code)
        if reply.code == GONE:
            return Refused(f"twilio {GONE}: the template is not at Twilio any more → sse-bot templates sync")
        known = codes.CODES.get(reply.code or 0)
        if known is not None and known.meaning in (codes.Meaning.LIMIT, codes.Meaning.COUNTRY):
            return Refused(codes.told(reply.code or 0, later=True))
        return codes.outcome(reply.code, reply.status, reply.wait(self.clock()))

    def _doubts(self, name: str) -> bool:
        return name in self._doubted and self.clock() < self._doubted[name]

    def heard(self, tells: Sequence[Tell]) -> None:
        """What became of messages that Twilio had taken; which of them were invitations, we know of our own."""
        for tell in tells:
            if tell.means == "failed":
                self._learn(self._sent.pop(tell.outbox_id, None), codes.code_of(tell.reason))

    def _learn(self, name: str | None, code: int | None) -> None:
        known = codes.CODES.get(code or 0)
        meaning = known.meaning if known else None
        if name is not None and (code == GONE or meaning in (codes.Meaning.TEMPLATE, codes.Meaning.WINDOW)):
            self._doubted[name] = self.clock() + DOUBT
            log.warning("whatsapp.template_refused", template=name, code=code, cure="sse-bot templates status")
        self.limited(code)

    def limited(self, code: int | None) -> None:
        """Nobody is asked in for a while where this code is Meta's limit, whatever it was told about."""
        known = codes.CODES.get(code or 0)
        if known is not None and known.meaning is codes.Meaning.LIMIT:
            self.rests_until = self.clock() + REST
            log.warning("whatsapp.limit", until=self.rests_until.isoformat(), cure="look at Meta's messaging limits")
