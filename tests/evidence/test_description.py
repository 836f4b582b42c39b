"""The codebook and the table schema tell the truth about the file beside them."""

import csv
import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bot.engine.questions import KINDS
from bot.evidence.codebook import codebook
from bot.evidence.columns import ANSWER_COLUMNS, COUNT_COLUMNS
from bot.evidence.options import Format, Tier
from bot.service import Content
from storage.store import Store
from tests.evidence.makers import Exported, exported, shares
from tests.storage.makers import answer

# What the specification allows (specs.frictionlessdata.io, version 1).
PROFILES = {"data-package", "tabular-data-package", "data-resource", "tabular-data-resource"}
NAME = re.compile(r"[a-z0-9._-]+")
CASTS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "datetime": lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ"),
}
CONSTRAINTS = {"required", "unique", "enum", "minimum"}


def complaints(export: Exported) -> list[str]:
    """What breaks the specification, in the package or in the files it describes."""
    package = export.package
    found = [] if NAME.fullmatch(package["name"]) and package["profile"] in PROFILES else ["package"]
    for resource in package["resources"]:
        path = export.out / resource["path"]
        if not NAME.fullmatch(resource["name"]) or resource["profile"] not in PROFILES:
            found.append(f"{path.name}: name or profile")
        content = path.read_bytes()
        if (resource["bytes"], resource["hash"]) != (len(content), f"sha256:{sha256(content).hexdigest()}"):
            found.append(f"{path.name}: bytes or hash")
        if resource["format"] == "csv":
            found += [f"{path.name}: {what}" for what in in_table(path, resource)]
    return found


def in_table(path: Path, resource: dict[str, Any]) -> list[str]:
    schema, dialect = resource["schema"], resource["dialect"]
    with path.open(encoding=resource["encoding"], newline="") as file:
        header, *rows = csv.reader(file, strict=True, delimiter=dialect["delimiter"], quotechar=dialect["quoteChar"])
    fields = schema["fields"]
    if header != [field["name"] for field in fields] or len(set(header)) != len(header):
        return ["header"]
    found = [f"row {n} has {len(row)} cells" for n, row in enumerate(rows) if len(row) != len(fields)]
    for field, column in zip(fields, zip(*rows, strict=True), strict=False):
        found += [f"{field['name']}: {what}" for what in in_column(field, column, schema["missingValues"])]
    key = [header.index(name) for name in schema.get("primaryKey", [])]
    if key and len({tuple(row[n] for n in key) for row in rows}) != len(rows):
        found.append("primary key")
    return found


def in_column(field: dict[str, Any], cells: tuple[str, ...], missing: list[str]) -> list[str]:
    rules = field.get("constraints", {})
    found = [f"unknown constraint {name}" for name in set(rules) - CONSTRAINTS]
    there = [cell for cell in cells if cell not in missing]
    if rules.get("required") and len(there) < len(cells):
        found.append("required")
    if rules.get("unique") and len(set(there)) < len(there):
        found.append("unique")
    for cell in there:
        try:
            value = CASTS[field["type"]](cell)
        except (ValueError, KeyError):
            found.append(f"{cell!r} is no {field['type']}")
            continue
        if "enum" in rules and value not in rules["enum"]:
            found.append(f"{cell!r} is not in the enum")
        if "minimum" in rules and value < rules["minimum"]:
            found.append(f"{cell!r} is too small")
    return found


async def a_few_answers(store: Store) -> None:
    await shares(
        store,
        "ada",
        answer(pre_assigned=True, role="ngo"),
        answer("=my, words\n"),
        answer(course="", lesson="", version="", phase="feedback", seconds=None, country=None, campaign=None),
        answer(phase="recall", form="c"),
        answer(phase="follow_up", question="used", form="day-28", course="module-1", lesson="", version=""),
    )


@pytest.mark.parametrize("tier", [Tier.GROUP, Tier.PUBLIC])
async def test_the_table_schema_describes_the_file(store: Store, tmp_path: Path, tier: Tier) -> None:
    await a_few_answers(store)
    assert complaints(await exported(store, tmp_path / "out", tier=tier)) == []


@pytest.mark.parametrize("form", list(Format))
async def test_the_package_describes_every_format(sqlite_store: Store, tmp_path: Path, form: Format) -> None:
    await a_few_answers(sqlite_store)
    export = await exported(sqlite_store, tmp_path / "out", format=form)
    assert complaints(export) == []
    main = export.package["resources"][0]
    assert (main["path"], main["rows"]) == (export.result.files[-1].name, 5)
    assert ("schema" in main) == (form is not Format.XAPI)


