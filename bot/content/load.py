"""Lessons and words from their folders, as one immutable value that can be swapped while the bot runs."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from bot.content.catalogue import ENGLISH, Strings
from bot.content.complaints import Complained, Complaint, errors, told
from bot.content.coverage import Coverage
from bot.content.manuscript import Manuscript, read_manuscript
from bot.content.originals import BOT, LESSONS, Original, originals
from bot.content.picture import Picture
from bot.content.po import Entry, PoBroken, read_po
from bot.content.policies import Policies
from bot.content.policy_models import read_policies
from bot.content.printed import Loaded, Printed, bound
from bot.content.shelving import languages, shelved
from bot.content.translation import SHOWN, State, Translated, coverage, judged
from bot.content.yaml12 import shown
from bot.engine.fixed import fixed


@fixed(frozen=True, slots=True)
class Tongue:
    """One language as found: every text with what there is for it, by context."""

    code: str
    found: Mapping[str, Translated]
    coverage: Coverage
    unread: frozenset[str] = frozenset()  # the domains whose file is broken: nothing is known of what is in it

    def strings(self) -> dict[str, Strings]:
        return {context: text.strings for context, text in self.found.items() if text.state in SHOWN}


def load(lessons_dir: Path, i18n_dir: Path, policies_dir: Path | None = None) -> Loaded:
    """Everything the engine may teach; raises ``Complained`` with every complaint that forbids it."""
    return bound(read_pages(lessons_dir, i18n_dir, policies_dir))


def read_pages(lessons_dir: Path, i18n_dir: Path, policies_dir: Path | None = None) -> Printed:
    """The same, not bound yet."""
    manuscript = read_manuscript(lessons_dir, i18n_dir)
    complaints = list(manuscript.complaints)
    texts = originals(manuscript)
    tongues = read_tongues(manuscript, texts, i18n_dir, complaints)
    if errors(complaints):
        raise Complained((*errors(complaints), *told(partial(read_policies, policies_dir))))
    return printed(manuscript, texts, tongues, read_policies(policies_dir))


def printed(
    manuscript: Manuscript, texts: Iterable[Original], tongues: Iterable[Tongue], policies: Policies
) -> Printed:
    """What a manuscript without errors comes to."""
    tongues = tuple(tongues)
    return Printed(
        shelved(manuscript, _whole(manuscript, texts, tongues)),
        languages(manuscript),
        {tongue.code: tongue.strings() for tongue in tongues},
        {tongue.code: tongue.coverage for tongue in tongues},
        _pictures(manuscript),
        policies,
    )


def _pictures(manuscript: Manuscript) -> dict[str, Picture]:
    pages = ((f"{course.id}/{page.id}", page.model.picture) for course in manuscript.courses for page in course.lessons)
    return {path: file.picture for path, file in pages if file is not None}


def po_path(i18n_dir: Path, language: str, domain: str) -> Path:
    return i18n_dir / language / "LC_MESSAGES" / f"{domain}.po"


def read_tongues(
    manuscript: Manuscript, texts: Iterable[Original], i18n_dir: Path, complaints: list[Complaint]
) -> tuple[Tongue, ...]:
    """Every language of languages.yaml with its translations; broken files are complained of and count as empty."""
    texts = tuple(texts)
    tongues = []
    for code, file in manuscript.language_files().items():
        entries, unread = _entries(i18n_dir, code, complaints)
        if code == ENGLISH:
            found = {text.context: Translated(State.TRANSLATED, text.strings) for text in texts}
        else:
            found = judged(texts, entries, code)
        tongues.append(Tongue(code, found, coverage(texts, found, file.reviewed), unread))
    return tuple(tongues)


def _entries(i18n_dir: Path, code: str, complaints: list[Complaint]) -> tuple[dict[str, Entry], frozenset[str]]:
    """What a language's files hold, and which of them cannot be read."""
    entries: dict[str, Entry] = {}
    unread: set[str] = set()
    for domain in (BOT, LESSONS) if code != ENGLISH else ():
        path = po_path(i18n_dir, code, domain)
        if not path.exists():
            continue
        try:
            entries |= read_po(path)
        except PoBroken as error:
            unread.add(domain)
            complaints.extend(error.complaints(shown(path, i18n_dir)))
    return entries, frozenset(unread)


def _whole(manuscript: Manuscript, texts: Iterable[Original], tongues: tuple[Tongue, ...]) -> dict[str, frozenset[str]]:
    """For each lesson's path the languages that have all of its words.

    The description of a picture may follow later: until then it is read out in English.
    """
    contexts: dict[str, list[str]] = {
        f"{course.id}/{page.id}": [] for course in manuscript.courses for page in course.lessons
    }
    for text in texts:
        if text.context.endswith("/picture.alt"):
            continue
        contexts.get(text.context.rpartition("/")[0], []).append(text.context)
    return {
        path: frozenset(
            tongue.code for tongue in tongues if all(tongue.found[name].state in SHOWN for name in of_lesson)
        )
        for path, of_lesson in contexts.items()
    }
