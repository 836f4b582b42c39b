"""A small lesson to preview: the made-up project's, with the bot's real words."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from bot.content.load import load
from bot.engine.course import Lesson
from bot.preview.page import html
from bot.preview.walk import Walk
from bot.service import Content
from tests.content.project import Project, small_project
from tests.makers import NOON

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Desk:
    """An author's desk: the files, and the lesson as it is taught now."""

    project: Project
    clock: Callable[[], datetime] = lambda: NOON

    @property
    def content(self) -> Content:
        loaded = load(self.project.root / "lessons", self.project.root / "i18n")
        return Content(loaded.library, loaded.catalogue)

    @property
    def lesson(self) -> Lesson:
        lesson = self.content.library.lesson("basics/one-vote")
        assert lesson is not None
        return lesson

    def walk(self, language: str = "en", seed: int = 1) -> Walk:
        return Walk(self.lesson, language, self.content, self.clock, seed)

    def page(self, language: str = "en") -> str:
        return html(self.walk(language), lambda name, language: None)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    project = small_project(tmp_path)
    shutil.copytree(ROOT / "i18n", tmp_path / "i18n", dirs_exist_ok=True)
    return Desk(project)
