"""The report people and programs read, and the rules that look at a whole course or a language."""

import json

import pytest

from bot.content.check import run
from bot.content.complaints import Level
from bot.content.prose import sentences, undated_figure, words
from tests.content.project import BOT_FILE, COURSE_FILE, LESSON_FILE, LESSONS_PO, Project

TEXT = "basics/one-vote/questions.bakery.a.text"


@pytest.fixture
def spanish(project: Project) -> Project:
    project.translate({}, rest="es ")
    return project


def told(project: Project, **options: bool) -> tuple[int, str]:
    lines: list[str] = []
    return run(project.root, say=lines.append, **options), "\n".join(lines)


def test_a_clean_project_leaves_with_nought(spanish: Project):
    code, output = told(spanish)
    assert code == 0
    assert "en: 100 % translated, 0 words stale, 0 missing, the source" in output
    assert "es: 100 % translated, 0 words stale, 0 missing, not reviewed yet" in output
    assert output.endswith("0 errors, 0 warnings.")


def test_an_error_leaves_with_one_and_shows_place_and_cure(spanish: Project):
    spanish.replace(LESSON_FILE, "takeaway: One member, one vote.\n", "")
    code, output = told(spanish)
    assert code == 1
    assert output.startswith(f"{LESSON_FILE}:1  takeaway: is missing → add `takeaway:` here")


def test_warnings_alone_leave_with_nought(project: Project):
    code, output = told(project)
    assert code == 0
    assert output.endswith("0 errors, 2 warnings.")


def test_programs_get_one_json_object(spanish: Project):
    spanish.replace(LESSON_FILE, "One vote each", "One vote each and every one")
    code, output = told(spanish, as_json=True, stats=True)
    report = json.loads(output)
    assert code == 1
    assert list(report) == ["errors", "warnings", "stats"]
    assert report["errors"][0] == {
        "file": LESSON_FILE,
        "line": 1,
        "what": "title: 27 characters",
        "cure": "at most 24 fit here",
    }


def test_the_figures_are_counted(spanish: Project):
    stats = spanish.check().stats
    course = stats["courses"]["basics"]
    assert {name: course[name] for name in ("lessons", "cards", "questions", "parallel_forms", "sources")} == {
        "lessons": 1,
        "cards": 2,
        "questions": 2,
        "parallel_forms": 3,
        "sources": 1,
    }
    assert course["examples_by_region"]["latin-america-caribbean"] == 1
    assert course["women_or_youth"] == 1.0
    english, other = stats["languages"]["en"], stats["languages"]["es"]
    assert english["words"] == english["translated"] == other["words"]
    assert (other["fuzzy"], other["missing"], other["reviewed"]) == (0, 0, False)
    assert stats["guessing"]["en"]["forms"] == 3


def test_the_straight_path_counts_what_a_learner_reads(project: Project):
    path = project.check().stats["courses"]["basics"]["straight_path_words"]["one-vote"]["en"]
    hook = words("A shop has 20 owners. Ravi paid most. Who decides?") + words("A fair guess. Let us look.")
    cards = words("In a cooperative each member has one vote. Money buys no second one.") + words(
        "In 1979 neighbours of Santa Cruz began a water cooperative. Each customer is a member."
    )
    key = words("Leila brought half of the money for a bakery. What does she have?") + words(
        "One vote Six votes Half the votes Yes. One member, one vote."
    )
    claim = words(
        "A member with one share has as much say as one with ten. True? True False Right. Shares do not vote."
    )
    close = words("One member, one vote. Where do you decide with others today?")
    assert path == hook + cards + key + claim + close


def test_a_folder_without_lessons_says_so(project: Project):
    lines: list[str] = []
    assert run(project.root / "lessons", say=lines.append) == 1
    assert lines[0] == "lessons:1  no lessons here → run this where the folders lessons/ and i18n/ are"


def test_lengths_are_checked_in_every_language(spanish: Project):
    spanish.replace(LESSONS_PO, 'msgstr "es One vote each"', 'msgstr "Un voto para cada persona que es socia"')
    (complaint,) = spanish.check().errors
    assert complaint.file == LESSONS_PO
    assert spanish.read(LESSONS_PO).splitlines()[complaint.line - 1] == 'msgctxt "basics/one-vote/title"'
    assert "38 characters" in complaint.what


