"""The public tier: people, not answers, and none of them to be found."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.evidence.options import Format, Tier
from storage.store import Store
from tests.evidence.makers import Exported, exported, shares
from tests.storage.makers import answer


async def crowd(store: Store, people: int, prefix: str, **given: Any) -> None:
    for n in range(people):
        await shares(store, f"{prefix}{n}", answer(**given))


def shown(export: Exported) -> dict[tuple[str, str], str]:
    return {(row["answer_id"], row["language"]): row["learners"] for row in export.rows}


async def public(store: Store, out: Path, **asked: Any) -> Exported:
    return await exported(store, out, tier=Tier.PUBLIC, **asked)


async def test_counts_of_ten_and_more_are_shown_with_their_sums(store: Store, tmp_path: Path) -> None:
    await crowd(store, 10, "a", answer_ids=("good",))
    await crowd(store, 12, "b", answer_ids=("bad",), correct=False)
    counts = await public(store, tmp_path / "out")
    assert shown(counts) == {
        ("bad", "es"): "12",
        ("bad", "all"): "12",
        ("good", "es"): "10",
        ("good", "all"): "10",
        ("all", "es"): "22",
        ("all", "all"): "22",
    }
    first = counts.rows[0]
    assert (first["question_id"], first["lesson"], first["correct"]) == (
        "tour/people-first/key",
        "tour/people-first",
        "false",
    )
    assert {row["suppressed"] for row in counts.rows} == {"false"}
    assert (await store.ledger())[0].rows == counts.result.rows == 6


async def test_a_small_number_is_left_out_and_cannot_be_subtracted(store: Store, tmp_path: Path) -> None:
    for answer_id, language, people in (("a", "es", 3), ("b", "es", 14), ("a", "fr", 11), ("b", "fr", 12)):
        await crowd(store, people, f"{answer_id}{language}", answer_ids=(answer_id,), language=language)
    counts = shown(await public(store, tmp_path / "out"))
    inner = {cell: people for cell, people in counts.items() if "all" not in cell}
    assert set(inner.values()) == {""}
    assert (counts["all", "es"], counts["all", "fr"], counts["a", "all"], counts["all", "all"]) == (
        "17",
        "23",
        "14",
        "40",
    )


async def test_a_learner_counts_once_with_the_first_answer(store: Store, tmp_path: Path) -> None:
    for n in range(10):
        again = (answer(answer_ids=("bad",), attempt=2), answer(answer_ids=("bad",)))
        await shares(store, f"a{n}", answer(answer_ids=("good",)), *again)
    assert shown(await public(store, tmp_path / "out"))["all", "all"] == "10"
    assert ("bad", "es") not in shown(await public(store, tmp_path / "out"))


async def test_many_answers_of_few_people_stay_hidden(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", *(answer() for _ in range(50)))
    assert set(shown(await public(store, tmp_path / "out")).values()) == {""}


async def test_what_one_person_alone_in_a_language_said_cannot_be_read(store: Store, tmp_path: Path) -> None:
    for answer_id, people in (("a", 20), ("b", 12), ("c", 15)):
        await crowd(store, people, answer_id, answer_ids=(answer_id,), language="en")
    await crowd(store, 1, "lea", answer_ids=("b",), language="fr")
    counts = shown(await public(store, tmp_path / "out"))
    assert [cell for cell in counts if cell[1] == "fr"] == [("all", "fr")]
    # What she did not say is no more to be subtracted than what she did.
    assert [answer for answer in "abc" if counts[answer, "en"] and counts[answer, "all"]] == []


async def test_of_few_people_there_is_one_empty_line(store: Store, tmp_path: Path) -> None:
    await crowd(store, 9, "a", answer_ids=("good",))
    assert shown(await public(store, tmp_path / "out")) == {("all", "all"): ""}


async def test_a_second_try_after_a_hint_is_no_first_answer(store: Store, tmp_path: Path) -> None:
    for n in range(12):
        tries = (answer(answer_ids=("bad",), language="en"), answer(answer_ids=("good",), language="es", attempt=2))
        await shares(store, f"a{n}", *tries)
        await shares(store, f"b{n}", answer(answer_ids=("good",), language="es", attempt=2))
    assert shown(await public(store, tmp_path / "out"))["all", "all"] == "12"
    assert shown(await public(store, tmp_path / "es", language="es")) == {}


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
    told = [(row["content_version"], row["correct"], row["learners"]) for row in rows if row["language"] == "es"]
    assert told == [("aaaa", "true", "11"), ("aaaa", "", "11"), ("cccc", "false", "25"), ("cccc", "", "25")]


async def test_who_chooses_several_counts_once_in_the_sum(store: Store, tmp_path: Path) -> None:
    await crowd(store, 4, "a", kind="multiple", answer_ids=("v", "w", "x", "y", "z"), question="next", correct=None)
    assert shown(await public(store, tmp_path / "few")) == {("all", "all"): ""}
    await crowd(store, 8, "b", kind="multiple", answer_ids=("v",), question="next", correct=None)
    counts = shown(await public(store, tmp_path / "out"))
    assert (counts["v", "es"], counts["w", "es"], counts["all", "es"]) == ("12", "", "12")


async def test_each_choice_of_several_counts(store: Store, tmp_path: Path) -> None:
    await crowd(store, 10, "a", kind="multiple", answer_ids=("x", "y"), question="next", correct=None)
    await crowd(store, 10, "b", kind="multiple", answer_ids=("y",), question="next", correct=None)
    counts = await public(store, tmp_path / "out")
    assert (shown(counts)["x", "es"], shown(counts)["y", "es"]) == ("10", "20")
    assert {row["lesson"] for row in counts.rows} == {""}


async def test_words_are_counted_and_never_shown(store: Store, tmp_path: Path) -> None:
    for n in range(10):
        await shares(store, f"a{n}", answer("a canary sings", phase="feedback"))
    for form in (Format.CSV, Format.JSONL):
        counts = await public(store, tmp_path / form, format=form)
        assert b"canary" not in counts.raw
    assert shown(await public(store, tmp_path / "out"))["words", "es"] == "10"


async def test_a_reaction_is_counted_for_each_lesson(store: Store, tmp_path: Path) -> None:
    for lesson in ("one", "two"):
        facts = {"question": "reaction", "kind": "reaction", "phase": "reaction", "correct": None, "lesson": lesson}
        for n in range(10):
            await shares(store, f"a{n}", answer(answer_ids=("liked",), **facts))
    counts = await public(store, tmp_path / "out")
    assert [(row["lesson"], row["learners"]) for row in counts.rows if row["language"] == "es"] == [
        ("tour/one", "10"),
        ("tour/one", "10"),
        ("tour/two", "10"),
        ("tour/two", "10"),
    ]


async def test_filters_hold_for_counts_too(store: Store, tmp_path: Path) -> None:
    await crowd(store, 10, "a", language="fr")
    await crowd(store, 10, "b", language="es")
    assert shown(await public(store, tmp_path / "out", language="fr"))["all", "all"] == "10"


async def test_the_readme_of_counts_warns_of_differences(store: Store, tmp_path: Path) -> None:
    counts = await public(store, tmp_path / "out")
    told = (counts.out / "README.txt").read_text("utf-8")
    assert told.startswith("These are counts of people")
    assert "difference between two counts may be one person" in " ".join(told.split())


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
