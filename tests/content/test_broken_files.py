"""Every way we know to spoil a file, with the line that is named, what is said and the cure."""

import os
from dataclasses import dataclass

import pytest

from tests.content.project import (
    BOT_FILE,
    BOT_PO,
    COURSE_FILE,
    FEEDBACK_FILE,
    LANGUAGES_FILE,
    LESSON_FILE,
    LESSONS_PO,
    SOURCES_FILE,
    Project,
)


@dataclass(frozen=True)
class Spoilt:
    """One mistake: what was replaced where, and what its author should be told."""

    file: str
    old: str
    new: str
    line: int
    what: str
    cure: str


EXAMPLE = "name: Water Together, place: Santa Cruz, region: latin-america-caribbean, year: 1979, women: true"

L, S, F, B = LESSON_FILE, SOURCES_FILE, FEEDBACK_FILE, BOT_FILE

CASES = {
    # YAML itself
    "tab": Spoilt(L, "about: How", "about:\tHow\n\tx", 3, "not valid YAML", "replace the tab by spaces"),
    "colon in a text": Spoilt(L, "about: How", "about: Note: How", 2, "not valid YAML", '"double quotes"'),
    "colon in a short text": Spoilt(L, "label: Ravi,", "label: Ravi: he,", 9, "not valid YAML", '"double quotes"'),
    "text indented too far": Spoilt(L, "about: How", " about: How", 2, "not valid YAML", "indentation"),
    "list indented too far": Spoilt(L, "cards:\n", " cards:\n", 12, "not valid YAML", "indentation"),
    "colon in quotes, indented too far": Spoilt(
        L, "  - id: bakery", "  x\n  - id: bakery", 23, "not valid YAML", "one before"
    ),
    "open quote": Spoilt(L, 'text: "A shop', 'text: "A "shop', 7, "not valid YAML", "quotes"),
    "key twice": Spoilt(L, "about: How", "title: Again\nabout: How", 2, '"title" stands here twice', "keep one"),
    "alias": Spoilt(L, "takeaway: One", "thought2: &a x\ntakeaway: *a #", 58, "alias", "write the text out"),
    "tag": Spoilt(L, "about: How", "about: !!python/name:os.system How", 2, "tag", "plain text"),
    "control character": Spoilt(L, "about: How", "about: H\x07ow", 2, "U+0007", "type the place again"),
    "deep brackets": Spoilt(L, "about: How", "about: " + "[" * 60 + "]" * 60 + " #", 2, "nested", "lines of their own"),
    # the shape of a lesson
    "title missing": Spoilt(L, "title: One vote each\n", "", 1, "title: is missing", "add `title:`"),
    "unknown key": Spoilt(L, "takeaway:", "takeway:", 58, "no key we know", "did you mean `takeaway`?"),
    "comma ends the text": Spoilt(L, "label: Ravi,", "label: Ravi, Amina,", 9, "Amina: is no key", "double quotes"),
    "number for text": Spoilt(L, "title: One vote each", "title: 1844", 1, "a number", "double quotes"),
    "empty text": Spoilt(L, "takeaway: One member, one vote.", 'takeaway: " "', 58, "is empty", "write something"),
    "capital in an id": Spoilt(L, "id: ravi", "id: Ravi", 9, "not a valid id", "small letters"),
    "id too long": Spoilt(L, "id: ravi", "id: " + "r" * 25, 9, "not a valid id", "at most 24"),
    "no such region": Spoilt(L, "latin-america-caribbean", "atlantis", 5, '"atlantis"', "'africa'"),
    "year in quotes": Spoilt(L, "year: 1979", 'year: "1979"', 5, "no whole number", "without quotes"),
    "yes for true": Spoilt(L, "women: true", "women: yes", 5, "neither true nor false", "without quotes"),
    "right in a hook": Spoilt(L, "id: ravi,", "id: ravi, right: true,", 9, "a hook has no right answer", "its `reply`"),
    "key of another part": Spoilt(L, "takeaway:", "kind: choice\ntakeaway:", 58, "has no place here", "take it out"),
    "one hook option": Spoilt(
        L, '    - {id: all, label: All of them, reply: "You are near. Let us look."}\n', "", 8, "too few", "at least 2"
    ),
    "hook option without reply": Spoilt(L, ', reply: "A fair guess. Let us look."', "", 9, "reply: is missing", "add"),
    "hook options alike": Spoilt(L, "id: all,", "id: ravi,", 10, '"ravi" stands here twice', "its own id"),
    "card ids alike": Spoilt(L, "- id: real", "- id: rule", 18, '"rule" stands here twice', "its own id"),
    "cards not a list": Spoilt(L, "cards:\n  - id: rule", "cards:\n    id: rule", 18, "not valid YAML", "indentation"),
    "no card text": Spoilt(L, "text: In 1979", "txt: In 1979", 18, "text: is missing", "add `text:`"),
    "two options": Spoilt(
        L,
        '          - {id: boss, label: The manager, line: "A manager runs the day. Who owns it?"}\n',
        "",
        39,
        'form "c" has 2 options',
        "exactly three",
    ),
    "no right option": Spoilt(L, "One vote, right: true", "One vote", 27, "0 right options", "exactly one"),
    "two right options": Spoilt(L, "Six votes,", "Six votes, right: true,", 27, "2 right options", "exactly one"),
    "option without line": Spoilt(
        L, ', line: "Half the money, yes. Who votes?"', "", 32, "line: is missing", "add `line:`"
    ),
    "labels alike": Spoilt(L, "label: Six votes", "label: One vote", 31, '"One vote" stands here twice', "its own"),
    "no key question": Spoilt(L, "    key: true\n", "", 21, "0 key questions", "`key: true`"),
    "two key questions": Spoilt(L, "kind: true_false", "kind: true_false\n    key: true", 21, "2 key questions", "one"),
    "no such kind": Spoilt(L, "kind: choice", "kind: guess", 24, '"guess" is not one', "'choice' or 'true_false'"),
    "true or false with options": Spoilt(
        L,
        "        answer: false\n",
        "        options: [{id: a, label: A, line: B}]\n",
        48,
        "has options",
        "`answer: true`",
    ),
    "true or false without answer": Spoilt(L, "        answer: false\n", "", 48, "not complete", "`answer`"),
    "choice with an answer": Spoilt(
        L, "- id: b\n", "- id: b\n        answer: true\n", 33, "true or false", "`options`"
    ),
    "a key of the picture": Spoilt(
        L, "hook:\n", "picture: {file: x.png, alt: A}\nhook:\n", 6, "file", "did you mean `title`?"
    ),
    # amounts and prose
    "no example": Spoilt(
        L,
        "examples:\n  - {" + EXAMPLE + "}\n",
        "",
        1,
        "no real example",
        "`examples:`",
    ),
    "two forms of the key question": Spoilt(
        L,
        """      - id: c
        text: "One member holds many shares. *What decides?*"
        options:
          - {id: heads, label: Most members, right: true, line: "Yes. Heads count, not shares."}
          - {id: shares, label: Most shares, line: "That is a vote of money. Who votes here?"}
          - {id: boss, label: The manager, line: "A manager runs the day. Who owns it?"}
""",
        "",
        26,
        "has 2 forms",
        "needs 3",
    ),
    "title too long": Spoilt(L, "One vote each", "One vote each and every one", 1, "27 characters", "at most 24"),
    "about too long": Spoilt(L, "How members of", "How members " * 6 + "of", 2, "characters", "at most 72"),
    "about too long with its tick": Spoilt(
        L, "How members of", "How " * 11 + "members of", 2, "characters", "with the tick"
    ),
    "button too long": Spoilt(L, "next: Is that real?", "next: Is that really so then?", 16, "23 characters", "20"),
    "card too long": Spoilt(L, "Each customer is", "Each " + "and every " * 20 + "customer is", 19, "words", "45"),
    "sentences too long": Spoilt(
        L, "*Who decides?*", "and " * 150 + "*who decides?*", 7, "a sentence on average", "12"
    ),
    "path too long": Spoilt(L, "thought: Where", "thought: " + "so " * 320 + "where", 1, "straight path", "cut to 380"),
    "body too long": Spoilt(L, '"Leila brought', '"' + "Leila brought it. " * 60, 28, "comes to", "1024"),
    "uneven options": Spoilt(L, "label: Half the votes", "label: Half the votes of them", 28, "8 to 22", "alike"),
    "option for the others": Spoilt(
        L, "label: Half the votes", "label: All of these", 32, "stands for other", "mistake"
    ),
    "lone star": Spoilt(L, "*cooperative*", "*cooperative", 14, "a star without its partner", "before and after"),
    "bold in a title": Spoilt(
        L, "title: One vote each", 'title: "*One* vote each"', 1, "bold does not show", "take the"
    ),
    "broken line": Spoilt(L, "Money buys", "Money\n      buys", 14, "mid-sentence", "one line"),
    "link in a text": Spoilt(L, "Who votes?", "See https://x.org", 32, "a link in a text", "sources.yaml"),
    "placeholder in a lesson": Spoilt(L, "Who votes?", "Who {votes}?", 32, "a {", "bot.yaml"),
    # sources
    "unknown source": Spoilt(L, "[water-2020]", "[water-2021]", 17, 'no source "water-2021"', "sources.yaml"),
    "card without source": Spoilt(
        L, "    source: [water-2020]\n  - id: real", "  - id: real", 13, "has no source", "[id]"
    ),
    "figure without year": Spoilt(L, "In 1979 neighbours", "Some 300 neighbours", 19, '"300" has no year', "the year"),
    "hook with a year": Spoilt(L, "A shop has 20", "In 1844 a shop had 20", 7, "names a year", "source"),
    "question with a year": Spoilt(L, "Who pays more votes more.", "In 1844 they met.", 45, "names a year", "source"),
    "unused source": Spoilt(
        S,
        "water-2020:",
        "x-1:\n  {title: A, publisher: B, year: 2020, seen: 2026-11}\nwater-2020:",
        1,
        "used nowhere",
        "take it out",
    ),
    "source without seen": Spoilt(S, "  seen: 2026-11\n", "", 1, "seen: is missing", "add `seen:`"),
    "no link": Spoilt(S, "https://water.example/study", "water.example", 5, "is no link", "https://"),
    # the other files
    "course without order": Spoilt(COURSE_FILE, "order: 1\n", "", 1, "order: is missing", "add `order:`"),
    "feedback kind": Spoilt(F, "kind: choice", "kind: single", 2, '"single" is not one', "'rating5'"),
    "feedback without options": Spoilt(F, "kind: choice", "kind: open", 1, "options on kind open", "take them out"),
    "follow-up without its question": Spoilt(
        COURSE_FILE, "order: 1", "order: 1\nfollow_up: true", 4, "there is no question for it", "lessons/feedback.yaml"
    ),
    "follow-up that no course wants": Spoilt(
        F, "kind: choice", "kind: choice\n  follow_up: true", 3, "no course wants", "in the course.yaml"
    ),
    "follow-up of another kind": Spoilt(
        F, "kind: multiple", "kind: multiple\n  follow_up: true", 8, "of kind multiple", "`kind: choice`"
    ),
    "follow-up with a time of its own": Spoilt(
        F, "kind: choice", "kind: choice\n  follow_up: true\n  after: 3", 4, "has no say", "take it out"
    ),
    "follow-up that is no yes": Spoilt(
        COURSE_FILE, "order: 1", "order: 1\nfollow_up: weekly", 4, "neither true nor false", "without quotes"
    ),
    "feedback id twice": Spoilt(F, "id: more", "id: clear", 7, '"clear" stands here twice', "its own id"),
    "picked row too long": Spoilt(
        F, "label: Audio", "label: Audio for the way homes", 11, "25 characters", "with its tick"
    ),
    "phrase without when": Spoilt(B, ", when: First words.", "", 1, "when: is missing", "add `when:`"),
    "phrase with two ways": Spoilt(B, 'one: "{n} idea"', 'text: x, one: "{n} idea"', 16, "not one phrase", "`one` and"),
    "only one of the plural": Spoilt(B, 'one: "{n} idea", ', "", 16, "not one phrase", "`one` and `other`"),
    "phrase too long": Spoilt(B, "Hi! I am a bot.", "Hi! " + "I am a bot. " * 6, 1, "characters", "at most 60"),
    "typed word twice": Spoilt(B, "help, sos", "help, options", 18, '"options" already means menu', "keep it"),
    "name of another command": Spoilt(B, "thanks, thank you", "thanks, help", 19, '"help" already means', "keep it"),
    "language code": Spoilt(LANGUAGES_FILE, "es:", "Spanish:", 2, "not a valid id", "neighbours"),
    "English not first": Spoilt(
        LANGUAGES_FILE, "en: {name: English, reviewed: true}\n", "", 1, "not the first", "`en:`"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_spoilt_file_is_told_with_its_line_and_cure(project: Project, name: str):
    case = CASES[name]
    project.replace(case.file, case.old, case.new)
    told = [c for c in project.complaints() if c.file == case.file and c.line == case.line]
    assert any(case.what in c.what and case.cure in c.cure for c in told), "\n".join(map(str, project.complaints()))


def test_the_project_has_no_complaint_before_it_is_spoilt(project: Project):
    project.translate({}, rest="x ")
    assert project.complaints() == ()


def test_all_mistakes_of_a_file_are_told_at_once(project: Project):
    project.replace(LESSON_FILE, "title: One vote each", "title: 7")
    project.replace(LESSON_FILE, "id: ravi", "id: RAVI")
    project.replace(LESSON_FILE, "takeaway: One member, one vote.\n", "")
    project.replace(COURSE_FILE, "order: 1", "order: first")
    lines = [(c.file, c.line) for c in project.check().errors if c.file in (LESSON_FILE, COURSE_FILE)]
    assert lines == [(LESSON_FILE, 1), (LESSON_FILE, 1), (LESSON_FILE, 9), (COURSE_FILE, 3)]


@pytest.mark.parametrize(
    ("file", "content", "line", "what", "cure"),
    [
        (LESSON_FILE, b"title: caf\xe9\n", 1, "not UTF-8", "UTF-8"),
        (LESSON_FILE, b"a: b\n" * 250_000, 1, "larger than 1 MiB", "one lesson a file"),
        (LESSON_FILE, b"", 1, "should hold `key: value` lines", "see lessons/README.md"),
        (LESSON_FILE, b"- a\n- b\n", 1, "should hold `key: value` lines", "README"),
        ("lessons/basics/first.yaml", b"title: A\n", 1, "not the name of a lesson", "010-first-steps.yaml"),
        ("lessons/basics/020-one-vote.yaml", b"title: A\n", 1, 'is called "one-vote"', "its own name"),
        ("lessons/Second Course/course.yaml", b"title: A\n", 1, "not a name for a course", "small letters"),
        ("lessons/empty/course.yaml", b"title: A\nabout: B\norder: 2\n", 1, "without lessons", "add a lesson"),
        (BOT_PO, b'msgctxt "a"\nmsgid "b\nmsgstr ""\n', 2, "without its closing quote", "mend that line"),
        (BOT_PO, b'msgctxt "a"\nmsgid "b"\nmsgtr "c"\n', 3, "not a line of a PO file", "mend that line"),
        (LESSONS_PO, b'msgid "a \\"b\\" "c""\nmsgstr ""\n', 1, "bare quote", "mend that line"),
        ("i18n/glossary.csv", b"english,es\nvote,voto\n", 1, "no column `en`", "en,es,fr"),
        ("policies/ages.yaml", b"default: 99\nsource: a\ncountries: {}\n", 1, "default", "compare it with the file"),
        ("policies/helplines.yaml", b"countries:\n  Spain: {}\n", 2, "not a valid id", "neighbours"),
        ("policies/messages.yaml", b"channels: {}\n", 1, "budgets: is missing", "add `budgets:`"),
        ("policies/brakes.yaml", b"x: [\n", 2, "not valid YAML", "look at this line"),
        ("policies/brakes.yaml", b"zzz: 1\n", 1, "no key we know", "take it out"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_told(
    project: Project, file: str, content: bytes, line: int, what: str, cure: str
):
    path = project.root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    told = [c for c in project.complaints() if file.startswith(c.file) and c.line == line]
    assert any(what in c.what and cure in c.cure for c in told), "\n".join(map(str, project.complaints()))


def test_a_link_out_of_the_folder_is_not_followed(project: Project):
    outside = project.root / "secret.yaml"
    outside.write_text("title: Secret\n", encoding="utf-8")
    (project.root / "lessons/basics/020-secret.yaml").symlink_to(outside)
    (complaint,) = [c for c in project.check().errors if "020-secret" in c.file]
    assert "not followed" in complaint.what


@pytest.mark.parametrize("file", [LESSON_FILE, BOT_FILE, BOT_PO, "i18n/glossary.csv", "policies/ages.yaml"])
def test_a_pipe_in_the_place_of_a_file_is_told_and_not_waited_for(project: Project, file: str):
    path = project.root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    told = [(c.what, c.cure) for c in project.check().errors if c.file == file]
    assert told == [("cannot be read: a pipe or a device and no file", "take it away, or put the file itself there")]


def test_a_missing_file_of_words_is_told(project: Project):
    (project.root / BOT_FILE).unlink()
    (complaint,) = project.check().errors
    assert complaint.file == BOT_FILE
    assert complaint.cure == "put the file there and make it readable"


def test_every_policy_must_be_there(project: Project):
    """What a start refuses, or would quietly do without, is told before."""
    names = ("ages", "brakes", "helplines", "messages")
    for name in names:
        (project.root / f"policies/{name}.yaml").unlink()
    told = [(c.file, c.cure) for c in project.check().errors]
    assert told == [(f"policies/{name}.yaml", "put the file there and make it readable") for name in names]


def test_two_courses_with_the_same_order_are_told(project: Project):
    project.write("lessons/zebra/course.yaml", project.read(COURSE_FILE))
    project.write("lessons/zebra/010-one.yaml", project.read(LESSON_FILE))
    assert any("is also the order of basics" in c.what and c.line == 3 for c in project.check().errors)


def test_ids_that_make_a_path_too_long_are_told(project: Project):
    project.write(f"lessons/{'c' * 24}/course.yaml", project.read(COURSE_FILE).replace("order: 1", "order: 2"))
    project.write(f"lessons/{'c' * 24}/010-{'l' * 22}.yaml", project.read(LESSON_FILE))
    assert any("is too long" in c.what and "48" in c.cure for c in project.check().errors)


def test_two_questions_for_the_follow_up_are_told(project: Project):
    project.replace(COURSE_FILE, "order: 1", "order: 1\nfollow_up: true")
    project.replace(FEEDBACK_FILE, "kind: choice", "kind: choice\n  follow_up: true")
    more = "- {id: z, kind: choice, text: B?, follow_up: true, options: [{id: c, label: C}, {id: d, label: D}]}\n"
    project.write(FEEDBACK_FILE, project.read(FEEDBACK_FILE) + more)
    (complaint,) = project.check().errors
    assert (complaint.file, complaint.line) == (FEEDBACK_FILE, 14)
    assert "stands on two questions" in complaint.what
    assert "on one question only" in complaint.cure


def test_a_follow_up_without_any_feedback_file_is_told(project: Project):
    project.replace(COURSE_FILE, "order: 1", "order: 1\nfollow_up: true")
    (project.root / FEEDBACK_FILE).unlink()
    (complaint,) = project.check().errors
    assert complaint.file == COURSE_FILE
    assert "there is no question for it" in complaint.what


def test_a_broken_feedback_file_is_told_of_alone(project: Project):
    project.replace(COURSE_FILE, "order: 1", "order: 1\nfollow_up: true")
    project.replace(FEEDBACK_FILE, "kind: choice", "kind: none")
    assert {complaint.file for complaint in project.check().errors} == {FEEDBACK_FILE}


def test_mistakes_of_every_kind_in_one_lesson_are_told_in_one_run(project: Project):
    """Shape, structure and style: nobody mends one to be told of the next."""
    for old, new in (
        ("title: One vote each", "title: One vote each, and never two for anybody"),
        (', line: "Half the money, yes. Who votes?"', ""),  # shape
        ("One vote, right: true", "One vote"),  # structure, in another form
        ("thought: ", "thought: See https://a.example *now, "),  # style, twice
    ):
        project.replace(LESSON_FILE, old, new)
    told = "\n".join(complaint.what for complaint in project.check().errors if complaint.file == LESSON_FILE)
    for what in ("line: is missing", "0 right options", "characters", "a star without its partner", "a link in a text"):
        assert what in told, told


def test_a_misspelt_key_is_told_alone(project: Project):
    """What follows from it is not: with the key put right it is gone."""
    project.replace(LESSON_FILE, "right: true", "rigth: true")
    (complaint,) = [c for c in project.check().errors if c.file == LESSON_FILE]
    assert complaint.cure == "did you mean `right`?"


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.file == L])
def test_a_broken_lesson_never_stops_the_check(project: Project, name: str):
    case = CASES[name]
    project.replace(L, case.old, case.new)
    project.write("lessons/basics/020-two.yaml", project.read(L))
    assert {complaint.file for complaint in project.complaints()} >= {L, "lessons/basics/020-two.yaml"}


def test_a_lesson_that_cannot_be_read_blames_no_source(project: Project):
    """The entry it uses is used, for all anybody knows."""
    project.replace(LESSON_FILE, "about: How", "about:\tHow\n\tx")
    assert {complaint.file for complaint in project.check().errors} == {LESSON_FILE}


def test_sources_that_cannot_be_read_blame_no_lesson(project: Project):
    project.write(SOURCES_FILE, "x: [\n")
    assert {complaint.file for complaint in project.check().errors} == {SOURCES_FILE}


def test_a_broken_translation_is_not_called_missing(project: Project):
    project.translate({}, rest="x ")
    project.write(LESSONS_PO, project.read(LESSONS_PO) + '\nmsgstr "open\n')
    (complaint,) = project.complaints()
    assert "without its closing quote" in complaint.what
    assert "es" not in project.check().stats["languages"]


def test_every_broken_line_of_a_translation_is_told(project: Project):
    project.translate({}, rest="x ")
    project.write(
        BOT_PO, project.read(BOT_PO) + '\nmsgctxt "a\nmsgid "b"\nmsgtr "c"\n\nmsgctxt "d\nmsgid "e"\nmsgstr "f"\n'
    )
    assert [c.what.partition(" ")[0] for c in project.complaints()] == ["a", "not", "a"]


def test_a_strange_byte_in_a_translation_has_its_line_and_cure(project: Project):
    (project.root / BOT_PO).parent.mkdir(parents=True)
    (project.root / BOT_PO).write_bytes(b'msgctxt "a"\nmsgid "b"\nmsgstr "caf\xe9"\n')
    (complaint,) = [c for c in project.complaints() if c.file == BOT_PO]
    assert (complaint.line, complaint.what) == (3, "not UTF-8 text")
    assert complaint.cure == "save the file in the encoding UTF-8"
