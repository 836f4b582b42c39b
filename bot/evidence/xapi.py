"""Answers as xAPI statements (1.0.3), for those who keep learning records: one statement an answer.

The actor is an account named by the learner's code; nothing else about a person stands in it than in the CSV.
"""

from uuid import NAMESPACE_URL, uuid5

from bot.evidence.records import Record

ANSWERED = {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en": "answered"}}
EXPERIENCED = {"id": "http://adlnet.gov/expapi/verbs/experienced", "display": {"en": "experienced"}}
ACTIVITIES = "http://adlnet.gov/expapi/activities"
INTERACTIONS = {
    "choice": "choice",
    "multiple": "choice",
    "true_false": "true-false",
    "rating5": "likert",
    "rating10": "numeric",
    "reaction": "likert",
    "open": "long-fill-in",
}
NOBODY = "untied"  # the account of answers that have outlived their tie to a person
# What the statement says elsewhere in its own words.
SAID = {
    "response_id",
    "answered_at",
    "learner",
    "channel",
    "language",
    "course",
    "lesson",
    "question_id",
    "question_kind",
    "question_text",
    "answer_id",
    "answer_text",
    "correct",
    "seconds_to_answer",
}


def statement(record: Record, home: str) -> dict[str, object]:
    """One answer as a statement; ``home`` is the address of this bot."""
    reacted = record["phase"] == "reaction"
    return {
        "id": str(uuid5(NAMESPACE_URL, f"{home}/responses/{record['response_id']}")),
        "actor": {"objectType": "Agent", "account": {"homePage": home, "name": record["learner"] or NOBODY}},
        "verb": EXPERIENCED if reacted else ANSWERED,
        "object": _lesson(record, home) if reacted and record["lesson"] else _question(record, home),
        "result": _result(record),
        "context": _context(record, home),
        "timestamp": record["answered_at"],
    }


def _question(record: Record, home: str) -> dict[str, object]:
    return {
        "objectType": "Activity",
        "id": f"{home}/questions/{record['question_id']}/{record['form']}",
        "definition": {
            "type": f"{ACTIVITIES}/cmi.interaction",
            "interactionType": INTERACTIONS.get(str(record["question_kind"]), "other"),
            "description": {"en": record["question_text"] or ""},
        },
    }


def _lesson(record: Record, home: str) -> dict[str, object]:
    return _activity(f"{home}/lessons/{record['course']}/{record['lesson']}", "lesson")


def _activity(id_: str, kind: str) -> dict[str, object]:
    return {"objectType": "Activity", "id": id_, "definition": {"type": f"{ACTIVITIES}/{kind}"}}


def _result(record: Record) -> dict[str, object]:
    # xAPI joins the choices of one answer with "[,]".
    chosen = str(record["answer_id"] or "").replace(";", "[,]")
    result: dict[str, object] = {"response": chosen or str(record["answer_text"] or "")}
    if record["correct"] is not None:
        result["success"] = record["correct"]
    if record["seconds_to_answer"] is not None:
        result["duration"] = f"PT{record['seconds_to_answer']}S"
    return result


def _context(record: Record, home: str) -> dict[str, object]:
    context: dict[str, object] = {
        "language": record["language"],
        "platform": record["channel"],
        "extensions": {
            f"{home}/columns/{name}": value for name, value in record.items() if name not in SAID and value is not None
        },
    }
    around: dict[str, object] = {}
    if record["course"] and record["lesson"]:
        around["parent"] = [_lesson(record, home)]
    if record["course"]:
        around["grouping"] = [_activity(f"{home}/lessons/{record['course']}", "course")]
    return context | ({"contextActivities": around} if around else {})
