"""Decides what one event changes and what the bot says next. Pure: same input, same turn.

Laws
- One event brings at most one message, and every event of a person brings one, unless later words of theirs have
  overtaken it; the clock's may bring none.
- The place (``learner.place``) is what stands in front of the learner; it is shown by ``show`` and by nothing else.
  What is asked for beside it (help, lists) leaves it alone. A question beside it (``commands.ASKED``, ``daily.Asks``)
  stands again after what is no answer to it.
- Buttons of a place carry its serial. A press with another serial is an old button: a kind line and the
  place again, never an answer.
- Only first tries are scored; rows are made only for those who share their answers.
- No two messages in a row are alike.

States (``Step``)
    LANGUAGE → HOOK → [REPLY] → CARD … → [CONSENT → AGE →] QUESTION … → REACTION → [FEEDBACK | ROLE] → NEXT → HOOK …
    from the second lesson on a due question (WARM_UP) or a guess (BEFORE, in the hook's place) may open a lesson.
    Beside the lessons, from anywhere and back there: REVIEW …, and RECALL → USED some time after a course.

What may go wrong
- A lesson, card or question vanished under the learner: the lesson starts again, or the next is offered, with a line.
- Anything else that raises is a bug: the shell parks the event and its neighbours go on.
"""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from bot.engine import arrive, commands, daily, due, languages, path
from bot.engine.beside import beside
from bot.engine.course import Library
from bot.engine.events import Event, Left, LessonDue, Overtaken, Refused, Said, SentOther, Tapped, Unsent
from bot.engine.learner import Learner, Place, Refusal, Status, Step
from bot.engine.move import Move
from bot.engine.occasion import OPEN_WAYS
from bot.engine.offered import labels
from bot.engine.pressing import press
from bot.engine.reading import same_label
from bot.engine.show import show
from bot.engine.talking import meant, meant_anywhere, said, wants_words
from bot.engine.turn import Erased, Phrase, Record, Say, Text, Turn, Words

OTHER_KINDS = frozenset({"voice", "photo", "sticker", "location", "contact", "file"})
# Consent and age show nothing of a lesson; what they lead back to does.
OUTSIDE_LESSONS = frozenset({Step.LANGUAGE, Step.CONSENT, Step.AGE, Step.NEXT, Step.REST})


def advance(learner: Learner, event: Event, library: Library, now: datetime) -> Turn:
    """What one event changes and what the bot says next."""
    match event:
        case Left():
            return Turn(_gone(learner))
        case Refused():
            return Turn(_refused(learner, event))
        case LessonDue():
            return _due(learner, event, library, now)
        case Unsent():
            return due.unsent(learner, event, now)
        case Overtaken():
            return _overtaken(learner, event, library, now)
    learner, back = _seen(learner, event, now)
    learner = languages.understood(learner, event, library)
    campaign, start = _start(event, learner, library)
    learner, joined = arrive.joined(learner, campaign, library) if start else (learner, ())
    if not arrive.has_begun(learner):
        move = _first(learner, event, library, now)
    elif not sound(learner, library):
        move = _mended(learner, library, now)
    elif start:
        move = commands.start(learner, library, now)
    else:
        move = _move(learner, event, library, now)
    return _turn(replace(move, lead=(*back, *move.lead)) if back else move, joined, library, now)


def _due(learner: Learner, event: LessonDue, library: Library, now: datetime) -> Turn:
    """What the clock brings. What it holds, or asks in to by a template, shows nothing."""
    restarted = () if sound(learner, library) else (Phrase("lesson.changed"),)
    learner = mended(learner, library, now) if restarted else learner
    move = due.happens(learner, event, library, now)
    if event.occasion.way not in OPEN_WAYS:
        return Turn(move.learner, (), move.records)
    return _turn(replace(move, lead=(*move.lead, *restarted)), (), library, now)


def _overtaken(learner: Learner, event: Overtaken, library: Library, now: datetime) -> Turn:
    """Nothing but a STOP still counts: it is wrong in no order."""
    if meant(event.text, learner, library) != "stop":
        return Turn(learner)
    return _turn(commands.stop(learner, library, now), (), library, now)


def _gone(learner: Learner) -> Learner:
    """Nothing more is brought. Who had stopped stays stopped: to be back is no wish for more."""
    return learner.but(status=Status.STOPPED if learner.status is Status.STOPPED else Status.LEFT, due=None)


def _refused(learner: Learner, event: Refused) -> Learner:
    """A kind of template that does not reach them: tried again later, each time much later."""
    before = learner.refused.get(event.category)
    refusal = Refusal(event.until, before.times + 1 if before else 1)
    return learner.but(refused={**learner.refused, event.category: refusal})


def _seen(learner: Learner, event: Event, now: datetime) -> tuple[Learner, tuple[Phrase, ...]]:
    """Here again, with a line for whom the lessons had gone to sleep.

    A return after leaving counts (who had stopped never left). A known country is kept; the zone is where they are
    now, and proposed to who asks for lessons. The wish for lessons keeps the one it was confirmed with.
    """
    left = learner.status is Status.LEFT
    learner = learner.but(
        seen=now,
        status=Status.ACTIVE if left else learner.status,
        country=learner.country or event.country,
        zone=event.zone or learner.zone,
        channel=event.address.channel,
    )
    if learner.daily is None and not learner.refused and not left:
        return learner, ()
    learner = due.replanned(learner, now) if left else due.heard_from(learner)
    return daily.woken(learner)


