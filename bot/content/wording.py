"""A Say in the words of a language: what channels show, with the choices laid out to fit the narrowest of them.

Channels can trust: BUTTONS and LETTERS have at most three choices, each label at most 20 characters (with LETTERS
the letter goes on the button and the body already holds the labels); LIST rows have at most 24 characters and
72 in their detail.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.content import bidi
from bot.content.catalogue import Catalogue
from bot.content.limits import BUTTON, BUTTONS, DETAIL, ROW, cut, length
from bot.content.markup import literal
from bot.engine.fixed import fixed
from bot.engine.reading import LETTERS
from bot.engine.turn import Choice, Layout, Phrase, Say, Text

PARAGRAPH = "\n\n"


@fixed(frozen=True, slots=True)
class Option:
    """One thing to tap. ``label`` and ``detail`` are plain text; ``letter`` is set where letters stand for labels."""

    data: str
    label: str
    detail: str = ""
    minor: bool = False
    letter: str = ""


@fixed(frozen=True, slots=True)
class Message:
    """A worded Say. ``body`` and ``lead`` carry light mark-up (``markup.runs``).

    ``lead`` replies to what was just done. ``instead`` is the line for channels without room for ``extra``, or
    without room for the eleven buttons of a SCALE. ``own_data``: what is stored about the learner comes with it, as a
    file.
    """

    body: str
    lead: str
    options: tuple[Option, ...]
    extra: tuple[Option, ...]
    instead: str
    layout: Layout
    picture: str | None
    language: str
    rtl: bool
    own_data: bool = False


def word(say: Say, language: str, catalogue: Catalogue) -> Message:
    """The message that says it in a language."""
    spoken = catalogue.language(language)
    body = _texts(say.body, spoken.code, catalogue)
    layout, options = _laid_out(say.layout, [_option(choice, spoken.code, catalogue) for choice in say.choices])
    if layout is Layout.LETTERS:
        body.append("\n".join(f"{o.letter} · {literal(o.label)}" for o in options if o.letter))
    turned = bidi.led_right if spoken.rtl else str
    return Message(
        body=turned(PARAGRAPH.join(body)),
        lead=turned("\n".join(_texts(say.lead, spoken.code, catalogue))),
        options=options,
        extra=tuple(_option(choice, spoken.code, catalogue) for choice in say.extra),
        instead=turned(_instead(say, spoken.code, catalogue)),
        layout=layout,
        picture=say.picture,
        language=spoken.code,
        rtl=spoken.rtl,
    )


def _texts(texts: Iterable[Text], language: str, catalogue: Catalogue) -> list[str]:
    worded = (catalogue.text(text, language).strip() for text in texts)
    return [text for text in worded if text]


def _option(choice: Choice, language: str, catalogue: Catalogue) -> Option:
    detail = catalogue.label(choice.detail, language) if choice.detail is not None else ""
    return Option(choice.data, catalogue.label(choice.label, language), detail, choice.minor)


def _instead(say: Say, language: str, catalogue: Catalogue) -> str:
    if say.instead is not None:
        return catalogue.text(say.instead, language)
    return catalogue.text(Phrase("scale.how"), language) if say.layout is Layout.SCALE else ""


def _laid_out(layout: Layout, options: Sequence[Option]) -> tuple[Layout, tuple[Option, ...]]:
    """The layout that these labels fit in, and the options as it shows them."""
    if layout in (Layout.SCALE, Layout.OPEN):
        return layout, tuple(options)
    if layout is Layout.LIST or len(options) > BUTTONS:
        return Layout.LIST, tuple(_row(option) for option in options)
    if layout is Layout.LETTERS or any(length(option.label) > BUTTON for option in options if not option.minor):
        return Layout.LETTERS, _lettered(options)
    return Layout.BUTTONS, tuple(_short(option) for option in options)


def _row(option: Option) -> Option:
    """A row of a list; a label that is too long goes on in the second line."""
    detail = option.detail or (option.label if length(option.label) > ROW else "")
    return replace(option, label=cut(option.label, ROW), detail=cut(detail, DETAIL))


def _lettered(options: Sequence[Option]) -> tuple[Option, ...]:
    letters = iter(LETTERS)
    return tuple(_short(option) if option.minor else replace(option, letter=next(letters)) for option in options)


def _short(option: Option) -> Option:
    label = cut(option.label, BUTTON)
    return option if label == option.label else replace(option, label=label)
