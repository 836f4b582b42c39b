"""Nobody can work out a number of people below the limit, also not somebody who knows every rule of what is left out.

Proved by trying: all small tables are published, and those that look alike from outside are held against each other.
Whatever number of people somebody asks for, their file leaves it as many values as the limit, or none below it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import pytest

from bot.evidence.suppression import LIMIT, SUM, Cell, Count, published

Publish = Callable[[Count, int], Mapping[Cell, int | None]]
ANSWERS, LANGUAGES = "abcde", ("en", "es", "fr")


def ways(cells: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every way to spread up to so many people over so many cells."""
    if cells == 0:
        yield ()
        return
    for people in range(most + 1):
        for others in ways(cells - 1, most - people):
            yield (people, *others)


def counts(answers: int, languages: int, most: int, *, several: bool = False, known: bool = True) -> Iterator[Count]:
    """Every table of up to so many people who gave these answers, each one of them or ``several``."""
    offered, spoken = tuple(ANSWERS[:answers]), LANGUAGES[:languages]
    cells = list(product(together(offered, answers if several else 1), spoken))
    for people in ways(len(cells), most):
        given: dict[tuple[str, str], int] = defaultdict(int)
        everybody: dict[str, int] = defaultdict(int)
        for (chosen, language), number in zip(cells, people, strict=True):
            for answer in chosen if number else ():
                given[answer, language] += number
            if number:
                everybody[language] += number
        yield Count(given, everybody, offered if known else None, several)


def together(names: Sequence[str], most: int) -> list[tuple[str, ...]]:
    return [some for n in range(1, most + 1) for some in combinations(names, n)]


def asked_for(count: Count, answers: str, languages: Sequence[str]) -> Iterator[tuple[Any, int]]:
    """Every number of people that somebody could want to know: of each choice, its opposite, and of some together."""
    groups = together(answers, 1 if count.several else len(answers))
    for spoken in together(languages, len(languages)):
        everybody = sum(count.everybody.get(language, 0) for language in spoken)
        number = {answer: sum(count.given(answer, language) for language in spoken) for answer in answers}
        yield (SUM, spoken), everybody
        for some in groups:
            yield (some, spoken), sum(number[answer] for answer in some)
        if count.several:
            yield from ((("all but", answer, spoken), everybody - number[answer]) for answer in answers)


def could_be(lines: Mapping[Cell, int | None], answers: int, limit: int) -> int:
    """How many people there are at most behind this publication."""
    if (total := lines.get((SUM, SUM))) is not None:
        return total
    return sum(number or 0 for (_, language), number in lines.items() if language is SUM) + answers * (limit - 1)


def given_away(
    answers: int, languages: int, most: int, limit: int, publish: Publish = published, **how: bool
) -> list[Any]:
    """What can be worked out of publications of tables of that size, as (what, the values it may have, the lines)."""
    alike: dict[Any, dict[Any, set[int]]] = defaultdict(lambda: defaultdict(set))
    for count in counts(answers, languages, most, **how):
        lines = frozenset(publish(count, limit).items())
        if could_be(dict(lines), answers, limit) <= most:  # else not all tables that look alike are tried
            for what, number in asked_for(count, ANSWERS[:answers], LANGUAGES[:languages]):
                alike[lines][what].add(number)
    assert alike
    return [
        (what, sorted(values), dict(lines))
        for lines, asked in alike.items()
        for what, values in asked.items()
        if any(0 < value < limit for value in values) and len(values) < limit
    ]


@pytest.mark.parametrize("known", [True, False], ids=["known answers", "unknown answers"])
@pytest.mark.parametrize(
    ("answers", "languages", "most", "limit"),
    [
        (1, 2, 16, 3),
        (2, 1, 16, 3),
        (3, 1, 14, 3),
        (4, 1, 11, 3),
        (5, 1, 8, 2),
        (2, 2, 13, 3),
        (2, 3, 7, 2),
        (3, 2, 12, 2),
    ],
)
def test_where_one_answer_is_given_no_small_number_can_be_worked_out(
    answers: int, languages: int, most: int, limit: int, known: bool
) -> None:
    assert given_away(answers, languages, most, limit, known=known) == []


