"""YAML → POT and PO: the texts to translate, with notes, limits and places; translations are never lost.

What is written is the same on every machine: no dates, no names, no addresses, in the order of the lessons. An entry
whose English changed is marked fuzzy and keeps the English it was made from; an entry that is gone is dropped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from bot.content.complaints import Complained, Complaint, errors
from bot.content.load import po_path
from bot.content.manuscript import ENGLISH, read_manuscript
from bot.content.originals import BOT, LESSONS, Original, originals
from bot.content.po import Entry, PoBroken, read_po
from bot.content.po_writing import written
from bot.content.yaml12 import shown
from bot.engine.fixed import fixed


@fixed(frozen=True, slots=True)
class Synced:
    """What a sync did: the files it wrote anew, relative to the project, and per language what waits for words."""

    written: tuple[str, ...]
    waiting: dict[str, int] = field(default_factory=dict)


def sync(root: Path, languages: Sequence[str] = ()) -> Synced:
    """Brings POT and PO files in line with the English texts; raises ``Complained`` where something is broken.

    Without ``languages``, all of languages.yaml; each must stand there.
    """
    i18n = root / "i18n"
    manuscript = read_manuscript(root / "lessons", i18n)
    if errors(manuscript.complaints):
        raise Complained(errors(manuscript.complaints))
    known = [code for code in manuscript.language_files() if code != ENGLISH]
    _refuse_unknown(languages, known)
    texts = originals(manuscript)
    files = _templates(texts, i18n)
    waiting: dict[str, int] = {}
    for code in languages or known:
        waiting[code] = 0
        for domain in (BOT, LESSONS):
            path = po_path(i18n, code, domain)
            entries = merged([text for text in texts if text.domain == domain], _old(path, i18n))
            waiting[code] += sum(_waits(entry) for entry in entries)
            files += _write(path, written(entries, code), i18n)
    return Synced(tuple(files), waiting)


def extract(root: Path) -> Synced:
    """Writes only the templates: what there is to translate."""
    manuscript = read_manuscript(root / "lessons", root / "i18n")
    if errors(manuscript.complaints):
        raise Complained(errors(manuscript.complaints))
    return Synced(tuple(_templates(originals(manuscript), root / "i18n")))


def _refuse_unknown(languages: Sequence[str], known: Sequence[str]) -> None:
    strange = [code for code in languages if code not in known]
    if strange:
        cure = "add a line for it first, or write one of: " + ", ".join(known)
        raise Complained([Complaint("i18n/languages.yaml", 1, f'no language "{code}"', cure) for code in strange])


def _templates(texts: Iterable[Original], i18n: Path) -> list[str]:
    texts = tuple(texts)
    files: list[str] = []
    for domain in (BOT, LESSONS):
        entries = merged([text for text in texts if text.domain == domain], {})
        files += _write(i18n / f"{domain}.pot", written(entries, None), i18n)
    return files


def _old(path: Path, i18n: Path) -> dict[str, Entry]:
    """The entries there are, by context."""
    if not path.exists():
        return {}
    try:
        return read_po(path)
    except PoBroken as error:
        raise Complained(error.complaints(shown(path, i18n))) from error


def merged(texts: Iterable[Original], old: Mapping[str, Entry]) -> list[Entry]:
    """The English texts with what was translated of them."""
    return [_merged(text, old.get(text.context)) for text in texts]


def _merged(text: Original, before: Entry | None) -> Entry:
    entry = Entry(
        context=text.context,
        text=text.text,
        plural=text.plural,
        notes=_notes(text),
        place=f"{text.file}:{text.line}",
    )
    if before is None or (before.plural is None) != (text.plural is None):
        return entry
    entry.strings, entry.remarks = before.strings, before.remarks
    if any(before.translation):
        _mark(entry, before)
    return entry


def _mark(entry: Entry, before: Entry) -> None:
    """Fuzzy where the English has changed since the translation, or where somebody marked it by hand."""
    made_from = before.previous if before.fuzzy and before.previous is not None else before.text
    if (entry.text, entry.plural) == (before.text, before.plural):
        entry.fuzzy, entry.previous = before.fuzzy, before.previous if before.fuzzy else None
    elif entry.text != made_from or entry.plural != before.plural:
        entry.fuzzy, entry.previous = True, made_from


def _notes(text: Original) -> tuple[str, ...]:
    notes = [text.note] if text.note else []
    if text.limit is not None:
        notes.append(f"At most {text.limit} characters.")
    if text.typed:
        notes.append("Words people type, with commas between: not a translation word for word; add what is usual.")
    return tuple(" ".join(note.split()) for note in notes)


def _waits(entry: Entry) -> bool:
    return entry.fuzzy or not entry.translation or not all(entry.translation)


def _write(path: Path, content: bytes, i18n: Path) -> list[str]:
    if path.exists() and path.read_bytes() == content:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return [shown(path, i18n)]
