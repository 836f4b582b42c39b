"""A place → the message that stands there. The same place is shown the same way however often it is asked for."""

from collections.abc import Iterator
from dataclasses import replace

from bot.engine import draw
from bot.engine.course import Form, Lesson, Library, Option, Question
from bot.engine.learner import Learner, Place, Step
from bot.engine.questions import KINDS
from bot.engine.questions.reaction import REACTION
from bot.engine.turn import Choice, Layout, Phrase, Say, Text, Verbatim

ROLES = ("public", "un", "academia", "bank", "ngo", "sse", "company", "media", "student", "other")
AGES = ("under", "young", "grown")
# Steps that ask the question their place names.
ASKING = frozenset({Step.QUESTION, Step.WARM_UP, Step.BEFORE, Step.FEEDBACK, Step.REVIEW, Step.RECALL, Step.USED})


def show(learner: Learner, library: Library) -> Say:
    """The message for where the learner is; the place must be one that the library still knows."""
    return SHOWN[learner.place.step](learner, library)


def button(place: Place, choice: str, label: Text, minor: bool = False) -> Choice:
    return Choice(f"q:{place.serial}-{choice}", label, minor=minor)


def question_here(learner: Learner, library: Library) -> Question | None:
    """The question in front of the learner, if there is one."""
    step = learner.place.step
    if step is Step.REACTION:
        return REACTION
    if step in ASKING:
        return library.question(learner.place.item)
    return None


def form_here(learner: Learner, question: Question) -> Form:
    """The form shown; the first one where an edit has taken the form away."""
    return question.form(learner.place.form) or question.forms[0]


def options_here(learner: Learner, question: Question, form: Form) -> tuple[Option, ...]:
    """The options as this learner sees them."""
    kind = KINDS[question.kind]
    return draw.options(learner.seed, question, form) if kind.shuffled else kind.options(form)


def languages(library: Library) -> tuple[Choice, ...]:
    return tuple(Choice(f"g:{language.code}", Verbatim(language.name)) for language in library.languages)


def lesson_here(learner: Learner, library: Library) -> Lesson:
    lesson = library.lesson(learner.place.lesson)
    if lesson is None:
        raise LookupError(learner.place.lesson)
    return lesson


def source_button(lesson: Lesson, position: int) -> Choice:
    """Asks where a claim was read; position 0 is the hook, then the cards in order."""
    return Choice(f"s:{lesson.course}_{lesson.id}_{position}", Phrase("button.source"), minor=True)


def _language(learner: Learner, library: Library) -> Say:
    return Say((Phrase("language.ask"),), choices=languages(library), layout=_fit(len(library.languages)))


def _fit(count: int) -> Layout:
    return Layout.BUTTONS if count <= 3 else Layout.LIST


def _hook(learner: Learner, library: Library) -> Say:
    lesson = lesson_here(learner, library)
    place = learner.place
    picture = None if learner.light else lesson.picture
    if not lesson.hook.options:
        return Say((lesson.hook.text,), choices=(_next(place, None),), picture=picture)
    choices = tuple(button(place, option.id, option.label) for option in lesson.hook.options)
    return Say((lesson.hook.text,), choices=choices, picture=picture)


def _next(place: Place, label: Text | None) -> Choice:
    return Choice(f"n:{place.serial}", label or Phrase("button.next"))


def _reply(learner: Learner, library: Library) -> Say:
    lesson = lesson_here(learner, library)
    option = next((o for o in lesson.hook.options if o.id == learner.place.guess), lesson.hook.options[0])
    assert option.line is not None, "the loader demands a reply for every option of a hook"
    sources = (source_button(lesson, 0),) if lesson.hook.sources else ()
    return Say((option.line,), choices=(_next(learner.place, lesson.hook.next), *sources))


def _card(learner: Learner, library: Library) -> Say:
    lesson = lesson_here(learner, library)
    position = next(i for i, card in enumerate(lesson.cards) if card.id == learner.place.item)
    card = lesson.cards[position]
    sources = (source_button(lesson, position + 1),) if card.sources else ()
    return Say((card.text,), choices=(_next(learner.place, card.next), *sources))


def _question(learner: Learner, library: Library) -> Say:
    question = question_here(learner, library)
    if question is None:
        raise LookupError(learner.place.item)
    form = form_here(learner, question)
    kind = KINDS[question.kind]
    body = (*_opening(learner, library), form.text)
    if kind.many:
        return _many(learner, question, form, body)
    choices = [button(learner.place, o.id, o.label) for o in options_here(learner, question, form)]
    if learner.place.step is Step.FEEDBACK:
        choices.append(button(learner.place, "skip", Phrase("button.skip"), minor=True))
    layout = kind.layout if kind.layout is not Layout.BUTTONS else _fit(len(form.options))
    return Say(body, choices=tuple(choices), layout=layout)


def _opening(learner: Learner, library: Library) -> tuple[Text, ...]:
    match learner.place.step:
        case Step.WARM_UP:
            return (Phrase("warm_up.intro"),)
        case Step.BEFORE:
            return (Phrase("before.intro"),)
        case Step.REVIEW:
            return (Phrase("review.intro"),)
        case Step.RECALL:
            courses = (course for course in library.courses if course.id == learner.place.queue[0])
            return tuple(Phrase("recall.intro", {"title": course.title}) for course in courses)
        case _:
            return ()


