"""The public tier: people, not answers, and none of them to be found."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.engine.course import Feedback, Form, Option, Question
from bot.engine.questions import KINDS
from bot.engine.turn import Verbatim
from bot.errors import ExportRefused
from bot.evidence.asked import sourced
from bot.evidence.options import PHASES, Format, Tier, moment
from bot.service import Content
from storage.rows import Kept
from storage.store import Store
from tests.evidence.makers import WORDLESS, Exported, exported, shares
from tests.makers import lesson, library
from tests.storage.makers import NOON, answer

WORDS = Verbatim("Who owns it?")  # as tests.storage.makers.answer asks


def question(id_: str, kind: str, *options: str) -> Question:
    answers = tuple(Option(option, Verbatim("The members"), right=option == "good") for option in options)
    return Question(id_, kind, tuple(Form(form, WORDS, answers) for form in ("a", "c")))


TAUGHT = Content(
    library(
        lesson("people-first", "tour", questions=(question("tour/people-first/key", "choice", "good", "bad"),)),
        feedback=(Feedback(question("next", "multiple", "v", "w", "x")), Feedback(question("rate", "rating5"))),
    ),
    WORDLESS,
)


async def crowd(store: Store, people: int, prefix: str, **given: Any) -> None:
    for n in range(people):
        await shares(store, f"{prefix}{n}", answer(**given))


def shown(export: Exported) -> dict[tuple[str, str], str]:
    return {(row["answer_id"], row["language"]): row["learners"] for row in export.rows}


async def public(store: Store, out: Path, taught: Content = TAUGHT, **asked: Any) -> Exported:
    return await exported(store, out, taught, tier=Tier.PUBLIC, **asked)


async def test_counts_of_ten_and_more_are_shown_with_their_sum(store: Store, tmp_path: Path) -> None:
    await crowd(store, 10, "a", answer_ids=("good",))
    await crowd(store, 12, "b", answer_ids=("bad",), correct=False)
    counts = await public(store, tmp_path / "out")
    assert shown(counts) == {("good", "(all)"): "10", ("bad", "(all)"): "12", ("(all)", "(all)"): "22"}
    first = counts.rows[0]
    assert (first["question_id"], first["lesson"], first["correct"]) == (
        "tour/people-first/key",
        "tour/people-first",
        "true",
    )
    assert {row["suppressed"] for row in counts.rows} == {"false"}
    assert (await store.ledger())[0].rows == counts.result.rows == 3


async def test_a_small_number_is_left_out_and_cannot_be_subtracted(store: Store, tmp_path: Path) -> None:
    await crowd(store, 3, "a", answer_ids=("bad",), correct=False)
    await crowd(store, 14, "b", answer_ids=("good",))
    counts = await public(store, tmp_path / "out")
    assert shown(counts) == {("good", "(all)"): "14", ("bad", "(all)"): "", ("(all)", "(all)"): ""}
    assert [row["suppressed"] for row in counts.rows] == ["false", "true", "true"]


async def test_an_answer_that_nobody_gave_looks_like_one_that_few_gave(store: Store, tmp_path: Path) -> None:
    await crowd(store, 14, "a", answer_ids=("good",))
    none = await public(store, tmp_path / "none")
    await crowd(store, 9, "b", answer_ids=("bad",), correct=False)
    few = await public(store, tmp_path / "few")
    assert none.raw == few.raw
    assert [row["correct"] for row in none.rows] == ["true", "false", ""]


async def test_what_one_person_alone_in_a_language_said_cannot_be_read(store: Store, tmp_path: Path) -> None:
    await crowd(store, 20, "a", answer_ids=("good",), language="en")
    await crowd(store, 12, "b", answer_ids=("bad",), correct=False, language="en")
    await crowd(store, 1, "lea", answer_ids=("good",), language="fr")
    counts = shown(await public(store, tmp_path / "out"))
    assert counts == {("good", "(all)"): "21", ("bad", "(all)"): "12", ("(all)", "(all)"): "33"}


async def test_answers_are_counted_by_language_where_each_number_may_show(store: Store, tmp_path: Path) -> None:
    for answer_id, language, people in (("good", "es", 15), ("bad", "es", 10), ("good", "fr", 11), ("bad", "fr", 9)):
        right = answer_id == "good"
        await crowd(store, people, f"{answer_id}{language}", answer_ids=(answer_id,), correct=right, language=language)
    counts = shown(await public(store, tmp_path / "few"))
    assert [cell for cell in counts if cell[1] != "(all)"] == [("(all)", "es"), ("(all)", "fr")]
    await shares(store, "lea", answer(answer_ids=("bad",), correct=False, language="fr"))
    counts = shown(await public(store, tmp_path / "enough"))
    assert list(counts.items()) == [
        (("good", "es"), "15"),
        (("good", "fr"), "11"),
        (("good", "(all)"), "26"),
        (("bad", "es"), "10"),
        (("bad", "fr"), "10"),
        (("bad", "(all)"), "20"),
        (("(all)", "es"), "25"),
        (("(all)", "fr"), "21"),
        (("(all)", "(all)"), "46"),
    ]


async def test_a_learner_counts_once_with_the_first_answer(store: Store, tmp_path: Path) -> None:
    for n in range(10):
        again = (answer(answer_ids=("bad",), attempt=2), answer(answer_ids=("bad",)))
        await shares(store, f"a{n}", answer(answer_ids=("good",)), *again)
    assert shown(await public(store, tmp_path / "out")) == {
        ("good", "(all)"): "10",
        ("bad", "(all)"): "",
        ("(all)", "(all)"): "",
    }


async def test_many_answers_of_few_people_stay_hidden(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", *(answer() for _ in range(50)))
    assert shown(await public(store, tmp_path / "out")) == {}


async def test_of_few_people_there_is_nothing(store: Store, tmp_path: Path) -> None:
    await crowd(store, 9, "a", answer_ids=("good",))
    assert shown(await public(store, tmp_path / "out")) == {}


async def test_a_second_try_after_a_hint_is_no_first_answer(store: Store, tmp_path: Path) -> None:
    for n in range(12):
        tries = (answer(answer_ids=("bad",), correct=False), answer(answer_ids=("good",), attempt=2))
        await shares(store, f"a{n}", *tries)
        await shares(store, f"b{n}", answer(answer_ids=("good",), attempt=2))
    counts = shown(await public(store, tmp_path / "out"))
    assert (counts["bad", "(all)"], counts["good", "(all)"]) == ("12", "")


async def test_a_question_that_was_changed_is_counted_apart(store: Store, tmp_path: Path) -> None:
    for prefix, people, version, correct, words in (
        ("a", 11, "aaaa", True, "Thirty own it. Is it SSE?"),
        ("b", 12, "bbbb", False, "One owns it. Is it SSE?"),
        ("c", 13, "cccc", False, "One owns it. Is it SSE?"),
    ):
        for n in range(people):
            given = answer(answer_ids=("yes",), correct=correct, version=version)
            await shares(store, f"{prefix}{n}", replace(given, question_text=words))
    rows = (await public(store, tmp_path / "out")).rows
    told = [(row["content_version"], row["answer_id"], row["correct"], row["learners"]) for row in rows]
    assert told == [
        ("aaaa", "yes", "true", "11"),
        ("aaaa", "(all)", "", ""),
        ("cccc", "yes", "false", "25"),
        ("cccc", "(all)", "", ""),
    ]


async def test_of_a_question_no_longer_asked_only_what_may_show_is_listed(store: Store, tmp_path: Path) -> None:
    await crowd(store, 12, "a", question="tour/gone/key", answer_ids=("good",))
    await crowd(store, 8, "b", question="tour/gone/key", answer_ids=("bad",), correct=False)
    assert shown(await public(store, tmp_path / "out")) == {("good", "(all)"): "12", ("(all)", "(all)"): ""}


async def test_who_chooses_several_counts_once_in_the_sum(store: Store, tmp_path: Path) -> None:
    asked = {"kind": "multiple", "question": "next", "lesson": "", "correct": None}
    await crowd(store, 4, "a", answer_ids=("v", "w", "x"), **asked)
    assert shown(await public(store, tmp_path / "few")) == {}
    await crowd(store, 10, "b", answer_ids=("v",), **asked)
    await crowd(store, 10, "c", answer_ids=("w",), **asked)
    counts = await public(store, tmp_path / "out")
    assert shown(counts) == {
        ("v", "(all)"): "14",
        ("w", "(all)"): "14",
        ("x", "(all)"): "",
        ("(all)", "(all)"): "24",
    }
    assert {row["lesson"] for row in counts.rows} == {""}


async def test_how_few_did_not_choose_something_cannot_be_read(store: Store, tmp_path: Path) -> None:
    asked = {"kind": "multiple", "question": "next", "lesson": "", "correct": None}
    await crowd(store, 20, "a", answer_ids=("v", "w"), **asked)
    await crowd(store, 1, "lea", answer_ids=("w",), **asked)
    counts = shown(await public(store, tmp_path / "out"))
    assert (counts["v", "(all)"], counts["w", "(all)"], counts["(all)", "(all)"]) == ("", "", "21")


async def test_words_are_counted_and_never_shown(store: Store, tmp_path: Path) -> None:
    for n in range(10):
        await shares(store, f"a{n}", answer("a canary sings", phase="feedback"))
    for form in (Format.CSV, Format.JSONL):
        counts = await public(store, tmp_path / form, format=form)
        assert b"canary" not in counts.raw
    assert shown(await public(store, tmp_path / "out"))["(words)", "(all)"] == "10"


async def test_a_reaction_is_counted_for_each_lesson(store: Store, tmp_path: Path) -> None:
    for about in ("one", "two"):
        facts = {"question": "reaction", "kind": "reaction", "phase": "reaction", "correct": None, "lesson": about}
        for n in range(10):
            await shares(store, f"a{n}", answer(answer_ids=("liked",), **facts))
    counts = await public(store, tmp_path / "out")
    liked = [(row["lesson"], row["learners"]) for row in counts.rows if row["answer_id"] == "liked"]
    assert liked == [("tour/one", "10"), ("tour/two", "10")]


async def test_a_course_and_a_phase_are_counted_whole(store: Store, tmp_path: Path) -> None:
    for n in range(10):
        opinion = {"kind": "multiple", "question": "next", "phase": "feedback", "correct": None, "answer_ids": ("v",)}
        known = answer(), answer(phase="review", course="module-1"), answer(**opinion)
        await shares(store, f"a{n}", *known, answer(question="module-1/alpha/key", course="module-1"))

    async def asked(out: str, **wanted: Any) -> set[tuple[str, str]]:
        rows = (await public(store, tmp_path / out, **wanted)).rows
        return {(row["question_id"], row["phase"]) for row in rows}

    tour = {("tour/people-first/key", "quiz"), ("tour/people-first/key", "review")}
    assert await asked("all") == {*tour, ("module-1/alpha/key", "quiz"), ("next", "feedback")}
    assert await asked("tour", course="tour") == tour
    assert await asked("phase", phase="quiz") == {("tour/people-first/key", "quiz"), ("module-1/alpha/key", "quiz")}


async def test_a_month_is_counted_by_itself(store: Store, tmp_path: Path) -> None:
    await crowd(store, 10, "a")
    await crowd(store, 11, "b", at=NOON + timedelta(days=30))
    month = {"since": moment("2026-11-01"), "until": moment("2026-11-30", last=True)}
    assert shown(await public(store, tmp_path / "out", **month))["good", "(all)"] == "10"


@pytest.mark.parametrize(
    ("wanted", "cure"),
    [
        ({"language": "fr"}, "Leave --language out"),
        ({"campaign": "poster"}, "Leave --campaign out"),
        ({"since": moment("2026-11-24")}, "--since 2026-11-01 --until 2026-11-30"),
        ({"until": moment("2026-11-24T12:00Z")}, "--since 2026-11-01 --until 2026-11-30"),
    ],
)
async def test_part_of_the_people_is_no_public_file(
    sqlite_store: Store, tmp_path: Path, wanted: dict[str, Any], cure: str
) -> None:
    with pytest.raises(ExportRefused) as refusal:
        await public(sqlite_store, tmp_path / "out", **wanted)
    assert "subtracted from" in refusal.value.reason
    assert cure in refusal.value.cure


async def test_the_readme_of_counts_warns_of_differences(store: Store, tmp_path: Path) -> None:
    counts = await public(store, tmp_path / "out")
    told = " ".join((counts.out / "README.txt").read_text("utf-8").split())
    assert told.startswith("These are counts of people")
    assert "what two files differ by are the people between them" in told


async def test_a_follow_up_counts_for_each_course_and_each_time_it_was_asked(store: Store, tmp_path: Path) -> None:
    asked = {"phase": "follow_up", "question": "used", "lesson": "", "answer_ids": ("used",), "correct": None}
    for n in range(10):
        given = [
            answer(course=course, form=form, **asked)
            for course in ("module-1", "module-2")
            for form in ("day-7", "day-28")
        ]
        await shares(store, f"a{n}", *given)
    rows = (await public(store, tmp_path / "out")).rows
    people = {(row["lesson"], row["form"]): row["learners"] for row in rows if row["answer_id"] == "used"}
    assert people == {(course, form): "10" for course in ("module-1", "module-2") for form in ("day-7", "day-28")}


async def test_a_recall_counts_beside_the_quiz_of_the_same_question(store: Store, tmp_path: Path) -> None:
    for n in range(10):
        await shares(store, f"a{n}", answer(), answer(phase="recall", form="c"))
    rows = (await public(store, tmp_path / "out")).rows
    people = {(row["phase"], row["form"]): row["learners"] for row in rows if row["answer_id"] == "good"}
    assert people == {("quiz", "a"): "10", ("recall", "c"): "10"}


def everything_asked(content: Content, person: int, language: str) -> list[Kept]:
    """Somebody's answer to every question there is, in every form."""
    rows = []
    for n, (question, *_) in enumerate(sourced(content.library)):
        for form, phase in zip(question.forms, PHASES, strict=False):  # once in a phase, in one form
            options = KINDS[question.kind].options(form)
            # So many of them that the first options are chosen often, and the others by few or nobody.
            chosen = options[person * person % 7 % len(options)] if options else None
            given = answer(
                None if chosen else "my words", at=NOON + timedelta(minutes=n), phase=phase, language=language,
                question=question.id, kind=question.kind, form=form.id, answer_ids=(chosen.id,) if chosen else (),
            )  # fmt: skip
            text = content.catalogue.label(chosen.label, "en") if chosen else ""
            asked = content.catalogue.text(form.text, "en")
            rows.append(replace(given, question_text=asked, answer_text=text))
    return rows


async def test_every_question_that_is_shipped_can_be_published(
    sqlite_store: Store, tmp_path: Path, content: Content
) -> None:
    for person in range(45):
        await shares(sqlite_store, f"a{person}", *everything_asked(content, person, ("en", "es", "fr")[person % 3]))
    rows = (await public(sqlite_store, tmp_path / "out", content)).rows
    questions = {(row["question_id"], row["form"]) for row in rows}
    assert questions == {(one.id, form.id) for one, *_ in sourced(content.library) for form in one.forms}
    lines = Counter((row["question_id"], row["form"], row["answer_id"], row["language"]) for row in rows)
    assert set(lines.values()) == {1}
    assert all(row["suppressed"] == "true" or int(row["learners"]) >= 10 for row in rows)
