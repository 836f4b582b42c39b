"""``sse-bot preview``: a lesson as learners will meet it, before any of them does."""

import asyncio
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.erase import placed
from bot.commands.frame import begin, must_be_there, refuse, remark, say

if TYPE_CHECKING:
    from bot.engine.course import Lesson, Library
    from bot.settings import Settings

NEAREST = 3  # lessons named to somebody whose lesson there is not


def preview(
    lesson: Annotated[str, typer.Argument(help="Its name, like one-vote or module-1/one-vote, or its file.")],
    lang: Annotated[str, typer.Option(help="The language to see it in, like es or fr.")] = "en",
    seed: Annotated[int, typer.Option(help="Draws which forms of the questions come, and the order of answers.")] = 1,
    html: Annotated[
        Path | None, typer.Option(help="Where the page goes.", show_default="DATA_DIR/preview/….html")
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="CHANNEL:ADDRESS", help="Send its first message to your own phone instead.")
    ] = None,
) -> None:
    """Play a lesson, and draw it as each channel shows it.

    Writes a page with every message of the straight path as WhatsApp, Telegram and the web will show it, then
    plays the lesson in this terminal (Ctrl+D ends it). Nothing is kept. With --to it sends the lesson's first
    message to a phone that has already written to the bot, in that phone's language: for your own only.

    \b
    sse-bot preview one-vote
    sse-bot preview lessons/module-1/030-one-vote.yaml --lang fr
    sse-bot preview one-vote --html one-vote.html
    sse-bot preview one-vote --to telegram:123456789
    """
    settings = begin(quiet=True)
    if to is not None:
        asyncio.run(_send(settings, lesson, to))
        return
    asyncio.run(_show(settings, lesson, lang, seed, html))


def find(name: str, library: "Library") -> "Lesson":
    """The lesson of this name, path or file; refuses with those that come near."""
    wanted = Path(name)
    stem = wanted.stem.partition("-")[2] if wanted.suffix == ".yaml" else wanted.name
    course = wanted.parent.name
    lessons = [lesson for course in library.courses for lesson in course.lessons]
    found = [lesson for lesson in lessons if lesson.id == stem and course in ("", lesson.course)]
    if len(found) == 1:
        return found[0]
    named = sorted(lesson.path for lesson in lessons if lesson.id == stem or lesson.course == course)
    known = named or nearest(stem, lessons)
    raise refuse(f"There is {'more than one' if found else 'no'} lesson {name!r}. Try one of: {', '.join(known)}")


def nearest(name: str, lessons: "Sequence[Lesson]") -> list[str]:
    """The paths of those whose names come nearest, however far that is."""
    paths = {lesson.id: lesson.path for lesson in lessons}
    return [paths[known] for known in get_close_matches(name, paths, n=NEAREST, cutoff=0)]


async def _show(settings: "Settings", name: str, language: str, seed: int, page: Path | None) -> None:
    from bot.cards.album import Album
    from bot.channels.console import coloured, typed_lines
    from bot.keys import in_data_dir
    from bot.preview.page import html
    from bot.preview.playing import play
    from bot.preview.walk import Walk
    from bot.wiring import clock, read_content

    album = Album(settings.data_dir / "cards")
    content = read_content(settings, set(), album)
    if content.library.language(language) is None:
        raise refuse(f"No language {language!r}: {', '.join(spoken.code for spoken in content.library.languages)}.")
    lesson = find(name, content.library)
    target = page or settings.data_dir / "preview" / f"{lesson.course}-{lesson.id}.{language}.html"

    def picture(name: str, language: str) -> Path | None:
        file = album.name(name, language)
        return album.file(file) if file else None

    with in_data_dir(settings.data_dir):  # pictures are drawn there, wherever the page goes
        drawn = html(Walk(lesson, language, content, clock, seed), picture)
        if page is None:
            _write(target, drawn)
    if page is not None:
        _write_out(page, drawn)
    remark(f"The page: {target}")
    shown = coloured if sys.stdout.isatty() else str
    lines = typed_lines("> " if sys.stdin.isatty() else "")
    walk = Walk(lesson, language, content, clock, seed)
    finished = await play(walk, lines, lambda text: say(f"\n{shown(text)}\n"))
    remark("That was the lesson." if finished else "Ended before the lesson did.")


def _write(target: Path, drawn: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(drawn, "utf-8")


def _write_out(page: Path, drawn: str) -> None:
    try:
        _write(page, drawn)
    except OSError as error:
        raise refuse(f"--html {page} cannot be written ({error.strerror or error}): name another file.") from error


async def _send(settings: "Settings", name: str, to: str) -> None:
    from bot.engine.events import Address
    from bot.preview.sending import send
    from bot.wiring import open_house

    address = Address(*placed(to))
    await must_be_there(settings)
    async with open_house(settings) as house:
        lesson = find(name, house.library())
        refusal = await send(house.store, house.content, house.channels, address, lesson, house.clock())
    if refusal is not None:
        raise refuse(refusal.value)
    remark("It is in the outbox, and goes out as soon as `sse-bot run` is at work.")
