"""What people type and press: never ignored, never scored by mistake, never the same line twice."""

import itertools
from dataclasses import replace

import pytest
from rapidfuzz.distance import OSA

from bot.engine.course import Library
from bot.engine.events import Overtaken
from bot.engine.learner import Place, Status, Step
from bot.engine.reading import choose, normalise, number
from bot.engine.turn import Answered, Erased, Verbatim
from tests.makers import ENGLISH, Talk, lesson, library, v


def here() -> Talk:
    return Talk(library()).at_first_question()


def position(talk: Talk, option: str) -> int:
    return [choice.data.endswith(f"-{option}") for choice in talk.say.choices].index(True)


@pytest.mark.parametrize("way", ["number", "letter", "small letter", "words", "capitals", "a typo", "wide"])
def test_an_answer_may_be_typed_in_many_ways(way: str):
    talk = here()
    place = position(talk, "good")
    typed = {
        "number": str(place + 1),
        "letter": "ABC"[place],
        "small letter": f"{'abc'[place]})",
        "words": "option good",
        "capitals": "  OPTION GOOD! ",
        "a typo": "opton good",
        "wide": "ｏｐｔｉｏｎ　ｇｏｏｄ",
    }[way]
    talk.says(typed)
    assert talk.lead == ["why good"]


def test_what_is_not_understood_gets_a_kind_line_and_the_question_again():
    talk = here()
    for n in (1, 2, 3):
        talk.says("the weather is fine")
        assert talk.lead == [f"unclear.pick.{n}"]
        assert talk.body[0].startswith("one/alpha/key")
    assert not [row for row in talk.rows if isinstance(row, Answered)]


def test_two_options_equally_near_are_asked_again():
    assert choose("opt", ["Opta", "Optb"], OSA.distance) is None


@pytest.mark.parametrize("kind", ["voice", "photo", "sticker", "location", "contact", "file", "hologram"])
def test_what_is_no_text_gets_one_line_and_the_same_buttons(kind: str):
    talk = here()
    buttons = talk.say.choices
    talk.sends(kind)
    assert talk.lead == [f"sent.{kind if kind != 'hologram' else 'other'}"]
    assert talk.say.choices == buttons


def test_an_old_answer_button_says_so_and_shows_where_we_are():
    talk = here()
    old = talk.find("good").data
    talk.picks("good")
    talk.taps(old)
    assert talk.lead == ["old.answered"]
    assert talk.body[0].startswith("one/alpha/other")
    assert len([row for row in talk.rows if isinstance(row, Answered)]) == 1


def test_an_old_card_button_says_so():
    talk = here()
    talk.taps("n:2")
    assert talk.lead == ["old.card"]


@pytest.mark.parametrize(
    "data", ["", "q:", "q:999-good", "x:1", "q:6-nothing", "../etc", "c:sudo", "l:one_nope", "k:one_x"]
)
def test_a_made_up_button_changes_nothing(data: str):
    talk = here()
    place = talk.learner.place if talk.learner else None
    talk.taps(data)
    assert talk.learner is not None
    assert talk.learner.place == place
    assert talk.lead[0] in ("old.unknown", "old.answered")


def test_help_carries_the_way_on_and_the_question_stays():
    talk = here()
    talk.says("help")
    assert talk.body == ["help.text", "help.hurt"]
    talk.picks("button.go_on")
    assert talk.body[0].startswith("one/alpha/key")


def test_after_help_a_letter_still_answers_the_question():
    talk = here()
    letter = "ABC"[position(talk, "good")]
    talk.says("help")
    talk.says(letter)
    assert talk.lead == ["why good"]


def test_help_names_the_line_of_the_country():
    talk = Talk(library(), country="FR")
    talk.says("help")
    assert "help.hurt_here" in talk.body


def test_a_command_counts_only_when_it_is_the_whole_message():
    talk = here()
    talk.says("please help the members stop")
    assert talk.lead == ["unclear.pick.1"]


