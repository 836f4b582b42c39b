"""A learner as a row and back: columns for what is searched by, JSON for the rest."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson

from bot.engine.learner import FollowUp, Keep, Learner, Memory, Place, Refusal, Status, Step
from bot.engine.subscription import Pace, Subscription
from bot.engine.turn import Choice, City, Phrase, Text, Verbatim, When, Why, Words

STEPS = {step.value: step for step in Step}
STATUSES = {status.value: status for status in Status}
KEEPS = {keep.value: keep for keep in Keep}
PACES = {pace.value: pace for pace in Pace}


def row_of(learner: Learner) -> dict[str, Any]:
    return {
        "id": learner.id,
        "seed": learner.seed,
        "created_at": learner.created,
        "seen_at": learner.seen,
        "language": learner.language,
        "language_sure": learner.language_sure,
        "status": learner.status.value,
        "keep": learner.keep.value,
        "age_band": learner.age_band,
        "role": learner.role,
        "country": learner.country,
        "zone": learner.zone,
        "campaign": learner.campaign,
        "guest": learner.guest,
        "due_at": learner.due,
        "state": _state(learner),
    }


def learner_of(row: Any) -> Learner:
    """The learner of a row of ``learners``.

    A key that this code does not know is passed over, and gone when it writes the learner back: so whoever adds one
    raises ``schema.COMPATIBLE_FROM``, which keeps older code away (a test asks for it).
    """
    state = orjson.loads(row.state)
    after = state.get("after")
    return Learner(
        id=row.id,
        seed=row.seed,
        language=row.language,
        created=row.created_at,
        seen=row.seen_at,
        language_sure=row.language_sure,
        status=STATUSES[row.status],
        keep=KEEPS[row.keep],
        age_band=row.age_band,
        role=row.role,
        country=row.country,
        zone=row.zone,
        campaign=row.campaign,
        place=_place(state.get("place", {})),
        after=_place(after) if after else None,
        aside=state.get("aside"),
        offer=tuple(_choice(choice) for choice in state.get("offer", ())),
        echo=state.get("echo", ""),
        done=tuple(state.get("done", ())),
        memory={question: _memory(entry) for question, entry in state.get("memory", {}).items()},
        asked=state.get("asked", {}),
        light=state.get("light"),
        channel=state.get("channel", ""),
        daily=_daily(state.get("daily")),
        due=row.due_at,
        invited=state.get("invited", ""),
        refused={category: _refusal(entry) for category, entry in state.get("refused", {}).items()},
        follow_ups=tuple(_follow_up(entry) for entry in state.get("follow_ups", ())),
    )


def _state(learner: Learner) -> str:
    """orjson writes dataclasses, enums and times itself; only texts need a tag that says which kind they are."""
    state = {
        "place": learner.place,
        "after": learner.after,
        "aside": learner.aside,
        "offer": [_choice_out(choice) for choice in learner.offer],
        "echo": learner.echo,
        "done": learner.done,
        "memory": dict(learner.memory),
        "asked": dict(learner.asked),
        "light": learner.light,
        "channel": learner.channel,
        "daily": learner.daily,
        "invited": learner.invited,
        "refused": dict(learner.refused),
        "follow_ups": learner.follow_ups,
    }
    return orjson.dumps(state).decode()


def _place(state: Mapping[str, Any]) -> Place:
    return Place(
        step=STEPS[state.get("step", "rest")],
        serial=state.get("serial", 0),
        lesson=state.get("lesson", ""),
        item=state.get("item", ""),
        form=state.get("form", ""),
        misses=state.get("misses", 0),
        picked=tuple(state.get("picked", ())),
        guess=state.get("guess", ""),
        since=_time(state.get("since")),
        version=state.get("version", ""),
        queue=tuple(state.get("queue", ())),
    )


def _memory(entry: Mapping[str, Any]) -> Memory:
    return Memory(
        due=_time(entry.get("due")),
        stage=entry.get("stage", 0),
        exposures=entry.get("exposures", 0),
        right=entry.get("right"),
        last_form=entry.get("last_form", ""),
        drawn=entry.get("drawn"),
    )


def _daily(state: Mapping[str, Any] | None) -> Subscription | None:
    if state is None:
        return None
    return Subscription(
        hour=state.get("hour", ""),
        days=tuple(state.get("days", ())),
        zone=state.get("zone", ""),
        channel=state.get("channel", ""),
        served=_day(state.get("served")),
        silent=state.get("silent", 0),
        held=state.get("held", 0),
        pace=PACES[state.get("pace", "own")],
        paused=state.get("paused", False),
        paused_until=_day(state.get("paused_until")),
        last=state.get("last", ""),
        again=_day(state.get("again")),
    )


def _refusal(entry: Mapping[str, Any]) -> Refusal:
    return Refusal(datetime.fromisoformat(entry["until"]), entry.get("times", 1))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _follow_up(entry: Mapping[str, Any]) -> FollowUp:
    at = datetime.fromisoformat(entry["at"])
    return FollowUp(entry["course"], entry["days"], at, entry.get("held", 0), entry.get("invited", False))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _choice_out(choice: Choice) -> list[Any]:
    detail = None if choice.detail is None else _text_out(choice.detail)
    return [choice.data, _text_out(choice.label), detail, choice.minor]


def _choice(stored: list[Any]) -> Choice:
    data, label, detail, minor = stored
    return Choice(data, _text(label), None if detail is None else _text(detail), minor)


def _text_out(text: Text) -> list[Any]:
    match text:
        case Words(key):
            return ["words", key]
        case Verbatim(said):
            return ["verbatim", said]
        case Why(line):
            return ["why", _text_out(line)]
        case When(at, zone, clock):
            return ["when", at.isoformat(), zone, clock]
        case City(zone):
            return ["city", zone]
        case Phrase(key, values) if values:
            return ["phrase", key, {name: _value_out(value) for name, value in values.items()}]
        case Phrase(key):
            return ["phrase", key]


def _value_out(value: str | int | Text) -> Any:
    return value if isinstance(value, str | int) else _text_out(value)


def _text(stored: list[Any]) -> Text:
    kind, said = stored[0], stored[1]
    if kind == "words":
        return Words(said)
    if kind == "verbatim":
        return Verbatim(said)
    if kind == "why":
        return Why(_text(said))
    if kind == "when":
        return When(datetime.fromisoformat(said), *stored[2:])
    if kind == "city":
        return City(said)
    values = stored[2] if len(stored) > 2 else {}
    return Phrase(said, {name: _text(v) if isinstance(v, list) else v for name, v in values.items()})
