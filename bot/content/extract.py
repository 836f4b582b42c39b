"""YAML → POT and PO: the texts to translate, with notes, limits and places; translations are never lost.

What is written is the same on every machine: no dates, no names, no addresses, in the order of the lessons. An entry
whose English changed is marked fuzzy and keeps the English it was made from; an entry that is gone is dropped.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.content import plurals
from bot.content.complaints import Complained, Complaint, errors
from bot.content.load import po_path
from bot.content.manuscript import ENGLISH, read_manuscript
from bot.content.originals import BOT, LESSONS, Original, originals
from bot.content.phrase_models import placeholders
from bot.content.po import PoBroken
from bot.content.po import read_po as read_quickly
from bot.content.yaml12 import shown

HEADER = """msgid ""
msgstr ""
"Project-Id-Version: SSE learning bot\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


@dataclass(frozen=True, slots=True)
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
    written = _templates(texts, i18n)
    waiting: dict[str, int] = {}
    for code in languages or known:
        waiting[code] = 0
        for domain in (BOT, LESSONS):
            path = po_path(i18n, code, domain)
            catalog = merged([text for text in texts if text.domain == domain], _old(path, i18n, code), code)
            waiting[code] += sum(_waits(message) for message in catalog if message.id)
            written += _write(path, rendered(catalog, code), i18n)
    return Synced(tuple(written), waiting)


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
    written: list[str] = []
    for domain in (BOT, LESSONS):
        catalog = merged([text for text in texts if text.domain == domain], {}, None)
        written += _write(i18n / f"{domain}.pot", rendered(catalog, None), i18n)
    return written


def _old(path: Path, i18n: Path, language: str) -> dict[str, Message]:
    """The entries there are, by context."""
    if not path.exists():
        return {}
    try:
        read_quickly(path)
    except PoBroken as error:
        cure = "mend that line, or take the last good version of the file"
        raise Complained([Complaint(shown(path, i18n), error.line, error.what, cure)]) from error
    with path.open("rb") as opened:
        # Without its locale Babel forgets the plural forms.
        catalog = read_po(opened, locale=language.replace("-", "_"))
    return {message.context: message for message in catalog if message.id and message.context}


class PluralCatalog(Catalog):
    """Babel's catalogue with our own plural rules: its Arabic ones are wrong, and it would write their number."""

    def __init__(self, language: str | None) -> None:
        super().__init__(charset="utf-8")
        self.forms = plurals.count(language) if language else 2

    @property
    def num_plurals(self) -> int:
        return self.forms


def merged(texts: Iterable[Original], old: dict[str, Message], language: str | None) -> PluralCatalog:
    """The English texts with what was translated of them; without a language, a template."""
    catalog = PluralCatalog(language)
    for text in texts:
        source = text.text if text.plural is None else (text.text, text.plural)
        message = catalog.add(
            source,
            context=text.context,
            locations=[(text.file, text.line)],
            auto_comments=_notes(text),
        )
        # Babel takes "15% of" for a format string; translators would be warned of nothing.
        message.flags = {"python-brace-format"} if placeholders(text.text) else set()
        before = old.get(text.context)
        if before is not None:
            _carry_over(message, before)
    return catalog


def _carry_over(message: Message, before: Message) -> None:
    """The translation, and whether its English has changed since."""
    if isinstance(message.id, str) != isinstance(before.id, str):
        return
    message.string = before.string
    message.user_comments = before.user_comments
    if not any(_strings(before)):
        return
    made_from = _as_id(before.previous_id) if before.fuzzy and before.previous_id else before.id
    by_hand = before.fuzzy and not before.previous_id  # somebody marked it to look at again
    if made_from != message.id or by_hand:
        message.flags.add("fuzzy")
    if made_from != message.id:
        message.previous_id = [made_from] if isinstance(made_from, str) else list(made_from)


def _as_id(previous: Sequence[str]) -> str | tuple[str, ...]:
    return previous[0] if len(previous) == 1 else tuple(previous)


def _notes(text: Original) -> list[str]:
    notes = [text.note] if text.note else []
    if text.limit is not None:
        notes.append(f"At most {text.limit} characters.")
    if text.typed:
        notes.append("Words people type, with commas between: not a translation word for word; add what is usual.")
    return notes


def _waits(message: Message) -> bool:
    strings = _strings(message)
    return message.fuzzy or not strings or not all(strings)


def _strings(message: Message) -> list[str]:
    string = message.string
    return [string] if isinstance(string, str) else [str(form) for form in string or ()]


def rendered(catalog: PluralCatalog, language: str | None) -> bytes:
    """The catalogue as a file; without a language, a template."""
    for message in catalog:
        if not isinstance(message.id, str):
            message.string = tuple([*_strings(message), *[""] * catalog.forms][: catalog.forms])
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, include_previous=True, width=100)
    header = HEADER.format(language=language or "", plurals=plurals.header(language) if language else "")
    return header.encode() + body.getvalue()


def _write(path: Path, content: bytes, i18n: Path) -> list[str]:
    if path.exists() and path.read_bytes() == content:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return [shown(path, i18n)]
