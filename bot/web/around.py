"""The words around the talk, in the learner's language. They follow a switch in mid-talk."""

from typing import Any

from bot.content.catalogue import Catalogue
from bot.content.markup import plain
from bot.engine.course import Library
from bot.engine.learner import Learner
from bot.engine.turn import Phrase

KEYS = (
    "name",
    "about",
    "log",
    "you",
    "bot",
    "answers",
    "type",
    "send",
    "newest",
    "language",
    "skip",
    "offline",
    "again",
    "busy",
    "slow",
    "refused",
    "cookie",
    "long",
    "once_more",
)


def around(language: str, catalogue: Catalogue) -> dict[str, Any]:
    """The page's language with its direction, and every word around the talk."""
    spoken = catalogue.language(language)
    words = {key: catalogue.label(Phrase(f"web.{key}"), spoken.code) for key in KEYS}
    words["menu"] = catalogue.label(Phrase("button.menu"), spoken.code)
    return {"code": spoken.code, "name": spoken.name, "dir": "rtl" if spoken.rtl else "ltr", "words": words}


def ideas(learner: Learner, catalogue: Catalogue) -> str:
    """The light progress in the head of the page; empty before there is any."""
    kept = sum(1 for memory in learner.memory.values() if memory.right)
    return plain(catalogue.text(Phrase("progress.ideas", {"n": kept}), learner.language)) if kept else ""


def spoken_here(wished: tuple[str, ...], library: Library) -> str:
    """The first wished language that we speak, else the first of ours."""
    for tag in wished:
        code = tag.split("-")[0].casefold()
        if library.language(code) is not None:
            return code
    return library.languages[0].code
