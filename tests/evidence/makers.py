"""Makes exports for tests and reads them back as a person would."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.catalogue import Catalogue
from bot.engine.course import Language
from bot.evidence.export import export
from bot.evidence.options import ExportOptions, ExportResult
from bot.service import Content
from storage.rows import Kept
from storage.store import Store
from tests.makers import library
from tests.storage.makers import GROWN, NOON, arrive

WORDLESS = Catalogue((Language("en", "English"),), {"en": {}}, {})
HOME = "https://bot.example.org"


@dataclass(frozen=True)
class Exported:
    """What came out: the files of one export."""

    out: Path
    result: ExportResult

    @property
    def raw(self) -> bytes:
        return self.result.files[-1].read_bytes()

    @property
    def rows(self) -> list[dict[str, str]]:
        with self.result.files[-1].open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.raw.splitlines()]

    @property
    def package(self) -> dict[str, Any]:
        package: dict[str, Any] = json.loads((self.out / "datapackage.json").read_bytes())
        return package

    @property
    def codebook(self) -> list[dict[str, str]]:
        with (self.out / "codebook.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    def column(self, name: str) -> list[str]:
        return [row[name] for row in self.rows]


async def exported(store: Store, out: Path, taught: Content | None = None, **asked: Any) -> Exported:
    """An export by Ada, at noon, unless told otherwise."""
    content, options = taught or Content(library(), WORDLESS), ExportOptions(**({"who": "ada"} | asked))
    lessons, words = content.library, content.catalogue
    result = await export(
        store, store.seal, lessons, words, out, options, data_dir=out.parent / "data", home=HOME, now=NOON
    )
    return Exported(out, result)


async def shares(store: Store, who: str, *answers: Kept, **facts: Any) -> str:
    """Somebody grown who lets their answers be used, with these; their learner id."""
    return await arrive(store, who, records=answers, **(GROWN | facts))
