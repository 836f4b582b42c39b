"""Words by what is meant, in the learner's language, with values put in."""

import pytest

from bot.content.bidi import led_right
from bot.content.catalogue import Catalogue
from bot.content.coverage import Coverage
from bot.content.markup import runs
from bot.engine.course import Language
from bot.engine.turn import Phrase, Verbatim, Words

FULL = Coverage(10, 10, 0, 0, True)
FSI, PDI, RLM = "\u2068", "\u2069", "\u200f"

TEXTS = {
    "en": {
        "hello": ("Hello {name}!",),
        "ideas": ("{n} idea", "{n} ideas"),
        "done": ("✔ {about}",),
        "picked": ("*{label}*",),
        "who": ("Behind it: {organisation}.",),
        "unnamed": ("the people here",),
        "more": ("More: {link}",),
        "c/l/title": ("One *vote*",),
    },
    "es": {
        "hello": ("¡Hola, {name}!",),
        "ideas": ("{n} idea", "{n} ideas"),
        "who": ("Detrás: {organisation}.",),
        "unnamed": ("la gente de aquí",),
        "c/l/title": ("Un voto",),
    },
    "ar": {
        "hello": ("أهلا {name}!",),
        "ideas": ("صفر", "واحدة", "اثنتان", "{n} أفكار", "{n} فكرة", "{n} فكرة مئة"),
        "more": ("المزيد: {link}",),
        "c/l/title": ("صوت واحد",),
    },
}


@pytest.fixture
def catalogue() -> Catalogue:
    languages = (Language("en", "English"), Language("es", "Español"), Language("ar", "العربية", rtl=True))
    return Catalogue(languages, TEXTS, dict.fromkeys(TEXTS, FULL))


def test_a_phrase_is_said_in_the_language_with_its_values(catalogue: Catalogue):
    assert catalogue.text(Phrase("hello", {"name": "Ana"}), "es") == "¡Hola, Ana!"


def test_a_value_that_is_a_phrase_or_a_lesson_s_text_is_worded_too(catalogue: Catalogue):
    assert catalogue.text(Phrase("who", {"organisation": Phrase("unnamed")}), "es") == "Detrás: la gente de aquí."
    assert catalogue.text(Phrase("done", {"about": Words("c/l/title")}), "en") == "✔ One vote"


def test_a_value_brings_no_mark_up_and_turns_none_off(catalogue: Catalogue):
    worded = catalogue.text(Phrase("picked", {"label": Verbatim("5*2* and \\")}), "en")
    assert list(runs(worded)) == [("5*2* and \\", True)]


def test_verbatim_text_is_literal(catalogue: Catalogue):
    assert list(runs(catalogue.text(Verbatim("*a* b"), "en"))) == [("*a* b", False)]
    assert catalogue.label(Verbatim("*a* b"), "en") == "*a* b"


def test_a_label_has_no_mark_up(catalogue: Catalogue):
    assert catalogue.label(Words("c/l/title"), "en") == "One vote"


def test_what_a_language_lacks_is_said_in_english_and_counted(catalogue: Catalogue):
    assert catalogue.text(Phrase("more", {"link": "x"}), "es") == "More: x"
    assert catalogue.text(Phrase("ideas", {"n": 1}), "de") == "1 idea"
    assert catalogue.misses == {"es": 1, "de": 1}


def test_a_text_that_is_gone_is_empty_and_never_a_key(catalogue: Catalogue):
    assert catalogue.text(Words("c/gone/title"), "en") == ""
    assert catalogue.label(Phrase("no.such"), "es") == ""


@pytest.mark.parametrize(("n", "said"), [(0, "0 ideas"), (1, "1 idea"), (2, "2 ideas")])
def test_english_counts(catalogue: Catalogue, n: int, said: str):
    assert catalogue.text(Phrase("ideas", {"n": n}), "en") == said


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "صفر"),
        (1, "واحدة"),
        (2, "اثنتان"),
        (3, f"{FSI}3{PDI} أفكار"),
        (11, f"{FSI}11{PDI} فكرة"),
        (99, f"{FSI}99{PDI} فكرة"),
        (100, f"{FSI}100{PDI} فكرة مئة"),
        (102, f"{FSI}102{PDI} فكرة مئة"),
    ],
)
def test_arabic_counts_in_six_ways(catalogue: Catalogue, n: int, said: str):
    assert catalogue.text(Phrase("ideas", {"n": n}), "ar") == said


def test_values_are_walled_off_where_directions_meet(catalogue: Catalogue):
    assert catalogue.text(Phrase("hello", {"name": "Ana"}), "ar") == f"أهلا {FSI}Ana{PDI}!"
    assert catalogue.text(Phrase("hello", {"name": "ليلى"}), "es") == f"¡Hola, {FSI}ليلى{PDI}!"


def test_english_that_stands_in_for_arabic_counts_and_walls_as_english(catalogue: Catalogue):
    assert catalogue.text(Phrase("who", {"organisation": Verbatim("UN")}), "ar") == "Behind it: UN."


def test_a_link_stays_bare_so_that_phones_can_open_it(catalogue: Catalogue):
    assert catalogue.text(Phrase("more", {"link": Verbatim("https://x.org/a")}), "ar") == "المزيد: https://x.org/a"


def test_lines_that_begin_with_a_latin_letter_still_run_from_the_right():
    assert led_right("A · صوت\nصوت A") == f"{RLM}A · صوت\nصوت A"
    assert led_right(f"{FSI}Ana{PDI} صوت") == f"{FSI}Ana{PDI} صوت"
    assert led_right("12 صوت") == "12 صوت"


def test_a_language_we_do_not_speak_is_english(catalogue: Catalogue):
    assert catalogue.language("xx").code == "en"
    assert catalogue.language("ar").rtl


def test_a_placeholder_without_value_stays_visible_to_testers(catalogue: Catalogue):
    assert catalogue.text(Phrase("hello", {"other": 1}), "en") == "Hello {name}!"
