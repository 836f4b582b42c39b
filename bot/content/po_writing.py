"""Writes PO files: the same bytes on every machine, with no dates, names or addresses."""

import re
from collections.abc import Iterable, Iterator

from bot.content import plurals
from bot.content.po import Entry

WIDTH = 100
WORD = re.compile(r"[^ ]+ *| +")
LINE = re.compile(r"[^\n]*\n|[^\n]+")
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})

# A template has no language; gettext's tools want two empty forms in it.
TEMPLATE_FORMS = 2


def written(entries: Iterable[Entry], language: str | None) -> bytes:
    """The file with these entries; without a language a template."""
    forms = plurals.count(language) if language else TEMPLATE_FORMS
    parts = ["\n".join(_header(language))]
    parts += ["\n".join(_entry(entry, forms)) for entry in entries]
    return ("\n\n".join(parts) + "\n").encode()


def _header(language: str | None) -> Iterator[str]:
    yield 'msgid ""'
    yield 'msgstr ""'
    fields = {
        "Project-Id-Version": "SSE learning bot",
        "Language": language or "",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if language:
        fields["Plural-Forms"] = plurals.header(language)
    for name, value in fields.items():
        yield _quoted(f"{name}: {value}\n")


def _entry(entry: Entry, forms: int) -> Iterator[str]:
    yield from (f"# {remark}".rstrip() for remark in entry.remarks)
    yield from (f"#. {note}" for note in entry.notes)
    if entry.place:
        yield f"#: {entry.place}"
    if entry.fuzzy:
        yield "#, fuzzy"
    if entry.previous is not None:
        yield from (f"#| {line}" for line in _lines("msgid", entry.previous))
    yield from _lines("msgctxt", entry.context)
    yield from _lines("msgid", entry.text)
    if entry.plural is None:
        yield from _lines("msgstr", entry.strings.get(0, ""))
        return
    yield from _lines("msgid_plural", entry.plural)
    for form in range(forms):
        yield from _lines(f"msgstr[{form}]", entry.strings.get(form, ""))


def _lines(keyword: str, text: str) -> Iterator[str]:
    """A keyword and its text, on one line where it fits, else a line for every line of the text or a part of it."""
    whole = f"{keyword} {_quoted(text)}"
    if len(whole) <= WIDTH and "\n" not in text[:-1]:
        yield whole
        return
    yield f'{keyword} ""'
    for line in LINE.findall(text):
        yield from (_quoted(part) for part in _folded(line))


def _folded(line: str) -> Iterator[str]:
    """The line in parts that fit, broken after spaces only."""
    part = ""
    for word in WORD.findall(line):
        if part and len(_quoted(part + word)) > WIDTH:
            yield part
            part = ""
        part += word
    if part:
        yield part


def _quoted(text: str) -> str:
    return f'"{text.translate(ESCAPES)}"'
