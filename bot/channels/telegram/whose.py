"""Whose updates and files: Telegram numbers both for each bot by itself, and a database may see one bot after another.

What the first bot of a database did goes by bare names, as it always did; what another one does has its number before
them. So nothing is written anew at an upgrade, an update that was taken before it is still known when it comes again
(a second copy of a typed answer would be scored as one to the next question), and a bot that comes back finds its own.
"""

from collections.abc import Mapping

FIRST = "bot"  # remembered: the number of the database's first bot


def number(token: str) -> str:
    """The bot's own: it stays when its token is made anew. Made-up tokens may have none."""
    before, colon, _ = token.partition(":")
    return before if colon else ""


def own(token: str, known: Mapping[str, str]) -> str:
    """What stands before the names of this bot, from what is remembered of Telegram."""
    mine = number(token)
    return "" if known.get(FIRST, mine) == mine else f"{mine}:"
