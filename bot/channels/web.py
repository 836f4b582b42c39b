"""The web chat as a channel: nothing is sent. Both sides of the talk are kept, and the page reads them."""

from collections.abc import Mapping

from bot.content.wording import Message
from bot.engine.events import Event

NAME = "web"


class WebChannel:
    """A channel without an outbox: the service keeps the talk's lines in the transaction of the turn."""

    name = NAME
    keeps_talk = True
    brings = True
    attaches = False

    def __init__(self, own_data: str = "/chat/mydata") -> None:
        self._own_data = own_data

    def own_data(self, learner_id: str) -> str:
        """The same for all: whoever holds the cookie gets theirs."""
        return self._own_data

    def parts(self, message: Message, event: Event | None) -> list[dict[str, object]]:
        return []

    def holds(self, body: Mapping[str, object]) -> bool:
        return True
