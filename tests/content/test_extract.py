"""Translators' files follow the English texts, and no translation is ever lost."""

import pytest

from bot.content.complaints import Complained
from bot.content.extract import extract, sync
from bot.content.po import Entry, read_po
from bot.engine.turn import Phrase
from tests.content.project import BOT_FILE, BOT_PO, LESSON_FILE, LESSONS_PO, Project

TITLE = "basics/one-vote/title"
RULE = "basics/one-vote/cards.rule.text"


def entry(project: Project, context: str, file: str = LESSONS_PO) -> Entry:
    return read_po(project.root / file)[context]


def test_a_first_sync_writes_templates_and_empty_files(project: Project):
    synced = sync(project.root)
    assert synced.written == ("i18n/bot.pot", "i18n/lessons.pot", BOT_PO, LESSONS_PO)
    assert synced.waiting == {"es": len(read_po(project.root / BOT_PO)) + len(read_po(project.root / LESSONS_PO))}
    assert entry(project, TITLE).translation == ("",)


def test_a_text_comes_with_its_note_its_limit_and_its_place(project: Project):
    sync(project.root)
    text = project.read(LESSONS_PO)
    assert (
        "#. Title of a lesson, a row of a list.\n"
        "#. At most 24 characters.\n"
        f"#: {LESSON_FILE}:1\n"
        'msgctxt "basics/one-vote/title"\n'
        'msgid "One vote each"\n'
        'msgstr ""\n'
    ) in text


def test_the_files_tell_no_date_and_nobody_s_name(project: Project):
    sync(project.root)
    head = project.read(BOT_PO).partition("\n\n")[0]
    assert head.splitlines()[2:] == [
        '"Project-Id-Version: SSE learning bot\\n"',
        '"Language: es\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=UTF-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"',
    ]


def test_a_second_sync_writes_nothing(project: Project):
    project.translate({TITLE: "Un voto por persona"})
    project.replace(LESSON_FILE, "One vote each", "One vote for each")
    sync(project.root)
    assert sync(project.root).written == ()


def test_a_translation_survives_untouched(project: Project):
    project.translate({TITLE: "Un voto por persona", "progress.ideas": ["{n} idea", "{n} ideas"]})
    sync(project.root)
    assert entry(project, TITLE).translation == ("Un voto por persona",)
    assert entry(project, "progress.ideas", BOT_PO).translation == ("{n} idea", "{n} ideas")
    assert not entry(project, TITLE).fuzzy


def test_changed_english_marks_the_translation_and_keeps_what_it_was_made_from(project: Project):
    project.translate({TITLE: "Un voto por persona"})
    project.replace(LESSON_FILE, "One vote each", "One vote for each")
    sync(project.root)
    changed = entry(project, TITLE)
    assert (changed.text, changed.fuzzy, changed.previous) == ("One vote for each", True, "One vote each")
    assert changed.translation == ("Un voto por persona",)


def test_english_that_changes_twice_still_tells_what_was_translated(project: Project):
    project.translate({TITLE: "Un voto por persona"})
    for old, new in (("One vote each", "One vote for each"), ("One vote for each", "A vote for each")):
        project.replace(LESSON_FILE, old, new)
        sync(project.root)
    assert entry(project, TITLE).previous == "One vote each"


def test_english_that_comes_back_needs_no_new_reading(project: Project):
    project.translate({TITLE: "Un voto por persona"})
    for old, new in (("One vote each", "One vote for each"), ("One vote for each", "One vote each")):
        project.replace(LESSON_FILE, old, new)
        sync(project.root)
    assert not entry(project, TITLE).fuzzy
    assert entry(project, TITLE).previous is None


def test_a_changed_plural_form_alone_is_noticed_too(project: Project):
    project.translate({"progress.ideas": ["{n} idea", "{n} ideas"]})
    project.replace(BOT_FILE, 'other: "{n} ideas"', 'other: "{n} good ideas"')
    for _again in range(2):
        sync(project.root)
        assert entry(project, "progress.ideas", BOT_PO).fuzzy


