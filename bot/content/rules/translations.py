"""What a translation must share with its English: placeholders, forms, numbers, bold words, agreed terms."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from bot.content.complaints import Complaint, Level
from bot.content.load import Tongue, po_path
from bot.content.manuscript import ENGLISH
from bot.content.originals import BOT, LESSONS, Original
from bot.content.phrasing import placeholders
from bot.content.plain_file import NotRead, content
from bot.content.plurals import count
from bot.content.prose import words
from bot.content.rules.proof import Proof, Rule
from bot.content.strict import STAND_IN
from bot.content.translation import SHOWN, State, Translated, numbers
from bot.content.yaml12 import Unreadable, shown

NAMES = 3  # how many missing texts a summary names


def _each(proof: Proof) -> Iterator[tuple[Original, str, Translated]]:
    for language, tongue in proof.tongues.items():
        if language != ENGLISH:
            for context, found in tongue.found.items():
                if proof.texts[context].text != STAND_IN:
                    yield proof.texts[context], language, found


def forms_are_complete(proof: Proof) -> Iterator[Complaint]:
    """Placeholders as in English, and every plural form of the language."""
    for original, language, found in _each(proof):
        if found.state is State.MISSING:
            some = bool(found.entry) and any(found.entry.translation if found.entry else ())
            if some and original.plural is not None:
                what = f"needs all {count(language)} plural forms"
                yield proof.about(original.context, what, "fill every msgstr[…]", language)
        elif found.state is State.OUTDATED:
            yield _outdated(proof, original, language, found)


def _outdated(proof: Proof, original: Original, language: str, found: Translated) -> Complaint:
    wanted = count(language) if original.plural is not None else 1
    if len(found.strings) != wanted:
        what = f"has {len(found.strings)} plural forms instead of {wanted}"
        return proof.about(original.context, what, "write every form of the language", language)
    has = frozenset[str]().union(*(placeholders(text) for text in found.strings))
    asked = frozenset[str]().union(*(placeholders(text) for text in original.strings))
    if has != asked or placeholders(found.strings[-1]) != placeholders(original.strings[-1]):
        names = ", ".join(f"{{{name}}}" for name in sorted(asked)) or "none"
        what = "other placeholders than the English; English is shown"
        return proof.about(original.context, what, f"use exactly these: {names}", language)
    what = "a number of the English has changed since; English is shown"
    cure = "translate it anew and take the mark `fuzzy` away"
    return proof.about(original.context, what, cure, language, Level.WARNING)


def numbers_agree(proof: Proof) -> Iterator[Complaint]:
    """The figures of a translation are those of the English."""
    for original, language, found in _each(proof):
        if found.state is not State.TRANSLATED or original.typed or original.plural is not None:
            continue
        if numbers(found.strings[0]) != numbers(original.text):
            what = f"numbers differ: {_list(found.strings[0])} here, {_list(original.text)} in English"
            yield proof.about(original.context, what, "compare the figures", language, Level.WARNING)


def _list(text: str) -> str:
    return " ".join(numbers(text)) or "none"


def bold_stays(proof: Proof) -> Iterator[Complaint]:
    """What English marks as the question, or as a new term, is marked in every language."""
    for original, language, found in _each(proof):
        if found.state in SHOWN and "*" in original.text and "*" not in "".join(found.strings):
            cure = "put the stars round the same words"
            yield proof.about(original.context, "nothing is bold, as it is in English", cure, language, Level.WARNING)


def languages_are_whole(proof: Proof) -> Iterator[Complaint]:
    """What is missing or stale, one line a file."""
    for language, tongue in proof.tongues.items():
        if language != ENGLISH:
            for domain in sorted({BOT, LESSONS} - tongue.unread):  # of what cannot be read nobody knows what is missing
                yield from _summary(proof, tongue, domain)


def _there(original: Original, domain: str) -> bool:
    return original.domain == domain and original.text != STAND_IN


def _summary(proof: Proof, tongue: Tongue, domain: str) -> Iterator[Complaint]:
    path = po_path(proof.i18n_dir, tongue.code, domain)
    contexts = [context for context in tongue.found if _there(proof.texts[context], domain)]
    for state, what, cure in (
        (State.MISSING, "not translated yet", "write them; until then English is shown"),
        (State.STALE, "older than the English", "read them again and take `fuzzy` away"),
    ):
        open_ones = [context for context in contexts if tongue.found[context].state is state]
        if open_ones:
            names = ", ".join(open_ones[:NAMES]) + (" …" if len(open_ones) > NAMES else "")
            entry = tongue.found[open_ones[0]].entry
            line = entry.line if entry else 1
            told = f"{what}: {len(open_ones)} ({names})"
            yield Complaint(shown(path, proof.i18n_dir), line, told, cure, Level.WARNING)


def terms_are_agreed(proof: Proof) -> Iterator[Complaint]:
    """An English term of the glossary is said with its agreed word."""
    path = proof.i18n_dir / "glossary.csv"
    try:
        glossary = _glossary(path, proof)
    except Unreadable as error:
        yield error.complaint
        return
    for original, language, found in _each(proof):
        if found.state in SHOWN and not original.typed and words(original.text) > 1:
            for term, english, agreed, pattern in glossary.get(language, ()):
                if english.search(original.text) and not any(pattern.search(text) for text in found.strings):
                    cure = f"say “{agreed}”, or add your word to i18n/glossary.csv after a |"
                    what = f"“{term}” is said in other words"
                    yield proof.about(original.context, what, cure, language, Level.WARNING)


Term = tuple[str, re.Pattern[str], str, re.Pattern[str]]


def _glossary(path: Path, proof: Proof) -> dict[str, list[Term]]:
    """For each language its terms: English, how to find it, the agreed word, how to find that."""
    if not path.exists():
        return {}
    terms: dict[str, list[Term]] = {}
    try:
        text = content(path).decode("utf-8-sig")
    except NotRead as error:
        raise Unreadable(Complaint(shown(path, proof.i18n_dir), 1, error.what, error.cure)) from error
    rows = csv.DictReader(StringIO(text, newline=""))
    if ENGLISH not in (rows.fieldnames or ()):
        what, cure = "the first line names no column `en`", "begin with a line such as en,es,fr"
        raise Unreadable(Complaint(shown(path, proof.i18n_dir), 1, what, cure))
    for row in rows:
        for language in proof.tongues:
            agreed = row.get(language) or ""
            if language != ENGLISH and agreed.strip() and row[ENGLISH].strip():
                term = row[ENGLISH].strip()
                found = (term, _found(term, 2), agreed.replace("|", " / "), _found(agreed, 3))
                terms.setdefault(language, []).append(found)
    return terms


def _found(terms: str, endings: int) -> re.Pattern[str]:
    """Finds one of the terms (with | between), each word with up to so many letters more: plurals and genders."""
    ending = rf"\w{{0,{endings}}}"
    ways = [
        (ending + r"\s+").join(re.escape(word) for word in term.split()) for term in terms.split("|") if term.strip()
    ]
    # Chinese and Arabic join words to what stands before them; there a term may begin inside a word.
    start = r"\b" if all(char.isascii() or "\u00c0" <= char <= "\u04ff" for char in terms) else ""
    return re.compile(f"{start}(?:{'|'.join(ways)}){ending}", re.IGNORECASE)


RULES: tuple[Rule, ...] = (forms_are_complete, numbers_agree, bold_stays, languages_are_whole, terms_are_agreed)
