"""What typed words mean: commands, greetings and small talk, in each language and always in English too."""

from collections.abc import Callable, Iterable, Mapping

from bot.content.catalogue import ENGLISH
from bot.content.phrasing import listed
from bot.engine.reading import normalise

GREETING = "hello.words"


def meaning(key: str, language: str) -> str | None:
    """What the words under a key of bot.yaml stand for: a command's name, ``hello:<language>`` or ``talk:<name>``."""
    if key == GREETING:
        return f"hello:{language}"
    topic, _, rest = key.partition(".")
    name, _, field = rest.rpartition(".")
    if field != "words" or not name:
        return None
    return {"command": name, "talk": f"talk:{name}"}.get(topic)


def words(strings: Mapping[str, tuple[str, ...]], language: str) -> dict[str, str]:
    """Normalised words and their meanings in one language; commands come before greetings before small talk."""
    found: dict[str, str] = {}
    for key, forms in sorted(strings.items(), key=lambda item: _rank(item[0])):
        stands_for = meaning(key, language)
        if stands_for is not None:
            found |= {normalise(word): stands_for for word in listed(forms[0]) if normalise(word)}
    return found


def _rank(key: str) -> int:
    if key.startswith("command."):
        return 2
    return 1 if key == GREETING else 0


def reader(
    texts: Mapping[str, Mapping[str, tuple[str, ...]]], languages: Iterable[str]
) -> Callable[[str], Mapping[str, str]]:
    """The function that gives a language its words: its own before English ones, the commands' names before all."""
    english = words(texts[ENGLISH], ENGLISH)
    names = {normalise(name): name for name in english.values() if ":" not in name}
    by_language = {language: english | words(texts.get(language, {}), language) | names for language in languages}

    def typed(language: str) -> Mapping[str, str]:
        return by_language.get(language, by_language[ENGLISH])

    return typed