def test_a_mark_set_by_hand_stays_until_a_hand_takes_it_away(project: Project):
    project.translate({TITLE: "Un voto por persona"})
    project.replace(LESSONS_PO, 'msgctxt "basics/one-vote/title"', '#, fuzzy\nmsgctxt "basics/one-vote/title"')
    sync(project.root)
    assert entry(project, TITLE).fuzzy
    project.replace(LESSONS_PO, "#, fuzzy\n", "")
    sync(project.root)
    assert not entry(project, TITLE).fuzzy


def test_a_translator_s_remark_stays(project: Project):
    project.translate({TITLE: "Un voto por persona"})
    project.replace(
        LESSONS_PO, 'msgctxt "basics/one-vote/title"', '# Ana: or “cada uno”?\nmsgctxt "basics/one-vote/title"'
    )
    sync(project.root)
    assert entry(project, TITLE).remarks == ("Ana: or “cada uno”?",)


def test_what_is_gone_in_english_is_dropped(project: Project):
    project.translate({}, rest="es ")
    project.replace(LESSON_FILE, "    next: Is that real?\n", "")
    sync(project.root)
    assert "cards.rule.next" not in project.read(LESSONS_PO)


def test_a_text_of_several_lines_comes_back_whole(project: Project):
    project.replace(LESSON_FILE, "Money buys no second one.", 'It says: "one".\n      Tab\\ and {no} more.')
    sync(project.root)
    assert entry(project, RULE).text == (
        'In a *cooperative* each member has one vote. It says: "one".\nTab\\ and {no} more.'
    )


def test_arabic_gets_its_six_forms(project: Project):
    project.write("i18n/languages.yaml", project.read("i18n/languages.yaml") + "ar: {name: العربية, rtl: true}\n")
    sync(project.root, ["ar"])
    file = project.read("i18n/ar/LC_MESSAGES/bot.po")
    assert "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 :" in file
    assert "n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);" in file
    assert 'msgstr[5] ""' in file


def test_only_the_languages_asked_for_are_written(project: Project):
    project.write("i18n/languages.yaml", project.read("i18n/languages.yaml") + "fr: {name: Français}\n")
    sync(project.root, ["fr"])
    assert not (project.root / LESSONS_PO).exists()


def test_a_language_nobody_announced_is_refused(project: Project):
    with pytest.raises(Complained, match="add a line for it first, or write one of: es"):
        sync(project.root, ["pt"])


def test_broken_lessons_leave_the_translators_files_alone(project: Project):
    project.translate({TITLE: "Un voto por persona"})
    before = project.read(LESSONS_PO)
    project.replace(LESSON_FILE, "title: One vote each\n", "")
    with pytest.raises(Complained, match="title: is missing"):
        sync(project.root)
    assert project.read(LESSONS_PO) == before


def test_a_broken_file_of_a_translator_is_told_and_not_overwritten(project: Project):
    project.translate({})
    project.replace(BOT_PO, 'msgstr ""\n', 'msgstr "\n')
    before = project.read(BOT_PO)
    with pytest.raises(Complained, match=BOT_PO):
        sync(project.root)
    assert project.read(BOT_PO) == before


def test_extract_writes_templates_only(project: Project):
    assert extract(project.root).written == ("i18n/bot.pot", "i18n/lessons.pot")
    assert not (project.root / "i18n/es").exists()


@pytest.mark.parametrize("code", ["ay", "zz", "ay-BO"])
def test_a_language_that_no_table_knows_gets_its_files_too(project: Project, code: str):
    project.write("i18n/languages.yaml", project.read("i18n/languages.yaml") + f"{code}: {{name: Aymar aru}}\n")
    assert sync(project.root, [code]).waiting[code] > 0
    assert read_po(project.root / f"i18n/{code}/LC_MESSAGES/bot.po")["progress.ideas"].strings == {0: "", 1: ""}
    project.translate({}, code, rest="x ")
    assert [c for c in project.complaints() if code in c.file] == []
    assert project.load().catalogue.text(Phrase("progress.ideas", {"n": 3}), code) == "x 3 ideas"
