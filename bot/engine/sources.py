"""Where a claim was read, in the learner's words."""

from collections.abc import Iterable

from bot.engine.course import Library, Source
from bot.engine.turn import Phrase, Text, Value, Verbatim


def known(ids: Iterable[str], library: Library) -> tuple[Source, ...]:
    """The sources that are still listed."""
    return tuple(library.sources[id_] for id_ in ids if id_ in library.sources)


def line(source: Source) -> Text:
    """One source: title, publisher, who shows it, and its year where it has one."""
    publisher: Text = Verbatim(source.publisher)
    if source.via:
        publisher = Phrase("source.via", {"publisher": publisher, "via": Verbatim(source.via)})
    values: dict[str, Value] = {"title": Verbatim(source.title), "publisher": publisher}
    if source.year[:4].isdigit():
        return Phrase("source.line", values | {"year": Verbatim(source.year)})
    return Phrase("source.undated", values)


def with_link(source: Source) -> tuple[Text, ...]:
    """One source, and its link on a line of its own."""
    return (line(source), Verbatim(source.link)) if source.link else (line(source),)
