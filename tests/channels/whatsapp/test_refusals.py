"""After WhatsApp refused a template: how long its category rests for that learner."""

from datetime import timedelta

import pytest

from bot.channels.whatsapp.codes import CODES
from bot.channels.whatsapp.refusals import NEVER, refusal


@pytest.mark.parametrize("code", [63049, 63032])
@pytest.mark.parametrize("country", ["ES", "NG", None])
def test_marketing_that_meta_holds_back_rests_longer_each_time(code: int, country: str | None) -> None:
    rests = [refusal(code, "marketing", country, before) for before in range(7)]
    assert rests == [timedelta(days=days) for days in (1, 3, 7, 14, 30, 30, 30)]


def test_in_the_united_states_marketing_never_comes_again() -> None:
    assert refusal(63049, "marketing", "US", 0) == NEVER
    assert refusal(63032, "marketing", "US", 3) == NEVER


def test_whoever_takes_no_marketing_gets_none() -> None:
    assert refusal(63050, "marketing", "ES", 0) == NEVER


def test_a_utility_template_that_is_held_back_rests_as_well() -> None:
    assert refusal(63049, "utility", "ES", 1) == timedelta(days=3)


def test_free_words_have_no_category() -> None:
    assert {code: refusal(code, None, "US", 0) for code in CODES if refusal(code, None, "US", 0)} == {}


def test_what_is_no_matter_of_a_category_changes_nothing() -> None:
    others = CODES.keys() - {63049, 63032, 63050}
    assert {code for code in (*others, 99999) if refusal(code, "marketing", "US", 5) is not None} == set()