def test_a_body_is_measured_with_its_letters_and_the_reply_above_it(spanish: Project):
    long = "Una respuesta que no cabe en ningún botón de un teléfono " * 5
    for label in ("One vote", "Six votes", "Half the votes"):
        spanish.replace(LESSONS_PO, f'msgstr "es {label}"', f'msgstr "{label} {long}"')
    assert any(TEXT in c.what and "WhatsApp takes 1024" in c.cure for c in spanish.check().errors)


def test_a_translation_may_grow_by_a_fifth_and_then_wants_a_look(spanish: Project):
    card = "es In a *cooperative* each member has one vote. Money buys no second one."
    spanish.replace(LESSONS_PO, f'msgstr "{card}"', 'msgstr "' + "*Un* voto es un voto. " * 12 + '"')
    (complaint,) = [c for c in spanish.check().complaints if "60 words" in c.what]
    assert (complaint.level, complaint.cure) == (Level.WARNING, "keep a card to 54")


def test_numbers_must_agree_with_the_english(spanish: Project):
    spanish.replace(LESSONS_PO, 'msgstr "es In 1979', 'msgstr "es In 1997')
    (complaint,) = spanish.check().complaints
    assert "numbers differ: 1997 here, 1979 in English" in complaint.what
    assert complaint.level is Level.WARNING


def test_bold_must_not_get_lost(spanish: Project):
    spanish.replace(LESSONS_PO, "es A shop has 20 owners. Ravi paid most. *Who decides?*", "es 20. Who decides?")
    assert ["nothing is bold" in c.what for c in spanish.check().warnings] == [True]


def test_a_lone_star_in_a_translation_is_an_error(spanish: Project):
    spanish.replace(LESSONS_PO, 'msgstr "es Leila', 'msgstr "*es Leila')
    (complaint,) = spanish.check().errors
    assert (complaint.file, "without its partner" in complaint.what) == (LESSONS_PO, True)


def test_an_agreed_term_must_be_used(spanish: Project):
    spanish.write("i18n/glossary.csv", "en,es\ncooperative,cooperativa\nmember,socia|miembro\nshare,\n")
    warnings = [c for c in spanish.check().warnings if "“cooperative”" in c.what]
    assert warnings
    assert {c.cure for c in warnings} == {"say “cooperativa”, or add your word to i18n/glossary.csv after a |"}
    spanish.write(LESSONS_PO, spanish.read(LESSONS_PO).replace('msgstr "es ', 'msgstr "cooperativas Socias '))
    assert [c for c in spanish.check().warnings if "in other words" in c.what] == []


def test_a_typed_word_may_not_mean_two_things_in_a_language(project: Project):
    project.translate({"command.menu.words": "menú, lista", "command.help.words": "ayuda, LISTA"})
    (complaint,) = project.check().errors
    assert '"LISTA" already means menu' in complaint.what


def test_a_greeting_may_also_be_small_talk(project: Project):
    project.write(BOT_FILE, project.read(BOT_FILE) + 'talk.hi.words: {words: "hi, hey", when: Typed.}\n')
    assert project.check().errors == ()


def test_the_first_reward_is_never_far(spanish: Project):
    spanish.replace(LESSON_FILE, "A fair guess.", "A fair guess. " + "Really now. " * 45)
    assert any("from hello to the first reply" in c.what and "100" in c.cure for c in spanish.check().errors)


def whole_course(project: Project, lessons: int, women: bool, regions: tuple[str, ...]) -> None:
    """More lessons like the first, up to so many, with examples from these regions in turn."""
    for number in range(2, lessons + 1):
        text = project.read(LESSON_FILE).replace("latin-america-caribbean", regions[number % len(regions)])
        text = text if women else text.replace(", women: true", "")
        project.write(f"lessons/basics/{number:02}0-lesson-{number}.yaml", text)


def test_a_whole_course_goes_round_the_world_with_women_and_young_people(project: Project):
    whole_course(project, 11, women=False, regions=("africa", "asia-pacific", "north-america"))
    errors = {c.what for c in project.check().errors if c.file == COURSE_FILE}
    assert errors == {
        "no example from arab-states, europe-central-asia",
        "women or young people in 9% of the lessons",
    }


