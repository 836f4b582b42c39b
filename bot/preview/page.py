"""One HTML page with every message of a lesson's straight path, side by side as the channels show it."""

from base64 import b64encode
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.telegram.channel import Pictures
from bot.content.limits import BODY, size
from bot.engine.fixed import fixed
from bot.engine.path import MESSAGES
from bot.engine.turn import Words
from bot.preview.bubbles import Bubble, channels, message_length
from bot.preview.walk import Stop, Walk, straight, words_of, words_of_all


@fixed(frozen=True, slots=True)
class Row:
    """One message: what was pressed for it, how much there is to read, and how each channel shows it."""

    pressed: str
    words: int
    characters: int
    shown: dict[str, list[Bubble]]


def html(walk: Walk, pictures: Pictures) -> str:
    """The page of a walk that has not begun; it needs nothing from any other host."""
    lesson, language, content = walk.lesson, walk.learner.language, walk.content
    stops = tuple(straight(walk))
    label = content.catalogue.label
    picture = pictures(lesson.path, language) if lesson.picture else None
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return env.get_template("page.html").render(
        title=label(lesson.title, language),
        path=lesson.path,
        spoken=content.catalogue.language(language),
        whole=language in lesson.languages,
        rows=_rows(stops, walk, pictures),
        words=words_of_all(stops),
        most_words=size(lesson.course).words,
        most_messages=MESSAGES,
        most_characters=BODY,
        picture=f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}" if picture else "",
        alt=label(Words(f"{lesson.path}/picture.alt"), language) if picture else "",
    )


def _rows(stops: tuple[Stop, ...], walk: Walk, pictures: Pictures) -> list[Row]:
    beside = channels(walk.content.catalogue, pictures, walk.clock)
    return [
        Row(
            pressed=stop.pressed.label if stop.pressed else "",
            words=words_of(stop),
            characters=message_length(stop.message),
            shown={name: channel.shows(stop, walk.clock()) for name, channel in beside.items()},
        )
        for stop in stops
    ]