@pytest.mark.parametrize("text", ["/help", "HELP", "help!", "/help@sse_bot"])
def test_commands_work_with_and_without_the_slash(text: str):
    talk = here()
    talk.says(text)
    assert talk.body[0] == "help.text"


def test_english_words_work_in_every_language():
    talk = Talk(library(), languages=("es",))
    talk.start()
    talk.says("menu")
    assert talk.body == ["menu.title"]
    talk.says("ayuda")
    assert talk.body[0] == "help.text"


def test_a_number_picks_from_the_list_just_shown():
    talk = here()
    talk.says("lessons")
    assert talk.body == ["lessons.course"]
    talk.says("2")
    assert talk.learner is not None
    assert talk.learner.place.lesson == "one/beta"


def test_the_language_switches_in_mid_lesson_by_its_name():
    talk = here()
    talk.says("español")
    assert talk.learner is not None
    assert talk.learner.language == "es"
    assert talk.lead == ["language.switched"]
    assert talk.body[0].startswith("one/alpha/key")


def test_stop_ends_what_comes_unasked_and_start_brings_it_back():
    talk = here()
    talk.says("stop")
    assert talk.learner is not None
    assert talk.learner.status is Status.STOPPED
    talk.says("start")
    assert talk.learner.status is Status.ACTIVE
    assert talk.body == ["back.in_lesson"]
    talk.picks("button.go_on")
    assert talk.body[0].startswith("one/alpha/key")


def test_coming_back_in_mid_lesson_offers_to_start_again():
    talk = here()
    talk.says("hello")
    assert [choice.data for choice in talk.say.choices] == ["c:on", "c:again", "c:menu"]
    talk.picks("button.again")
    assert talk.body[0] in ("hook alpha", "before.intro")


def test_thanks_and_who_are_you_are_answered_and_the_question_stays():
    talk = here()
    talk.says("Thanks!")
    assert talk.lead == ["talk.thanks"]
    talk.says("who are you?")
    assert talk.lead == ["talk.who"]
    assert talk.body[0].startswith("one/alpha/key")


def test_the_same_message_never_comes_twice_alike():
    talk = here()
    texts = []
    for _ in range(4):
        talk.says("help")
        texts.append((*talk.lead, *talk.body))
    assert all(one != two for one, two in itertools.pairwise(texts))


def test_another_page_of_a_list_is_not_called_the_same_once_more():
    talk = Talk(library(*(lesson(f"l{number}") for number in range(12)))).at_first_question()
    talk.says("lessons")
    talk.picks("button.more")
    assert talk.lead == []
    assert "Title l8" in [choice.label.text for choice in talk.say.choices if isinstance(choice.label, Verbatim)]
    talk.taps("k:one_1")
    assert talk.lead == ["again"]


def test_a_place_shown_twice_is_the_same_whatever_number_its_buttons_have():
    talk = here()
    talk.taps("l:one_alpha")
    before = talk.say.choices
    talk.taps("l:one_alpha")
    assert talk.say.choices != before
    assert talk.lead == ["again"]


def test_next_and_back_lead_from_card_to_card():
    talk = Talk(library())
    talk.start()
    talk.says("next")
    talk.says("next")
    assert talk.body == ["second card of alpha"]
    talk.says("back")
    assert talk.body == ["first card of alpha"]
    talk.says("back")
    assert talk.body == ["hook alpha"]


def test_next_at_a_question_asks_for_an_answer_or_skip():
    talk = here()
    talk.says("next")
    assert talk.lead == ["next.not_here"]
    talk.says("skip")
    assert talk.lead == ["skip.done"]
    assert talk.body[0].startswith("one/alpha/other")


def test_a_source_names_title_publisher_year_and_link():
    talk = Talk(library())
    talk.start()
    talk.picks("Yes!")
    talk.picks("button.source")
    assert talk.body == ["source.intro", "source.line", "https://example.org/book"]


