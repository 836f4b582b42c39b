"""How long things may be, each limit with its reason, in one place."""

from bot.engine.fixed import fixed

BUTTON = 20  # a WhatsApp quick-reply button
ROW = 24  # the title of a WhatsApp list row
DETAIL = 72  # the second line of a WhatsApp list row
BUTTONS = 3  # WhatsApp has no fourth quick-reply button
ROWS = 10  # rows of a WhatsApp list
BODY = 1024  # the body of a WhatsApp message with buttons or a picture
TELEGRAM_BODY = 4096  # a Telegram message

CARD_WORDS = 45  # one idea, read in a quarter of a minute
SENTENCE_WORDS = 12  # on average: written for the ear, and for readers of a third language
FIRST_REWARD_WORDS = 100  # from the first word to the first reward
GROWTH = 1.2  # Spanish and French say the same in up to a fifth more words

STEP_PATH = 48  # "course/lesson/step" travels in button data, where a platform keeps 64 bytes


@fixed(frozen=True, slots=True)
class Size:
    """How big the lessons of a course may be; ``words`` is the straight path, in every language."""

    cards: int
    questions: int
    words: int
    example: bool


# Five minutes for busy officials; everything else is a lesson of three minutes.
SIZES = {"tour": Size(cards=2, questions=1, words=200, example=False)}
LESSON = Size(cards=4, questions=2, words=380, example=True)


def size(course: str) -> Size:
    return SIZES.get(course, LESSON)


def length(text: str) -> int:
    """Length as the strictest platform counts it: in UTF-16 units, where most emoji are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """The text within the limit, its end replaced by an ellipsis where it is too long."""
    if length(text) <= limit:
        return text
    while length(text) > limit - 1:
        text = text[:-1]
    return text.rstrip() + "…"
