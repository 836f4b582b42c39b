"""A learner comes back from the store exactly as they went in."""

from datetime import timedelta

import orjson
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.learner import FollowUp, Keep, Learner, Memory, Place, Refusal, Status, Step
from bot.engine.subscription import Pace, Subscription
from bot.engine.turn import Choice, City, Phrase, Verbatim, When, Words
from storage import schema
from storage.learner_rows import learner_of, row_of
from storage.store import Store
from tests.makers import Talk, library
from tests.storage.makers import NOON, arrive, learner

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TIMES = st.integers(0, 10**12).map(lambda n: NOON + timedelta(microseconds=n))
PLAIN_TEXT = (
    st.builds(Verbatim, TEXTS)
    | st.builds(Words, TEXTS)
    | st.builds(When, TIMES, TEXTS, st.booleans())
    | st.builds(City, TEXTS)
)
PHRASES = st.builds(Phrase, TEXTS, st.dictionaries(TEXTS, TEXTS | st.integers(-9, 9) | PLAIN_TEXT, max_size=3))
ANY_TEXT = PLAIN_TEXT | PHRASES
PLACES = st.builds(
    Place,
    step=st.sampled_from(Step),
    serial=st.integers(0, 10**6),
    lesson=TEXTS,
    picked=st.lists(TEXTS, max_size=3).map(tuple),
    since=st.none() | TIMES,
    queue=st.lists(TEXTS, max_size=3).map(tuple),
)
FOLLOW_UPS = st.builds(FollowUp, TEXTS, st.sampled_from([7, 28]), TIMES)
SUBSCRIPTIONS = st.builds(
    Subscription,
    hour=st.sampled_from(["", "07:00"]),
    days=st.lists(st.integers(0, 6), max_size=7, unique=True).map(tuple),
    zone=st.sampled_from(["", "Europe/Madrid"]),
    channel=TEXTS,
    served=st.none() | st.dates(),
    silent=st.integers(0, 9),
    held=st.integers(0, 30),
    pace=st.sampled_from(Pace),
    paused=st.booleans(),
    paused_until=st.none() | st.dates(),
    last=TEXTS,
    again=st.none() | st.dates(),
)
MEMORIES = st.builds(Memory, due=st.none() | TIMES, right=st.none() | st.booleans(), drawn=st.none() | st.booleans())
LEARNERS = st.builds(
    Learner,
    id=st.just("l1"),
    seed=st.integers(0, 2**63 - 1),
    language=st.sampled_from(["en", "zh-Hant"]),
    created=TIMES,
    seen=TIMES,
    status=st.sampled_from(Status),
    keep=st.sampled_from(Keep),
    age_band=st.none() | st.sampled_from(["25+", "under-16", "unknown"]),
    place=PLACES,
    after=st.none() | PLACES,
    aside=st.none() | TEXTS,
    offer=st.lists(st.builds(Choice, TEXTS, ANY_TEXT, st.none() | ANY_TEXT, st.booleans()), max_size=3).map(tuple),
    echo=TEXTS,
    done=st.lists(TEXTS, max_size=3).map(tuple),
    memory=st.dictionaries(TEXTS, MEMORIES, max_size=3),
    asked=st.dictionaries(TEXTS, st.integers(0, 99), max_size=3),
    light=st.none() | st.booleans(),
    follow_ups=st.lists(FOLLOW_UPS, max_size=3).map(tuple),
    channel=TEXTS,
    daily=st.none() | SUBSCRIPTIONS,
    due=st.none() | TIMES,
    invited=TEXTS,
    refused=st.dictionaries(TEXTS, st.builds(Refusal, TIMES, st.integers(1, 9)), max_size=2),
)


class Row:
    """A row as the database gives it: columns by name."""

    def __init__(self, **columns: object) -> None:
        self.__dict__.update(columns)


@given(LEARNERS)
def test_any_learner_comes_back_the_same(known: Learner) -> None:
    row = row_of(known)
    assert learner_of(Row(**row)) == known
    assert row["guest"] == known.guest


def test_a_learner_in_mid_lesson_comes_back_the_same_after_each_turn() -> None:
    talk = Talk(library()).at_first_question().finish_lesson()
    assert talk.learner is not None
    assert learner_of(Row(**row_of(talk.learner))) == talk.learner


def test_what_a_newer_version_has_added_is_passed_over() -> None:
    row = row_of(learner("l1"))
    state = orjson.loads(row["state"])
    state["new"] = 1
    state["place"]["new"] = 1
    assert learner_of(Row(**row | {"state": orjson.dumps(state)})) == learner("l1")


# All that the state of a learner holds, for the oldest code that may work on it.
STATE_SINCE = {
    3: {
        "state": "after aside asked channel daily done echo follow_ups invited light memory offer place refused",
        "place": "form guess item lesson misses picked queue serial since step version",
        "memory": "drawn due exposures last_form right stage",
        "daily": "again channel days held hour last pace paused paused_until served silent zone",
        "refused": "times until",
        "follow_ups": "at course days held invited",
    }
}


def test_older_code_is_kept_away_from_learners_of_whom_there_is_more_to_know() -> None:
    """It would write them back without it: a new key wants a higher COMPATIBLE_FROM, and an entry here."""
    everything = learner(
        "l1",
        place=Place(),
        memory={"q": Memory()},
        daily=Subscription("07:00", (0,), "UTC", "web"),
        refused={"utility": Refusal(NOON)},
        follow_ups=(FollowUp("tour", 7, NOON),),
    )
    state = orjson.loads(row_of(everything)["state"])
    inside = {"place": state["place"], "memory": state["memory"]["q"], "daily": state["daily"]}
    inside |= {"refused": state["refused"]["utility"], "follow_ups": state["follow_ups"][0]}
    keys = {name: " ".join(sorted(found)) for name, found in {"state": state, **inside}.items()}
    assert keys == STATE_SINCE[schema.COMPATIBLE_FROM]


def test_a_learner_stored_by_an_older_version_gets_what_is_missing() -> None:
    row = row_of(learner("l1")) | {"state": '{"place":{"step":"card"},"memory":{"q":{}}}'}
    found = learner_of(Row(**row))
    assert found.place == Place(step=Step.CARD)
    assert found.memory == {"q": Memory()}
    assert (found.place.queue, found.follow_ups) == ((), ())


async def test_the_database_gives_back_what_it_was_given(store: Store) -> None:
    facts = {
        "seed": 2**63 - 1,
        "language": "zh-Hant",
        "language_sure": True,
        "status": Status.STOPPED,
        "role": "student",
        "country": "MX",
        "zone": "America/Mexico_City",
        "place": Place(
            Step.QUESTION, 7, "tour/one", "tour/one/key", "b", 1, ("x",), "y", NOON, "v1", ("tour/two/key",)
        ),
        "offer": (Choice("q:7-0", Phrase("button.next", {"n": 2, "lesson": Words("tour/one/title")}), None, True),),
        "memory": {"tour/one/key": Memory(NOON, 2, 3, False, "a", True)},
        "follow_ups": (FollowUp("module-1", 7, NOON), FollowUp("module-1", 28, NOON)),
    }
    before = await arrive(store, **facts)
    async with store.read() as look:
        found = (await look.learners([before]))[before]
    assert found == learner(before, created=NOON, **facts)