def _start(event: Event, learner: Learner, library: Library) -> tuple[str | None, bool]:
    """A start and its campaign. Two words that answer what was just shown (``Start again``) are that answer instead."""
    campaign, start = arrive.started(event, learner, library)
    if not start or not isinstance(event, Said) or library.campaigns(campaign or ""):
        return campaign, start
    offered = same_label(event.text, labels(learner.offer, learner, library)) is not None
    return (None, False) if offered or wants_words(learner, library) else (campaign, start)


def _first(learner: Learner, event: Event, library: Library, now: datetime) -> Move:
    """Somebody new: the first puzzle, unless the first word was one that must work at once."""
    if isinstance(event, Said):
        word = meant_anywhere(event.text, learner, library)
        if word in commands.BEFORE_ANYTHING:
            begun = arrive.arrive(learner, library, now).learner
            return commands.COMMANDS[word](begun, library, now)
    return arrive.arrive(learner, library, now)


def _move(learner: Learner, event: Event, library: Library, now: datetime) -> Move:
    channel = event.address.channel
    match event:
        case Tapped():
            return press(learner, event.data, channel, library, now)
        case Said():
            return said(learner, event.text, channel, library, now)
        case SentOther():
            line = Phrase(f"sent.{event.kind if event.kind in OTHER_KINDS else 'other'}")
            if learner.aside == "list":
                return beside(learner, line, choices=learner.offer, aside="list")
            return commands.once_more(learner, library, now, line)
        case _:
            return commands.start(learner, library, now)


def sound(learner: Learner, library: Library) -> bool:
    """Whether the library still knows the place, and the one it leads back to: lessons may change under a learner."""
    return all(_known(place, library) for place in (learner.place, learner.after) if place is not None)


def _known(place: Place, library: Library) -> bool:
    if place.step in OUTSIDE_LESSONS:
        return True
    if place.step in path.BESIDE:
        return _asked(place, library)
    lesson = library.lesson(place.lesson)
    if lesson is None:
        return False
    match place.step:
        case Step.CARD:
            return any(card.id == place.item for card in lesson.cards)
        case Step.QUESTION | Step.BEFORE:
            return any(q.id == place.item and q.form(place.form) for q in lesson.questions)
        case Step.WARM_UP | Step.FEEDBACK:
            return _asked(place, library)
        case Step.REPLY:
            return any(option.id == place.guess for option in lesson.hook.options)
        case _:
            return True


def _asked(place: Place, library: Library) -> bool:
    question = library.question(place.item)
    return question is not None and question.form(place.form) is not None


def _mended(learner: Learner, library: Library, now: datetime) -> Move:
    """On from a place that is gone, with a line that says why; a question beside the lessons is just left out."""
    waits = learner.after is None or _known(learner.after, library)
    if learner.place.step in path.BESIDE and waits:
        return Move(path.back(learner, now), (Phrase("review.gone"),))
    return Move(mended(learner, library, now), (Phrase("lesson.changed"),))


def mended(learner: Learner, library: Library, now: datetime) -> Learner:
    """The same lesson from its beginning, or where next if it is gone."""
    lesson = library.lesson(learner.place.lesson)
    learner = learner.but(after=None)
    if lesson is None or learner.place.step is Step.FEEDBACK:
        return path.enter(learner, now, Step.NEXT)
    return path.open_lesson(learner, lesson, now)


def _turn(move: Move, joined: tuple[Record, ...], library: Library, now: datetime) -> Turn:
    """The move as one message, with what it offers remembered."""
    records = (*joined, *move.records)
    if any(isinstance(record, Erased) for record in records):
        return Turn(move.learner, (move.aside,) if move.aside else (), records)
    say = move.aside or show(move.learner, library)
    if move.lead:
        say = replace(say, lead=(*move.lead, *say.lead))
    say, echo = _not_twice(move.learner, say)
    return Turn(_planned(move.learner, now).but(offer=say.choices, echo=echo), (say,), records)


def _planned(learner: Learner, now: datetime) -> Learner:
    """What was promised for later is looked at in time. Nothing is brought to guests: they are forgotten each day."""
    if learner.guest and (learner.daily or learner.due or learner.follow_ups):
        return learner.but(daily=None, due=None, follow_ups=())
    alone = learner.daily is None or not learner.daily.whole
    return due.due_later(learner, now) if learner.follow_ups and alone else learner


def _not_twice(learner: Learner, say: Say) -> tuple[Say, str]:
    """The same message as the one before gets a line of its own, so that nobody thinks the bot is stuck.

    And the mark by which the next one is compared.
    """
    mark = _mark(learner, say)
    if mark == learner.echo:
        return replace(say, lead=(Phrase("again"), *say.lead)), ""
    return say, mark


def _mark(learner: Learner, say: Say) -> str:
    choices = map(_unnumbered, (choice.data for choice in say.choices))
    said = "\0".join((learner.language, *map(_named, say.lead), "", *map(_named, say.body), "", *choices))
    return sha256(said.encode()).hexdigest()[:16]


def _unnumbered(data: str) -> str:
    """A button's data without the serial: the same place, shown once more, has another one."""
    kind, _, rest = data.partition(":")
    return rest.partition("-")[2] if kind in ("q", "n") else data


def _named(text: Text) -> str:
    """Tells texts apart; what has no values is its key, which spares most of the work."""
    bare = isinstance(text, Words) or (isinstance(text, Phrase) and not text.values)
    return text.key if bare else repr(text)  # type: ignore[union-attr]  # those two have one
