"""Numbers take the form of their language."""

import pytest

from bot.content import plurals


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("ar", {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 102: 5, 103: 3, 111: 4}),
        ("en", {0: 1, 1: 0, 2: 1, 11: 1}),
        ("es", {0: 1, 1: 0, 2: 1, 21: 1}),
        ("fr", {0: 0, 1: 0, 2: 1, 100: 1}),
        ("pt", {0: 0, 1: 0, 2: 1}),
        ("ru", {1: 0, 2: 1, 5: 2, 11: 2, 12: 2, 21: 0, 22: 1, 25: 2, 111: 2}),
        ("zh", {0: 0, 1: 0, 2: 0, 100: 0}),
    ],
)
def test_a_number_takes_its_form(language: str, forms: dict[int, int]):
    assert {number: plurals.form(language, number) for number in forms} == forms


def test_every_rule_uses_exactly_the_forms_it_declares():
    for language in plurals.RULES:
        used = {plurals.form(language, number) for number in range(300)}
        assert used == set(range(plurals.count(language))), language


def test_a_language_without_a_rule_of_ours_takes_the_library_s():
    assert plurals.count("pl") == 3
    assert plurals.form("sw", 1) == 0
