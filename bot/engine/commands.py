"""Words that always work. A new one is a function here, a line in the table, and its words in i18n/bot.yaml."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.engine import answers, between, daily, due, lists, path
from bot.engine import review as reviewing
from bot.engine.beside import GO_ON, beside, in_lesson, under
from bot.engine.course import Library
from bot.engine.learner import Keep, Learner, Status, Step
from bot.engine.move import Move
from bot.engine.show import ASKING, lesson_here, next_lesson, organisation
from bot.engine.turn import Choice, DataAsked, Erased, Phrase, Say, Stopped, Text, Verbatim, WhyAsked

Command = Callable[[Learner, Library, datetime], Move]

# In an open question any words are an answer; only these still lead out.
EVEN_IN_OPEN_QUESTIONS = frozenset({"stop", "menu", "help", "delete", "skip"})

# Words that count in every language of ours, whatever the learner's own is.
IN_ALL_LANGUAGES = frozenset({"stop", "help", "delete"})

# Words that must work even as the very first message.
BEFORE_ANYTHING = frozenset({"stop", "help", "privacy", "delete", "mydata", "language"})

# Questions that nothing leads past, and what is said to whoever tries.
NEEDED = {Step.CONSENT: "consent.needed", Step.LANGUAGE: "language.needed"}


def go_on(learner: Learner, library: Library, now: datetime) -> Move:
    """Back to where the learner was."""
    return Move(learner.but(aside=None))


def start(learner: Learner, library: Library, now: datetime) -> Move:
    """Brings back what STOP ended, and the learner to where they were."""
    learner, again = daily.on_again(learner.but(status=Status.ACTIVE), now)
    if learner.place.step is Step.LANGUAGE:
        return go_on(learner, library, now)
    if not in_lesson(learner):
        return Move(path.enter(learner, now, Step.NEXT), (Phrase("back.welcome"), *again))
    return replace(coming_back(learner, library, now), lead=again)


def coming_back(learner: Learner, library: Library, now: datetime) -> Move:
    """In mid-lesson: go on, start again, or something else."""
    menu = Choice("c:menu", Phrase("button.menu"))
    if learner.place.step in path.BESIDE:
        return beside(learner, Phrase("back.to_question"), choices=(GO_ON, menu))
    lesson = lesson_here(learner, library)
    again = Choice("c:again", Phrase("button.again"))
    return beside(learner, Phrase("back.in_lesson", {"title": lesson.title}), choices=(GO_ON, again, menu))


def again(learner: Learner, library: Library, now: datetime) -> Move:
    """The same lesson from its beginning."""
    lesson = library.lesson(learner.place.lesson)
    if lesson is None:
        return Move(path.enter(learner, now, Step.NEXT))
    return Move(path.open_lesson(learner.but(after=None), lesson, now))


def next_one(learner: Learner, library: Library, now: datetime) -> Move:
    """The next lesson along the courses."""
    lesson = next_lesson(learner, library)
    if lesson is None:
        return Move(path.enter(learner, now, Step.NEXT))
    return Move(path.begin(learner, lesson, library, now))


def forward(learner: Learner, library: Library, now: datetime) -> Move:
    """From card to card; a question wants an answer or SKIP."""
    match learner.place.step:
        case Step.HOOK | Step.REPLY:
            return Move(path.after_hook(learner, lesson_here(learner, library), now))
        case Step.CARD:
            return Move(path.after_card(learner, lesson_here(learner, library), now))
        case Step.NEXT | Step.REST:
            return next_one(learner, library, now)
        case Step.REACTION | Step.FEEDBACK | Step.ROLE | Step.USED:
            return skip(learner, library, now)
        case step:
            return Move(learner.but(aside=None), (Phrase(NEEDED.get(step, "next.not_here")),))


def backward(learner: Learner, library: Library, now: datetime) -> Move:
    """One card back, as far as the hook; what was answered stays answered."""
    place = learner.place
    if learner.aside:
        return go_on(learner, library, now)
    if place.step in (Step.CARD, Step.REPLY):
        lesson = lesson_here(learner, library)
        before = path.card_beside(lesson, place.item, -1) if place.step is Step.CARD else None
        if before is None:
            return Move(path.enter(learner, now, Step.HOOK))
        return Move(path.enter(learner, now, Step.CARD, item=before.id))
    if place.step is Step.QUESTION and not place.misses:
        lesson = lesson_here(learner, library)
        if place.item == lesson.questions[0].id:
            return Move(path.enter(learner, now, Step.CARD, item=lesson.cards[-1].id))
    return Move(learner, (Phrase("back.not_here"),))


def skip(learner: Learner, library: Library, now: datetime) -> Move:
    """On without an answer."""
    match learner.place.step:
        case step if step is Step.REACTION or step in ASKING:
            return answers.skipped(learner, library, now)
        case Step.AGE:
            return between.aged(learner, "skip", library, now)
        case Step.ROLE:
            return between.told_role(learner, "skip", now)
        case _:
            return forward(learner, library, now)


def stop(learner: Learner, library: Library, now: datetime) -> Move:
    """Ends everything that comes unasked."""
    move = beside(learner.but(status=Status.STOPPED, due=None), Phrase("stop.done"), choices=())
    return replace(move, records=(Stopped(),))


def enough(learner: Learner, library: Library, now: datetime) -> Move:
    """Enough for today. Who could have the next lesson brought, and has not decided about it, is asked once."""
    learner = path.enter(learner.but(after=None), now, Step.REST)
    if learner.guest or _wished(learner) or "daily" in learner.asked:
        return beside(learner, bye(learner), choices=())
    return daily.offered(learner)


def bye(learner: Learner) -> Phrase:
    """A good-bye with the way back, which for a guest is open for a day."""
    return Phrase("enough.bye_guest" if learner.guest else "enough.bye")


def _wished(learner: Learner) -> bool:
    """Whether they have ever said something about a daily lesson."""
    return learner.daily is not None and not learner.daily.unasked


def menu(learner: Learner, library: Library, now: datetime) -> Move:
    return beside(learner, Phrase("menu.title"), choices=lists.menu(in_lesson(learner)), aside="list")


def language(learner: Learner, library: Library, now: datetime) -> Move:
    return beside(learner, Phrase("language.ask"), choices=lists.languages(library), aside="list")


def lessons(learner: Learner, library: Library, now: datetime) -> Move:
    """The courses; with only one, its lessons at once."""
    if len(library.courses) == 1:
        return course(learner, library.courses[0].id, 0, library)
    return beside(learner, Phrase("lessons.courses"), choices=lists.courses(library), aside="list")


def course(learner: Learner, course_id: str, page: int, library: Library) -> Move:
    """One page of a course's lessons."""
    found = next((c for c in library.courses if c.id == course_id), None)
    if found is None:
        return beside(learner, Phrase("lessons.courses"), choices=lists.courses(library), aside="list")
    rows = lists.lessons(found, page, learner)
    return beside(learner, Phrase("lessons.course", {"title": found.title}), choices=rows, aside="list")


