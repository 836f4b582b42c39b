"""``datapackage.json``: what the files are, for programs (Frictionless Data Package and Table Schema, version 1)."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import orjson

from bot.engine.fixed import fixed
from bot.evidence.codebook import HEADER
from bot.evidence.columns import Column
from bot.evidence.options import FILES, ExportOptions, Format, Tier, moment_text

CSV_DIALECT = {
    "delimiter": ",",
    "lineTerminator": "\r\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
    "header": True,
    "caseSensitiveHeader": True,
}
MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSONL: "application/jsonl",
    Format.XAPI: "application/jsonl",
}
TITLES = {
    Tier.PUBLIC: "How many learners gave which answer",
    Tier.GROUP: "Answers of learners, one row an answer, pseudonymous",
    Tier.RESTRICTED: "Answers of learners, one row an answer, pseudonymous, open text as typed",
}


@fixed(frozen=True, slots=True)
class Written:
    """The main file as it stands: its size and hash."""

    bytes: int
    sha256: str
    rows: int


def datapackage(
    options: ExportOptions, columns: Sequence[Column], main: Written, codebook: Path, now: datetime
) -> bytes:
    """The whole file."""
    package = {
        "profile": "data-package",
        "name": "sse-learning-bot-feedback",
        "title": TITLES[options.tier],
        "created": moment_text(now),
        "resources": [_main(options, columns, main), _codebook(codebook)],
    }
    return orjson.dumps(package, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _main(options: ExportOptions, columns: Sequence[Column], main: Written) -> dict[str, object]:
    resource: dict[str, object] = {
        "name": "feedback",
        "title": TITLES[options.tier],
        "path": FILES[options.format],
        "profile": "data-resource" if options.format is Format.XAPI else "tabular-data-resource",
        "format": "jsonl" if options.format is Format.XAPI else options.format.value,
        "mediatype": MEDIA_TYPES[options.format],
        "bytes": main.bytes,
        "hash": f"sha256:{main.sha256}",
        "rows": main.rows,
    }
    if options.format is Format.XAPI:
        return resource | {"encoding": "utf-8"}
    key = {} if options.tier is Tier.PUBLIC else {"primaryKey": ["response_id"]}
    schema = {"fields": [_field(column) for column in columns], "missingValues": [""], **key}
    if options.format is Format.CSV:
        resource |= {"encoding": "utf-8", "dialect": CSV_DIALECT}
    return resource | {"schema": schema}


def _field(column: Column) -> dict[str, object]:
    field: dict[str, object] = {"name": column.name, "type": column.type, "description": column.meaning}
    if column.type == "datetime":
        field["format"] = "default"  # ISO 8601 in UTC, as written
    if column.type == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    constraints: dict[str, object] = {}
    if column.required:
        constraints["required"] = True
    if column.name == "response_id":
        constraints["unique"] = True
    if column.values:
        constraints["enum"] = list(column.values)
    if column.least is not None:
        constraints["minimum"] = column.least
    return field | ({"constraints": constraints} if constraints else {})


def _codebook(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    return {
        "name": "codebook",
        "title": "Every column, and every question of today's lessons with its options, in English",
        "path": path.name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
        "dialect": CSV_DIALECT,
        "schema": {"fields": [{"name": name, "type": "string"} for name in HEADER], "missingValues": [""]},
    }
