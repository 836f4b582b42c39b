"""The few generic Content templates that carry every message with choices.

Twilio fixes the number of buttons or rows in a template, all else is a variable: three of quick replies and two
families of lists (with and without a second line) serve all lessons in all languages. They are used inside the
24-hour window only, so none of them goes to Meta for approval. ``sse-bot templates sync`` makes them once; their
ids are remembered in the database.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

QUICK = 3  # quick replies without approval (twilio.com/docs/content/twilio-quick-reply)
ROWS = 10  # rows of a list picker
BUTTON = 20  # characters of a quick reply
ROW, DETAIL = 24, 72  # characters of a row and of its second line

# A body may neither start nor end with a variable; a word joiner is no variable and shows as nothing.
EDGE = "\u2060"

# Raise it when the shape of a template changes: Twilio keeps templates for ever, so a new shape needs a new name.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Template:
    """One Content template: its ``kind`` (quick, list or detail) and how many choices it has."""

    kind: str
    count: int

    @property
    def name(self) -> str:
        return f"sse_{self.kind}{self.count}_v{VERSION}"

    @property
    def first(self) -> int:
        """The first variable of the choices: after the body, and after a list's button."""
        return 2 if self.kind == "quick" else 3

    @property
    def step(self) -> int:
        """Variables a choice takes: label and id, and the second line."""
        return 3 if self.kind == "detail" else 2

    def body(self) -> dict[str, object]:
        """The request that creates it (Content API, POST /v1/Content)."""
        type_name, content = self._quick() if self.kind == "quick" else self._list()
        return {
            "friendly_name": self.name,
            "language": "en",
            "variables": self.samples(),
            "types": {type_name: content},
        }

    def samples(self) -> dict[str, str]:
        """A sample for each variable, as Twilio demands."""
        made = {"1": "Which one?"} | ({} if self.kind == "quick" else {"2": "Choose"})
        for n in range(self.count):
            first = self.first + n * self.step
            made |= {str(first): f"Choice {n + 1}", str(first + 1): f"q:1-{n + 1}"}
            if self.kind == "detail":
                made[str(first + 2)] = "About three minutes"
        return made

    def _quick(self) -> tuple[str, dict[str, object]]:
        actions = [
            {"type": "QUICK_REPLY", "title": variable(first), "id": variable(first + 1)} for first in self._firsts()
        ]
        return "twilio/quick-reply", {"body": f"{EDGE}{variable(1)}{EDGE}", "actions": actions}

    def _list(self) -> tuple[str, dict[str, object]]:
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


TEMPLATES: dict[str, Template] = {
    **{f"quick{n}": Template("quick", n) for n in range(1, QUICK + 1)},
    **{f"list{n}": Template("list", n) for n in range(1, ROWS + 1)},
    **{f"detail{n}": Template("detail", n) for n in range(1, ROWS + 1)},
}

Known = dict[str, str]
"""Template name → ContentSid."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One template beside what Twilio has: ``sid`` is None where it is missing."""

    template: Template
    sid: str | None


def standing(at_twilio: Known) -> list[Standing]:
    """What is there and what is missing."""
    return [Standing(template, at_twilio.get(template.name)) for template in TEMPLATES.values()]


async def sync(at_twilio: Known, create: Callable[[dict[str, object]], Awaitable[str]]) -> Known:
    """Creates what is missing, one after the other, and tells all ids; safe to repeat."""
    known = {s.template.name: s.sid for s in standing(at_twilio) if s.sid is not None}
    for missing in (s.template for s in standing(at_twilio) if s.sid is None):
        known[missing.name] = await create(missing.body())
    return known
