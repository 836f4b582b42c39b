"""The house stands as drawn: imports point down, settings agree with their example, the README tells no tales."""

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from dotenv import dotenv_values
from typer.main import get_command

from bot.commands.cli import make_cli
from bot.outcomes import Result
from bot.settings import Settings
from storage.retention import KEEPING

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("storage/**/*.py")])

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
ROOM = re.compile(r"(?<![\w/])(bot/\w+(?=/|\.py)|storage(?=/))")


def rooms_in(text: str) -> list[str]:
    return [name.replace("/", ".") for name in ROOM.findall(text)]


def heights(page: str) -> dict[str, int]:
    """Each room with its floor, as drawn: a line is a floor, the highest first; an indented one goes on with it."""
    drawing = page.partition("## Floors")[2].split("```")[1]
    floors = [rooms_in(floor) for floor in reversed(re.split(r"\n(?! )", drawing.strip()))]
    return {room: height for height, floor in enumerate(floors) for room in floor}


# A room may import from lower floors and from its own room, never up and never across.
HEIGHT = heights(ARCHITECTURE)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    """``bot.web.app`` stands in ``bot.web``; ``None`` for what is not ours."""
    parts = module.split(".")
    if parts[0] == "storage":
        return "storage"
    return ".".join(parts[:2]) if parts[0] == "bot" and len(parts) > 1 else None


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every module a file imports, with its line; those for types alone too, as they tie rooms just the same."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} relative import"
            module = str(node.module)
            yield node.lineno, module
            yield from ((node.lineno, f"{module}.{name.name}") for name in node.names if module in ("bot", "storage"))


def upward(path: Path) -> list[str]:
    here = room_of(module_of(path))
    found = []
    for line, module in imports_of(path):
        there = room_of(module)
        if there is None or there == here or here is None:
            continue
        if HEIGHT[there] >= HEIGHT[here]:
            found.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    assert upward(path) == []


def test_the_architecture_page_draws_every_room_and_says_what_it_holds() -> None:
    rooms = {room for room in (room_of(module_of(path)) for path in SOURCES) if room is not None}
    table = re.findall(
        r"^\| ((?:`[^`]+`(?:, )?)+)", ARCHITECTURE.partition("| room | holds |")[2].partition("\n## ")[0], re.M
    )
    assert set(HEIGHT) == rooms
    assert set(rooms_in(" ".join(table))) == rooms


def test_the_architecture_page_names_every_outcome_of_a_call() -> None:
    (law,) = re.findall(r"^10\. .*?`([^`]+)`", ARCHITECTURE, re.M)
    assert law == " | ".join(outcome.__name__ for outcome in get_args(Result))


def test_the_arrows_are_really_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_house.ROOT", tmp_path)
    planted = tmp_path / "bot" / "content" / "planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text("from bot.engine.turn import Say\nimport bot.web.app\nfrom bot import wiring\n")
    assert [complaint.rpartition(" ")[2] for complaint in upward(planted)] == ["bot.web.app", "bot.wiring"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("bot/engine/**/*.py")), ids=lambda path: path.name)
def test_the_engine_knows_the_standard_library_and_itself(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"bot"}
    assert [module for _, module in imports_of(path) if module.split(".")[0] not in allowed] == []


