"""What is made of the same bytes is made once, and never are more kept than was said."""

from bot.evidence.remembered import Remembered


def test_what_is_at_hand_is_not_made_again_and_memory_is_bounded() -> None:
    made: list[bytes] = []

    def make(raw: bytes) -> bytes:
        made.append(raw)
        return raw.upper()

    remembered = Remembered(make, most=2)
    assert [remembered[raw] for raw in (b"a", b"a", b"b", b"c", b"a")] == [b"A", b"A", b"B", b"C", b"A"]
    assert made == [b"a", b"b", b"c", b"a"]
    assert len(remembered) == 2
