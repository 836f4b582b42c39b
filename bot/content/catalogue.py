"""The words of everything, in every language, found by what is meant."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from bot.content import bidi, plurals
from bot.content.coverage import Coverage
from bot.content.markup import literal, plain
from bot.content.moments import spoken
from bot.content.zones import city
from bot.engine.course import Language
from bot.engine.turn import City, Phrase, Text, Value, Verbatim, When, Why, Words

ENGLISH = "en"
YES = "answer.yes.words"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

# A text by key: one string, or one for each plural form.
Strings = tuple[str, ...]


class Catalogue:
    """Texts by language and key. What is missing is said in English and counted in ``misses``.

    A key that English lacks too (a lesson was taken away, an old message still names it) gives an empty text:
    a learner never sees a key.
    """

    def __init__(
        self,
        languages: tuple[Language, ...],
        texts: Mapping[str, Mapping[str, Strings]],
        coverage: Mapping[str, Coverage],
    ) -> None:
        self.languages = languages
        self.misses: Counter[str] = Counter()
        self._texts = texts
        self._coverage = coverage
        self._by_code = {language.code: language for language in languages}

    def text(self, text: Text, language: str) -> str:
        """The words of a text, with light mark-up (``markup.plain`` takes it out)."""
        match text:
            case Verbatim():
                return literal(text.text)
            case Words():
                return self._find(text.key, language)[0][0]
            case Phrase():
                return self._phrase(text, language)
            case Why():
                return self._without_yes(self.text(text.line, language), language)
            case When():
                return literal(spoken(text.at, text.zone, language, clock=text.clock))
            case City():
                return literal(city(text.zone, language))

    def _without_yes(self, words: str, language: str) -> str:
        """The words without the "Yes." or "Right:" in front."""
        found = affirming(self._find(YES, language)[0][0]).match(words)
        if found is None:
            return words
        rest = words[found.end() :]
        return rest[:1].upper() + rest[1:]

    def label(self, text: Text, language: str) -> str:
        """The words of a text without mark-up: for a button, a row of a table, a comparison."""
        return plain(self.text(text, language))

    def has(self, key: str, language: str = ENGLISH) -> bool:
        return key in self._texts.get(language, {})

    def language(self, code: str) -> Language:
        """The language of a code; English for one we no longer speak."""
        return self._by_code.get(code) or self._by_code[ENGLISH]

    def coverage(self, language: str) -> Coverage:
        return self._coverage[language]

    def _find(self, key: str, language: str) -> tuple[Strings, str]:
        """The strings of a key, and the language they are in."""
        strings = self._texts.get(language, {}).get(key)
        if strings is not None:
            return strings, language
        self.misses[language] += 1
        return self._texts[ENGLISH].get(key, ("",)), ENGLISH

    def _phrase(self, phrase: Phrase, language: str) -> str:
        strings, spoken = self._find(phrase.key, language)
        template = strings[0]
        if len(strings) > 1:
            number = phrase.values.get("n", 0)
            form = plurals.form(spoken, number) if isinstance(number, int) else -1
            template = strings[min(form, len(strings) - 1)]
        if not phrase.values:
            return template
        rtl = self.language(spoken).rtl
        parts = list(_split(template))
        for position in range(1, len(parts), 2):
            parts[position] = self._value(parts[position], phrase.values, language, rtl)
        return "".join(parts)

    def _value(self, name: str, values: Mapping[str, Value], language: str, rtl: bool) -> str:
        """A value as it stands in a text: in the learner's language, without mark-up, its direction walled off."""
        value = values.get(name)
        match value:
            case None:
                return f"{{{name}}}"
            case int():
                return bidi.isolated(str(value), rtl)
            case str():
                return bidi.isolated(literal(value), rtl)
            case _:
                return bidi.isolated(literal(self.label(value, language)), rtl)


@lru_cache(maxsize=4096)
def _split(template: str) -> tuple[str, ...]:
    """Text, name, text, name … text."""
    return tuple(PLACEHOLDER.split(template))


@lru_cache(maxsize=64)
def affirming(listed: str) -> re.Pattern[str]:
    """Finds any of the listed words (with commas between) where they open a text by themselves."""
    words = "|".join(re.escape(word.strip()) for word in listed.split(",") if word.strip()) or "(?!)"
    return re.compile(rf"(?:{words})\s*[.,:!]\s*", re.IGNORECASE)
