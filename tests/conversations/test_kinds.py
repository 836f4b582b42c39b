"""Every kind of question in a talk of its own: a kind without one cannot be added.

The lessons in ``kinds/lessons`` are made up, three short ones and a feedback question of each kind; the bot's words are
the real ones. A talk is named after its kind and has the format of the others.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.load import load
from bot.engine.questions import KINDS
from bot.service import Content
from storage.store import Store
from storage.tables import answers
from tests.conversations.test_conversations import goes_as_written, written

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "kinds"


def about(kind: str) -> Content:
    """The made-up lessons, with the feedback question of this kind alone."""
    loaded = load(FOLDER / "lessons", ROOT / "i18n")
    feedback = tuple(asked for asked in loaded.library.feedback if asked.question.kind == kind)
    return Content(replace(loaded.library, feedback=feedback), loaded.catalogue)


def test_every_kind_has_its_talk_and_every_talk_its_kind():
    assert {file.stem for file in (FOLDER / "talks").glob("*.yaml")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_kind_is_asked_and_answered_as_it_is_written(kind: str, store: Store):
    await goes_as_written(written(FOLDER / "talks" / f"{kind}.yaml"), store, about(kind))
    async with store.read() as look:
        kept = (await look.connection.execute(answers.select().where(answers.c.question_kind == kind))).all()
    assert kept, f"the talk answers no question of kind {kind}"
