"""Searching the lessons: in every script, by loose words, and never by accident."""

import time
from dataclasses import replace

import pytest

from bot.content.catalogue import Catalogue
from bot.content.query import folded
from bot.content.search import BEST, Search, searcher
from bot.engine.course import Card, Course, Found, Language
from bot.engine.turn import Words
from bot.service import Content
from tests.makers import lesson

SMALL = {
    "en": "what, is, a, the, of, in, how, do",
    "ar": "ما, هي, ماذا",
    "zh": "什么, 怎么, 是, 的",
}


def searching(language: str, **lessons: dict[str, str]) -> Search:
    """A search over made-up lessons: id → words of its title, its takeaway, its hook and its cards."""
    texts = {"ask.small.words": (SMALL[language],)}
    shelved = []
    for id_, told in lessons.items():
        texts |= {f"{id_}/{name}": (words,) for name, words in told.items()}
        cards = tuple(Card(name, Words(f"{id_}/{name}")) for name in told if name not in ("title", "takeaway", "hook"))
        made = lesson(id_, title=Words(f"{id_}/title"), about=Words(f"{id_}/none"), cards=cards)
        hook = replace(made.hook, text=Words(f"{id_}/hook"))
        made = replace(made, hook=hook, takeaway=Words(f"{id_}/takeaway"), languages=frozenset({language}))
        shelved.append(made)
    languages = (Language("en", "English"), Language(language, language, rtl=language == "ar"))
    catalogue = Catalogue(languages, {"en": {"ask.small.words": (SMALL["en"],)}, language: texts}, {})
    return searcher([Course("one", Words("none"), Words("none"), tuple(shelved))], catalogue)


def found(search: Search, words: str, language: str = "en") -> list[str]:
    """What is found, as ``lesson:card``."""
    return [f"{hit.lesson.removeprefix('one/')}:{hit.card}" for hit in search(words, language)]


@pytest.fixture
def english() -> Search:
    return searching(
        "en",
        mutuals={
            "title": "Mutuals",
            "hook": "Your phone breaks. *Who helps?*",
            "meaning": "A *mutual* pays when something goes wrong for a member.",
            "rwanda": "In Rwanda, 2021, nine in ten people had health insurance.",
        },
        savings={
            "title": "Savings groups",
            "hook": "Ten friends, one box. *Who has the key?*",
            "meaning": "In a *savings group* members put a little into one box each week.",
            "kenya": "In Kenya a village lends from the box, and members pay back.",
        },
        votes={
            "title": "One vote each",
            "hook": "Twenty owners of a bike shop. *Who decides?*",
            "rule": "Each member has one vote in a cooperative. Money buys no second vote.",
            "takeaway": "One member, one vote.",
        },
    )


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("mutual", "mutuals:meaning"),
        ("What is a MUTUAL?", "mutuals:meaning"),
        ("mutual benefit societies", "mutuals:meaning"),
        ("rwanda", "mutuals:rwanda"),
        ("insuranc", "mutuals:rwanda"),
        ("Kenia", None),
        ("savings groups in kenya", "savings:kenya"),
        ("the votes", "votes:rule"),
        ("cooperatives", "votes:rule"),
        ("bike shops", "votes:"),
        ("boxes in a week", "savings:meaning"),
    ],
)
def test_loose_words_find_the_card_that_speaks_of_it(english: Search, words: str, best: str | None):
    assert found(english, words)[:1] == ([best] if best else [])


def test_a_card_that_explains_a_word_comes_before_one_that_only_uses_it():
    search = searching(
        "en",
        uses={"title": "Rwanda", "hook": "?", "land": "Farmers sell coffee, and farmers own a cooperative."},
        explains={"title": "Forms", "hook": "?", "meaning": "Farmers may own a *cooperative*, and vote there."},
    )
    assert found(search, "cooperative") == ["explains:meaning", "uses:land"]


def test_each_hit_is_of_another_lesson_and_there_are_at_most_three():
    told = {"hook": "?", "one": "Bread for the members.", "two": "More bread, and bread again."}
    search = searching("en", **{name: {"title": name.title(), **told} for name in ("ant", "bee", "cat", "dog")})
    assert len(found(search, "bread")) == BEST
    assert len({hit.partition(":")[0] for hit in found(search, "bread")}) == BEST


@pytest.mark.parametrize("words", ["bitcoin", "price of bitcoin in kenya", "what is the", "", "   ", "?!", "🙂"])
def test_what_the_lessons_do_not_speak_of_finds_nothing(english: Search, words: str):
    assert found(english, words) == []


def test_the_last_word_may_be_unfinished_and_the_others_not(english: Search):
    assert found(english, "vot") == ["votes:rule"]
    assert found(english, "vot xyz") == []