@pytest.mark.parametrize("known", [True, False], ids=["known answers", "unknown answers"])
@pytest.mark.parametrize(
    ("answers", "languages", "most", "limit"),
    [(1, 2, 14, 3), (2, 1, 12, 3), (3, 1, 8, 3), (2, 2, 8, 3), (2, 2, 9, 2), (2, 3, 4, 2)],
)
def test_where_several_are_given_no_small_number_can_be_worked_out(
    answers: int, languages: int, most: int, limit: int, known: bool
) -> None:
    assert given_away(answers, languages, most, limit, several=True, known=known) == []


@pytest.mark.parametrize(("answers", "most", "several"), [(2, 50, False), (3, 29, False), (2, 28, True)])
def test_it_is_so_with_the_limit_we_have(answers: int, most: int, several: bool) -> None:
    assert given_away(answers, 1, most, LIMIT, several=several) == []


def with_the_sum(count: Count, limit: int) -> Mapping[Cell, int | None]:
    return {**published(count, limit), (SUM, SUM): count.total}


def with_the_languages(count: Count, limit: int) -> Mapping[Cell, int | None]:
    return {**published(count, limit), **{(SUM, language): people for language, people in count.everybody.items()}}


def without_noughts(count: Count, limit: int) -> Mapping[Cell, int | None]:
    numbers = count.numbers()
    return {cell: number for cell, number in published(count, limit).items() if cell[0] is SUM or numbers[cell[0]]}


@pytest.mark.parametrize("careless", [with_the_sum, with_the_languages, without_noughts])
def test_the_proof_sees_what_is_given_away(careless: Publish) -> None:
    assert given_away(2, 2, 10, 3, careless)


def shown(people: dict[str, int], *, several: bool = False, everybody: int = 0) -> dict[str, int | None]:
    """What is published of these answers, given in one language; the sum is called "sum"."""
    given = {(answer, "en"): number for answer, number in people.items()}
    lines = published(Count(given, {"en": everybody or sum(people.values())}, tuple(people), several))
    return {answer or "sum": number for (answer, _), number in lines.items()}


def test_where_every_answer_has_enough_all_is_shown() -> None:
    assert shown({"a": 10, "b": 200}) == {"a": 10, "b": 200, "sum": 210}


def test_one_small_number_takes_the_sum_with_it_and_no_other_answer() -> None:
    assert shown({"a": 40, "b": 9, "c": 25}) == {"a": 40, "b": None, "c": 25, "sum": None}
    assert shown({"a": 40, "b": 0, "c": 25}) == {"a": 40, "b": None, "c": 25, "sum": None}


def test_a_rating_keeps_its_sum_where_many_small_numbers_hide_each_other() -> None:
    votes = {"1": 2, "2": 4, "3": 6, "4": 30, "5": 58}
    assert shown(votes) == {"1": None, "2": None, "3": None, "4": 30, "5": 58, "sum": 100}


def test_where_nothing_may_show_there_are_no_lines() -> None:
    assert shown({"a": 9, "b": 9}) == {}
    assert shown({"a": 3, "b": 6}, several=True, everybody=9) == {}


def test_of_several_choices_one_that_nearly_all_or_hardly_any_made_is_left_out() -> None:
    chosen = {"water": 111, "work": 60, "roads": 4}
    assert shown(chosen, several=True, everybody=120) == {"water": None, "work": 60, "roads": None, "sum": 120}


def by_language(people: dict[tuple[str, str], int]) -> Mapping[Cell, int | None]:
    everybody = {"en": 0, "es": 0}
    for (_, language), number in people.items():
        everybody[language] += number
    return {cell: number for cell, number in published(Count(people, everybody, ("a", "b"))).items() if cell[1]}


def test_answers_are_told_by_language_where_each_number_may_show() -> None:
    people = {("a", "en"): 10, ("b", "en"): 30, ("a", "es"): 25, ("b", "es"): 11}
    assert by_language(people) == {**people, (SUM, "en"): 40, (SUM, "es"): 36}


def test_else_only_the_people_of_each_language_and_else_nothing() -> None:
    people = {("a", "en"): 100, ("b", "en"): 30, ("a", "es"): 25, ("b", "es"): 3}
    assert by_language(people) == {(SUM, "en"): 130, (SUM, "es"): 28}
    assert by_language(people | {("a", "es"): 6}) == {}


def test_an_answer_may_be_called_like_any_word() -> None:
    people = {("all", "en"): 20, ("b", "en"): 15, ("all", "all"): 20, ("b", "all"): 15}
    lines = published(Count(people, {"en": 35, "all": 35}, ("all", "b")))
    assert (lines["all", SUM], lines["all", "all"], lines[SUM, SUM]) == (40, 20, 70)
