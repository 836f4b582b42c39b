"""The same answers as a workbook, as JSON lines and as learning records."""

import re
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook

from bot.evidence import files
from bot.evidence.columns import ANSWER_COLUMNS
from bot.evidence.options import Format, Tier
from storage.store import Store
from tests.evidence.makers import HOME, exported, shares
from tests.evidence.test_cells import HOSTILE
from tests.storage.makers import answer

NAMES = [column.name for column in ANSWER_COLUMNS]


async def test_a_workbook_has_typed_cells_and_no_formula(store: Store, tmp_path: Path) -> None:
    typed = [text.replace("\0", "") for text in HOSTILE]  # which no database takes
    await shares(store, "ada", *(answer(text) for text in typed), answer(pre_assigned=False, exposures=3))
    result = await exported(store, tmp_path / "out", format=Format.XLSX)
    sheet = load_workbook(result.result.files[-1]).active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == NAMES
    assert len(rows) == len(HOSTILE) + 2 == result.result.rows + 1
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "b", "inlineStr"}
    last = dict(zip(NAMES, (cell.value for cell in rows[-1]), strict=True))
    assert (last["attempt"], last["exposures"], last["pre_assigned"], last["correct"]) == (1, 3, False, True)
    assert last["role"] is None
    assert last["answered_at"] == "2026-11-24T12:00:00Z"


async def test_words_in_a_workbook_need_no_mark_before_them(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("=1+1"))
    result = await exported(store, tmp_path / "out", format=Format.XLSX)
    sheet = load_workbook(result.result.files[-1]).active
    cell = sheet.cell(2, NAMES.index("answer_text") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


async def test_answers_that_do_not_fit_on_a_sheet_go_on_on_the_next(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SHEET_ROWS", 3)
    await shares(sqlite_store, "ada", *(answer(form=form) for form in "abcde"))
    result = await exported(sqlite_store, tmp_path / "out", format=Format.XLSX)
    book = load_workbook(result.result.files[-1])
    assert book.sheetnames == ["answers", "answers 2", "answers 3"]
    forms = [[row[NAMES.index("form")] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert forms == [["form", "a", "b"], ["form", "c", "d"], ["form", "e"]]


async def test_an_empty_workbook_has_its_header(sqlite_store: Store, tmp_path: Path) -> None:
    result = await exported(sqlite_store, tmp_path / "out", format=Format.XLSX)
    assert [cell.value for cell in load_workbook(result.result.files[-1]).active[1]] == NAMES


async def test_the_same_answers_are_the_same_workbook_whenever_it_is_made(sqlite_store: Store, tmp_path: Path) -> None:
    await shares(sqlite_store, "ada", answer("my words"), answer())
    one = await exported(sqlite_store, tmp_path / "one", format=Format.XLSX, key="yearly")
    two = await exported(sqlite_store, tmp_path / "two", format=Format.XLSX, key="yearly")
    assert one.raw == two.raw
    made = load_workbook(two.result.files[-1]).properties
    assert {made.created, made.modified} == {datetime(1980, 1, 1)}  # not the time of the export


async def test_json_lines_lose_nothing(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("=1+1\n'quoted'", pre_assigned=True), answer(seconds=None))
    result = await exported(store, tmp_path / "out", format=Format.JSONL)
    said, chosen = result.objects
    assert list(said) == NAMES
    assert said["answer_text"] == "=1+1\n'quoted'"
    assert (said["pre_assigned"], said["correct"], said["attempt"], said["answer_id"]) == (True, None, 1, None)
    assert (chosen["correct"], chosen["seconds_to_answer"], chosen["answer_id"]) == (True, None, "good")


async def test_every_format_holds_the_same_answers(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("my words"), answer(role="ngo", pre_assigned=False), answer(country=None))
    in_csv = await exported(store, tmp_path / "csv", key="same")
    in_json = await exported(store, tmp_path / "json", key="same", format=Format.JSONL)
    written = {None: "", True: "true", False: "false"}
    as_text = [
        {
            name: written[value] if value is None or isinstance(value, bool) else str(value)
            for name, value in row.items()
        }
        for row in in_json.objects
    ]
    assert as_text == in_csv.rows


async def test_open_text_is_scrubbed_or_as_typed_in_every_format(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("I am @ada_l"))
    (group,) = (await exported(store, tmp_path / "a", format=Format.JSONL)).objects
    asked = {"format": Format.JSONL, "tier": Tier.RESTRICTED, "why": "a test"}
    (restricted,) = (await exported(store, tmp_path / "b", **asked)).objects
    assert (group["answer_text"], restricted["answer_text"]) == ("I am [handle]", "I am @ada_l")


async def test_statements_are_what_a_learning_record_store_takes(store: Store, tmp_path: Path) -> None:
    reaction = answer(phase="reaction", question="reaction", kind="reaction", correct=None, answer_ids=("liked",))
    several = answer(kind="multiple", answer_ids=("x", "y"), correct=None, seconds=None)
    await shares(store, "ada", answer(), reaction, answer("my words"), several)
    result = await exported(store, tmp_path / "out", format=Format.XAPI)
    assert result.result.files[-1].name == "statements.jsonl"
    for made in result.objects:
        assert UUID(made["id"])
        assert list(made["actor"]) == ["objectType", "account"]
        assert made["actor"]["account"]["homePage"] == HOME
        assert re.fullmatch(r"L[0-9a-f]{16}", made["actor"]["account"]["name"])
        assert datetime.fromisoformat(made["timestamp"]).tzinfo is not None
        assert all(key.startswith(HOME) for key in made["context"]["extensions"])
    quiz, liked, said, chosen = result.objects
    assert quiz["verb"]["id"].endswith("/answered")
    assert quiz["object"]["id"] == f"{HOME}/questions/tour/people-first/key/a"
    assert quiz["object"]["definition"]["interactionType"] == "choice"
    assert quiz["result"] == {"response": "good", "success": True, "duration": "PT5S"}
    assert quiz["context"]["contextActivities"]["grouping"][0]["id"] == f"{HOME}/lessons/tour"
    assert liked["verb"]["id"].endswith("/experienced")
    assert liked["object"]["id"] == f"{HOME}/lessons/tour/people-first"
    assert said["result"]["response"] == "my words"
    assert chosen["result"] == {"response": "x[,]y"}
    assert len({made["id"] for made in result.objects}) == 4
