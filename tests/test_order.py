"""What the tests take for order in a chat, and what they do not."""

import pytest

from tests.order import Part, in_order

ONE, TWO, THREE = (Part(text, None) for text in ("one", "two", "three"))
EDIT_ONE, EDIT_TWO = Part("one, right", 1), Part("two, right", 2)
SENT = [ONE, EDIT_ONE, TWO, EDIT_TWO, THREE]


@pytest.mark.parametrize(
    "seen",
    [
        SENT,
        [ONE, TWO, EDIT_ONE, EDIT_TWO, THREE],
        [ONE, EDIT_ONE, TWO, THREE, EDIT_TWO],
        [ONE, TWO, THREE, EDIT_ONE, EDIT_TWO],
        [ONE, ONE, EDIT_ONE, TWO, EDIT_TWO, THREE],
        [ONE, TWO, EDIT_ONE, TWO, EDIT_TWO, THREE],
    ],
    ids=["as sent", "message beside its edit", "last beside its edit", "edits late", "again", "again after an edit"],
)
def test_a_message_may_overtake_the_edits_before_it_and_nothing_else(seen: list[Part]) -> None:
    assert in_order(seen, SENT)


@pytest.mark.parametrize(
    "seen",
    [
        [EDIT_ONE, ONE, TWO, EDIT_TWO, THREE],
        [ONE, EDIT_ONE, EDIT_TWO, TWO, THREE],
        [ONE, TWO, EDIT_TWO, EDIT_ONE, THREE],
        [ONE, EDIT_ONE, THREE, TWO, EDIT_TWO],
        [ONE, EDIT_ONE, TWO, ONE, EDIT_TWO, THREE],
        [ONE, TWO, EDIT_TWO, THREE],
        [ONE, EDIT_ONE, TWO, EDIT_TWO],
        [ONE, EDIT_ONE, TWO, Part("two, right", 1), THREE],
        [],
    ],
    ids=[
        "edit before its message",
        "second edit before its message",
        "edits swapped",
        "messages swapped",
        "again out of order",
        "edit missing",
        "message missing",
        "edit of another message",
        "nothing",
    ],
)
def test_anything_else_is_told(seen: list[Part]) -> None:
    assert not in_order(seen, SENT)
