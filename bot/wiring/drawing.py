"""Draws the lessons' pictures beside everything else, one after the other."""

import asyncio

import structlog

from bot.cards.album import Album

log = structlog.get_logger()

AGAIN = 10 * 60.0  # seconds until another look: a full disk may have been emptied


async def draw(album: Album, changed: asyncio.Event) -> None:
    """Draws what is missing: now, after the lessons have changed, and every ten minutes.

    A picture that cannot be drawn is told and left out; learners get their lesson without it.
    """
    while True:
        changed.clear()
        try:
            await draw_missing(album)
        except Exception:
            log.exception("pictures.not_drawn")
        try:
            async with asyncio.timeout(AGAIN):
                await changed.wait()
        except TimeoutError:
            continue


async def draw_missing(album: Album) -> None:
    """Each picture in a thread of its own, so that a stop waits for one picture at most."""
    missing = await asyncio.to_thread(album.missing)
    try:
        for name in missing:
            await asyncio.to_thread(album.make, name)
    finally:
        album.rest()
    await asyncio.to_thread(album.tidy)
    if missing:
        log.info("pictures.drawn", count=len(missing))