@pytest.mark.parametrize(("lessons", "told_of"), [(13, False), (14, True)], ids=["too few to tell", "enough"])
def test_a_course_where_the_longest_option_always_wins_is_told(project: Project, lessons: int, told_of: bool):
    for label in ("One vote", "As the others", "Most members"):
        project.replace(LESSON_FILE, f"label: {label}, right", f"label: {label} and more, right")
    whole_course(project, lessons, women=True, regions=("africa",))
    what = f"in en the longest option is right in 100% of {3 * lessons} forms"
    assert any(what in c.what for c in project.check().warnings) is told_of


@pytest.mark.parametrize(("careful", "told_of"), [("often", True), ("Often", True), ("oftener", False)])
def test_a_course_where_the_most_careful_option_always_wins_is_told(project: Project, careful: str, told_of: bool):
    project.write(BOT_FILE, project.read(BOT_FILE) + 'check.hedges.words: {words: "may, often", when: Counted.}\n')
    for label in ("One vote", "As the others", "Most members"):
        project.replace(LESSON_FILE, f"label: {label}, right", f"label: {label} {careful}, right")
    whole_course(project, 14, women=True, regions=("africa",))
    what = "in en the most careful option is right in 100% of 42 forms"
    assert any(what in c.what for c in project.check().warnings) is told_of


@pytest.mark.parametrize(
    ("kind", "where", "which"),
    [
        ("warm", "label: One vote, right", "option with most warm words"),
        ("cold", "label: Six votes", "option with fewest cold words"),
    ],
)
@pytest.mark.parametrize(("lessons", "told_of"), [(39, False), (40, True)], ids=["too few to tell", "enough"])
def test_a_course_whose_words_give_the_answer_away_is_told(
    project: Project, kind: str, where: str, which: str, lessons: int, told_of: bool
):
    """A pupil who has learnt nothing takes what says *together*, and leaves out what says *never*."""
    words = f'check.{kind}.words: {{words: "together, never", when: Counted.}}\n'
    project.write(BOT_FILE, project.read(BOT_FILE) + words)
    project.replace(LESSON_FILE, where, where.replace("label:", "label: Never together"))
    whole_course(project, lessons, women=True, regions=("africa",))
    share = "100%" if kind == "warm" else "50%"  # one wrong option is seen through, the other is not
    what = f"in en the {which} is right in {share} of {lessons} forms"
    assert any(what in c.what for c in project.check().warnings) is told_of


def test_careful_words_on_all_options_alike_tell_nothing(project: Project):
    project.write(BOT_FILE, project.read(BOT_FILE) + 'check.hedges.words: {words: "may, often", when: Counted.}\n')
    project.replace(LESSON_FILE, "label: One vote", "label: Often one vote")
    project.replace(LESSON_FILE, "label: Six votes", "label: Often six votes")
    found = project.check().stats["guessing"]["en"]
    assert found["forms_with_hedges"] == 1
    assert found["most_hedged_of_those"] == 0.5
    assert found["most_hedged_is_right"] == pytest.approx((0.5 + 2 / 3) / 3, abs=0.001)


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("It has 300 members.", "300"),
        ("It kept 5% of a fare.", "5%"),
        ("It lent $3 to each.", "$3"),
        ("It has 2 million members.", "2 million"),
        ("In 2021 it had 300 members.", None),
        ("Three of 5 people vote.", None),
        ("SDG 12 and goal 16 ask for it. So do the 17 goals.", None),
        ("It began in 1844 with 28 people.", None),
        ("Rules of 1200 pages.", "1200"),
    ],
)
def test_a_figure_wants_its_year(text: str, figure: str | None):
    assert undated_figure(text) == figure


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One member, one vote.", 4),
        ("*Bold* words don't count twice", 5),
        ("10,000 dollars – or 25–40%", 5),
        ("Économie sociale et solidaire", 4),
        ("每个社员一票", 4),
        ("👋 Hi", 1),
        ("", 0),
    ],
)
def test_words_are_counted_as_readers_do(text: str, count: int):
    assert words(text) == count


def test_sentences_end_where_a_voice_falls():
    told = sentences('It grew by 1.5 a year. "Why?" she asked.\nNobody knew… But\n\nwe do！')
    assert told == ["It grew by 1.5 a year", '"Why', '" she asked', "Nobody knew", "But", "we do"]
