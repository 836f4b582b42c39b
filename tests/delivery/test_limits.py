"""How fast: never more than allowed in any second, bursts where they are tolerated, nothing where there is no limit."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.account import TOO_MANY, Account
from bot.delivery.backoff import LONGEST, backoff
from bot.delivery.limits import Chats, Window, telegram_limits, whatsapp_limits
from bot.outcomes import Later, Sent, Unknown
from tests.makers import NOON


def sends(rate: float, gaps: Iterable[float]) -> list[float]:
    """When somebody who asks after each of the gaps may send."""
    window, now, sent = Window(rate), 0.0, []
    for gap in gaps:
        now += gap
        assert (window.free(now) > 0) == (window.wait(now) == 0)
        if window.free(now) > 0:
            window.take(now)
            sent.append(now)
    return sent


@given(st.lists(st.floats(0, 0.5), max_size=80), st.integers(1, 40))
def test_no_second_holds_more_than_the_rate(gaps: list[float], rate: int) -> None:
    sent = sends(rate, gaps)
    assert all(sent[n + rate] - sent[n] >= 1 for n in range(len(sent) - rate))


@given(st.lists(st.floats(0, 0.1), max_size=80), st.integers(1, 40))
def test_sends_are_never_close_together(gaps: list[float], rate: int) -> None:
    sent = sends(rate, gaps)
    assert all(later - sooner >= 0.5 / rate - 1e-9 for sooner, later in pairwise(sent))


def test_the_first_after_a_quiet_while_goes_at_once_and_a_burst_is_spread() -> None:
    sent = sends(25, [5.0] + [0.001] * 200)
    assert sent[0] == 5.0
    assert [later - sooner for sooner, later in pairwise(sent)] == pytest.approx([0.04] * 5)


def test_one_that_comes_late_does_not_put_off_the_others() -> None:
    window, now, sent = Window(25), 0.0, 0
    while now < 10:
        now += window.wait(now) + 0.008
        assert window.free(now) == 1
        window.take(now)
        sent += 1
    assert sent >= 249


def test_a_window_tells_how_long_to_wait() -> None:
    window = Window(2)
    for now in (0.0, 0.5):
        assert window.wait(now) == 0
        window.take(now)
    assert window.free(0.75) == 0
    assert window.wait(0.75) == pytest.approx(0.25)
    assert window.free(1.0) == 1


def test_less_than_one_a_second_is_one_in_some_seconds() -> None:
    window = Window(0.25)
    window.take(0)
    assert window.wait(1) == pytest.approx(3)


def test_a_chat_has_a_burst_and_then_its_rate() -> None:
    chats = Chats(1, 5)
    assert [chats.take(7, 0.0) for _ in range(5)] == [0.0] * 5
    assert chats.take(7, 0.5) == pytest.approx(0.5)
    assert chats.take(8, 0.5) == 0.0
    assert chats.take(7, 1.0) == 0.0
    assert chats.take(7, 1.0) > 0


def test_without_a_limit_nobody_waits() -> None:
    limits = telegram_limits(0, 0)
    for _ in range(1000):
        assert limits.account.free(0) > 1000
        limits.account.take(0)
        assert limits.chats.take(1, 0) == 0


def test_the_platforms_limits_are_theirs() -> None:
    assert (telegram_limits(25, 1).account.most, telegram_limits(25, 1).chats.burst) == (25, 5)
    assert whatsapp_limits(80).account.most == 80
    whatsapp = whatsapp_limits(80).chats
    assert [whatsapp.take(1, 0) for _ in range(12)] == [0.0] * 12
    assert whatsapp.take(1, 0) == pytest.approx(6)
    assert whatsapp_limits(0).chats.take(1, 0) == 0


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 0.25, 0.5), (2, 0.5, 1.0), (5, 4.0, 8.0), (99, 150, LONGEST)])
def test_each_try_waits_longer_up_to_five_minutes(tries: int, least: float, most: float) -> None:
    assert backoff(tries, lambda: 0.0) == least
    assert backoff(tries, lambda: 1.0) == most


def test_a_few_chats_told_to_wait_are_their_own_affair() -> None:
    account = Account("telegram", lambda: 1.0)
    for chat in range(TOO_MANY - 1):
        account.weigh(chat, Later(30, "chat", False), NOON)
    account.weigh(0, Later(30, "chat", False), NOON)
    assert account.wait(NOON) == 0
    account.weigh(99, Later(30, "chat", False), NOON)
    assert account.wait(NOON) == 30


def test_chats_told_to_wait_long_ago_do_not_count() -> None:
    account = Account("telegram", lambda: 1.0)
    for chat in range(TOO_MANY * 3):
        account.weigh(chat, Later(30, "chat", False), NOON)
        for _ in range(6):
            account.weigh(chat, Sent(None), NOON)
    assert account.wait(NOON) == 0


def test_an_account_out_of_reach_waits_longer_each_time_until_something_arrives() -> None:
    account = Account("telegram", lambda: 1.0)
    for seconds in (0.5, 1.0, 2.0):
        account.weigh(1, Later(0, "account", True), NOON)
        assert account.wait(NOON) == seconds
    assert account.probing
    account.weigh(1, Unknown("cut"), NOON)
    assert account.probing
    account.weigh(1, Sent(None), NOON)
    assert not account.probing


def test_a_chat_that_is_to_be_left_alone_is_whatever_its_bucket_holds() -> None:
    for chats in (Chats(1, 5), Chats(0, 1)):
        assert chats.take(1, 0.0) == 0
        chats.rest(1, 37, 0.0)
        chats.rest(1, 5, 1.0)
        assert chats.take(1, 30.0) == pytest.approx(7)
        assert chats.take(2, 30.0) == 0
        assert chats.take(1, 37.0) == 0