def test_feedback_is_taken_in_the_learners_own_words():
    talk = here()
    talk.says("feedback")
    talk.says("More about fishing, please. Next time!")
    assert talk.rows[-1].text == "More about fishing, please. Next time!"
    assert talk.rows[-1].phase == "feedback"
    assert talk.body[0].startswith("one/alpha/key")


def test_guests_are_asked_for_no_free_text():
    talk = Talk(library()).at_first_question(keep="nothing")
    talk.says("feedback")
    assert talk.body[0] == "feedback.guest"


def test_blocked_learners_come_back_where_they_were():
    from bot.engine.advance import advance
    from bot.engine.events import Left
    from tests.makers import ADDRESS

    talk = here()
    assert talk.learner is not None
    turn = advance(talk.learner, Left(id="x", address=ADDRESS, at=talk.now), talk.library, talk.now)
    assert turn.says == ()
    assert turn.learner.status is Status.LEFT
    talk.learner = turn.learner
    talk.start()
    assert talk.learner.status is Status.ACTIVE
    assert talk.body == ["back.in_lesson"]


def test_a_lesson_that_changed_under_a_learner_starts_again_kindly():
    talk = here()
    changed = lesson("alpha", questions=lesson("alpha").questions[1:])
    talk.library = library(changed, lesson("beta"))
    talk.says("A")
    assert talk.lead == ["lesson.changed"]
    assert talk.body == ["hook alpha"]


def test_a_lesson_that_is_gone_leads_to_the_next_one():
    talk = here()
    talk.library = library(lesson("beta"))
    talk.picks("good")
    assert talk.lead == ["lesson.changed"]
    assert talk.body == ["next.ask"]


def test_one_spelling_for_many():
    assert normalise(" ¡SÍ,\u200b Próxima! ٣ ") == "si proxima 3"
    assert normalise("مُساعَدة") == normalise("مساعده")


def test_plain_letters_take_a_shorter_way_to_the_same_spelling():
    for sign in map(chr, range(128)):
        long_way = normalise(f"Ab{sign}9_c é").removesuffix(" e")
        assert normalise(f"Ab{sign}9_c") == long_way


def test_places_are_numbered_from_one():
    assert Place().serial == 0
    talk = Talk(library())
    talk.start()
    assert talk.learner is not None
    assert talk.learner.place.serial == 1
    assert talk.learner.place.step is Step.HOOK


def test_any_words_after_enough_for_today_bring_the_learner_back():
    talk = here().finish_lesson()
    talk.picks("button.enough")
    talk.says("good morning to you all")
    assert talk.body == ["next.ask", "next.or"]


def yes_and_no() -> Library:
    words = ENGLISH | {"yes": "talk:yes", "no": "talk:no"}
    return library(typed=lambda _language: words)


def test_a_plain_yes_after_delete_deletes_and_a_plain_no_goes_on():
    for word, gone in (("yes", True), ("no", False)):
        talk = Talk(yes_and_no()).at_first_question()
        talk.says("delete")
        talk.says(word)
        assert (Erased() in talk.rows) is gone


def test_a_plain_no_at_consent_keeps_nothing_and_a_plain_yes_is_asked_which():
    talk = Talk(yes_and_no())
    talk.start()
    for step in ("Yes!", "button.next", "button.next"):
        talk.picks(step)
    talk.says("yes")
    assert talk.lead == ["consent.needed"]
    talk.says("no")
    assert talk.lead == ["consent.thanks.nothing"]


@pytest.mark.parametrize("word", ["next", "skip"])
def test_consent_and_language_want_an_answer_and_recommend_nothing_else(word: str):
    talk = Talk(library())
    talk.start()
    for step in ("Yes!", "button.next", "button.next"):
        talk.picks(step)
    talk.says(word)
    assert talk.lead == ["consent.needed"]
    talk = Talk(library(), languages=())
    talk.start()
    talk.says(word)
    assert talk.lead == ["language.needed"]


def test_what_is_no_language_never_leads_to_skip():
    talk = Talk(library(), languages=())
    talk.start()
    for words in ("what?", "blah", "no idea", "skip"):
        talk.says(words)
        assert talk.lead[-1] == "language.needed"
        assert talk.body == ["language.ask"]


