"""What a channel is to the rest of the house.

This is enough for one without an outbox (its page or terminal shows messages itself); of the others the sender needs
more (``bot.delivery.bookkeeping.Sending``).
"""

from collections.abc import Mapping
from typing import Protocol

from bot.content.wording import Message
from bot.engine.events import Event

Part = dict[str, object]
"""One platform call as the outbox keeps it: JSON, within the platform's limits, without the address."""


class Channel(Protocol):
    """``keeps_talk`` channels have no outbox: both sides of the talk stand in the store, and a page reads them.

    One that ``brings`` can show a learner what they did not just ask for; a terminal cannot.
    One that ``attaches`` files gives learners what is stored about them as one; else ``own_data`` is the link under
    which a learner finds it; without that it is told in the talk.
    """

    name: str
    keeps_talk: bool
    brings: bool
    attaches: bool

    def own_data(self, learner_id: str) -> str:
        """Where this learner finds what is stored about them; empty where it comes otherwise."""

    def parts(self, message: Message, event: Event | None) -> list[Part]:
        """The message cut into platform calls, in order; one outbox row each. ``event`` is what it replies to."""

    def holds(self, body: Mapping[str, object]) -> bool:
        """Whether what follows this part in the chat waits for it. One that changes what is there already need not."""
