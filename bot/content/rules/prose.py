"""How lessons are written: for the ear, one idea a card, options that do not give the answer away by their looks."""

import re
from collections.abc import Iterator, Sequence

from bot.content.complaints import Complaint, Level
from bot.content.limits import BUTTON, CARD_WORDS, GROWTH, SENTENCE_WORDS, length
from bot.content.manuscript import ENGLISH
from bot.content.markup import balanced
from bot.content.prose import sentences, words
from bot.content.rules.proof import Proof, Rule

# Texts that are put into other texts, or on buttons: nothing in them can be bold.
UNMARKED = re.compile(r"(^|/)(title|about|takeaway|picture\.alt)$|\.(label|next)$")
CATCH_ALL = re.compile(r"\b(all|none|both|any) of (the )?(above|these|them)\b|\b(both )?[ab] and [bc]\b", re.IGNORECASE)
MID_SENTENCE = re.compile(r"[^\s.!?:;…”\"*)]\n[a-zà-ÿ]")
LINK = re.compile(r"https?://|www\.")

RATIO = 1.6  # of the longest to the shortest lettered option
APART = 12  # characters between the longest and the shortest option on buttons


def cards_are_short(proof: Proof) -> Iterator[Complaint]:
    """At most 45 English words a card; other languages may grow by a fifth."""
    for _course, page, lesson in proof.lessons():
        for language in proof.spoken(lesson):
            limit = CARD_WORDS if language == ENGLISH else round(CARD_WORDS * GROWTH)
            level = Level.ERROR if language == ENGLISH else Level.WARNING
            for card in page.model.cards:
                context = f"{lesson.path}/cards.{card.id}.text"
                count = words(proof.string(context, language) or "")
                if count > limit:
                    yield proof.about(context, f"{count} words", f"keep a card to {limit}", language, level)


def sentences_are_short(proof: Proof) -> Iterator[Complaint]:
    """At most 12 English words a sentence, on average over a lesson."""
    for _course, _page, lesson in proof.lessons():
        for language in proof.spoken(lesson):
            limit = SENTENCE_WORDS if language == ENGLISH else SENTENCE_WORDS * GROWTH
            level = Level.ERROR if language == ENGLISH else Level.WARNING
            average = sentence_words(proof, lesson.path, language)
            if average > limit:
                what = f"{average:.1f} words a sentence on average"
                cure = f"cut the long ones: at most {limit:.0f}"
                yield proof.about(f"{lesson.path}/hook.text", what, cure, language, level)


def sentence_words(proof: Proof, path: str, language: str) -> float:
    """The average length of a lesson's sentences: hook, cards and questions."""
    texts = [
        proof.string(context, language) or ""
        for context in proof.texts
        if context.startswith(f"{path}/") and context.endswith(".text")
    ]
    told = [sentence for text in texts for sentence in sentences(text)]
    return sum(words(sentence) for sentence in told) / len(told) if told else 0.0


def options_look_alike(proof: Proof) -> Iterator[Complaint]:
    """Nobody should find the right option by its length; no option stands for others."""
    for _course, page, lesson in proof.lessons():
        for question in page.model.questions:
            for form in question.forms:
                stem = f"{lesson.path}/questions.{question.id}.{form.id}"
                contexts = [f"{stem}.options.{option.id}.label" for option in form.options]
                for language in proof.spoken(lesson) if contexts else ():
                    yield from _alike(proof, stem, contexts, language)


def _alike(proof: Proof, stem: str, contexts: Sequence[str], language: str) -> Iterator[Complaint]:
    labels = [proof.string(context, language) or "" for context in contexts]
    sizes = [length(label) for label in labels]
    shortest, longest = min(sizes), max(sizes)
    uneven = longest > RATIO * shortest if longest > BUTTON else longest - shortest > APART
    if uneven:
        what = f"options of {shortest} to {longest} characters"
        cure = "make them alike in length, so that length gives nothing away"
        yield proof.about(f"{stem}.text", what, cure, language, Level.WARNING)
    for context, label in zip(contexts, labels, strict=True):
        if language == ENGLISH and CATCH_ALL.search(label):
            cure = "give it a mistake of its own that somebody really makes"
            yield proof.about(context, f'"{label}" stands for other options', cure)


def marks_are_right(proof: Proof) -> Iterator[Complaint]:
    """Stars in pairs and only where they show, no links, no placeholders, no lines broken in mid-sentence."""
    for context, original in proof.texts.items():
        for language in proof.tongues:
            for text in _all_forms(proof, context, language):
                yield from _marks(proof, context, text, language, lesson_text="/" in context)
        if original.typed and "*" in original.text:
            yield proof.about(context, "a star in a list of words", "take it out")


def _all_forms(proof: Proof, context: str, language: str) -> tuple[str, ...]:
    return proof.tongues[language].found[context].strings if proof.string(context, language) is not None else ()


def _marks(proof: Proof, context: str, text: str, language: str, lesson_text: bool) -> Iterator[Complaint]:
    if not balanced(text):
        cure = r"put a star before and after the bold words, on one line; write \* for a star"
        yield proof.about(context, "a star without its partner", cure, language)
    elif "*" in text and UNMARKED.search(context):
        yield proof.about(context, "bold does not show here", "take the stars out", language)
    if MID_SENTENCE.search(text):
        cure = "write the paragraph on one line, or under `>`"
        yield proof.about(context, "a line ends in mid-sentence", cure, language, Level.WARNING)
    if lesson_text and LINK.search(text):
        cure = "put it into sources.yaml; the Source button shows it"
        yield proof.about(context, "a link in a text", cure, language)
    if lesson_text and "{" in text:
        yield proof.about(context, "a { in a lesson's text", "placeholders work only in bot.yaml", language)


RULES: tuple[Rule, ...] = (cards_are_short, sentences_are_short, options_look_alike, marks_are_right)