def light(learner: Learner, library: Library, now: datetime) -> Move:
    """Pictures off; said again, on. The place stays."""
    off = not learner.light
    return once_more(learner.but(light=off), library, now, Phrase("light.on" if off else "light.off"))


def progress(learner: Learner, library: Library, now: datetime) -> Move:
    """Ideas kept: those whose question was right the last time. Never a streak, never a score."""
    kept = reviewing.kept(learner)
    total = sum(len(course.lessons) for course in library.courses)
    done = Phrase("progress.lessons", {"n": len(learner.done), "total": total})
    return beside(learner, Phrase("progress.ideas", {"n": kept}), done)


def review(learner: Learner, library: Library, now: datetime) -> Move:
    """Goes over ideas met before, at any time; a question of before that stands there already comes first."""
    if learner.place.step in path.BESIDE | path.BETWEEN | {Step.WARM_UP}:
        return Move(learner.but(aside=None), (Phrase("review.first"),))
    questions = reviewing.session(learner, library, now)
    if not questions:
        return beside(learner, Phrase("review.none"))
    return Move(path.begin_review(learner, questions, library, now))


def feedback(learner: Learner, library: Library, now: datetime) -> Move:
    """A word to the people behind it; what guests and the young write is passed on to nobody, so nothing is asked."""
    age_first = between.age_first(learner, now) if learner.keep is Keep.BOTH else None
    if age_first is not None:
        return age_first
    if not learner.shares_answers:
        who = ("guest" if learner.guest else "place") if learner.may_decide else "young"
        return beside(learner, Phrase(f"feedback.{who}"), *contact(library))
    return beside(learner, Phrase("feedback.ask"), aside="feedback")


def ask(learner: Learner, library: Library, now: datetime) -> Move:
    """A question to the lessons: the next message is what is asked."""
    return beside(learner, Phrase("ask.what"), aside="ask")


