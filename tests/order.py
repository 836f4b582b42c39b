"""What counts as order in a chat."""

from collections.abc import Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """What a chat sees of a part: its text, and the message it edits, if it is an edit."""

    text: str
    edits: int | None


def in_order(seen: Sequence[Part], sent: Sequence[Part]) -> bool:
    """Messages in order among themselves, and edits; each edit after all messages that were sent before it.

    So it also comes after the message it edits. The message behind an edit may come before it. Each may come again
    before the next of its kind.
    """
    messages = [part for part in sent if part.edits is None]
    edits = [part for part in sent if part.edits is not None]
    before = [sum(part.edits is None for part in sent[:at]) for at, part in enumerate(sent) if part.edits is not None]
    shown = edited = 0
    for part in seen:
        if part.edits is None:
            if shown < len(messages) and part == messages[shown]:
                shown += 1
            elif shown == 0 or part != messages[shown - 1]:
                return False
        elif edited < len(edits) and part == edits[edited] and shown >= before[edited]:
            edited += 1
        elif edited == 0 or part != edits[edited - 1]:
            return False
    return shown == len(messages) and edited == len(edits)
