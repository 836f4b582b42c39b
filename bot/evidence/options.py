"""What may be asked of an export, and what comes of one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

from bot.engine.fixed import fixed
from bot.errors import ExportRefused
from storage.rows import AnswerFilter

PHASES = ("pre", "quiz", "review", "recall", "reaction", "feedback", "survey", "follow_up")
LONGEST_WHO = 128  # as the ledger keeps it

Progress = Callable[[int], None]  # called after each page with the rows written so far


class Tier(StrEnum):
    """Who may read it: everybody, the working group, or somebody with a reason."""

    PUBLIC = "public"  # counts only, small ones left out
    GROUP = "group"  # one row an answer, pseudonymous, open text scrubbed
    RESTRICTED = "restricted"  # the same with open text as it was typed


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    XAPI = "xapi"


FILES = {
    Format.CSV: "feedback.csv",
    Format.XLSX: "feedback.xlsx",
    Format.JSONL: "feedback.jsonl",
    Format.XAPI: "statements.jsonl",
}


@fixed(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Which answers, for whom, in which form.

    ``until`` is the first moment left out. ``key`` names a kept export key, so that exports made with it can be
    joined; without it the codes of an export are good for that export alone. ``why`` is the reason for a restricted
    export, ``who`` the person who asked; both stand in the ledger.
    """

    tier: Tier = Tier.GROUP
    format: Format = Format.CSV
    since: datetime | None = None
    until: datetime | None = None
    course: str | None = None
    language: str | None = None
    campaign: str | None = None
    phase: str | None = None
    excel: bool = False
    key: str | None = None
    why: str | None = None
    who: str = ""

    @property
    def wanted(self) -> AnswerFilter:
        return AnswerFilter(self.since, self.until, self.course, self.language, self.campaign, self.phase)

    @property
    def filters(self) -> dict[str, object]:
        """What the ledger keeps beside the tier: everything that was asked for, and nothing that was not."""
        asked: dict[str, object] = {
            "format": self.format.value,
            "since": moment_text(self.since),
            "until": moment_text(self.until),
            "course": self.course,
            "language": self.language,
            "campaign": self.campaign,
            "phase": self.phase,
            "excel": self.excel or None,
            "key": self.key,
            "why": self.why,
        }
        return {name: value for name, value in asked.items() if value is not None}


@fixed(frozen=True, slots=True)
class ExportResult:
    """``rows`` in the main file, its SHA-256, and every file written, the main one last."""

    rows: int
    sha256: str
    files: tuple[Path, ...]


def checked(options: ExportOptions) -> ExportOptions:
    """The options, or a refusal that says what to ask for instead."""
    if not 0 < len(options.who) <= LONGEST_WHO:
        raise ExportRefused(
            "Nobody is named who asks for this export.", "Say who: the ledger keeps it (at most 128 letters)."
        )
    if options.tier is Tier.RESTRICTED and not (options.why or "").strip():
        raise ExportRefused(
            "Open text as it was typed needs a reason.", "Add --why with one; it is kept in the ledger."
        )
    if options.phase is not None and options.phase not in PHASES:
        raise ExportRefused(f"There is no phase {options.phase!r}.", f"Phases: {', '.join(PHASES)}.")
    for moment in (options.since, options.until):
        if moment is not None and moment.tzinfo is None:
            raise ExportRefused("A time without a zone could mean two hours.", "Add the zone: 2026-11-24T12:00Z.")
    if options.since and options.until and options.since >= options.until:
        raise ExportRefused("--since is not before --until.", "Turn them round, or leave one out.")
    if options.tier is Tier.PUBLIC:
        _check_public(options)
    return options


def _check_public(options: ExportOptions) -> None:
    """Counts of everybody or of whole months: what is counted of some would, taken from the whole, leave the others."""
    if options.format is Format.XAPI:
        raise ExportRefused("Counts are no learning records.", "Ask for csv, xlsx or jsonl, or for the tier group.")
    for name in ("language", "campaign"):
        if getattr(options, name) is not None:
            raise ExportRefused(
                f"With --{name} a public file could be subtracted from the whole one, down to single people.",
                f"Leave --{name} out, or ask for the tier group.",
            )
    for moment in (options.since, options.until):
        if moment is not None and moment.astimezone(UTC) != _begin_of_month(moment):
            raise ExportRefused(
                "A public file counts whole months: two that differ by a day could be subtracted from each other.",
                "Begin with the first day of a month and end with the last: --since 2026-11-01 --until 2026-11-30.",
            )


def _begin_of_month(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date().replace(day=1), time(), UTC)


def moment(text: str, *, last: bool = False) -> datetime:
    """A day or a moment as typed for --since and --until; ``last`` makes a day count as a whole.

    A day begins at midnight UTC, like every time in the export.
    """
    try:
        return _whole_day(text, last) or _exact(text)
    except OverflowError as error:  # the calendar of computers goes from the year 1 to 9999, in UTC
        raise ExportRefused(
            f"{text} is too far away to be reckoned with.", "Choose a nearer one, or leave the option out."
        ) from error


def _whole_day(text: str, last: bool) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=1 if last else 0), time(), UTC)


def _exact(text: str) -> datetime:
    try:
        typed = datetime.fromisoformat(text)
    except ValueError as error:
        raise ExportRefused(f"{text!r} is no date.", "Write 2026-11-24, or 2026-11-24T12:00Z for a moment.") from error
    return typed.astimezone(UTC) if typed.tzinfo else typed.replace(tzinfo=UTC)


def moment_text(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second: ``2026-11-24T12:00:00Z``."""
    if moment is None:
        return None
    # Not strftime, which on Linux writes the year 1 without its zeros.
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
