"""Draws that come out the same each time: from the learner's stored seed, never from chance of the moment."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

from bot.engine.course import Form, Option, Question

T = TypeVar("T")


def order(seed: int, name: str, items: Sequence[T], key: Sequence[str]) -> tuple[T, ...]:
    """The items in an order drawn by the seed; ``key`` names each, so that edits elsewhere change nothing."""
    drawn = sorted(range(len(items)), key=lambda i: sha256(f"{seed}|{name}|{key[i]}".encode()).digest())
    return tuple(items[i] for i in drawn)


def coin(seed: int, name: str) -> bool:
    """Heads or tails, even odds."""
    return sha256(f"{seed}|{name}".encode()).digest()[0] % 2 == 0


def options(seed: int, question: Question, form: Form) -> tuple[Option, ...]:
    """The options of a form as this learner sees them."""
    return order(seed, f"{question.id}|{form.id}", form.options, [option.id for option in form.options])


def forms(seed: int, question: Question) -> tuple[Form, ...]:
    """The forms of a question in this learner's order: before, after, later check."""
    return order(seed, question.id, question.forms, [form.id for form in question.forms])


def before_form(seed: int, question: Question) -> Form | None:
    """The form asked before the lesson, if this learner is drawn for it and enough forms are there."""
    if len(question.forms) < 3 or not coin(seed, f"pre|{question.id}"):
        return None
    return forms(seed, question)[0]


def after_form(seed: int, question: Question) -> Form:
    """The form asked at the end of the lesson."""
    drawn = forms(seed, question)
    return drawn[1] if len(drawn) > 1 else drawn[0]


def kept_form(seed: int, question: Question) -> Form:
    """The form kept for the later check; where there are too few to keep one, the last."""
    return forms(seed, question)[:3][-1]


def review_forms(seed: int, question: Question) -> tuple[Form, ...]:
    """The forms that may come back in review: never the one kept for the later check."""
    drawn = forms(seed, question)
    return drawn[:2] if len(drawn) > 2 else drawn
