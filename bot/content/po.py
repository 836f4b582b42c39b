"""Reads PO files: quickly, with the line of every entry, and with the English a stale translation was made from.

Babel is no help here: it drops ``#| msgid`` when reading and breaks it when writing, and seven languages of it at
every start would take a second. Tests hold what we read and write against Babel and against gettext's own tools.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from bot.content.complaints import Complaint
from bot.content.plain_file import NotRead, content

STRING = re.compile(r'"((?:[^"\\]|\\.)*)"\s*')
STRINGS = re.compile(r'(?:"(?:[^"\\]|\\.)*"\s*)+')
KEYWORD = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])?[ \t]+(".*)$')
ESCAPE = re.compile(r"\\(.)")
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


MEND = "mend that line, or take the last good version of the file"


class PoBroken(Exception):
    """A PO file that cannot be read: every line that is broken, what is wrong there, and the cure."""

    def __init__(self, line: int, what: str, cure: str = MEND, *more: tuple[int, str, str]) -> None:
        self.lines = ((line, what, cure), *more)
        super().__init__("; ".join(f"line {number}: {told}" for number, told, _cure in self.lines))

    def complaints(self, file: str) -> list[Complaint]:
        return [Complaint(file, line, what, cure) for line, what, cure in self.lines]


@dataclass(slots=True)
class Entry:
    """One entry of a PO file.

    ``previous`` is the English it was translated from, where the English has changed since; ``remarks`` are the
    translators' own comments; ``notes`` and ``place`` are ours to them.
    """

    line: int = 0
    context: str = ""
    text: str = ""
    plural: str | None = None
    strings: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False
    previous: str | None = None
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    place: str = ""

    @property
    def translation(self) -> tuple[str, ...]:
        if len(self.strings) == 1:
            return tuple(self.strings.values())
        return tuple(self.strings[number] for number in sorted(self.strings))


def read_po(path: Path) -> dict[str, Entry]:
    """The entries of a PO file by context, without the header and what is obsolete; raises ``PoBroken``."""
    try:
        text = content(path).decode("utf-8-sig")
    except NotRead as error:
        raise PoBroken(1, error.what, error.cure) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PoBroken(line, "not UTF-8 text", "save the file in the encoding UTF-8") from error
    reader = _Reader(text)
    entries: dict[str, Entry] = {}
    for entry in reader.entries():
        if not entry.text:
            continue
        if entry.context in entries and (entry.context or not reader.broken):  # a broken msgctxt leaves none
            reader.broken.append((entry.line, f'msgctxt "{entry.context}" stands here twice', MEND))
        entries[entry.context] = entry
    if reader.broken:
        first, *more = sorted(reader.broken)
        raise PoBroken(*first, *more)
    return entries


class _Reader:
    """Walks the lines once; an entry ends where the next comment or msgctxt begins after its msgstr."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.done: list[Entry] = []
        self.entry = Entry()
        self.part = ""
        self.broken: list[tuple[int, str, str]] = []

    def entries(self) -> list[Entry]:
        """All entries, and in ``broken`` the lines that are none; with one of those nothing of the file is used."""
        for number, raw in enumerate(self.text.split("\n"), 1):
            line = raw.strip()
            try:
                self._line(line, number)
            except PoBroken as broken:
                self.broken += broken.lines
        self._close()
        return self.done

    def _line(self, line: str, number: int) -> None:
        if not line:
            return
        if line[0] == '"':
            self._more(_unquoted(line, number))
        elif line[0] == "#":
            self._comment(line, number)
        else:
            self._keyword(line, number)

    def _close(self) -> None:
        if self.entry.strings:
            self.done.append(self.entry)
        if self.entry.line:
            self.entry = Entry()
        self.part = ""

    def _comment(self, line: str, number: int) -> None:
        if self.entry.strings:
            self._close()
        match line[:2]:
            case "#,":
                self.entry.fuzzy = "fuzzy" in line
            case "#|":
                self._previous(line[2:].strip(), number)
            case "# " | "#":
                self.entry.remarks += (line[2:],)
            case "#~":  # obsolete, with whatever stood above it
                self.entry = Entry()
            case _:  # our own notes and places, made anew by every sync
                pass

    def _previous(self, line: str, number: int) -> None:
        keyword, _, rest = line.partition(" ")
        if keyword == "msgid":
            self.entry.previous = _unquoted(rest.strip(), number)
            self.part = "previous"
        elif line.startswith('"') and self.part == "previous":
            self.entry.previous = (self.entry.previous or "") + _unquoted(line, number)
        else:
            self.part = ""

    def _keyword(self, line: str, number: int) -> None:
        found = KEYWORD.match(line)
        if found is None:
            raise PoBroken(number, f"not a line of a PO file: {line[:40]}")
        name, form, rest = found.groups()
        if name in ("msgctxt", "msgid") and self.entry.strings:
            self._close()
        self.entry.line = self.entry.line or number
        self.part = f"msgstr{form or 0}" if name == "msgstr" else name
        self._put(_unquoted(rest.strip(), number), fresh=True)

    def _more(self, text: str) -> None:
        self._put(text, fresh=False)

    def _put(self, text: str, fresh: bool) -> None:
        entry = self.entry
        match self.part:
            case "msgctxt":
                entry.context = text if fresh else entry.context + text
            case "msgid":
                entry.text = text if fresh else entry.text + text
            case "msgid_plural":
                entry.plural = text if fresh else (entry.plural or "") + text
            case part if part.startswith("msgstr"):
                form = int(part.removeprefix("msgstr"))
                entry.strings[form] = text if fresh else entry.strings.get(form, "") + text


def _unquoted(quoted: str, number: int) -> str:
    """The text between the quotes; several quoted pieces on a line are one text."""
    text = quoted[1:-1]
    if '"' not in text and "\\" not in text and len(quoted) > 1 and quoted[-1] == '"':
        return text
    if not STRINGS.fullmatch(quoted):
        raise PoBroken(number, 'a text without its closing quote, or with a bare quote inside (write \\")')
    text = "".join(STRING.findall(quoted))
    return ESCAPE.sub(lambda mark: ESCAPED.get(mark[1], mark[1]), text)
