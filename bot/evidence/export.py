"""Writes an export: answers or counts, codebook, table schema and a README, all or nothing, noted in the ledger.

The ledger is written before the files get their names: an export nobody knows of is worse than a note of one that
was cut short.
"""

import getpass
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

from bot.engine.course import Library
from bot.evidence.codebook import codebook
from bot.evidence.columns import ANSWER_COLUMNS, COUNT_COLUMNS, Column
from bot.evidence.counts import count_records
from bot.evidence.csv_lines import CsvLines
from bot.evidence.datapackage import Written, datapackage
from bot.evidence.files import CsvFile, JsonLines, MainFile, Statements, XlsxFile
from bot.evidence.options import FILES, ExportOptions, ExportResult, Format, Progress, Tier, checked
from bot.evidence.pseudonyms import Pseudonyms, export_key
from bot.evidence.read_me import read_me
from bot.evidence.reading import answer_pages
from bot.evidence.records import Records
from bot.evidence.staging import publish, staging
from storage.rows import Exported
from storage.store import Store

CODEBOOK, PACKAGE, README = "codebook.csv", "datapackage.json", "README.txt"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an export comes from and goes to. ``home`` is the bot's public address, for xAPI."""

    store: Store
    library: Library
    data_dir: Path
    out: Path
    home: str = "http://127.0.0.1:8000"


async def export(
    place: Place, options: ExportOptions, now: datetime, progress: Progress = lambda rows: None
) -> ExportResult:
    """Writes the files into ``place.out`` and the export into the ledger; raises ``ExportRefused``."""
    options = checked(options)
    columns = COUNT_COLUMNS if options.tier is Tier.PUBLIC else ANSWER_COLUMNS
    name = FILES[options.format]
    with staging(place.out) as aside:
        main = _opened(aside / name, columns, options, place.home)
        try:
            await _fill(main, place, options, progress)
        finally:
            sha256 = main.close()
        written = Written((aside / name).stat().st_size, sha256, main.rows)
        _write_beside(aside, columns, written, place.library, options, now)
        await place.store.write_ledger(
            Exported(options.who, now, options.tier.value, options.filters, main.rows, sha256)
        )
        files = publish(aside, place.out, [CODEBOOK, PACKAGE, README, name])
    return ExportResult(main.rows, sha256, files)


def _opened(path: Path, columns: Sequence[Column], options: ExportOptions, home: str) -> MainFile:
    match options.format:
        case Format.CSV:
            return CsvFile(path, columns, excel=options.excel)
        case Format.XLSX:
            return XlsxFile(path, columns)
        case Format.JSONL:
            return JsonLines(path)
        case Format.XAPI:
            return Statements(path, home)


async def _fill(main: MainFile, place: Place, options: ExportOptions, progress: Progress) -> None:
    if options.tier is Tier.PUBLIC:
        main.add(await count_records(place.store, options.wanted))
        progress(main.rows)
        return
    codes = Pseudonyms(export_key(place.data_dir, options.key))
    as_typed = options.tier is Tier.RESTRICTED
    lines = CsvLines(codes, as_typed=as_typed, excel=options.excel)
    records = Records(codes, as_typed=as_typed)
    async for page in answer_pages(place.store, options.wanted):
        if isinstance(main, CsvFile):
            main.add_lines(lines.of(page), len(page))
        else:
            main.add(records.of(page))
        progress(main.rows)


def _write_beside(
    aside: Path,
    columns: Sequence[Column],
    main: Written,
    library: Library,
    options: ExportOptions,
    now: datetime,
) -> None:
    (aside / CODEBOOK).write_bytes(codebook(columns, library).encode())
    (aside / PACKAGE).write_bytes(datapackage(options, columns, main, aside / CODEBOOK, now))
    (aside / README).write_text(read_me(options, main.rows, main.sha256, now), "utf-8")


@dataclass(slots=True)
class Ticker:
    """Says how many rows there are so far, once a second."""

    to: TextIO
    clock: Callable[[], float] = time.monotonic
    _said: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._said = self.clock()

    def __call__(self, rows: int) -> None:
        if self.clock() - self._said >= 1:
            self._said = self.clock()
            print(f"{rows:,} rows", file=self.to, flush=True)


async def run_export(
    place: Place, options: ExportOptions, now: datetime, *, to: TextIO | None = None
) -> Mapping[str, object]:
    """The export as ``sse-bot export`` makes it: progress on stderr; gives what its line of JSON says."""
    if not options.who:
        options = replace(options, who=getpass.getuser())
    result = await export(place, options, now, Ticker(to or sys.stderr))
    return {
        "rows": result.rows,
        "sha256": result.sha256,
        "tier": options.tier.value,
        "files": [str(file) for file in result.files],
    }
