"""The templates that ask learners in: what they say, how they are named, which one is used."""

from dataclasses import replace

import pytest

from bot.channels.whatsapp.asked import (
    APPROVED,
    KINDS,
    MISSING,
    PAYLOAD,
    Asked,
    Seen,
    Standing,
    chosen,
    fallbacks,
    fits,
    meta_language,
    newest_first,
    wanted,
)
from bot.service import Content
from tests.fakes.twilio import content_problem


@pytest.fixture(scope="module")
def all_of_them(content: Content) -> list[Asked]:
    return wanted(content.catalogue)


def standing(kind: str = "lesson", language: str = "en", state: str = APPROVED, name: str = "") -> Standing:
    return Standing(name or f"{kind}_{language}", kind, language, "At {time}, here.", "HX1", state)


def test_every_kind_has_its_words_in_every_language(all_of_them: list[Asked], content: Content) -> None:
    spoken = {language.code for language in content.catalogue.languages}
    assert {(one.kind, one.language) for one in all_of_them} == {(kind, code) for kind in KINDS for code in spoken}


def test_twilio_and_meta_would_take_each_of_them(all_of_them: list[Asked]) -> None:
    assert {one.name: problem for one in all_of_them if (problem := fits(one) or content_problem(one.body()))} == {}
    assert len({one.name for one in all_of_them}) == len({one.text for one in all_of_them}) == len(all_of_them)


def test_the_button_brings_what_is_due(all_of_them: list[Asked]) -> None:
    for one in all_of_them:
        types: dict[str, dict[str, list[dict[str, str]]]] = one.body()["types"]  # type: ignore[assignment]
        ((kind, what),) = types.items()
        assert kind == "twilio/quick-reply"
        assert what["actions"] == [{"type": "QUICK_REPLY", "title": one.button, "id": PAYLOAD}]


def test_other_words_are_another_template() -> None:
    one = Asked("lesson", "pt-BR", "Pediu para as {time}, e aqui está.", "Abrir")
    assert one.name.startswith("sse_asked_lesson_pt_br_v1_")
    assert replace(one, text="Pediu às {time}, e aqui está.").name != one.name
    assert replace(one, button="Abra").name != one.name


@pytest.mark.parametrize(
    ("ours", "metas"),
    [("en", "en"), ("es", "es"), ("fr", "fr"), ("zh", "zh_CN"), ("pt", "pt_PT"), ("pt-BR", "pt_BR"), ("sw", "sw")],
)
def test_a_language_is_called_what_meta_calls_it(ours: str, metas: str) -> None:
    assert meta_language(ours) == metas


@pytest.mark.parametrize(
    ("text", "button"),
    [
        ("{time} is the hour you asked for.", "Go"),
        ("You asked for {time}.", "Go"),
        ("At {time} or at {time}, as you asked.", "Go"),
        ("Dear {name}, at {time} as you asked.", "Go"),
        ("You asked for the lesson at {time}, here it is. " * 30, "Go"),
        ("At {time}, as you asked.", "A button that is too long"),
    ],
)
def test_words_that_meta_would_reject_are_seen_before(text: str, button: str) -> None:
    assert fits(Asked("lesson", "en", text, button)) is not None


def test_an_invitation_falls_back_by_language() -> None:
    assert list(fallbacks("es-MX")) == ["es-MX", "es", "en"]
    assert list(fallbacks("en-GB")) == ["en-GB", "en"]
    there = [standing(language="en"), standing(language="es"), standing(language="fr", state="paused")]
    assert {code: chosen(there, "lesson", code) for code in ("es", "es-MX", "fr", "sw")} == {
        "es": there[1],
        "es-MX": there[1],
        "fr": there[0],
        "sw": there[0],
    }
    assert chosen(there, "review", "es") is None


@pytest.mark.parametrize("state", ["missing", "made", "received", "pending", "rejected", "paused", "disabled", "odd"])
def test_only_an_approved_one_is_used(state: str) -> None:
    assert chosen([standing(state=state)], "lesson", "en") is None


def test_old_words_are_used_until_the_new_ones_are_approved() -> None:
    old, new = standing(name="a_old"), standing(name="b_new", state="pending")
    assert chosen(newest_first([old, new], ["b_new"]), "lesson", "en") == old
    approved = replace(new, state=APPROVED)
    assert chosen(newest_first([old, approved], ["b_new"]), "lesson", "en") == approved


def test_what_is_remembered_comes_back_and_what_is_not_ours_does_not() -> None:
    one = standing()
    assert Standing.recalled(one.remembered()) == one
    assert [Standing.recalled(raw) for raw in ("", "{}", "[1]", '{"name": "x", "colour": "red"}')] == [None] * 4


def test_a_category_that_meta_changed_is_kept_and_one_it_does_not_tell_stays() -> None:
    seen = Seen("lesson_en", "HX1", APPROVED, "marketing", "")
    assert standing().at(seen).category == "marketing"
    assert standing().at(replace(seen, category="")).category == "utility"
    assert standing().at(None).state == MISSING
