"""Every column of an export, once: its name, its type, what it means, its unit and where it comes from.

The header of the file, the codebook and the table schema are all made from here, so they cannot disagree. The
order is a promise to everybody who has a script.
"""

from bot.engine.fixed import fixed
from bot.engine.questions import KINDS
from bot.engine.show import ROLES
from bot.evidence.options import PHASES


@fixed(frozen=True, slots=True)
class Column:
    """``type`` is a type of the Frictionless Table Schema; ``values`` are all there can be, where that is known."""

    name: str
    type: str
    meaning: str
    unit: str
    source: str
    required: bool = True
    values: tuple[str, ...] = ()
    least: int | None = None


_BY_LEARNER = "the learner"
_BY_PLATFORM = "the channel"
_BY_LESSON = "the lesson file"
_BY_BOT = "the bot"
_BY_EXPORT = "this export"

ANSWER_COLUMNS = (
    Column("response_id", "string", "Code of the answer, unique in this file.", "code", _BY_EXPORT),
    Column("answered_at", "datetime", "When the answer was given.", "UTC, ISO 8601, to the second", _BY_BOT),
    Column(
        "learner",
        "string",
        "Code of the learner: the same person has the same code in this file and, unless a named key was used, "
        "in no other. Empty where an old answer has outlived its tie to a person.",
        "code",
        _BY_EXPORT,
        required=False,
    ),
    Column("channel", "string", "Where it was answered: telegram, whatsapp, web or console.", "name", _BY_PLATFORM),
    Column("language", "string", "Language in which the question was shown.", "language code", _BY_LEARNER),
    Column(
        "role",
        "string",
        "What the learner does, when they answered; empty if not told.",
        "name",
        _BY_LEARNER,
        required=False,
        values=tuple(ROLES),
    ),
    Column(
        "age_band",
        "string",
        "Age in the learner's own word: from the age of consent of their country to 24, or 25 and older.",
        "years",
        _BY_LEARNER,
        required=False,
    ),
    Column(
        "country",
        "string",
        "Country from the phone's prefix, which only WhatsApp tells; empty elsewhere, sometimes wrong.",
        "ISO 3166-1 alpha-2",
        _BY_PLATFORM,
        required=False,
    ),
    Column(
        "campaign",
        "string",
        "Campaign whose link the learner came by; empty if none.",
        "code",
        "the working group",
        required=False,
    ),
    Column(
        "course",
        "string",
        "Course in which it was asked, of a review or recall the one it asks about; may be empty for a free comment.",
        "id",
        _BY_LESSON,
        required=False,
    ),
    Column(
        "lesson",
        "string",
        "Lesson in which it was asked, or that it asks about; may be empty for a free comment, and is in a follow-up "
        "of a whole course.",
        "id",
        _BY_LESSON,
        required=False,
    ),
    Column(
        "content_version",
        "string",
        "Mark of the lesson's structure and English words: another mark, another lesson.",
        "code",
        _BY_LESSON,
        required=False,
    ),
    Column(
        "phase",
        "string",
        "When it was asked: pre (a guess before the lesson), quiz (at its end), review (days later), recall (the "
        "later check), reaction (to the lesson), feedback, survey (of a module), follow_up (weeks later).",
        "name",
        _BY_BOT,
        values=PHASES,
    ),
    Column("question_id", "string", "Which question; its forms share the id.", "id", _BY_LESSON),
    Column("question_kind", "string", "Kind of question.", "name", _BY_LESSON, values=tuple(KINDS)),
    Column(
        "question_text",
        "string",
        "The question in English as it stood when it was asked; language says what was shown.",
        "text",
        _BY_LESSON,
    ),
    Column(
        "form",
        "string",
        "Which wording of the question: other words, the same idea. Of a follow-up, after how many days it was asked: "
        "day-7, day-28.",
        "letter",
        _BY_LESSON,
    ),
    Column(
        "attempt",
        "integer",
        "1 is the first try each time the question is met, the only one that is scored. A lesson begun again gives "
        "another 1: a learner's first try of a question in a phase is their earliest row with 1.",
        "tries",
        _BY_BOT,
        least=1,
    ),
    Column(
        "pre_assigned",
        "boolean",
        "Whether the draw gave this learner a question before the lesson; empty where nothing was drawn.",
        "true or false",
        _BY_BOT,
        required=False,
    ),
    Column(
        "exposures",
        "integer",
        "How often this learner had met this idea's question before.",
        "times",
        _BY_BOT,
        least=0,
    ),
    Column(
        "answer_id",
        "string",
        "What was chosen; several are joined by a semicolon; empty for open text.",
        "id",
        _BY_LEARNER,
        required=False,
    ),
    Column(
        "answer_text",
        "string",
        "What was chosen, in English, joined like answer_id; or the learner's own words, in their language.",
        "text",
        _BY_LEARNER,
        required=False,
    ),
    Column(
        "correct",
        "boolean",
        "Whether the answer is right; empty where there is no right answer.",
        "true or false",
        _BY_BOT,
        required=False,
    ),
    Column(
        "seconds_to_answer",
        "integer",
        "From showing the question to the answer. A pause counts: use medians.",
        "seconds",
        _BY_BOT,
        required=False,
        least=0,
    ),
)

# In brackets, as no id and no code of a language can be written.
WHOLE = "(all)"  # in place of an answer or a language: all of them
OWN_WORDS = "(words)"  # in place of an answer that was typed

COUNT_COLUMNS = (
    Column("question_id", "string", "Which question; its forms share the id.", "id", _BY_LESSON),
    Column(
        "lesson",
        "string",
        "Lesson the question belongs to, as course/lesson; of a follow-up the course; empty for questions about "
        "everything.",
        "id",
        _BY_LESSON,
        required=False,
    ),
    Column(
        "content_version",
        "string",
        "Newest mark of the lesson with this question in these words; other words are counted apart.",
        "code",
        _BY_LESSON,
        required=False,
    ),
    Column("phase", "string", "When it was asked; see docs/export.md.", "name", _BY_BOT, values=PHASES),
    Column("question_kind", "string", "Kind of question.", "name", _BY_LESSON, values=tuple(KINDS)),
    Column("question_text", "string", "The question in English.", "text", _BY_LESSON),
    Column("form", "string", "Which wording of the question; of a follow-up, when.", "letter", _BY_LESSON),
    Column(
        "answer_id",
        "string",
        f"What was chosen; {WHOLE} is everybody who answered, {OWN_WORDS} stands for open text.",
        "id",
        _BY_LEARNER,
    ),
    Column("answer_text", "string", "What was chosen, in English.", "text", _BY_LESSON, required=False),
    Column("correct", "boolean", "Whether that is right; empty where nothing is.", "true or false", _BY_LESSON, False),
    Column(
        "language",
        "string",
        f"Language in which it was shown; {WHOLE} is all of them. Single languages are there only where each of their "
        "numbers may show.",
        "language code",
        _BY_LEARNER,
    ),
    Column(
        "learners",
        "integer",
        "How many learners gave this as their first answer. Empty where fewer than 10 did, perhaps none; where it is "
        f"a sum ({WHOLE}) that would give such a number away; and, where several could be chosen, where fewer than 10 "
        "did not choose it.",
        "learners",
        _BY_BOT,
        required=False,
        least=10,
    ),
    Column("suppressed", "boolean", "Whether the number was left out.", "true or false", _BY_EXPORT),
)
