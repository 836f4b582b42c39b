"""What every channel promises: whatever is said arrives whole, within the platform's limits, and can be answered."""

import pytest

from bot.content.markup import plain
from bot.content.wording import Message, word
from bot.engine.events import Address, Said
from bot.engine.questions import KINDS
from bot.engine.turn import Choice, Layout, Say, Verbatim
from bot.service import Content
from tests.channels.cases import CASES, Case
from tests.makers import NOON, Talk, feedback

ASKED = Said(id="e", address=Address("any", "1"), at=NOON, text="hi")
HOSTILE = (
    "<b>no</b> & </b> <script>alert(1)</script> &nbsp; &lt;",
    "*star* \\ back\\slash \\* _under_ `code` [a](b)",
    "{{1}} {name} %s ${x} \u202ertl\u202c \u200b zero",
    "مرحبا <b> *كيف* حالك & 3 > 2",
    "👩‍👩‍👧‍👦🇫🇷é" * 40,
)
LONG = "One more sentence that says something. " * 400


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def said(content: Content, body: str, *labels: str, language: str = "en", **how: object) -> Message:
    choices = tuple(Choice(f"q:7-o{n}", Verbatim(label)) for n, label in enumerate(labels))
    say = Say((Verbatim(body),), choices=choices, **how)  # type: ignore[arg-type]
    return word(say, language, content.catalogue)


def arrives(case: Case, content: Content, message: Message) -> None:
    """All words of the message are seen, in parts that fit, and all its choices can be tapped."""
    channel = case.make(content)
    parts = channel.parts(message, ASKED)
    for part in parts:
        case.fits(part)
        assert channel.holds(part), "what is not an edit comes in order"
    seen = case.seen(message, parts)
    everything = case.words("".join(seen.texts))
    for text in (message.lead, message.body):
        assert case.words(plain(text)) in everything
    if case.taps_everything:
        assert [option.data for option in (*message.options, *message.extra)] == seen.taps


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_can_be_asked(case: Case, content: Content, kind: str) -> None:
    form = feedback("clear", kind).question.forms[0]
    options = KINDS[kind].options(form)
    choices = tuple(Choice(f"q:1-{option.id}", option.label) for option in options)
    skip = Choice("q:1-skip", Verbatim("Skip"), minor=True)
    layout = KINDS[kind].layout
    if layout is Layout.BUTTONS and len(choices) > 2:
        layout = Layout.LIST
    arrives(
        case, content, word(Say((Verbatim("What?"),), choices=(*choices, skip), layout=layout), "en", content.catalogue)
    )


@pytest.mark.parametrize("text", HOSTILE, ids=["html", "mark-up", "placeholders", "arabic", "graphemes"])
def test_what_a_stranger_wrote_is_shown_as_it_is(case: Case, content: Content, text: str) -> None:
    arrives(case, content, said(content, text, "A", text[:18]))


def test_a_text_longer_than_any_platform_takes_arrives_whole(case: Case, content: Content) -> None:
    arrives(case, content, said(content, LONG, "Yes", "No"))


def test_a_text_without_any_seam_is_cut_all_the_same(case: Case, content: Content) -> None:
    arrives(case, content, said(content, "👩🏽‍🌾" * 3000))


def test_long_answers_go_by_letters(case: Case, content: Content) -> None:
    labels = ("The members, each with one vote", "The bank that lent the money", "Whoever works there longest")
    message = said(content, "Who decides?", *labels)
    assert message.layout is Layout.LETTERS
    arrives(case, content, message)


def test_a_list_with_second_lines_arrives(case: Case, content: Content) -> None:
    rows = tuple(Choice(f"l:one_{n}", Verbatim(f"Lesson {n}"), Verbatim(f"About number {n}")) for n in range(10))
    arrives(case, content, word(Say((Verbatim("Which?"),), choices=rows, layout=Layout.LIST), "en", content.catalogue))


def test_a_reply_stands_above_what_comes_next(case: Case, content: Content) -> None:
    say = Say((Verbatim("Next question"),), lead=(Verbatim("Right, because."),), choices=())
    message = word(say, "en", content.catalogue)
    seen = case.seen(message, case.make(content).parts(message, ASKED))
    text = "\n".join(seen.texts)
    assert text.index("Right, because.") < text.index("Next question")


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_a_whole_lesson_fits(case: Case, content: Content, language: str) -> None:
    talk = Talk(content.library, languages=(language,))
    talk.start()
    for _ in range(14):
        arrives(case, content, word(talk.say, language, content.catalogue))
        talk.taps(next(choice for choice in talk.say.choices if not choice.minor).data)


@pytest.mark.parametrize("command", ["menu", "lessons", "help", "privacy", "language", "delete", "progress", "review"])
def test_what_a_command_says_fits(case: Case, content: Content, command: str) -> None:
    talk = Talk(content.library)
    talk.start()
    talk.says(command)
    arrives(case, content, word(talk.say, "en", content.catalogue))


def test_every_channel_of_the_house_is_tried(case: Case, content: Content) -> None:
    assert case.make(content).name == case.name
    assert len({other.name for other in CASES}) == len(CASES)