def _many(learner: Learner, question: Question, form: Form, body: tuple[Text, ...]) -> Say:
    place = learner.place
    choices = [
        button(place, o.id, Phrase("button.picked", {"label": o.label}) if o.id in place.picked else o.label)
        for o in options_here(learner, question, form)
    ]
    done = (button(place, "done", Phrase("button.done")),) if place.picked else ()
    skip = button(place, "skip", Phrase("button.skip"), minor=True)
    return Say((*body, Phrase("multiple.how")), choices=(*choices, *done, skip), layout=Layout.LIST)


def _reaction(learner: Learner, library: Library) -> Say:
    lesson = lesson_here(learner, library)
    choices = tuple(button(learner.place, option.id, option.label) for option in REACTION.forms[0].options)
    body = [Phrase("close.takeaway", {"takeaway": lesson.takeaway}), *_remember(learner, lesson)]
    return Say((*body, lesson.thought), choices=choices)


def _remember(learner: Learner, lesson: Lesson) -> tuple[Text, ...]:
    """The guess of the beginning, put beside the end; short lessons do without."""
    guess = next((o for o in lesson.hook.options if o.id == learner.place.guess), None)
    if guess is None or len(lesson.questions) < 2:
        return ()
    return (Phrase("close.guess", {"guess": guess.label}),)


def _consent(learner: Learner, library: Library) -> Say:
    place = learner.place
    choices = tuple(button(place, keep, Phrase(f"consent.{keep}")) for keep in ("both", "place", "nothing"))
    return Say((Phrase("consent.ask", {"organisation": organisation(library)}),), choices=choices)


def organisation(library: Library) -> Text:
    """Who stands behind the bot, or plain words for it where nobody has said."""
    return Verbatim(library.organisation) if library.organisation else Phrase("organisation.unnamed")


def _age(learner: Learner, library: Library) -> Say:
    limit = library.age_limit(learner.country)
    choices = tuple(button(learner.place, age, Phrase(f"age.{age}", {"limit": limit})) for age in AGES)
    return Say((Phrase("age.ask"),), choices=choices)


def _role(learner: Learner, library: Library) -> Say:
    choices = tuple(button(learner.place, role, Phrase(f"role.{role}")) for role in ROLES)
    return Say((Phrase("role.ask"),), choices=choices, layout=Layout.LIST)


def _still_open(learner: Learner, library: Library) -> Iterator[Lesson]:
    """The lessons not finished yet that are whole in the learner's language, along the courses."""
    done = frozenset(learner.done)
    for course in library.courses:
        for lesson in course.lessons:
            if lesson.path not in done and learner.language in lesson.languages:
                yield lesson


def next_lesson(learner: Learner, library: Library) -> Lesson | None:
    """The first lesson that is still open."""
    return next(_still_open(learner, library), None)


def other_lesson(learner: Learner, library: Library, coming: Lesson) -> Lesson | None:
    """One to choose instead of the coming one: the next of another course, or else the one after it.

    Who has picked a lesson further on is offered what follows there.
    """
    others = [lesson for lesson in _still_open(learner, library) if lesson is not coming]
    elsewhere = [lesson for lesson in others if lesson.course != coming.course]
    ahead = (lesson for lesson in elsewhere if _is_ahead(lesson, learner.place, library))
    return next(ahead, None) or next(iter((*elsewhere, *others)), None)


def _is_ahead(lesson: Lesson, place: Place, library: Library) -> bool:
    """Whether a lesson comes after the one of this place in the same course."""
    course_id, _, lesson_id = place.lesson.partition("/")
    if lesson.course != course_id:
        return False
    ids = [other.id for course in library.courses if course.id == course_id for other in course.lessons]
    return lesson_id in ids and ids.index(lesson.id) > ids.index(lesson_id)


def _where_next(learner: Learner, library: Library) -> Say:
    """Two lessons to choose from, and enough; all of them are a button where there is room for a fourth."""
    coming = next_lesson(learner, library)
    enough = Choice("c:enough", Phrase("button.enough"))
    lessons = Choice("c:lessons", Phrase("button.lessons"))
    if coming is None:
        return Say((Phrase("next.all_done"),), choices=(lessons, enough))
    begin = Choice("c:next-lesson", Phrase("button.next_lesson"))
    ask = Phrase("next.ask", {"title": coming.title, "about": coming.about})
    other = other_lesson(learner, library, coming)
    if other is None:
        return Say((ask,), choices=(begin, lessons, enough))
    second = Choice(f"l:{other.course}_{other.id}", Phrase("button.other_lesson"))
    body = (ask, Phrase("next.or", {"title": other.title}))
    return Say(body, choices=(begin, second, enough), extra=(lessons,), instead=Phrase("next.lessons"))


def _rest(learner: Learner, library: Library) -> Say:
    say = _where_next(learner, library)
    return replace(say, choices=say.choices[:-1])


SHOWN = {
    Step.LANGUAGE: _language,
    Step.WARM_UP: _question,
    Step.HOOK: _hook,
    Step.BEFORE: _question,
    Step.REPLY: _reply,
    Step.CARD: _card,
    Step.CONSENT: _consent,
    Step.AGE: _age,
    Step.QUESTION: _question,
    Step.REACTION: _reaction,
    Step.FEEDBACK: _question,
    Step.ROLE: _role,
    Step.REVIEW: _question,
    Step.RECALL: _question,
    Step.USED: _question,
    Step.NEXT: _where_next,
    Step.REST: _rest,
}
