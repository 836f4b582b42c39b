"""Getting ready beside everything else: the web chat does not wait until Telegram has been told who we are."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

import structlog

from bot.channels.telegram import setup
from bot.channels.telegram.client import PUBLIC, Client, Lost, NotSent
from bot.channels.telegram.introducing import introduce_elsewhere
from bot.channels.telegram.parse import NAME
from bot.channels.telegram.whose import number
from bot.content.catalogue import Catalogue
from bot.engine.fixed import fixed
from bot.errors import PlatformRefused

log = structlog.get_logger()

INTRODUCED, LINK = "introduced", "link"  # remembered: what Telegram was last told about us, and where it shows us
PAUSES = (2.0, 5.0, 15.0, 60.0)  # seconds after the first, second … failure in a row


class Remembered(Protocol):
    async def recalled(self, channel: str) -> dict[str, str]: ...

    async def remember(self, channel: str, what: Mapping[str, str]) -> None: ...


@fixed(frozen=True, slots=True)
class Account:
    """Whose bot it is. ``secret`` is empty while we ask for updates, else updates come to ``public_url``.

    ``own`` stands before what is remembered of this bot (``whose``).
    """

    token: str
    base: str = PUBLIC
    public_url: str = ""
    secret: str = ""
    own: str = ""

    def __repr__(self) -> str:
        return "Account(…)"


async def get_ready(
    account: Account,
    catalogue: Catalogue,
    commands: Iterable[str],
    store: Remembered,
    *,
    known: Callable[[str], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Tells Telegram where updates go and who we are, again until it has taken it.

    Also what it refuses is asked again: a name that cannot be resolved for a moment is refused in the same way.

    ``known`` is told where Telegram shows us.
    """
    introduced = setup.introductions(catalogue, commands)
    failures = 0
    while True:
        try:
            await _once(account, introduced, store, known)
        except (PlatformRefused, setup.NotReady, NotSent, Lost) as trouble:
            told = trouble.after if isinstance(trouble, setup.NotReady) else 0.0
            pause = max(PAUSES[min(failures, len(PAUSES) - 1)], told)
            failures += 1
            if isinstance(trouble, PlatformRefused):
                log.error("telegram.refused", why=trouble.reason, cure=trouble.cure, again_in=pause)
            else:
                log.warning("telegram.not_ready", error=type(trouble).__name__, why=str(trouble), again_in=pause)
            await sleep(pause)
        else:
            log.info("telegram.ready", mode="webhook" if account.secret else "polling")
            return


async def _once(
    account: Account,
    introduced: tuple[setup.Introduction, ...],
    store: Remembered,
    known: Callable[[str], None],
) -> None:
    """Where updates go comes first: learners wait for that, not for descriptions."""
    link = await _told(account)
    known(link)
    digest, key = setup.digest(number(account.token), introduced), f"{account.own}{INTRODUCED}"
    if (await store.recalled(NAME)).get(key) != digest:
        await introduce_elsewhere(account.token, account.base, introduced)
    await store.remember(NAME, {key: digest, f"{account.own}{LINK}": link})


async def _told(account: Account) -> str:
    """Tells Telegram where updates go, and hears where it shows us."""
    client = Client(account.token, account.base)
    try:
        if account.secret:
            await setup.take_updates_at(client, account.public_url, account.secret)
        else:
            await setup.ask_for_updates(client)
        return await setup.own_link(client)
    finally:
        await client.close()