def privacy(learner: Learner, library: Library, now: datetime) -> Move:
    """What is kept and by whom, and the same three choices as at the beginning."""
    body: list[Text] = [
        Phrase("privacy.text", {"organisation": organisation(library)}),
        Phrase(f"privacy.now.{_kept(learner)}"),
        *contact(library),
    ]
    if not learner.may_decide:
        return beside(learner, *body)
    changes = tuple(
        Choice(f"c:keep-{keep.value}", Phrase(f"consent.{keep.value}"))
        for keep in (Keep.BOTH, Keep.PLACE, Keep.NOTHING)
        if keep is not learner.keep
    )
    return beside(learner, *body, choices=(*changes[:2], GO_ON) if len(changes) == 2 else changes)


def _kept(learner: Learner) -> str:
    return "guest" if learner.guest else learner.keep.value


def contact(library: Library) -> tuple[Text, ...]:
    """Who stands behind the bot, how to reach them, and where more is written; what nobody has set stays out."""
    lines: list[Text] = []
    if library.organisation:
        lines.append(Phrase("help.who", {"organisation": Verbatim(library.organisation)}))
    if library.contact:
        lines.append(Phrase("contact.line", {"contact": Verbatim(library.contact)}))
    if library.privacy_url:
        lines.append(Phrase("privacy.link", {"link": Verbatim(library.privacy_url)}))
    return tuple(lines)


def my_data(learner: Learner, library: Library, now: datetime) -> Move:
    """Everything that is stored about the learner; the shell adds it to the message."""
    move = beside(learner, Phrase("mydata.intro"))
    return Move(move.learner, records=(DataAsked(),), aside=move.aside)


def delete(learner: Learner, library: Library, now: datetime) -> Move:
    """Asks once."""
    erase_it = Choice("c:erase", Phrase("button.erase"))
    return beside(learner, Phrase("delete.ask"), choices=(erase_it, GO_ON), aside="delete")


def erase(learner: Learner, library: Library, now: datetime) -> Move:
    """Deletes everything, if DELETE was what the learner asked for last."""
    if learner.aside != "delete":
        return delete(learner, library, now)
    return Move(learner, records=(Erased(),), aside=Say((Phrase("delete.done"),)))


def help_(learner: Learner, library: Library, now: datetime) -> Move:
    """How to get along, where to turn when somebody is being hurt, who stands behind it."""
    line = library.helpline(learner.country)
    hurt = Phrase("help.hurt_here", {"line": Verbatim(line)}) if line else Phrase("help.hurt")
    told = (Phrase("help.text"), hurt, *contact(library))
    asked = _asked_beside(learner, library, now)
    return under(asked, *told) if asked else beside(learner, *told)


def why(learner: Learner, library: Library, now: datetime) -> Move:
    """Why something came, came late or did not come; the shell adds what is on record."""
    move = beside(learner, *daily.next_time(learner))
    return Move(move.learner, records=(WhyAsked(),), aside=move.aside)


def once_more(learner: Learner, library: Library, now: datetime, line: Text) -> Move:
    """A line, and once more what waits for an answer: the question beside the path, where there is one, or the place.

    What comes in between takes nobody's question away: the answer may be on its way.
    """
    asked = _asked_beside(learner, library, now) or Move(learner.but(aside=None))
    return replace(asked, lead=(line,))


def _asked_beside(learner: Learner, library: Library, now: datetime) -> Move | None:
    ask_again = ASKED.get(learner.aside or "")
    return ask_again(learner, library, now) if ask_again else daily.question(learner, library, now)


COMMANDS: dict[str, Command] = {
    "start": start,
    "menu": menu,
    "lessons": lessons,
    "next": forward,
    "back": backward,
    "skip": skip,
    "daily": daily.daily,
    "pause": daily.pause,
    "why": why,
    "stop": stop,
    "language": language,
    "light": light,
    "progress": progress,
    "review": review,
    "ask": ask,
    "feedback": feedback,
    "privacy": privacy,
    "mydata": my_data,
    "delete": delete,
    "help": help_,
}

# What asks something beside the path, and may be asked again.
ASKED: dict[str, Command] = {"ask": ask, "delete": delete, "feedback": feedback}

# What only a button asks for.
BUTTONS: dict[str, Command] = {
    "on": go_on,
    "again": again,
    "next-lesson": next_one,
    "enough": enough,
    "today": due.today,
    "erase": erase,
}
