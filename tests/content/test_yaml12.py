"""YAML as its authors mean it."""

from pathlib import Path

import pytest

from bot.content.yaml12 import Document, Unreadable, read


def document(folder: Path, text: str) -> Document:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return read(path, folder)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("off", "off"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("2026-11-24", "2026-11-24"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("42", 42),
        ("-7", -7),
        ("010", 10),
        ("1.5", 1.5),
        ("'42'", "42"),
        ('"true"', "true"),
        ("|\n  two\n  lines", "two\nlines\n"),
        (">\n  one\n  line", "one line\n"),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(tmp_path: Path, written: str, meant: object):
    value = document(tmp_path, f"key: {written}\n").value
    assert isinstance(value, dict)
    assert value["key"] == meant
    assert type(value["key"]) is type(meant)


def test_every_part_knows_its_line(tmp_path: Path):
    text = "title: A\ncards:\n  - id: one\n    text: |\n      Hello\n  - {id: two, text: B}\n"
    read_back = document(tmp_path, text)
    places = [("title",), ("cards",), ("cards", 0), ("cards", 0, "text"), ("cards", 1, "text")]
    assert [read_back.line(place) for place in places] == [1, 2, 3, 4, 6]


def test_a_place_that_is_not_there_has_the_line_of_what_should_hold_it(tmp_path: Path):
    assert document(tmp_path, "a: 1\nb:\n  c: 2\n").line(("b", "missing", 3)) == 2


def test_a_mark_at_the_beginning_of_the_file_is_forgiven(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: A\n")
    assert read(path, tmp_path).value == {"title": "A"}


def test_an_alias_bomb_is_refused(tmp_path: Path):
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    with pytest.raises(Unreadable, match="alias"):
        document(tmp_path, bomb)


def test_python_objects_are_refused(tmp_path: Path):
    with pytest.raises(Unreadable, match="tag"):
        document(tmp_path, "a: !!python/object/apply:os.system [ls]\n")


def test_indented_nesting_without_end_is_refused(tmp_path: Path):
    deep = "".join(" " * level + "- a:\n" for level in range(0, 120, 2))
    with pytest.raises(Unreadable, match="nested"):
        document(tmp_path, deep)


def test_a_folder_reached_over_a_link_is_refused(tmp_path: Path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.yaml").write_text("a: 1\n", encoding="utf-8")
    (inside / "linked").symlink_to(outside)
    with pytest.raises(Unreadable, match="not followed"):
        read(inside / "linked" / "a.yaml", inside)