def asked_with(**labels: str) -> Talk:
    """In front of a question whose options read so."""
    asked = lesson("alpha").questions[0]
    options = tuple(replace(option, label=v(labels[option.id])) for option in asked.forms[0].options)
    worded = replace(asked, forms=tuple(replace(form, options=options) for form in asked.forms))
    shelf = replace(yes_and_no(), courses=library(lesson("alpha", questions=(worded,))).courses)
    return Talk(shelf).at_first_question()


def test_yes_and_no_are_the_one_option_that_begins_so():
    talk = asked_with(good="Yes: the users own it", bad="No: it sells milk", worse="No: it is too small")
    talk.says("no")  # which of the two?
    assert talk.lead == ["unclear.pick.1"]
    talk.says("yes")
    assert talk.lead == ["why good"]


def test_an_option_that_only_begins_like_a_no_is_not_meant_by_it():
    talk = asked_with(good="The members", bad="No one knows", worse="The mayor")
    talk.says("no")
    assert talk.lead == ["unclear.pick.1"]


def test_skip_after_feedback_leaves_the_question_behind_it_alone():
    talk = here()
    talk.says("feedback")
    talk.says("skip")
    assert talk.body[0].startswith("one/alpha/key")


@pytest.mark.parametrize(("keep", "line"), [("nothing", "enough.bye_guest"), ("place", "enough.bye")])
def test_a_guest_is_told_for_how_long_the_way_back_is_open(keep: str, line: str):
    words = ENGLISH | {"bye": "talk:bye"}
    talk = Talk(library(typed=lambda _language: words)).at_first_question(keep=keep)
    talk.says("bye")
    assert talk.lead == [line]
    talk.finish_lesson()
    talk.picks("button.enough")
    assert talk.body[0] == line


def test_words_that_later_ones_have_overtaken_answer_nothing():
    talk = Talk(library()).at_first_question()
    before = talk.learner
    for text in ("A", "start", "delete", "next"):
        assert talk.happens(talk._event(Overtaken, text=text)).says == ()
    assert talk.learner == before
    talk.happens(talk._event(Overtaken, text="stop"))
    assert talk.learner.status is Status.STOPPED
    assert talk.body == ["stop.done"]


@pytest.mark.parametrize("typed", ["-3", "+3", "− 3", "(-3)", "–3", "＋３"])
def test_a_number_with_a_sign_before_it_is_no_number(typed: str):
    assert number(typed) is None
    assert choose(typed, ["0", "1", "2", "3"], OSA.distance) is None


@pytest.mark.parametrize("typed", ["3", "3.", "3-", "3)", " 3 ", "٣"])
def test_a_number_with_marks_around_it_is_one(typed: str):
    assert number(typed) == 3


def test_minus_one_is_no_answer():
    talk = here()
    talk.says("-1")
    assert talk.lead == ["unclear.pick.1"]
    assert not [row for row in talk.rows if isinstance(row, Answered)]


@pytest.mark.parametrize(
    "typed",
    [
        *["not A gym that its members run", "no gym that its members run", "A gym that its members never run"],
        *["A gym that members run", "A gym that its 2 members run"],
    ],
)
def test_a_word_more_or_less_is_no_slip_of_the_hand(typed: str):
    assert choose(typed, ["A gym that its members run", "A chain of gyms"], OSA.distance) is None


@pytest.mark.parametrize(
    "typed", ["A gim that its membres run", "a gymthat its members run", "A gym that its members run!", "a gym that"]
)
def test_slips_of_the_hand_are_forgiven(typed: str):
    assert choose(typed, ["A gym that its members run", "A chain of gyms"], OSA.distance) == 0


def test_another_number_is_another_answer():
    assert choose("about 20 million", ["About 10 million", "About 90 million"], OSA.distance) is None
    assert choose("unpaid work", ["Paid work", "No work at all"], OSA.distance) is None
