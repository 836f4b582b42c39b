"""Files become the engine's library: order, kinds, right answers and the addresses of words."""

from dataclasses import fields, is_dataclass

import pytest

from bot.content.complaints import Complained
from bot.engine.course import Lesson, Library
from bot.engine.turn import Phrase, Words
from bot.errors import ContentRefused
from tests.content.project import BOT_FILE, COURSE_FILE, FEEDBACK_FILE, LESSON_FILE, SOURCES_FILE, Project


def lesson(project: Project) -> Lesson:
    found = project.load().library.lesson("basics/one-vote")
    assert found is not None
    return found


def words_of(value: object) -> set[str]:
    """Every key of words anywhere inside a value."""
    match value:
        case Words():
            return {value.key}
        case tuple():
            return {key for part in value for key in words_of(part)}
        case _ if is_dataclass(value):
            return {key for name in fields(value) for key in words_of(getattr(value, name.name))}
        case _:
            return set()


def test_a_lesson_is_known_by_its_path_and_holds_what_was_written(project: Project):
    found = lesson(project)
    assert (found.course, found.id, found.path) == ("basics", "one-vote", "basics/one-vote")
    assert [card.id for card in found.cards] == ["rule", "real"]
    assert found.cards[0].sources == ("water-2020",)
    assert found.cards[0].next == Words("basics/one-vote/cards.rule.next")
    assert found.cards[1].next is None
    assert found.hook.next == Words("basics/one-vote/hook.next")
    assert found.hook.options[0].line == Words("basics/one-vote/hook.options.ravi.line")
    assert found.picture is None


def test_a_question_knows_its_course_its_forms_and_its_right_answers(project: Project):
    key, claim = lesson(project).questions
    assert (key.id, key.kind, key.key) == ("basics/one-vote/bakery", "choice", True)
    assert [[option.id for option in form.options if option.right] for form in key.forms] == [
        ["one"],
        ["same"],
        ["heads"],
    ]
    assert [form.id for form in claim.forms] == ["a", "b"]
    assert project.load().library.question("basics/one-vote/claim") == claim


def test_true_or_false_becomes_two_options_in_the_bot_s_words(project: Project):
    form = lesson(project).questions[1].forms[0]
    assert [(option.id, option.label, option.right, option.line) for option in form.options] == [
        ("true", Phrase("true_false.true"), False, Words("basics/one-vote/questions.claim.a.wrong_line")),
        ("false", Phrase("true_false.false"), True, Words("basics/one-vote/questions.claim.a.right_line")),
    ]


def test_every_text_of_the_library_has_english_words(project: Project):
    loaded = project.load()
    keys = words_of(loaded.library.courses) | words_of(loaded.library.feedback)
    assert len(keys) > 40
    assert {key for key in keys if not loaded.catalogue.has(key)} == set()


def test_feedback_questions_come_along(project: Project):
    clear, more = project.load().library.feedback
    assert (clear.question.id, clear.question.kind, clear.after, clear.every) == ("clear", "choice", 2, 6)
    assert not clear.question.required
    assert [option.label for option in more.question.forms[0].options] == [
        Words("feedback/more/options.audio.label"),
        Words("feedback/more/options.video.label"),
    ]


def test_the_follow_up_question_comes_along_in_a_form_for_each_time(project: Project):
    project.replace(COURSE_FILE, "order: 1", "order: 1\nfollow_up: true")
    project.replace(FEEDBACK_FILE, "kind: choice", "kind: choice\n  follow_up: true")
    library = project.load().library
    assert [course.follow_up for course in library.courses] == [True]
    assert [feedback.question.id for feedback in library.feedback] == ["more"]
    assert library.follow_up is not None
    assert library.question("clear") == library.follow_up
    assert [(form.id, form.text) for form in library.follow_up.forms] == [
        ("day-7", Words("feedback/clear/text")),
        ("day-28", Words("feedback/clear/text")),
    ]


def test_sources_come_along(project: Project):
    source = project.load().library.sources["water-2020"]
    assert (source.publisher, source.year, source.link) == ("Water Watch", "2020", "https://water.example/study")


