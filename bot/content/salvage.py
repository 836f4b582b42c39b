"""What can still be read of a lesson whose shape is wrong, so that every other mistake in it is told in the same run.

Each mistake of shape is mended as its cure says, and the file is looked at again. What comes of it is checked and never
taught: the complaints that were found forbid that.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from bot.content.complaints import Complaint
from bot.content.mistakes import at, complaints_of, meant
from bot.content.strict import SHAPE_ONLY, STAND_IN
from bot.content.yaml12 import Document, Loc

T = TypeVar("T")

ROUNDS = 4  # a key put right may show a mistake below it, and that another
TEXTS = frozenset(
    {
        "title",
        "about",
        "aim",
        "takeaway",
        "thought",
        "text",
        "next",
        "label",
        "reply",
        "line",
        "right_line",
        "wrong_line",
    }
)
TRUTHS = {"yes": True, "no": False, "true": True, "false": False, "on": True, "off": False}


def salvaged(document: Document, adapter: TypeAdapter[T], known: Iterable[str]) -> tuple[T | None, list[Complaint]]:
    """The document as a model, None where too little of it can be read; and everything that is wrong in it."""
    names, value = tuple(known), copy.deepcopy(document.value)
    found: list[Complaint] = []
    doubts: list[Loc] = []
    for _ in range(ROUNDS):
        try:
            return adapter.validate_python(value), found
        except ValidationError as error:
            details = error.errors(include_url=False)
        sure = [detail for detail in details if not _hangs_on(at(detail), doubts)]
        found += [complaint for detail in sure for complaint in complaints_of(document, detail, names)]
        if all(detail["type"] == "content" for detail in details):
            return adapter.validate_python(value, context=SHAPE_ONLY), found
        for detail in details:
            if detail["type"] != "content" and not _mended(value, detail, names, doubts):
                return None, found
    return None, found


def _hangs_on(loc: Loc, doubts: Iterable[Loc]) -> bool:
    """Whether a part below was a guess of ours: what is said of the whole may then be wrong."""
    return any(doubt[: len(loc)] == loc for doubt in doubts)


def _mended(value: Any, detail: ErrorDetails, known: tuple[str, ...], doubts: list[Loc]) -> bool:
    """Mends one mistake of shape in place; False where there is no telling what was meant."""
    loc = at(detail)
    if loc[:1] == ("picture",) and isinstance(value, dict):
        value.pop("picture", None)  # a lesson may do without
        return True
    holder = value
    try:
        for step in loc[:-1]:
            holder = holder[step]
    except (KeyError, IndexError, TypeError):
        return False
    mend = MENDS.get(detail["type"])
    return bool(loc) and isinstance(holder, dict) and mend is not None and mend(holder, loc, known, doubts)


def _text_or_id(holder: dict[str, Any], loc: Loc, _known: tuple[str, ...], doubts: list[Loc]) -> bool:
    name = str(loc[-1])
    if name == "id":
        holder[name] = "x-" + "-".join(map(str, loc[1:-1:2]))
    elif name in TEXTS:
        holder[name] = STAND_IN
    elif name == "kind":
        forms = holder.get("forms")
        holder[name] = "true_false" if isinstance(forms, list) and "answer" in forms[0] else "choice"
        doubts.append(loc[:-1])
    else:
        return False
    return True


def _right_name(holder: dict[str, Any], loc: Loc, known: tuple[str, ...], doubts: list[Loc]) -> bool:
    """A misspelt key gets its name where that is free, else it goes."""
    given = holder.pop(str(loc[-1]))
    near = meant(str(loc[-1]), known)
    if near is not None and near not in holder:
        holder[near] = given
    doubts.append(loc)
    return True


def _truth(holder: dict[str, Any], loc: Loc, _known: tuple[str, ...], doubts: list[Loc]) -> bool:
    holder[str(loc[-1])] = TRUTHS.get(str(holder[str(loc[-1])]).casefold(), False)
    doubts.append(loc)
    return True


Mend = Callable[[dict[str, Any], Loc, tuple[str, ...], list[Loc]], bool]
MENDS: dict[str, Mend] = {
    "missing": _text_or_id,
    "string_type": _text_or_id,
    "string_too_short": _text_or_id,
    "string_pattern_mismatch": _text_or_id,
    "literal_error": _text_or_id,
    "extra_forbidden": _right_name,
    "bool_type": _truth,
}