@pytest.mark.parametrize(
    ("cell", "broken", "complaint"),
    [
        (b",1,", b",one,", "no integer"),
        (b",1,", b",0,", "too small"),
        (b",quiz,", b",quizz,", "enum"),
        (b",telegram,", b",,", "required"),
        (b"T12:00:00Z", b" 12:00", "no datetime"),
        (b"seconds_to_answer", b"seconds", "header"),
    ],
)
async def test_the_check_itself_sees_what_is_wrong(
    sqlite_store: Store, tmp_path: Path, cell: bytes, broken: bytes, complaint: str
) -> None:
    await shares(sqlite_store, "ada", answer())
    export = await exported(sqlite_store, tmp_path / "out")
    export.result.files[-1].write_bytes(export.raw.replace(cell, broken, 1))
    assert any(complaint in found for found in complaints(export))


@pytest.mark.parametrize("columns", [ANSWER_COLUMNS, COUNT_COLUMNS], ids=["answers", "counts"])
def test_the_codebook_explains_every_column(columns: Any, content: Content) -> None:
    rows = list(csv.DictReader(codebook(columns, content.library, content.catalogue).splitlines(), strict=True))
    explained = {row["name"]: row for row in rows if row["entry"] == "column"}
    assert list(explained) == [column.name for column in columns]
    assert all(row["meaning"] and row["unit"] and row["source"] for row in explained.values())


def test_the_codebook_has_every_question_with_its_options_and_what_is_right(content: Content) -> None:
    rows = list(csv.DictReader(codebook(ANSWER_COLUMNS, content.library, content.catalogue).splitlines()))
    asked = {(row["name"], row["form"]): row["meaning"] for row in rows if row["entry"] == "question"}
    options = [row for row in rows if row["entry"] == "option"]
    questions = [q for course in content.library.courses for lesson in course.lessons for q in lesson.questions]
    opinions = [*(feedback.question for feedback in content.library.feedback), content.library.follow_up]
    for question in [*questions, *opinions]:
        for form in question.forms:
            assert asked[question.id, form.id]
            found = {row["option"]: row for row in options if (row["name"], row["form"]) == (question.id, form.id)}
            assert list(found) == [option.id for option in KINDS[question.kind].options(form)]
            right = {id_ for id_, row in found.items() if row["right"] == "true"}
            assert right == {option.id for option in form.options if option.right}
            assert all(row["meaning"] for row in found.values())
    assert ("used", "day-7") in asked
    assert ("used", "day-28") in asked
    assert ("reaction", "a") in asked
    assert ("comment", "a") in asked


def test_the_codebook_says_which_version_of_a_lesson_it_describes(content: Content) -> None:
    rows = list(csv.DictReader(codebook(ANSWER_COLUMNS, content.library, content.catalogue).splitlines()))
    told = {(row["name"], row["content_version"]) for row in rows if row["entry"] in ("question", "option")}
    lessons = [lesson for course in content.library.courses for lesson in course.lessons]
    of_lessons = {(question.id, lesson.version) for lesson in lessons for question in lesson.questions}
    assert of_lessons <= told
    assert {version for _, version in told - of_lessons} == {""}
    assert {row["content_version"] for row in rows if row["entry"] == "column"} == {""}


async def test_the_package_names_the_columns_of_the_codebook(sqlite_store: Store, tmp_path: Path) -> None:
    export = await exported(sqlite_store, tmp_path / "out")
    fields = [field["name"] for field in export.package["resources"][1]["schema"]["fields"]]
    assert fields == list(export.codebook[0])
    assert "content_version" in fields


def test_the_country_is_said_to_come_from_where_it_comes_from() -> None:
    (country,) = [column for column in ANSWER_COLUMNS if column.name == "country"]
    assert "browser" not in country.meaning  # it tells the time zone alone
    assert "phone's prefix" in country.meaning


def test_the_codebook_speaks_english_without_mark_up(content: Content) -> None:
    told = codebook(ANSWER_COLUMNS, content.library, content.catalogue)
    assert "What does Leila have?" in told
    assert "*What" not in told


def test_the_docs_name_every_column() -> None:
    told = (Path(__file__).resolve().parents[2] / "docs/export.md").read_text("utf-8")
    for column in (*ANSWER_COLUMNS, *COUNT_COLUMNS):
        assert f"`{column.name}`" in told
