"""Writes an export: answers or counts, codebook, table schema and a README, all or nothing, noted in the ledger.

The ledger is written before the files get their names: an export nobody knows of is worse than a note of one that
was cut short.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.content.catalogue import Catalogue
from bot.engine.course import Library
from bot.evidence.asked import asked_today
from bot.evidence.codebook import codebook
from bot.evidence.columns import ANSWER_COLUMNS, COUNT_COLUMNS, Column
from bot.evidence.counts import count_records
from bot.evidence.csv_lines import CsvLines
from bot.evidence.datapackage import Written, datapackage
from bot.evidence.files import CsvFile, JsonLines, MainFile, Statements, XlsxFile, mark
from bot.evidence.options import FILES, ExportOptions, ExportResult, Format, Progress, Tier, checked
from bot.evidence.pseudonyms import Pseudonyms, kept_key, new_key
from bot.evidence.read_me import read_me
from bot.evidence.reading import answer_pages
from bot.evidence.records import Records
from bot.evidence.staging import publish, staging
from bot.seal import Seal
from bot.settings import load_settings
from storage.rows import Exported
from storage.store import Store

CODEBOOK, PACKAGE, README = "codebook.csv", "datapackage.json", "README.txt"
MAINS = tuple(FILES.values())  # an older export may have left any of them


async def export(
    store: Store,
    seal: Seal,
    library: Library,
    catalogue: Catalogue,
    out: Path,
    options: ExportOptions,
    progress: Progress = lambda rows: None,
    *,
    data_dir: Path | None = None,
    home: str | None = None,
    now: datetime | None = None,
) -> ExportResult:
    """Writes the files into ``out`` and the export into the ledger; raises ``ExportRefused``.

    ``data_dir`` is where named keys are kept and ``home`` the bot's public address, which xAPI names people by; both
    come from the settings unless given.
    """
    options, now = checked(options), now or datetime.now(UTC)
    columns = COUNT_COLUMNS if options.tier is Tier.PUBLIC else ANSWER_COLUMNS
    codes = Pseudonyms(_key(seal, options, data_dir))
    name = FILES[options.format]
    names = [CODEBOOK, PACKAGE, README, name]
    with staging(out, names) as aside:
        main = _opened(aside / name, columns, options, home)
        try:
            if options.tier is Tier.PUBLIC:
                main.add(await count_records(store, options.wanted, asked_today(library, catalogue)))
                progress(main.rows)
            else:
                await _fill(main, store, codes, options, progress)
        finally:
            sha256 = main.close()
        written = Written((aside / name).stat().st_size, sha256, main.rows)
        (aside / CODEBOOK).write_bytes(mark(options.excel) + codebook(columns, library, catalogue).encode())
        (aside / PACKAGE).write_bytes(datapackage(options, columns, written, aside / CODEBOOK, now))
        (aside / README).write_text(read_me(options, written, now), "utf-8")
        await store.write_ledger(Exported(options.who, now, options.tier.value, options.filters, main.rows, sha256))
        files = publish(aside, out, names, MAINS)
    return ExportResult(main.rows, sha256, files)


def _key(seal: Seal, options: ExportOptions, data_dir: Path | None) -> bytes:
    if options.key is None:
        return new_key()
    return kept_key(data_dir or load_settings().data_dir, options.key, seal)


def _opened(path: Path, columns: Sequence[Column], options: ExportOptions, home: str | None) -> MainFile:
    match options.format:
        case Format.CSV:
            return CsvFile(path, columns, excel=options.excel)
        case Format.XLSX:
            return XlsxFile(path, columns)
        case Format.JSONL:
            return JsonLines(path)
        case Format.XAPI:
            return Statements(path, home or load_settings().public_url)


async def _fill(main: MainFile, store: Store, codes: Pseudonyms, options: ExportOptions, progress: Progress) -> None:
    as_typed = options.tier is Tier.RESTRICTED
    lines = CsvLines(codes, as_typed=as_typed, excel=options.excel)
    records = Records(codes, as_typed=as_typed)
    async for page in answer_pages(store, options.wanted):
        if isinstance(main, CsvFile):
            main.write(lines.of(page), len(page[0]))
        else:
            main.add(records.of(page))
        progress(main.rows)
