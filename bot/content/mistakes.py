"""Pydantic's errors told as complaints: the line in the file, what is wrong there, what to do."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from bot.content.complaints import Complained, Complaint
from bot.content.strict import Mistake
from bot.content.yaml12 import Document, Loc

T = TypeVar("T")


def validated(document: Document, adapter: TypeAdapter[T], known: Iterable[str] = ()) -> T:
    """The document as a model; raises ``Complained`` with everything that is wrong in it.

    ``known`` are the keys to suggest for a misspelt one.
    """
    try:
        return adapter.validate_python(document.value)
    except ValidationError as error:
        names = tuple(known)
        details = error.errors(include_url=False)
        raise Complained(one for detail in details for one in complaints_of(document, detail, names)) from error


def complaints_of(document: Document, detail: ErrorDetails, known: tuple[str, ...]) -> list[Complaint]:
    """One mistake of shape, or everything that one of our own checks found in a part."""
    if detail["type"] == "content":
        ours: tuple[Mistake, ...] = detail["ctx"]["mistakes"]
        return [_complaint(document, (*at(detail), *one.at), one.what, one.cure) for one in ours]
    return [_complaint(document, at(detail), *_told(detail, known, _guide(document)))]


def at(detail: ErrorDetails) -> Loc:
    """The part of the document that an error is about."""
    return tuple(step for step in detail["loc"] if step != "[key]")


def _complaint(document: Document, loc: Loc, what: str, cure: str) -> Complaint:
    where = ".".join(str(step) for step in loc)
    return Complaint(document.file, document.line(loc), f"{where}: {what}" if where else what, cure)


def _told(detail: ErrorDetails, known: tuple[str, ...], guide: str) -> tuple[str, str]:
    context = detail.get("ctx", {})
    name = str(detail["loc"][-1]) if detail["loc"] else "the file"
    match detail["type"]:
        case "missing":
            return "is missing", f"add `{name}:` here"
        case "extra_forbidden":
            if detail["input"] is None and name not in known:
                return "is no key we know", 'a comma ended the text before it: put that text into "double quotes"'
            if name == "right" and "hook" in detail["loc"]:
                return "a hook has no right answer", "take it out: every answer to a hook has its `reply`"
            near = meant(name, known)
            what = "has no place here" if name in known else "is no key we know"
            return what, f"did you mean `{near}`?" if near else "take it out"
        case "string_type":
            return f"should be text, not {_kind(detail['input'])}", 'put it into "double quotes"'
        case "string_too_short":
            return "is empty", "write something here, or take the line out"
        case "string_pattern_mismatch":
            return f'"{detail["input"]}" is not a valid id', _pattern_cure(str(context.get("pattern", "")))
        case "literal_error":
            return f'"{detail["input"]}" is not one of the choices', f"write one of {context['expected']}"
        case "bool_type":
            return f'"{detail["input"]}" is neither true nor false', "write true or false, without quotes"
        case "int_type":
            return f'"{detail["input"]}" is no whole number', "write a number, without quotes"
        case "list_type":
            return "should be a list", "write one item a line, each after `- `"
        case "too_short":
            return "has too few entries", f"write at least {context['min_length']}"
        case "too_long":
            return "has too many entries", f"keep at most {context['max_length']}"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "should hold `key: value` lines", guide
        case _:
            return detail["msg"].lower(), guide


def meant(name: str, known: Iterable[str]) -> str | None:
    """The key that a misspelt one comes near; a key that is right elsewhere is not misspelt."""
    names = set(known)
    near = get_close_matches(name, sorted(names), n=1) if name not in names else []
    return near[0] if near else None


def _guide(document: Document) -> str:
    """Where it stands how such a file is written."""
    folder = document.file.partition("/")[0]
    return f"see {folder}/README.md" if folder in ("lessons", "i18n") else "compare it with the file the bot came with"


def _pattern_cure(pattern: str) -> str:
    for longest in ("24", "48"):
        if longest in pattern:
            return f"use small letters a–z, digits and hyphens, at most {longest}"
    return "use small letters, digits and dots, as its neighbours do"


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case None:
            return "nothing"
        case list():
            return "a list"
        case _:
            return "`key: value` lines"
