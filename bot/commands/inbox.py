"""``sse-bot inbox``: what could not be handled, for whoever looks after the bot."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.frame import FOUND, in_store, remark, say

if TYPE_CHECKING:
    from storage.rows import InboxRow
    from storage.store import Store


def inbox(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for programs.")] = False,
    words: Annotated[bool, typer.Option("--words", help="Also show the deliveries: words of learners!")] = False,
    done: Annotated[str | None, typer.Option(metavar="ID", help="Put one away: only its bare id stays.")] = None,
) -> None:
    """Show deliveries that could not be handled.

    Parked ones failed in our code; unusable ones nobody understood. Nothing was sent for either.

    \b
    sse-bot inbox
    sse-bot inbox --json --limit 100
    sse-bot inbox --done telegram:815
    """
    if done is not None:
        raise typer.Exit(in_store(lambda store, _: _put_away(store, done)))
    rows = in_store(lambda store, _: store.inbox(limit))
    for row in rows:
        say(json.dumps(_plain(row, words), ensure_ascii=False) if as_json else _line(row, words))
    if not rows and not as_json:
        say("Nothing is waiting here.")


async def _put_away(store: "Store", event_id: str) -> int:
    for row in await store.inbox(limit=10_000):
        if row.event_id == event_id and await store.retire(row.channel, event_id):
            say(f"Put away: {event_id}")
            return 0
    remark(f"Nothing here has the id {event_id}.")
    return FOUND


def _plain(row: "InboxRow", words: bool) -> dict[str, str | None]:
    told = {
        "received_at": f"{row.received_at:%Y-%m-%dT%H:%M:%SZ}",
        "channel": row.channel,
        "state": row.state,
        "reason": row.reason,
        "id": row.event_id,
    }
    return told | {"payload": row.payload} if words else told


def _line(row: "InboxRow", words: bool) -> str:
    line = f"{row.received_at:%Y-%m-%d %H:%M}  {row.channel:9} {row.state:9} {row.reason or '–':24} {row.event_id}"
    return f"{line}\n    {row.payload}" if words and row.payload else line
