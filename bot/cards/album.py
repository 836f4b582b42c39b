"""The pictures of all lessons: which there are, where they lie, how they are made. Each is made once.

A picture is named by a hash of everything it is drawn from, so its name is known before it is drawn, it may be kept
for ever, and a changed word or colour is another picture. ``make`` and ``file`` draw and belong into a thread; the
rest is quick.
"""

import os
import re
import tempfile
import time
from collections.abc import Callable
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from bot.cards.card import card_of
from bot.cards.elsewhere import Elsewhere
from bot.cards.press import Press, signature
from bot.content.printed import Loaded

NAME = re.compile(r"[0-9a-f]{32}\.png", re.ASCII)
KEPT = 30 * 24 * 3600.0  # seconds that a picture no lesson shows any more is kept for those who are about to fetch it

Place = tuple[str, str]  # a lesson's path and a language


class Album:
    """Pictures in a folder; ``take_up`` tells it what is taught."""

    def __init__(
        self, folder: Path, press: Press | Elsewhere | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder, self.press, self.clock = folder, press or Elsewhere(), clock
        self._names: dict[Place, str] = {}
        self._files: dict[Place, Path] = {}
        self._inputs: dict[str, str] = {}

    @cached_property
    def _signature(self) -> bytes:
        return signature()

    def take_up(self, loaded: Loaded) -> None:
        """Takes up the lessons that are taught now, in the languages they are whole in."""
        names: dict[Place, str] = {}
        inputs: dict[str, str] = {}
        lessons = [lesson for course in loaded.library.courses for lesson in course.lessons]
        for lesson in lessons:
            picture = loaded.pictures.get(lesson.path)
            for language in lesson.languages if picture else ():
                assert picture is not None
                card = card_of(lesson, picture, language, loaded.catalogue)
                if card is not None:
                    names[lesson.path, language] = name = self._name(card.inputs())
                    inputs[name] = card.inputs()
        self._names, self._inputs = names, inputs
        self._files = {place: self.folder / name for place, name in names.items()}

    def _name(self, inputs: str) -> str:
        return f"{blake2b(self._signature + inputs.encode(), digest_size=16).hexdigest()}.png"

    def name(self, lesson: str, language: str) -> str | None:
        """The file name of a lesson's picture, made or not."""
        return self._names.get((lesson, language))

    def __call__(self, name: str, language: str) -> Path | None:
        """The file of the picture of this lesson, where it is made already; nobody's reply waits for a picture."""
        path = self._files.get((name, language))
        return path if path is not None and path.is_file() else None

    def file(self, name: str) -> Path | None:
        """The file of this name: one that lies in the folder, or one that we know how to draw."""
        if not NAME.fullmatch(name):
            return None
        path = self.folder / name
        if not path.is_file() and name in self._inputs:
            try:
                self.make(name)
            finally:
                self.rest()
        return path if path.is_file() else None

    def missing(self) -> list[str]:
        """The names of pictures that are still to be drawn."""
        return [name for name in self._inputs if not (self.folder / name).is_file()]

    def make(self, name: str) -> None:
        """Draws into a file of its own and moves it into place: nobody ever reads half a picture."""
        inputs = self._inputs.get(name)
        if inputs is None:
            return  # the lessons have changed meanwhile
        self.folder.mkdir(parents=True, exist_ok=True)
        drawn = self.press.png(inputs)
        handle, passing = tempfile.mkstemp(dir=self.folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(drawn)
        Path(passing).replace(self.folder / name)

    def rest(self) -> None:
        """Nothing more to draw for the moment."""
        if isinstance(self.press, Elsewhere):
            self.press.rest()

    def tidy(self) -> None:
        """Forgets what no lesson has shown for long, and what a crash left half drawn."""
        long_ago = self.clock() - KEPT
        for path in self.folder.glob("*.*") if self.folder.is_dir() else ():
            if path.name not in self._inputs and path.stat().st_mtime < long_ago:
                path.unlink(missing_ok=True)
