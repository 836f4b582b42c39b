"""Our reading and writing of PO files agrees with Babel and with gettext's own tools."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po as read_with_babel
from babel.messages.pofile import write_po
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content.po import Entry, PoBroken, read_po
from bot.content.po_writing import WIDTH, written

TEXT = st.text(alphabet=st.sampled_from('abc é"\\\n\t…ص#~%{}*'), min_size=1, max_size=200).filter(str.strip)
ENTRIES = st.lists(st.tuples(TEXT, TEXT, st.none() | TEXT, st.none() | TEXT), min_size=1, max_size=4)
ANY_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def entries(folder: Path, text: str | bytes) -> dict[str, Entry]:
    path = folder / "a.po"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_po(path)


def made(texts: list[tuple[str, str, str | None, str | None]]) -> list[Entry]:
    return [
        Entry(
            context=f"c/{number}",
            text=english,
            plural=plural,
            strings={0: translated} if plural is None else {0: translated, 1: translated + "s"},
            fuzzy=previous is not None,
            previous=previous,
            remarks=("Ana: fine",),
            notes=("A note.",),
            place="a.yaml:3",
        )
        for number, (english, translated, plural, previous) in enumerate(texts)
    ]


@ANY_FOLDER
@given(ENTRIES)
def test_what_we_write_we_read(tmp_path: Path, texts: list[tuple[str, str, str | None, str | None]]):
    found = entries(tmp_path, written(made(texts), "es"))
    for entry in made(texts):
        read = found[entry.context]
        read.line, read.notes, read.place = 0, entry.notes, entry.place
        assert read == entry


@given(ENTRIES)
def test_what_we_write_babel_reads(texts: list[tuple[str, str, str | None, str | None]]):
    catalog = read_with_babel(io.BytesIO(written(made(texts), "es")), locale="es", abort_invalid=True)
    for entry in made(texts):
        source = entry.text if entry.plural is None else (entry.text, entry.plural)
        message = catalog.get(source, entry.context)
        assert message is not None
        assert message.id == source
        assert message.fuzzy == entry.fuzzy
        strings = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        assert strings == entry.translation


@ANY_FOLDER
@given(ENTRIES)
def test_what_babel_writes_we_read(tmp_path: Path, texts: list[tuple[str, str, str | None, str | None]]):
    catalog = Catalog(charset="utf-8")
    for number, (english, translated, plural, _previous) in enumerate(texts):
        source, strings = (english, translated) if plural is None else ((english, plural), (translated, "more"))
        catalog.add(source, strings, context=f"c/{number}", auto_comments=["note"])
    file = io.BytesIO()
    write_po(file, catalog)
    found = entries(tmp_path, file.getvalue())
    for number, (english, translated, plural, _previous) in enumerate(texts):
        entry = found[f"c/{number}"]
        assert (entry.text, entry.plural) == (english, plural)
        assert entry.translation == ((translated,) if plural is None else (translated, "more"))


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext's tools are not installed")
@pytest.mark.parametrize(("language", "forms"), [("es", 2), ("ar", 6), ("zh", 1)])
def test_gettext_s_own_tools_accept_what_we_write(tmp_path: Path, language: str, forms: int):
    counted = Entry(context="n", text="{n} idea", plural="{n} ideas", strings=dict.fromkeys(range(forms), "{n} x"))
    long = Entry(context="c/l", text="Say “yes”\n" * 30, strings={0: "Di\n" * 30}, fuzzy=True, previous="old " * 60)
    (tmp_path / "a.po").write_bytes(written([counted, long], language))
    command = ["msgfmt", "--check-format", "--check-domain", "--output-file=/dev/null", str(tmp_path / "a.po")]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def test_lines_are_folded_for_people():
    file = written([Entry(context="c/l", text="word " * 100, strings={0: "one\ntwo"})], "es").decode()
    assert max(len(line) for line in file.split("\n")) <= WIDTH
    assert 'msgstr ""\n"one\\n"\n"two"' in file


def test_an_entry_knows_its_line(tmp_path: Path):
    text = 'msgid ""\nmsgstr "Language: es\\n"\n\n#. note\n#: a.yaml:3\nmsgctxt "k"\nmsgid "Hi"\nmsgstr "Hola"\n'
    entry = entries(tmp_path, text)["k"]
    assert (entry.line, entry.translation) == (6, ("Hola",))


def test_obsolete_entries_are_no_longer_there(tmp_path: Path):
    text = 'msgctxt "k"\nmsgid "Hi"\nmsgstr "Hola"\n\n#~ msgctxt "old"\n#~ msgid "Bye"\n#~ msgstr "Adiós"\n'
    assert list(entries(tmp_path, text)) == ["k"]


def test_a_context_that_stands_twice_is_told(tmp_path: Path):
    text = 'msgctxt "k"\nmsgid "Hi"\nmsgstr "Hola"\n\n' * 2
    with pytest.raises(PoBroken, match="line 5: msgctxt"):
        entries(tmp_path, text)


def test_a_file_in_another_encoding_is_told(tmp_path: Path):
    with pytest.raises(PoBroken, match="UTF-8"):
        entries(tmp_path, 'msgid "ñ"\n'.encode("latin-1"))


def test_windows_line_ends_are_fine(tmp_path: Path):
    assert entries(tmp_path, 'msgctxt "k"\r\nmsgid "Hi"\r\nmsgstr "Hola"\r\n')["k"].translation == ("Hola",)
