"""What stands beside the lessons on the path: the hook's guess, consent, age, role."""

from dataclasses import replace
from datetime import datetime

from bot.engine import path
from bot.engine.course import Library
from bot.engine.learner import Keep, Learner, Step
from bot.engine.move import Move
from bot.engine.show import ROLES, lesson_here
from bot.engine.turn import AnswersForgotten, Consented, Phrase, Record

# The version of the consent text (consent.ask in i18n/bot.yaml); raise it when its meaning changes.
CONSENT_TEXT = "2026-11"


def guessed(learner: Learner, choice: str, library: Library, now: datetime) -> Move | None:
    """A guess at the hook brings the reply that fits it, alone or leading into the first card."""
    lesson = lesson_here(learner, library)
    option = next((o for o in lesson.hook.options if o.id == choice), None)
    if option is None:
        return None
    learner = learner.but(place=replace(learner.place, guess=option.id))
    if lesson.hook.next is not None:
        return Move(path.enter(learner, now, Step.REPLY))
    return Move(path.after_hook(learner, lesson, now), (option.line,) if option.line else ())


def consented(learner: Learner, choice: str, channel: str, now: datetime) -> Move | None:
    """A decision about keeping; asked again later it may be changed either way."""
    if choice not in (Keep.BOTH.value, Keep.PLACE.value, Keep.NOTHING.value):
        return None
    keep = Keep(choice)
    records: list[Record] = [Consented(now, CONSENT_TEXT, keep.value, channel)]
    if learner.keep is Keep.BOTH and keep is not Keep.BOTH:
        records.append(AnswersForgotten())
    learner = _promised_still(learner.but(keep=keep))
    return Move(path.after_consent(learner, now), (Phrase(f"consent.thanks.{keep.value}"),), tuple(records))


def _promised_still(learner: Learner) -> Learner:
    """A guest is forgotten after a day, and so is what they were promised to be asked weeks later."""
    return learner.but(follow_ups=()) if learner.guest else learner


def age_first(learner: Learner, now: datetime) -> Move | None:
    """The age question, where it alone keeps somebody a guest who has allowed to be remembered; None for others."""
    if learner.keep not in (Keep.BOTH, Keep.PLACE) or learner.age_band is not None:
        return None
    return Move(path.to_age(learner, now), (Phrase("age.first"),))


def aged(learner: Learner, choice: str, library: Library, now: datetime) -> Move:
    """The age band in the learner's own words (one of AGES or ``skip``); below the limit, or skipped, a guest."""
    limit = library.age_limit(learner.country)
    bands = {"under": f"under_{limit}", "young": f"{limit}_24", "grown": "25_plus", "skip": "unknown"}
    learner = _promised_still(learner.but(age_band=bands[choice]))
    thanks = "age.thanks" if learner.grown else "age.guest"
    return Move(path.back_from_between(learner, now), (Phrase(thanks),))


def told_role(learner: Learner, choice: str, now: datetime) -> Move:
    """What they do (one of ROLES), or ``skip``."""
    role = choice if choice in ROLES else None
    thanks = "thanks.noted" if role else "skip.done"
    return Move(path.enter(learner.but(role=role), now, Step.NEXT), (Phrase(thanks),))
