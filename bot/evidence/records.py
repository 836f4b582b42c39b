"""Answers as rows of typed values, for every format but CSV, which takes a leaner way."""

from collections.abc import Iterator
from functools import lru_cache

from bot.content.markup import plain
from bot.evidence.columns import ANSWER_COLUMNS
from bot.evidence.csv_lines import COUNTRY, SECOND
from bot.evidence.pseudonyms import Pseudonyms
from bot.evidence.reading import FIELD, ID, PERSON, QUESTION, REPLY, Page
from bot.evidence.scrub import scrubbed

Value = str | int | bool | None
Record = dict[str, Value]

TYPES = {column.name: column.type for column in ANSWER_COLUMNS}


class Records:
    """Turns pages into records in the order of the columns; open text scrubbed unless ``as_typed``."""

    def __init__(self, codes: Pseudonyms, *, as_typed: bool) -> None:
        self._codes = codes
        self._as_typed = as_typed
        self._group = lru_cache(maxsize=1_024)(_group)

    def of(self, page: Page) -> Iterator[Record]:
        codes = self._codes.responses(page[ID])
        for code, at, _, learner_id, person, question, reply, seconds, words in zip(codes, *page, strict=True):
            record: Record = {
                "response_id": code.decode(),
                "answered_at": f"{at[:SECOND].decode()}Z",
                "learner": self._codes.learner(learner_id).decode() or None,
                **self._group(PERSON, person),
                **self._group(QUESTION, question),
                **self._group(REPLY, reply),
                "seconds_to_answer": typed("seconds_to_answer", seconds.decode()),
            }
            if words:
                record["answer_text"] = self._own_words(words.decode(), person.decode())
            yield record

    def _own_words(self, words: str, person: str) -> str:
        return words if self._as_typed else scrubbed(words, person.split(FIELD)[COUNTRY] or None)


def typed(name: str, text: str) -> Value:
    """The text of a column as a value of its type; nothing is None."""
    if not text:
        return None
    match TYPES[name]:
        case "integer":
            return int(text)
        case "boolean":
            return text == "true"
        case _:
            return plain(text)


def _group(names: tuple[str, ...], joined: bytes) -> Record:
    return {name: typed(name, text) for name, text in zip(names, joined.decode().split(FIELD), strict=True)}
