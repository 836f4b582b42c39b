"""The few generic Content templates that carry every message with choices.

Twilio fixes the number of buttons or rows in a template, all else is a variable: three of quick replies and two
families of lists (with and without a second line) serve all lessons in all languages. They are used inside the
24-hour window only, so none of them goes to Meta for approval. ``sse-bot templates sync`` makes them once; their
ids are remembered in the database.

Three more are cards: picture, text and quick replies in one message (twilio/card; in session and without approval it
takes three buttons, twilio.com/docs/content/twiliocard). The address of a card's picture begins with our own public
address, which cannot be a variable; so cards are made for that address, and there are none without https.
"""

from collections.abc import Awaitable, Callable
from hashlib import blake2b

from bot.engine.fixed import fixed

QUICK = 3  # quick replies without approval (twilio.com/docs/content/twilio-quick-reply)
ROWS = 10  # rows of a list picker
BUTTON = 20  # characters of a quick reply
ROW, DETAIL = 24, 72  # characters of a row and of its second line

# A body may neither start nor end with a variable; a word joiner is no variable and shows as nothing.
EDGE = "\u2060"

# Raise it when the shape of a template changes: Twilio keeps templates for ever, so a new shape needs a new name.
VERSION = 1


@fixed(frozen=True, slots=True)
class Template:
    """One Content template: its ``kind`` (quick, list, detail or card) and how many choices it has.

    ``media`` is the address that the pictures of a card lie under.
    """

    kind: str
    count: int
    media: str = ""

    @property
    def name(self) -> str:
        place = f"_{blake2b(self.media.encode(), digest_size=4).hexdigest()}" if self.media else ""
        return f"sse_{self.kind}{self.count}_v{VERSION}{place}"

    @property
    def first(self) -> int:
        """The first variable of the choices: after the body, and after a list's button."""
        return 2 if self.kind in ("quick", "card") else 3

    @property
    def picture(self) -> int:
        """The variable of a card's picture: the last one."""
        return self.first + self.count * self.step

    @property
    def step(self) -> int:
        """Variables a choice takes: label and id, and the second line."""
        return 3 if self.kind == "detail" else 2

    def body(self) -> dict[str, object]:
        """The request that creates it (Content API, POST /v1/Content)."""
        type_name, content = SHAPES[self.kind](self)
        return {
            "friendly_name": self.name,
            "language": "en",
            "variables": self.samples(),
            "types": {type_name: content},
        }

    def samples(self) -> dict[str, str]:
        """A sample for each variable, as Twilio demands."""
        made = {"1": "Which one?"} | ({} if self.first == 2 else {"2": "Choose"})
        for n in range(self.count):
            first = self.first + n * self.step
            made |= {str(first): f"Choice {n + 1}", str(first + 1): f"q:1-{n + 1}"}
            if self.kind == "detail":
                made[str(first + 2)] = "About three minutes"
        if self.media:
            made[str(self.picture)] = "picture.png"
        return made

    def quick(self) -> tuple[str, dict[str, object]]:
        actions = [
            {"type": "QUICK_REPLY", "title": variable(first), "id": variable(first + 1)} for first in self._firsts()
        ]
        return "twilio/quick-reply", {"body": f"{EDGE}{variable(1)}{EDGE}", "actions": actions}

    def card(self) -> tuple[str, dict[str, object]]:
        _, content = self.quick()
        return "twilio/card", {**content, "media": [f"{self.media}/{variable(self.picture)}"]}

    def picker(self) -> tuple[str, dict[str, object]]:
        items = []
        for first in self._firsts():
            item = {"item": variable(first), "id": variable(first + 1)}
            if self.kind == "detail":
                item["description"] = variable(first + 2)
            items.append(item)
        body = f"{EDGE}{variable(1)}{EDGE}"
        return "twilio/list-picker", {"body": body, "button": variable(2), "items": items}

    def _firsts(self) -> range:
        return range(self.first, self.first + self.count * self.step, self.step)


def variable(number: int) -> str:
    return f"{{{{{number}}}}}"


SHAPES: dict[str, Callable[[Template], tuple[str, dict[str, object]]]] = {
    "quick": Template.quick,
    "card": Template.card,
    "list": Template.picker,
    "detail": Template.picker,
}


TEMPLATES: dict[str, Template] = {
    **{f"quick{n}": Template("quick", n) for n in range(1, QUICK + 1)},
    **{f"list{n}": Template("list", n) for n in range(1, ROWS + 1)},
    **{f"detail{n}": Template("detail", n) for n in range(1, ROWS + 1)},
}


def cards(media: str) -> dict[str, Template]:
    """The templates of messages with a picture, by number of choices; none where ``media`` is no public https."""
    return {f"card{n}": Template("card", n, media) for n in range(1, QUICK + 1)} if media.startswith("https://") else {}


Known = dict[str, str]
"""Template name → ContentSid."""


@fixed(frozen=True, slots=True)
class Standing:
    """One template beside what Twilio has: ``sid`` is None where it is missing."""

    template: Template
    sid: str | None


def standing(at_twilio: Known, media: str = "") -> list[Standing]:
    """What is there and what is missing; ``media`` is the address that pictures lie under."""
    wanted = (TEMPLATES | cards(media)).values()
    return [Standing(template, at_twilio.get(template.name)) for template in wanted]


async def sync(at_twilio: Known, create: Callable[[dict[str, object]], Awaitable[str]], media: str = "") -> Known:
    """Creates what is missing, one after the other, and tells all ids; safe to repeat."""
    known = {s.template.name: s.sid for s in standing(at_twilio, media) if s.sid is not None}
    for missing in (s.template for s in standing(at_twilio, media) if s.sid is None):
        known[missing.name] = await create(missing.body())
    return known
