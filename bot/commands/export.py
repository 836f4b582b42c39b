"""``sse-bot export``: answers for the working group, with the codebook that explains them."""

import getpass
import json
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.commands.frame import ROOT, in_store, refuse, remark, say

if TYPE_CHECKING:
    from bot.content.printed import Loaded, Printed
    from bot.evidence.options import ExportOptions, ExportResult
    from bot.seal import Seal
    from bot.settings import Settings
    from storage.store import Store

E = TypeVar("E", bound=StrEnum)

Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write into; it is made if need be.")]
Tier = Annotated[str, typer.Option(help="public: counts only; group: rows, pseudonymous; restricted: words as typed.")]
Form = Annotated[str, typer.Option("--format", help="csv, xlsx, jsonl or xapi.")]
Day = "A day (2026-11-24) or a moment (2026-11-24T12:00Z), UTC."


def export(
    out: Out,
    tier: Tier = "group",
    form: Form = "csv",
    since: Annotated[str | None, typer.Option(metavar="DAY", help=f"From then on. {Day}")] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Up to then; a day counts as a whole.")] = None,
    course: Annotated[str | None, typer.Option(help="Only this course, like module-1.")] = None,
    language: Annotated[str | None, typer.Option(help="Only answers given in it, like es.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Only people who came over it.")] = None,
    phase: Annotated[str | None, typer.Option(help="Only this phase, like feedback.")] = None,
    excel: Annotated[bool, typer.Option("--excel", help="Begin the CSV so that Excel shows every script.")] = False,
    key: Annotated[str | None, typer.Option(metavar="NAME", help="Codes that other exports can be joined by.")] = None,
    why: Annotated[str | None, typer.Option(help="The reason, for the tier restricted; kept in the ledger.")] = None,
    who: Annotated[str | None, typer.Option(help="Who asks, for the ledger.", show_default="your login")] = None,
) -> None:
    """Write the answers and the codebook that explains them.

    Writes feedback.csv, codebook.csv and datapackage.json, and prints rows and SHA-256 as one JSON line.
    Without names, numbers or addresses. What the columns mean, and what may not be concluded: docs/export.md

    \b
    sse-bot export --out answers
    sse-bot export --out answers --since 2026-11-01 --language es --excel
    sse-bot export --out report --tier public
    """
    from bot.evidence.options import ExportOptions, Format, moment
    from bot.evidence.options import Tier as Tiers

    options = ExportOptions(
        tier=_one_of(Tiers, tier, "--tier"),
        format=_one_of(Format, form, "--format"),
        since=moment(since) if since is not None else None,
        until=moment(until, last=True) if until is not None else None,
        course=course,
        language=language,
        campaign=campaign,
        phase=phase,
        excel=excel,
        key=key,
        why=why,
        who=getpass.getuser() if who is None else who,
    )
    result = in_store(lambda store, settings: _export(store, settings, out, options))
    if result.rows == 0 and options.tier is Tiers.PUBLIC:
        remark("Nothing may show: no answer to any question was given by 10 people or more.")
    elif result.rows == 0:
        remark("Nothing fits: nobody has shared an answer yet, or no answer is within these filters.")
    say(json.dumps({"rows": result.rows, "sha256": result.sha256, "files": [str(path) for path in result.files]}))


async def _export(store: "Store", settings: "Settings", out: Path, options: "ExportOptions") -> "ExportResult":
    from bot.evidence.export import export

    content = _content(settings.data_dir, store.seal)
    spoken = [language.code for language in content.library.languages]
    if options.language is not None and options.language not in spoken:
        raise refuse(f"--language {options.language}: choose one of {', '.join(spoken)}.")
    await _must_be_known(store, content, options)
    return await export(
        store,
        store.seal,
        content.library,
        content.catalogue,
        out,
        options,
        told(),
        data_dir=settings.data_dir,
        home=settings.public_url,
    )


async def _must_be_known(store: "Store", content: "Loaded", options: "ExportOptions") -> None:
    """A mistyped name would give an empty file, which reads as if nobody had answered."""
    if options.campaign is not None:
        campaigns = sorted(campaign.code for campaign in await store.campaigns())
        if options.campaign not in campaigns:
            known = f"choose one of {', '.join(campaigns)}" if campaigns else "there is none yet"
            raise refuse(f"--campaign {options.campaign}: {known}.")
    # Answers outlive their course: one that is no longer taught can still be asked for.
    if options.course is not None:
        courses = {course.id for course in content.library.courses} | await store.courses()
        if options.course not in courses:
            raise refuse(f"--course {options.course}: choose one of {', '.join(sorted(courses))}.")


def _content(data_dir: Path, seal: "Seal") -> "Loaded":
    """Lessons and words, for the codebook."""
    # Not by opening the house: its pages, cards and channels would make the start a third longer (measured).
    from bot.content.kept import kept
    from bot.content.printed import bound

    sources = (ROOT / "lessons", ROOT / "i18n", ROOT / "policies")

    def read() -> "Printed":
        from bot.content.load import read_pages  # with pydantic and YAML, where there is no kept copy

        return read_pages(*sources)

    return bound(kept(data_dir / "cache", "content", sources, seal, read))


def told(clock: Callable[[], float] = time.monotonic) -> Callable[[int], None]:
    """Says on standard error how far it is, at most once a second; on a terminal in one line."""
    last = clock()

    def progress(rows: int) -> None:
        nonlocal last
        if clock() - last >= 1:
            last = clock()
            print(f"{rows} rows so far", file=sys.stderr, end="\r" if sys.stderr.isatty() else "\n", flush=True)

    return progress


def _one_of(kinds: type[E], typed: str, option: str) -> E:
    try:
        return kinds(typed)
    except ValueError:
        raise refuse(f"{option} {typed}: choose one of {', '.join(kinds)}.") from None
