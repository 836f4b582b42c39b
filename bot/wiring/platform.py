"""A messaging platform as the house holds it."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from starlette.routing import BaseRoute

from bot.channels.channel import Channel
from bot.delivery.sender import Sender
from bot.engine.fixed import fixed

Work = Callable[[], Coroutine[Any, Any, None]]


@fixed(frozen=True, slots=True)
class Platform:
    """``works`` go on for as long as the house serves, where it sends; ``ears`` where it is written to (the hooks'
    process); ``watches`` in every process of it.

    ``state`` is one word for /readyz.
    """

    channel: Channel
    sender: Sender
    hooks: Sequence[BaseRoute]
    works: Sequence[Work]
    state: Callable[[], str]
    close: Callable[[], Awaitable[None]]
    watches: Sequence[Work] = ()
    ears: Sequence[Work] = ()
