"""The stream of answers: complete, in one order, whatever page size."""

from datetime import timedelta

import pytest

from bot.engine.learner import Keep
from storage.answers import COLUMNS
from storage.rows import AnswerFilter
from storage.store import Store
from tests.storage.makers import GROWN, NOON, answer, arrive

MINUTE = timedelta(minutes=1)


async def streamed(store: Store, wanted: AnswerFilter | None = None, size: int = 1000) -> list[dict[str, object]]:
    batches = [batch async for batch in store.answers(wanted or AnswerFilter(), size)]
    return [dict(zip(COLUMNS, row, strict=True)) for batch in batches for row in batch]


async def test_every_column_comes_as_it_was_stored(store: Store) -> None:
    learner_id = await arrive(store, records=(answer("my words", at=NOON + timedelta(microseconds=7)),), **GROWN)
    (row,) = await streamed(store)
    assert len(str(row.pop("response_id"))) == 36
    assert row == {
        "learner_id": learner_id,
        "answered_at": "2026-11-24T12:00:00.000007Z",
        "channel": "telegram",
        "language": "es",
        "role": None,
        "age_band": "25+",
        "country": "ES",
        "campaign": "poster",
        "course": "tour",
        "lesson": "people-first",
        "content_version": "v1",
        "phase": "quiz",
        "question_id": "tour/people-first/key",
        "question_kind": "open",
        "question_text": "Who owns it?",
        "form": "a",
        "attempt": 1,
        "pre_assigned": None,
        "exposures": 0,
        "answer_id": "",
        "answer_text": "",
        "own_words": "my words",
        "correct": None,
        "seconds_to_answer": 5,
    }


@pytest.mark.parametrize("size", [1, 3, 4, 100])
async def test_no_answer_is_lost_or_doubled_between_pages(store: Store, size: int) -> None:
    minutes = [5, 3, 3, 3, 9, 1, 3, 7]
    records = tuple(answer(at=NOON + minute * MINUTE, form=str(n)) for n, minute in enumerate(minutes))
    await arrive(store, records=records, **GROWN)
    assert [row["form"] for row in await streamed(store, size=size)] == list("51236074")


async def test_an_answer_given_while_the_stream_runs_is_left_for_the_next(store: Store) -> None:
    await arrive(store, records=(answer(form="1"), answer(form="2")), **GROWN)
    seen = []
    async for batch in store.answers(AnswerFilter(), 1):
        seen.extend(batch)
        await arrive(store, "bob", records=(answer(form="3", at=NOON + MINUTE),), **GROWN)
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("wanted", "forms"),
    [
        (AnswerFilter(since=NOON + MINUTE), "bc"),
        (AnswerFilter(until=NOON + MINUTE), "a"),
        (AnswerFilter(since=NOON + MINUTE, until=NOON + 2 * MINUTE), "b"),
        (AnswerFilter(course="module-1"), "b"),
        (AnswerFilter(language="fr"), "c"),
        (AnswerFilter(campaign="radio"), "a"),
        (AnswerFilter(phase="feedback"), "b"),
        (AnswerFilter(phase="feedback", language="fr"), ""),
        (AnswerFilter(), "abc"),
    ],
)
async def test_only_what_is_asked_for_comes(store: Store, wanted: AnswerFilter, forms: str) -> None:
    records = (
        answer(form="a", campaign="radio"),
        answer(form="b", at=NOON + MINUTE, course="module-1", phase="feedback"),
        answer(form="c", at=NOON + 2 * MINUTE, language="fr"),
    )
    await arrive(store, records=records, **GROWN)
    assert [row["form"] for row in await streamed(store, wanted)] == list(forms)


@pytest.mark.parametrize(
    "facts",
    [
        {"keep": Keep.PLACE, "age_band": "25+"},
        {"keep": Keep.NOTHING, "age_band": "25+"},
        {"keep": Keep.UNDECIDED},
        {"keep": Keep.BOTH, "age_band": "under-16"},
        {"keep": Keep.BOTH, "age_band": "unknown"},
        {"keep": Keep.BOTH},
    ],
)
async def test_who_does_not_share_answers_today_is_left_out(store: Store, facts: dict[str, object]) -> None:
    await arrive(store, "ada", records=(answer(form="hidden"),), **facts)
    await arrive(store, "bob", records=(answer(form="shown"),), **GROWN)
    assert [row["form"] for row in await streamed(store)] == ["shown"]
    assert len(await streamed(store, AnswerFilter(shared=False))) == 2


async def test_an_answer_that_outlived_its_learner_still_counts(store: Store) -> None:
    await arrive(store, records=(answer(),), **GROWN)
    await store.purge_old(NOON + timedelta(days=730))
    assert [row["learner_id"] for row in await streamed(store)] == [None]
