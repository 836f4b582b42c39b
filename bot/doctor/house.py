"""Checks of what the bot holds: database, books, what waits for an operator, lessons and languages."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from bot.content.check import check
from bot.doctor.finding import Finding, Patient, bad, better, well
from bot.metrics.books import imbalances
from storage.retention import KEEPING


def database(patient: Patient) -> Sequence[Finding]:
    """The database opens, is ours, has the right schema, and was sealed with our key."""
    return [patient.opening]


async def books(patient: Patient) -> Sequence[Finding]:
    """What came in and went out adds up."""
    if patient.store is None:
        return []
    counted = await patient.store.books()
    cure = "Something was lost or done twice: please report it."
    wrong = [bad("books", line, cure) for line in imbalances(counted)]
    return wrong or [well("books", f"{counted['received']} came in, {counted['sent']} went out")]


async def inbox(patient: Patient) -> Sequence[Finding]:
    """Nothing lies about that somebody should look at."""
    if patient.store is None:
        return []
    rows = await patient.store.inbox(limit=1000)
    parked = sum(row.state == "parked" for row in rows)
    if parked:
        return [better("inbox", f"{parked} deliveries failed in our code", "See: sse-bot inbox")]
    return [well("inbox", f"nothing failed, {len(rows)} not understood")]


async def copies(patient: Patient) -> Sequence[Finding]:
    """Copies from before a migration still hold whoever was erased since."""
    if patient.store is None:
        return []
    return [
        better(
            "copy",
            f"{copy}, made before a migration on {made_at:%Y-%m-%d}, still holds who was erased since",
            f"When the bot runs well: rm {shlex.quote(str(copy))}; after {KEEPING.copy.days} days it goes by itself",
        )
        for copy, made_at in await patient.store.copies()
    ]


def content(patient: Patient) -> Iterator[Finding]:
    """Lessons and words can be served; how much of each language is there."""
    report = check(patient.root)
    cure = "See: sse-bot check"
    if report.errors:
        yield bad("lessons", f"{len(report.errors)} errors", cure)
    if report.warnings:
        yield better("lessons", f"{len(report.warnings)} warnings", cure)
    if not report.complaints:
        yield well("lessons", f"{sum(course['lessons'] for course in report.stats['courses'].values())} in order")
    yield from _languages(report.stats["languages"])


def _languages(languages: dict[str, Any]) -> Iterator[Finding]:
    for code, words in languages.items():
        if words["translated"] >= words["words"]:
            yield well(code, "whole")
        else:
            share = 100 * words["translated"] // max(1, words["words"])
            yield better(code, f"{share} % of its words are there", f"Translate i18n/{code}; see: sse-bot check")