def test_courses_and_lessons_stand_in_their_order(project: Project):
    project.write("lessons/advanced/course.yaml", project.read(COURSE_FILE).replace("order: 1", "order: 0"))
    for name in ("020-second.yaml", "010-first.yaml"):
        project.write(f"lessons/advanced/{name}", project.read(LESSON_FILE))
    library = project.load().library
    assert [course.id for course in library.courses] == ["advanced", "basics"]
    assert [found.id for found in library.courses[0].lessons] == ["first", "second"]


@pytest.mark.parametrize(
    ("old", "new", "another"),
    [
        ("One member, one vote.\n", "One person, one vote.\n", True),
        ("id: six", "id: seven", True),
        ("aim: say how", "aim: explain how", False),
        ("place: Santa Cruz", "place: Santa Cruz de la Sierra", False),
    ],
)
def test_a_lesson_has_another_version_when_what_learners_meet_changes(
    project: Project, old: str, new: str, another: bool
):
    before = lesson(project).version
    project.replace(LESSON_FILE, old, new)
    assert (lesson(project).version != before) is another


def test_a_new_source_makes_no_new_version(project: Project):
    before = lesson(project).version
    project.replace(SOURCES_FILE, "water-2020:", "water-2021:")
    for _reference in range(3):
        project.replace(LESSON_FILE, "water-2020", "water-2021")
    assert lesson(project).version == before


def test_a_broken_lesson_is_refused_with_every_complaint(project: Project):
    project.replace(LESSON_FILE, "title: One vote each\n", "")
    project.replace(FEEDBACK_FILE, "kind: choice", "kind: none")
    with pytest.raises(ContentRefused) as refused:
        project.load()
    assert isinstance(refused.value, Complained)
    assert [complaint.file for complaint in refused.value.complaints] == [LESSON_FILE, FEEDBACK_FILE]
    assert "title: is missing" in str(refused.value)


def test_a_project_without_feedback_and_sources_is_taught_all_the_same(project: Project):
    (project.root / FEEDBACK_FILE).unlink()
    (project.root / SOURCES_FILE).unlink()
    library: Library = project.load().library
    assert library.feedback == ()
    assert library.courses[0].lessons


def test_words_and_labels_and_typing_errors_are_at_hand(project: Project):
    library = project.load().library
    assert library.label(Words("basics/one-vote/cards.rule.text"), "en").startswith("In a cooperative each")
    assert library.distance("cooperative", "coperative") == 1
    assert library.distance("vote", "vtoe") == 1


def test_typed_words_mean_commands_greetings_and_small_talk(project: Project):
    project.translate(
        {
            "command.help.words": "ayuda, socorro、SOS",
            "command.menu.words": "menú, opciones",
            "hello.words": "hola",
            "talk.thanks.words": "gracias",
        }
    )
    typed = project.load().library.typed
    assert typed("es")["ayuda"] == "help"
    assert typed("es")["socorro"] == "help"
    assert typed("es")["menu"] == "menu"
    assert typed("es")["hola"] == "hello:es"
    assert typed("es")["hi"] == "hello:en"
    assert typed("es")["gracias"] == "talk:thanks"
    assert typed("es")["thank you"] == "talk:thanks"
    assert "ayuda" not in typed("en")
    assert typed("xx") == typed("en")


def test_a_command_s_own_name_means_itself_in_every_language(project: Project):
    project.translate({"command.menu.words": "help, menú"})
    assert project.load().library.typed("es")["help"] == "help"


def test_a_phrase_may_be_plural_in_two_languages(project: Project):
    project.translate({"progress.ideas": ["una idea", "{n} ideas suyas"]})
    catalogue = project.load().catalogue
    assert catalogue.text(Phrase("progress.ideas", {"n": 1}), "es") == "una idea"
    assert catalogue.text(Phrase("progress.ideas", {"n": 4}), "es") == "4 ideas suyas"
    assert catalogue.text(Phrase("progress.ideas", {"n": 4}), "en") == "4 ideas"


def test_a_phrase_keeps_its_line_breaks_and_loses_its_last_one(project: Project):
    project.replace(BOT_FILE, 'text: "Hi! I am a bot."', 'text: "Hi!\\nI am a bot.\\n"')
    assert project.load().catalogue.text(Phrase("hello.greeting"), "en") == "Hi!\nI am a bot."