HOSTILE = [
    '" OR *',
    'vote" OR "box',
    "vote AND NOT",
    "NEAR(vote box, 2)",
    "text : vote",
    "-vote",
    "^vote*",
    "vote\x00box",
    "\ud800vote",
    "'; DROP TABLE cards; --",
    "(" * 500,
    "vote " * 2000,
    "a" * 10_000,
    "合" * 10_000,
    "\u202evote\u2066",
    "%_\\",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_is_typed_is_read_as_syntax_or_takes_long(english: Search, words: str):
    english("vote", "en")
    began = time.perf_counter()
    hits = found(english, words)
    assert time.perf_counter() - began < 0.25
    assert set(hits) <= {"votes:rule", "savings:meaning", "savings:kenya"}


@pytest.mark.parametrize("words", ['"vote"', "vote*", "(vote)", "“vote”", "+vote", "vote\x00", ": vote?"])
def test_marks_around_a_word_do_not_hide_it(english: Search, words: str):
    assert found(english, words) == ["votes:rule"]


@pytest.fixture
def arabic() -> Search:
    return searching(
        "ar",
        coops={"title": "التعاونيات", "hook": "؟", "meaning": "التعاونيّة مؤسّسة يملكها أعضاؤها معًا."},
        savings={"title": "مجموعات الادّخار", "hook": "؟", "box": "تدّخر النساء كلّ أسبوع في صندوق واحد."},
    )


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("تعاونية", "coops:meaning"),  # without the article, without the marks
        ("التعاونيه", "coops:meaning"),  # the last letter as many people type it
        ("ما هي التعاونية؟", "coops:meaning"),
        ("والتعاونية", "coops:meaning"),
        ("الإدخار", "savings:box"),  # with another alef
        ("صندوق", "savings:box"),
        ("بيتكوين", None),
    ],
)
def test_arabic_is_found_however_it_is_spelt(arabic: Search, words: str, best: str | None):
    assert found(arabic, words, "ar")[:1] == ([best] if best else [])


@pytest.fixture
def chinese() -> Search:
    return searching(
        "zh",
        coops={"title": "合作社", "hook": "谁来决定？", "meaning": "*合作社*由社员共同拥有，一人一票。"},
        savings={"title": "储蓄小组", "hook": "钥匙在谁手里？", "box": "每周大家把一点钱放进盒子，存款归大家。"},
    )


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("存款", "savings:box"),  # two characters, in the middle of a sentence
        ("合作社", "coops:meaning"),
        ("什么是合作社？", "coops:meaning"),
        ("合作社是什么", "coops:meaning"),
        ("储蓄小组怎么存款", "savings:box"),
        ("钱", "savings:box"),  # one alone
        ("社员 一票", "coops:meaning"),
        ("比特币", None),
        ("什么", None),
    ],
)
def test_chinese_is_found_without_spaces(chinese: Search, words: str, best: str | None):
    assert found(chinese, words, "zh")[:1] == ([best] if best else [])


def test_one_spelling_for_many_in_the_index_too():
    assert folded("Coopérative ÉQUITABLE") == "cooperative equitable"
    assert folded("ＳＳＥ 合作社") == "sse 合 作 社"


@pytest.mark.parametrize(
    ("language", "words", "lesson_id"),
    [
        ("en", "what is a cooperative?", "module-1/cooperatives"),
        ("en", "mutual benefit societies", "module-1/mutuals"),
        ("es", "¿Qué es una cooperativa?", "module-1/cooperatives"),
        ("es", "grupos de ahorro", "module-1/savings-groups"),
        ("es", "asociacion", "module-1/associations"),
        ("fr", "Qu’est-ce qu’une coopérative ?", "module-1/cooperatives"),
        ("fr", "groupes d'epargne", "module-1/savings-groups"),
        ("fr", "les mutuelles", "module-1/mutuals"),
    ],
)
def test_the_real_lessons_answer_in_their_languages(content: Content, language: str, words: str, lesson_id: str):
    best = content.library.search(words, language)[0]
    assert best == Found(lesson_id, "meaning")


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_every_lesson_is_found_by_its_title(content: Content, language: str):
    for course in content.library.courses:
        for taught in course.lessons:
            title = content.catalogue.label(taught.title, language)
            hits = [hit.lesson for hit in content.library.search(title, language)]
            assert taught.path in hits, title


def test_all_lessons_are_indexed_in_a_blink(content: Content):
    """Made when first asked, in the loop of a running bot: it must not be felt."""
    search = searcher(content.library.courses, content.catalogue)
    began = time.process_time()
    assert search("cooperative", "en")
    assert time.process_time() - began < 0.3


def test_a_language_without_whole_lessons_finds_nothing(english: Search):
    assert found(english, "vote", "xx") == []
