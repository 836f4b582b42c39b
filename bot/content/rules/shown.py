"""Lengths as they will be shown: on every channel, in every language, with everything that stands on the message."""

from collections.abc import Callable, Iterator, Sequence

from bot.content.complaints import Complaint
from bot.content.limits import BODY, DETAIL, FIRST_REWARD_WORDS, ROW, TELEGRAM_BODY, length, size
from bot.content.markup import plain
from bot.content.phrasing import PLACEHOLDER
from bot.content.prose import words
from bot.content.rules.proof import Proof, Rule
from bot.content.wording import Message, word
from bot.engine.course import Form, Lesson, Option, Question
from bot.engine.turn import Choice, Phrase, Say, Text, Words


def limits_are_kept(proof: Proof) -> Iterator[Complaint]:
    """Each text within its own limit, in every language; placeholders count as nothing."""
    for context, original in proof.texts.items():
        if original.limit is None:
            continue
        for language, tongue in proof.tongues.items():
            if proof.string(context, language) is None:
                continue
            count = max(length(PLACEHOLDER.sub("", plain(text))) for text in tongue.found[context].strings)
            if count > original.limit:
                yield proof.about(context, f"{count} characters", f"at most {original.limit} fit here", language)


def rows_fit(proof: Proof) -> Iterator[Complaint]:
    """Rows as they come: a lesson's second line with its tick, a picked answer with its own."""
    catalogue = proof.loaded.catalogue
    for language in proof.tongues:
        for _course, _page, lesson in proof.lessons():
            ticked = catalogue.label(Phrase("lessons.done", {"about": lesson.about}), language)
            if language in lesson.languages and length(ticked) > DETAIL:
                cure = "shorten it: with the tick of a finished lesson it is too long"
                yield proof.about(f"{lesson.path}/about", f"{length(ticked)} characters", cure, language)
        for feedback in proof.loaded.library.feedback:
            if feedback.question.kind == "multiple":
                for option in feedback.question.forms[0].options:
                    yield from _picked(proof, option, language)


def _picked(proof: Proof, option: Option, language: str) -> Iterator[Complaint]:
    picked = proof.loaded.catalogue.label(Phrase("button.picked", {"label": option.label}), language)
    if length(picked) > ROW and isinstance(option.label, Words):
        cure = "shorten it: with its tick it is too long for a row"
        yield proof.about(option.label.key, f"{length(picked)} characters", cure, language)


def bodies_fit(proof: Proof) -> Iterator[Complaint]:
    """Each message of a lesson, with the longest reply that can stand above it."""
    for _course, _page, lesson in proof.lessons():
        for language in proof.spoken(lesson):
            for context, say in _says(lesson, _longest(proof, language)):
                count = whole_length(word(say, language, proof.loaded.catalogue))
                if count > BODY:
                    what = f"the message comes to {count} characters"
                    cure = f"shorten text, options or lines: WhatsApp takes {BODY}, Telegram {TELEGRAM_BODY}"
                    yield proof.about(context, what, cure, language)


def whole_length(message: Message) -> int:
    """What a channel without edits puts into one body: the reply, and what comes next."""
    return length(plain(message.lead)) + 2 + length(plain(message.body))


Pick = Callable[[Sequence[tuple[Text, ...]]], tuple[Text, ...]]


def _longest(proof: Proof, language: str) -> Pick:
    def longest(ways: Sequence[tuple[Text, ...]]) -> tuple[Text, ...]:
        text = proof.loaded.catalogue.label
        return max(ways, key=lambda way: sum(length(text(part, language)) for part in way), default=())

    return longest


