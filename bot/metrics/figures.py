"""All figures of a running bot.

Whoever does the work tells; what stands in the database (books, waiting rows) is read there and shown as it was last
read. Nothing is kept at import: one ``Metrics`` is made by the wiring and handed round.
"""

from collections.abc import Mapping

from bot.metrics.books import missing
from bot.metrics.tallies import Count, Level, Spread

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LATE = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 10800.0)
_BATCH = (1, 2, 5, 10, 25, 50, 100, 200)


class Metrics:
    """What those who do the work tell while they do it, and the page that shows it."""

    def __init__(self) -> None:
        self._books = Count("ssebot_books", "Events and parts by what became of them.", ["entry"])
        self._turns = Count("ssebot_turns", "Events answered.", ["channel"])
        self._parked = Count("ssebot_parked", "Events put aside after an error of ours.", ["channel"])
        self._away = Count("ssebot_turned_away", "Requests refused at the door.", ["channel", "why"])
        self._size = Spread("ssebot_batch_size", "Events in one commit.", _BATCH)
        self._commit = Spread("ssebot_commit_seconds", "Time of one batch.", _FAST)
        self._send = Spread("ssebot_send_seconds", "Time of one platform call.", _SLOW, ["channel", "outcome"])
        self._late = Spread("ssebot_late_seconds", "From due to sent.", _LATE, ["channel"])
        self._waiting = Level("ssebot_outbox_waiting", "Parts not sent yet.", ["channel"])
        self._oldest = Level("ssebot_outbox_oldest_seconds", "Age of the oldest due part.", ["channel"])
        self._unbalanced = Level(
            "ssebot_books_unbalanced",
            "What the books do not account for; anything but 0 is a loss or a double.",
            ["whole"],
        )
        self._decided = Level("ssebot_due_decided", "What was due in the last day.", ["kind", "way", "reason"])
        self._lateness = Level("ssebot_due_late_seconds", "From due to sent, last day.", ["share"])
        self._paid = Level("ssebot_paid_messages_today", "Messages that cost anything.")
        self._dollars = Level("ssebot_paid_dollars_today", "What they cost, expected.")
        self._missing = Level("ssebot_words_missing", "Texts shown in English for want of words.")

    def batch(self, size: int, seconds: float) -> None:
        self._size.observe(size)
        self._commit.observe(seconds)

    def turns(self, channel: str, count: int = 1) -> None:
        self._turns.add(channel, by=count)

    def parked(self, channel: str, count: int = 1) -> None:
        self._parked.add(channel, by=count)

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        self._send.observe(seconds, channel, outcome)

    def late(self, channel: str, seconds: float) -> None:
        self._late.observe(max(0.0, seconds), channel)  # clocks of two machines may disagree

    def turned_away(self, channel: str, why: str) -> None:
        self._away.add(channel, why)

    def books(self, books: Mapping[str, int]) -> None:
        """The books as the database has them now, over every restart, and whether they add up."""
        for name, value in sorted(books.items()):
            if name != "waiting":
                self._books.set(name, to=value)
        for whole, gap in missing(books).items():
            self._unbalanced.set(whole, to=gap)

    def waiting(self, channel: str, parts: int, oldest_seconds: float = 0.0) -> None:
        """How much of a channel's outbox has not gone out."""
        self._waiting.set(channel, to=parts)
        self._oldest.set(channel, to=oldest_seconds)

    def brought(self, decisions: Mapping[tuple[str, str, str], int], late: Mapping[str, float]) -> None:
        """What was due in the last day, by what was decided, and how late it came (seconds: p50, p99, worst)."""
        self._decided.become(decisions.items())
        for share, seconds in late.items():
            self._lateness.set(share, to=seconds)

    def spent(self, messages: int, micros: int) -> None:
        """What today (UTC) has cost so far: messages that cost anything, and US dollars."""
        self._paid.set(to=messages)
        self._dollars.set(to=micros / 1_000_000)

    def words_missing(self, count: int) -> None:
        """How many texts were shown in English because the learner's language has no words for them."""
        self._missing.set(to=count)

    def page(self) -> bytes:
        """Everything in Prometheus' text form."""
        from bot.metrics.prometheus import page

        return page([figure for figure in vars(self).values() if isinstance(figure, Count | Level | Spread)])
