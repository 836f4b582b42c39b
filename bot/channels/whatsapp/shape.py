"""A message as WhatsApp can show it: quick replies, a list, or numbered text.

A part is stored before it is known whether the template it needs is there, so it carries both: the template's name
with its variables, and the same in plain text. The sender takes the template where it may, the text where it must.
"""

from collections.abc import Mapping

import orjson

from bot.channels.clean import cut
from bot.channels.whatsapp.templates import BUTTON, DETAIL, QUICK, ROW, TEMPLATES, Template
from bot.content.markup import runs
from bot.content.wording import Message, Option
from bot.engine.fixed import fixed
from bot.engine.turn import Layout

BODY = 1024  # characters of an interactive message (Twilio 63021)
TEXT = 1600  # characters of a text message (Twilio 21617)
NO_DETAIL = "·"  # a variable may be neither null nor empty (Twilio 21656)

Part = dict[str, object]


@fixed(frozen=True, slots=True)
class Card:
    """A picture by its file name, and the templates that carry it."""

    picture: str
    templates: Mapping[str, Template]


def parts(message: Message, how: dict[str, str], card: Card | None = None) -> list[Part]:
    """The message cut into calls; the choices ride on the last one. ``how`` has the lines for typed answers.

    With a ``card`` the picture travels in the same message, or not at all.
    """
    text = marked("\n\n".join(block for block in (message.lead, message.body, _aside(message)) if block))
    options = message.options
    template = template_for(message)
    if template is None or len(text) > BODY:
        return [{"kind": "text", "text": piece} for piece in cut(_with_typed(text, message, how), TEXT)]
    plain = _with_typed(text, message, how)
    part: Part = {
        "kind": template.kind,
        "template": template.name,
        "variables": variables(template, text, options, how["list"]),
    }
    if card is not None and template.kind == "quick":
        part |= _carded(card, text, options)
    if len(plain) <= TEXT:
        return [{**part, "text": plain}]
    return [{**part, "text": text}, {"kind": "text", "text": _typed(message, how), "only_without_template": True}]


def marked(text: str) -> str:
    """Our mark-up as WhatsApp's own: ``*bold*`` is the same, an escaped star is just a star."""
    return "".join(f"*{piece}*" if bold and piece.strip() else piece for piece, bold in runs(text))


def _carded(card: Card, text: str, options: tuple[Option, ...]) -> Part:
    """The same once more, with a picture."""
    template = card.templates[f"card{len(options)}"]
    return {"card": template.name, "card_variables": variables(template, text, options, "", card.picture)}


def _aside(message: Message) -> str:
    """What other channels show as extra buttons is a line here."""
    return message.instead if message.extra else ""


def template_for(message: Message) -> Template | None:
    """The generic template that carries these choices, or None where only text will do."""
    count = len(message.options)
    if count == 0 or message.layout is Layout.SCALE:
        return None
    if count <= QUICK and all(len(_shown(option)) <= BUTTON for option in message.options):
        return TEMPLATES[f"quick{count}"]
    detailed = any(option.detail for option in message.options)
    return TEMPLATES.get(f"{'detail' if detailed else 'list'}{count}")


def variables(
    template: Template, text: str, options: tuple[Option, ...], button: str, picture: str | None = None
) -> str:
    """The template's variables as the JSON Twilio wants.

    Body, a list's button, then label, id (and detail) of each choice; a card's picture comes last.
    """
    values = [text] if template.first == 2 else [text, button]
    for option in options:
        if template.first == 2:
            values += [_shown(option), option.data]
        else:
            values += [cut(_shown(option), ROW)[0], option.data]
        if template.kind == "detail":
            values.append(cut(option.detail, DETAIL)[0] if option.detail else NO_DETAIL)
    values += [picture] if picture else []
    return orjson.dumps({str(n): value for n, value in enumerate(values, 1)}).decode()


def _shown(option: Option) -> str:
    """What stands on the button or in the row: the letter where the body holds the words."""
    return option.letter or option.label


def _with_typed(text: str, message: Message, how: dict[str, str]) -> str:
    typed = _typed(message, how)
    return f"{text}\n\n{typed}" if typed else text


def _typed(message: Message, how: dict[str, str]) -> str:
    """How to answer by typing: numbered lines, or what number is wanted."""
    if not message.options:
        return ""
    if message.layout is Layout.SCALE:
        return how["scale"]
    if all(option.letter or option.minor for option in message.options):
        return how["choice"]
    numbered = [
        f"{n}. {option.label}" + (f" · {option.detail}" if option.detail else "")
        for n, option in enumerate(message.options, 1)
        if not option.letter
    ]
    return "\n".join(numbered)
