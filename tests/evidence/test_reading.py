"""Pages of answers: each answer once, in one order, whatever the size of a page."""

from datetime import timedelta

import pytest

from bot.evidence.reading import AT, FIELD, ID, PART, PARTS, QUESTION, WIDTH, answer_pages, columns
from storage.rows import AnswerFilter
from storage.store import Store
from storage.tables import learners
from tests.evidence.makers import shares
from tests.storage.makers import NOON, answer

MINUTES = [5, 3, 3, 3, 9, 1, 3, 3, 3, 3, 3, 3, 7]


async def forms(store: Store, size: int = 100) -> list[str]:
    pages = [page async for page in answer_pages(store, AnswerFilter(), size)]
    questions = PARTS.index(QUESTION)
    return [asked.decode().split(FIELD)[-1] for page in pages for asked in page[questions]]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 13, 100])
async def test_no_answer_is_lost_or_doubled_between_pages(store: Store, size: int) -> None:
    records = [answer(at=NOON + timedelta(minutes=m), form=f"{m}.{n}") for n, m in enumerate(MINUTES)]
    await shares(store, "ada", *records)
    found = await forms(store, size)
    assert sorted(found) == sorted(record.answered.form for record in records)
    assert [int(form.split(".")[0]) for form in found] == sorted(MINUTES)


async def test_what_comes_in_meanwhile_is_left_for_the_next_export(store: Store) -> None:
    await shares(store, "ada", answer(form="a"), answer(form="b"))
    pages = answer_pages(store, AnswerFilter(), 1)
    first = await anext(pages)
    await shares(store, "ada", answer(form="c", at=NOON + timedelta(hours=1)))
    rest = [id_ async for page in pages for id_ in page[ID]]
    assert len([*first[ID], *rest]) == 2
    assert len(await forms(store)) == 3


async def test_whoever_does_not_share_today_is_left_out_of_every_page(store: Store) -> None:
    for n, who in enumerate(("ada", "bo", "ada", "bo", "cy")):
        await shares(store, who, answer(at=NOON + timedelta(minutes=n), form=who))
    async with store.transaction() as tx:
        await tx.connection.execute(learners.update().where(learners.c.id == "learner-bo").values(guest=True))
    assert await forms(store, 2) == ["ada", "ada", "cy"]


def test_rows_the_database_gave_out_of_order_are_put_in_order() -> None:
    rows = [[f"2026-11-24T12:00:0{second}", str(second), *"abcdef"] for second in (2, 1, 3)]
    page = columns(PART.join(cell for row in rows for cell in row).encode())
    assert len(page) == WIDTH
    assert page[ID] == [b"1", b"2", b"3"]
    assert page[AT] == sorted(page[AT])