FORBIDDEN_IN_ENGINE = {"asyncio", "random", "secrets", "time", "os", "pathlib", "socket", "urllib", "logging"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("bot/engine/**/*.py")), ids=lambda path: path.name)
def test_the_engine_has_no_clock_no_dice_and_no_files(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not {module.split(".")[0] for _, module in imports_of(path)} & FORBIDDEN_IN_ENGINE
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {func.attr for func in calls if isinstance(func, ast.Attribute)} | {
        func.id for func in calls if isinstance(func, ast.Name)
    }
    assert not named & {"now", "utcnow", "today", "open", "print", "input"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    lines = re.findall(r"^# ([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.M)
    assert [name for name, _ in lines if lines.count((name, _)) > 1] == []
    assert {name for name, _ in lines} == {one.name.upper() for one in fields(Settings)}


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    uncommented = re.sub(r"^# ([A-Z_]+=)", r"\1", (ROOT / ".env.example").read_text("utf-8"), flags=re.M)
    example = tmp_path / "env"
    example.write_text(uncommented, "utf-8")
    shown = {name: value for name, value in dotenv_values(example).items() if value}
    assert shown == {
        field.name.upper(): str(field.default) for field in fields(Settings) if field.default not in (None, "", ())
    }


def test_the_table_of_settings_in_the_docs_is_whole() -> None:
    table = (ROOT / "docs/operations.md").read_text("utf-8")
    assert [one.name for one in fields(Settings) if f"`{one.name.upper()}`" not in table] == []


SPANS = {
    1: "24 hours",
    7: "7 days",
    30: "30 days",
    90: "90 days",
    365: "12 months",
    395: "13 months",
    730: "24 months",
    1095: "3 years",
}


# Where the privacy page tells of a span: the beginning of the row, and how the span ({}) stands in it; "" is its prose.
TOLD = {
    "guest": [
        ("address", "a guest's {}"),
        ("deliveries of a platform", "{} where no learner is known"),
        ("the web talk", "a guest's {}"),
        ("", "{} after the last message the address, the place and the talk are gone"),
        ("", "for {} of a guest"),
    ],
    "delivery": [("deliveries of a platform", "contents only of what failed, sealed, {}")],
    "bare_id": [("deliveries of a platform", "the bare id {}")],
    "sent": [("parts to be sent", "{} after they went out")],
    "web_talk": [
        ("the web talk", "{}; a guest's"),
        ("address", "a web cookie's {}"),
        ("", "for {} of everybody else"),
        ("", "of silence, a web cookie's {}"),
    ],
    "address": [("address", "or {} of silence"), ("", "Where an address went earlier ({} of silence")],
    "own_words": [("answers and the words", "words {}")],
    "answer": [
        ("answers and the words", "whose answer it was {}"),
        ("", "untied from its learner {} after it was given"),
        ("", "## After {}"),
    ],
    "consent": [("decision about data", "{} after the last word")],
    "ledger": [("who exported what", "{}")],
    "occasion": [("what was due to you", "{}")],
    "copy": [("a copy that SQLite's upgrade left", "removes it after {}")],
    "spending": [("what the messages of a day have cost", "{}, without people")],
}


def row_of(page: str, beginning: str) -> str:
    """The row of a table that begins so, or the prose around the tables, on one line."""
    rows = [line for line in page.splitlines() if line.startswith("|")]
    if beginning:
        (row,) = (line for line in rows if line.startswith(f"| {beginning}"))
        return row
    return " ".join(line for line in page.splitlines() if line not in rows)


@pytest.mark.parametrize("name", [field.name for field in fields(KEEPING)])
def test_the_privacy_page_tells_each_span_where_it_speaks_of_that(name: str) -> None:
    page = (ROOT / "docs/privacy.md").read_text("utf-8")
    span = SPANS[getattr(KEEPING, name).days]
    said = [(beginning, phrase.format(span)) for beginning, phrase in TOLD[name]]
    lies = [one for one in said if not re.search(rf"(?<![0-9]){re.escape(one[1])}", row_of(page, one[0]))]
    assert said
    assert lies == []


DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md"), ROOT / ".env.example"]
    if ".venv" not in path.parts
)


def commands_in(text: str) -> Iterator[list[str]]:
    """Every ``sse-bot …`` that stands in code: in a block, or between backticks."""
    for match in re.finditer(r"(?:^ {4,}|`|^\$ )[^`\n]*?\bsse-bot ([a-z][^`\n#|>]*)", text, re.M):
        yield shlex.split(match[1].replace("…", ""))


def shown_commands() -> list[tuple[str, list[str]]]:
    return [(path.name, words) for path in DOCUMENTS for words in commands_in(path.read_text("utf-8"))]


@pytest.mark.parametrize(
    ("document", "words"), shown_commands(), ids=lambda value: " ".join(value) if isinstance(value, list) else value
)
def test_a_command_shown_in_a_document_exists_with_its_options(document: str, words: list[str]) -> None:
    command = get_command(make_cli())
    for position, word in enumerate(words):
        commands = getattr(command, "commands", None)
        if commands is None:
            options = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
            asked = {other.partition("=")[0] for other in words[position:] if other.startswith("--")}
            assert asked <= options, f"{document} shows {words}"
            return
        if word.startswith("-"):
            return
        assert word in commands, f"{document} shows {words}"
        command = commands[word]


def test_the_readme_shows_commands_at_all() -> None:
    names = {words[0] for name, words in shown_commands() if name == "README.md"}
    assert {"check", "export", "doctor", "campaign", "i18n", "inbox"} <= names


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if path.suffix == ".md"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_links_inside_the_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"(?:\]\(|src=\")(?!https?://|mailto:|#)([^)#\s\"]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_targets_the_documents_name_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {
        name for path in DOCUMENTS for name in re.findall(r"(?:^ {4,}|`)make ([a-z-]+)", path.read_text("utf-8"), re.M)
    }
    assert named
    assert named <= targets
