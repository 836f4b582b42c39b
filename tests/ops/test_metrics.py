"""What is measured, and the books that must add up."""

import subprocess
import sys

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics.books import imbalances
from bot.metrics.figures import Metrics
from bot.metrics.prometheus import Shown
from bot.metrics.tallies import Spread


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    page = metrics.page().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def work(metrics: Metrics) -> None:
    metrics.batch(12, 0.004)
    metrics.turns("web", 12)
    metrics.parked("telegram")
    metrics.sent("telegram", "sent", 0.05)
    metrics.late("telegram", -0.5)  # clocks of two machines may disagree
    metrics.turned_away("whatsapp", "signature")


def test_work_that_was_told_shows_on_the_page() -> None:
    metrics = Metrics()
    work(metrics)
    metrics.waiting("telegram", 7, 3.5)
    metrics.words_missing(2)
    found = samples(metrics)
    assert found["ssebot_turns_total", (("channel", "web"),)] == 12
    assert found["ssebot_parked_total", (("channel", "telegram"),)] == 1
    assert found["ssebot_batch_size_sum", ()] == 12
    assert found["ssebot_commit_seconds_count", ()] == 1
    assert found["ssebot_send_seconds_count", (("channel", "telegram"), ("outcome", "sent"))] == 1
    assert found["ssebot_late_seconds_sum", (("channel", "telegram"),)] == 0
    assert found["ssebot_turned_away_total", (("channel", "whatsapp"), ("why", "signature"))] == 1
    assert found["ssebot_outbox_waiting", (("channel", "telegram"),)] == 7
    assert found["ssebot_outbox_oldest_seconds", (("channel", "telegram"),)] == 3.5
    assert found["ssebot_words_missing", ()] == 2


def test_how_long_calls_took_is_what_the_library_would_have_counted() -> None:
    registry = CollectorRegistry()
    theirs = Histogram("took", "What took.", ["of"], buckets=(0.1, 0.5, 1.0), registry=registry)
    ours = Spread("took", "What took.", (0.1, 0.5, 1.0), ["of"])
    for of, seconds in (("a", 0.0), ("a", 0.1), ("a", 0.11), ("b", 0.5), ("a", 1.0), ("a", 7.5)):
        theirs.labels(of).observe(seconds)
        ours.observe(seconds, of)
    other = CollectorRegistry()
    other.register(Shown([ours]))
    made = [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]
    assert generate_latest(other).decode().splitlines() == made


def test_what_has_no_labels_is_there_before_anything_happens() -> None:
    found = samples(Metrics())
    names = ("batch_size_count", "commit_seconds_sum", "paid_messages_today", "paid_dollars_today", "words_missing")
    assert [found[f"ssebot_{name}", ()] for name in names] == [0] * len(names)


def test_the_library_is_loaded_only_where_somebody_asks_for_the_page() -> None:
    script = "import sys; from bot.metrics.figures import Metrics; metrics = Metrics(); metrics.batch(1, 0.1); "
    script += "assert 'prometheus_client' not in sys.modules; assert b'process_resident' in metrics.page()"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_books_show_as_they_were_last_read() -> None:
    metrics = Metrics()
    metrics.books({"received": 5, "handled": 5})
    metrics.books({"received": 9, "handled": 8, "parked": 1})
    found = samples(metrics)
    assert found["ssebot_books_total", (("entry", "received"),)] == 9
    assert found["ssebot_books_total", (("entry", "parked"),)] == 1


def test_the_page_complains_of_books_that_do_not_add_up_until_they_do() -> None:
    metrics = Metrics()
    metrics.books({"received": 5, "handled": 3, "due": 4, "sent": 4, "waiting": 1})
    found = samples(metrics)
    assert found["ssebot_books_unbalanced", (("whole", "received"),)] == 2
    assert found["ssebot_books_unbalanced", (("whole", "due"),)] == -1
    metrics.books({"received": 5, "handled": 5, "due": 4, "sent": 3, "waiting": 1})
    found = samples(metrics)
    assert found["ssebot_books_unbalanced", (("whole", "received"),)] == 0
    assert found["ssebot_books_unbalanced", (("whole", "due"),)] == 0


def test_two_bots_in_one_process_do_not_share_figures() -> None:
    one, other = Metrics(), Metrics()
    work(one)
    assert ("ssebot_turns_total", (("channel", "web"),)) not in samples(other)


def test_books_that_add_up_say_nothing() -> None:
    came = {"received": 10, "handled": 6, "parked": 1, "unusable": 1, "duplicate": 2}
    went = {"due": 9, "sent": 5, "held": 1, "cancelled": 1, "failed": 1, "waiting": 1}
    assert list(imbalances({})) == []
    assert list(imbalances(came | went)) == []


def test_a_loss_and_a_double_are_both_told() -> None:
    lost = {"received": 10, "handled": 9}
    double = {"due": 1, "sent": 2}
    assert list(imbalances(lost | double)) == [
        "received is 10, but handled + parked + unusable + duplicate is 9",
        "due is 1, but sent + held + cancelled + failed is 2",
    ]