def _says(lesson: Lesson, longest: Pick) -> Iterator[tuple[str, Say]]:
    """Every message of the lesson, under the context of its main text."""
    yield (
        f"{lesson.path}/hook.text",
        Say((Phrase("hello.greeting"), lesson.hook.text), choices=_labels(lesson.hook.options)),
    )
    lead = longest([(option.line,) for option in lesson.hook.options if option.line is not None])
    for card in lesson.cards:
        yield f"{lesson.path}/cards.{card.id}.text", Say((card.text,), lead)
        lead = ()
    lead = longest([(Phrase("consent.thanks.place"),), (Phrase("age.guest"),)])
    for question in lesson.questions:
        for form in question.forms:
            hints = [_lines(option) for option in form.options if not option.right]
            over = longest([lead, *hints])
            yield _main(form), Say((Phrase("warm_up.intro"), form.text), over, _labels(form.options))
        lead = longest(_endings(question))
    takeaway = Phrase("close.takeaway", {"takeaway": lesson.takeaway})
    guess = longest([(option.label,) for option in lesson.hook.options])
    remember = (Phrase("close.guess", {"guess": guess[0]}),) if guess else ()
    yield f"{lesson.path}/thought", Say((takeaway, *remember, lesson.thought), lead)


def _labels(options: Sequence[Option]) -> tuple[Choice, ...]:
    return tuple(Choice(f"q:1-{option.id}", option.label) for option in options)


def _lines(option: Option) -> tuple[Text, ...]:
    return (option.line,) if option.line is not None else ()


def _main(form: Form) -> str:
    assert isinstance(form.text, Words), "lessons are made of words by key"
    return form.text.key


def _endings(question: Question) -> list[tuple[Text, ...]]:
    """What can be said when a question is done: the why, with the right answer named after a second miss."""
    rights = [option for form in question.forms for option in form.options if option.right]
    return [(Phrase("answer.right_was", {"label": right.label}), *_lines(right)) for right in rights]


def paths_are_short(proof: Proof) -> Iterator[Complaint]:
    """The straight path through a lesson, in every language it is offered in."""
    for course, _page, lesson in proof.lessons():
        for language in proof.spoken(lesson):
            count, limit = path_words(proof, lesson, language), size(course).words
            if count > limit:
                what = f"{count} words on the straight path"
                cure = f"cut to {limit}: hook, reply, cards, questions with their whys, takeaway, thought"
                yield proof.about(f"{lesson.path}/title", what, cure, language)


def path_words(proof: Proof, lesson: Lesson, language: str) -> int:
    """The words a learner reads who answers everything rightly, whichever form is drawn: the longest counts."""
    said = proof.loaded.catalogue.label

    def count(*texts: Text | None) -> int:
        return sum(words(said(text, language)) for text in texts if text is not None)

    total = count(lesson.hook.text, lesson.takeaway, lesson.thought, *(card.text for card in lesson.cards))
    total += max((count(option.line) for option in lesson.hook.options), default=0)
    for question in lesson.questions:
        total += max(
            count(form.text, *(option.label for option in form.options), *(o.line for o in form.options if o.right))
            for form in question.forms
        )
    return total


def first_reward_is_near(proof: Proof) -> Iterator[Complaint]:
    """From hello to the first reward at most 100 words, in every language."""
    catalogue = proof.loaded.catalogue
    for language in proof.tongues:
        lessons = [lesson for _course, _page, lesson in proof.lessons() if language in lesson.languages]
        if not lessons:
            continue
        first = lessons[0]
        greeting = words(catalogue.label(Phrase("hello.greeting"), language))
        reply = max((words(catalogue.label(o.line, language)) for o in first.hook.options if o.line), default=0)
        count = greeting + words(catalogue.label(first.hook.text, language)) + reply
        if count > FIRST_REWARD_WORDS:
            what = f"{count} words from hello to the first reply"
            cure = f"shorten the hook or its replies: at most {FIRST_REWARD_WORDS}"
            yield proof.about(f"{first.path}/hook.text", what, cure, language)


RULES: tuple[Rule, ...] = (limits_are_kept, rows_fit, bodies_fit, paths_are_short, first_reward_is_near)
