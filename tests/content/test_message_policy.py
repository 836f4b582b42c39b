"""The rules for sending: the real file, and what a broken one is told."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.whatsapp.channel import MARGIN, WINDOW
from bot.content.complaints import Complained, Complaint
from bot.content.message_policy import FILE, read_rules
from bot.engine.window import MARKETING, SERVICE, UTILITY, Budget, Route, Rules, cost
from bot.errors import ContentRefused

POLICIES = Path(__file__).resolve().parents[2] / "policies"
REAL = (POLICIES / FILE).read_text("utf-8")


@pytest.fixture(scope="module")
def rules() -> Rules:
    return read_rules(POLICIES)


def told(folder: Path, text: str) -> tuple[Complaint, ...]:
    (folder / FILE).write_text(text, "utf-8")
    with pytest.raises(Complained) as refused:
        read_rules(folder)
    return refused.value.complaints


def line_of(part: str) -> int:
    return REAL[: REAL.index(part)].count("\n") + 1


def test_every_channel_has_its_rules(rules: Rules) -> None:
    assert set(rules.channels) == {"telegram", "whatsapp", "web", "console"}
    assert {name for name, channel in rules.channels.items() if channel.free_for is None} == {
        "telegram",
        "web",
        "console",
    }
    assert {name for name, channel in rules.channels.items() if channel.notifies} == {"telegram", "whatsapp"}


def test_the_window_is_the_one_the_channel_keeps(rules: Rules) -> None:
    """A decision leaves the sender time: what is decided free-form is still allowed when its turn comes."""
    assert rules.channels["whatsapp"].free_for == WINDOW == timedelta(hours=24)
    assert rules.channels["whatsapp"].margin > MARGIN


@pytest.mark.parametrize(
    ("country", "category", "micros"),
    [
        ("FR", SERVICE, 35_000),
        ("FR", UTILITY, 35_000),
        ("FR", MARKETING, 90_900),
        ("SN", UTILITY, 9_000),
        ("MA", UTILITY, 28_000),
        ("CO", UTILITY, 5_800),
        ("GN", UTILITY, 12_700),
        (None, UTILITY, 60_000),
    ],
)
def test_what_a_message_costs(rules: Rules, country: str | None, category: str, micros: int) -> None:
    """Meta's price and Twilio's half cent; Guinea is one of Meta's "Other"."""
    assert cost(Route(1, "whatsapp", country), category, 1, rules) == micros


def test_telegram_and_the_page_cost_nothing(rules: Rules) -> None:
    assert [cost(Route(1, name), SERVICE, 9, rules) for name in ("telegram", "web", "console")] == [0, 0, 0]


def test_where_no_country_is_known_nothing_is_counted_too_low(rules: Rules) -> None:
    whatsapp = rules.channels["whatsapp"]
    known = [*whatsapp.prices.values(), whatsapp.elsewhere]
    for category in (SERVICE, UTILITY, MARKETING):
        assert whatsapp.default.of(category) == max(price.of(category) for price in known)


def test_adverts_are_off_and_never_go_to_the_united_states(rules: Rules) -> None:
    assert not rules.channels["whatsapp"].marketing
    assert rules.channels["whatsapp"].marketing_never_in == {"US"}


def test_the_budgets_are_those_of_the_file(rules: Rules) -> None:
    assert (rules.day, rules.each_country) == (Budget(2_500, 25_000_000), Budget(1_500, 15_000_000))
    assert (rules.country("FR"), rules.country(None), rules.warn_at) == (rules.each_country, rules.each_country, 80)


def test_a_country_may_have_a_budget_of_its_own(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        REAL.replace(
            "\n  countries: {}", '\n  countries: {SN: {messages: 3000, usd: "20"}, KP: {messages: 0, usd: "0"}}'
        ),
        "utf-8",
    )
    rules = read_rules(tmp_path)
    assert (rules.country("SN"), rules.country("KP")) == (Budget(3_000, 20_000_000), Budget(0, 0))


def test_every_figure_says_where_it_is_from() -> None:
    for figure in ("window:", "fee:", "marketing_never_in:", "templates:", "rate_card:"):
        part = REAL[REAL.index(f"\n    {figure}") :]
        assert [key for key in ("source", "url", "seen", "why") if not re.search(rf"^      {key}: ", part, re.M)] == []


@pytest.mark.parametrize(
    ("old", "new", "what", "cure"),
    [
        ('out: "0.005"', "out: 0.005", "out: 0.005 is no price", '"0.005"'),
        ('out: "0.005"', 'out: "0,005"', "out: 0,005 is no price", "US dollars in quotes"),
        ('out: "0.005"', 'out: "0.0050001"', "is no price", "at most six decimals"),
        ('out: "0.005"', 'out: "-1"', "is no price", "US dollars"),
        ("countries: [US]", "countries: [usa]", '"usa" is no country', "two capital letters"),
        ("countries: [FR]", "countries: [DE]", "DE stands in two markets", "the rate card"),
        ("marketing: never", "marketing: sometimes", '"sometimes" is not one of the choices', "'never' or 'allowed'"),
        ("hours: 24", "hours: a day", '"a day" is no whole number', "without quotes"),
        ("notifies: true", 'notifies: "yes"', "neither true nor false", "write true or false"),
        ("warn_at_percent: 80", "warn_at_percent: 0", "warn_at_percent", ""),
        ("warn_at_percent: 80", "warn_at: 80", "warn_at: is no key we know", "`warn_at_percent`"),
        ('url: "https://www.twilio.com/whatsapp/pricing"', 'url: "the web"', "is no link", "https://"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_cure(tmp_path: Path, old: str, new: str, what: str, cure: str) -> None:
    complaints = told(tmp_path, REAL.replace(old, new, 1))
    assert any(
        c.line == line_of(old) and what in c.what and cure in c.cure and c.file.endswith(f"/{FILE}") for c in complaints
    ), "\n".join(map(str, complaints))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = REAL
    for old, new in (
        ('out: "0.005"', "out: 0.005"),
        ("hours: 24", "hours: a day"),
        ("marketing: never", "marketing: x"),
    ):
        text = text.replace(old, new, 1)
    assert len(told(tmp_path, text)) == 3


def test_a_figure_without_its_source_is_refused(tmp_path: Path) -> None:
    source = next(line for line in REAL.splitlines() if "error 63016" in line)
    (complaint,) = told(tmp_path, REAL.replace(source + "\n", ""))
    assert (complaint.what, complaint.cure) == ("channels.whatsapp.window.source: is missing", "add `source:` here")


@pytest.mark.parametrize("text", ["channels: [\n", "", "- a\n"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text)


def test_without_the_file_nothing_is_sent_by_guesswork(tmp_path: Path) -> None:
    with pytest.raises(ContentRefused, match=r"messages.yaml:1 .*put the file there"):
        read_rules(tmp_path)
