"""The main file of an export, one class a format: takes records, counts them, and tells the hash of its bytes."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Protocol

import orjson

from bot.evidence.cells import harmless, harmless_when_cut, quoted
from bot.evidence.columns import Column
from bot.evidence.records import Record, Value
from bot.evidence.xapi import statement

BOM = b"\xef\xbb\xbf"
CHUNK = 1 << 20
SHEET_ROWS = 1_048_576  # a worksheet has no more
CELL_LETTERS = 32_767  # nor a cell of one
# Not the time of the export: the same answers give the same bytes, and so the same hash in the ledger. It is the time
# that workbooks give the files inside them.
CREATED = datetime(1980, 1, 1, tzinfo=UTC)


class MainFile(Protocol):
    """What is being written; ``close`` gives the SHA-256 of the whole file."""

    rows: int

    def add(self, records: Iterable[Record]) -> None: ...

    def close(self) -> str: ...


class BytesFile:
    """A file that is hashed as it is written."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("xb")
        self._hash = sha256()
        self.rows = 0

    def write(self, data: bytes, rows: int = 0) -> None:
        self._hash.update(data)
        self._file.write(data)
        self.rows += rows

    def close(self) -> str:
        self._file.close()
        return self._hash.hexdigest()


class CsvFile(BytesFile):
    """UTF-8, CRLF, a header in English; with a byte order mark for Excel."""

    def __init__(self, path: Path, columns: Sequence[Column], *, excel: bool) -> None:
        super().__init__(path)
        self._harmless = harmless_when_cut if excel else harmless
        self.write(mark(excel) + (",".join(column.name for column in columns) + "\r\n").encode())

    def add(self, records: Iterable[Record]) -> None:
        for record in records:
            cells = ",".join(map(self._cell, record.values()))
            self.write(f"{cells}\r\n".encode(), rows=1)

    def _cell(self, value: Value) -> str:
        match value:
            case None:
                return ""
            case bool():
                return "true" if value else "false"
            case int():
                return str(value)
            case str():
                return quoted(self._harmless(value))


class JsonLines(BytesFile):
    """One JSON object a line: the text as it is, nothing prefixed, types kept."""

    def add(self, records: Iterable[Record]) -> None:
        for record in records:
            self.write(_json(record), rows=1)


class Statements(BytesFile):
    """One xAPI statement a line."""

    def __init__(self, path: Path, home: str) -> None:
        super().__init__(path)
        self._home = home

    def add(self, records: Iterable[Record]) -> None:
        for record in records:
            self.write(_json(statement(record, self._home)), rows=1)


class XlsxFile:
    """A workbook, row by row in constant memory; text is written as text, so no cell is ever a formula.

    Answers that do not fit on a sheet go on on another one with the same header.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        from xlsxwriter import Workbook  # type: ignore[import-untyped]  # no other format needs it

        self._path = path
        self._columns = columns
        options = {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False}
        self._book: Any = Workbook(str(path), options)
        self._book.set_properties({"created": CREATED})
        self._bold: Any = self._book.add_format({"bold": True})
        self._sheet: Any = None
        self._row = SHEET_ROWS
        self.rows = 0

    def add(self, records: Iterable[Record]) -> None:
        for record in records:
            if self._row >= SHEET_ROWS:
                self._new_sheet()
            for column, value in enumerate(record.values()):
                self._write(column, value)
            self._row += 1
            self.rows += 1

    def close(self) -> str:
        if self._sheet is None:
            self._new_sheet()
        self._book.close()
        whole = sha256()
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK):
                whole.update(chunk)
        return whole.hexdigest()

    def _new_sheet(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet("answers" if number == 1 else f"answers {number}")
        self._sheet.freeze_panes(1, 0)
        for number, column in enumerate(self._columns):
            self._sheet.write_string(0, number, column.name, self._bold)
        self._row = 1

    def _write(self, column: int, value: Value) -> None:
        match value:
            case None:
                pass
            case bool():
                self._sheet.write_boolean(self._row, column, value)
            case int():
                self._sheet.write_number(self._row, column, value)
            case str():
                self._sheet.write_string(self._row, column, value[:CELL_LETTERS])


def mark(excel: bool) -> bytes:
    """What a CSV for Excel begins with: without it Excel guesses wrong."""
    return BOM if excel else b""


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
