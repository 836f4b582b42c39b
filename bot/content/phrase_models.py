"""What may stand in ``i18n/bot.yaml`` and ``i18n/languages.yaml``."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from bot.content.models import File, Sentence, mistake

PhraseKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_-]+)*$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]


class PhraseFile(File):
    """One phrase: a ``text``; or ``one`` and ``other`` for a number {n}; or typed ``words`` that mean something."""

    text: Sentence | None = None
    one: Sentence | None = None
    other: Sentence | None = None
    words: Sentence | None = None
    when: Sentence
    limit: int | None = Field(default=None, ge=1, le=1024)

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        plural = (self.one is not None, self.other is not None)
        ways = (self.text is not None) + any(plural) + (self.words is not None)
        if ways != 1 or (any(plural) and not all(plural)):
            raise mistake("is not one phrase", "write `text`, or `one` and `other`, or `words`")
        return self

    @property
    def english(self) -> str:
        return self.text or self.one or self.words or ""


class LanguageFile(File):
    """One language: its own name, whether a reader of that language has read everything, its direction."""

    name: Sentence
    reviewed: bool = False
    rtl: bool = False
