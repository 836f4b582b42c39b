"""Reads everything as a learner would see it, in every language, and lists what to mend.

Errors stop a release (exit 1), warnings want a look. Each has its file, its line and its cure.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bot.content.brake_policy import read_brakes
from bot.content.complaints import Complaint, Level, errors, in_order, told
from bot.content.load import printed, read_tongues
from bot.content.manuscript import ENGLISH, read_manuscript
from bot.content.message_policy import read_rules
from bot.content.originals import originals
from bot.content.policies import Policies
from bot.content.policy_models import read_policies
from bot.content.printed import bound
from bot.content.rules import RULES
from bot.content.rules.proof import Proof
from bot.content.statistics import Figures, statistics
from bot.engine.fixed import fixed

Print = Callable[[str], None]

# Everything that a start reads of policies/: what stops it there is told here.
POLICY_READERS: tuple[Callable[[Path], object], ...] = (read_policies, read_rules, read_brakes)


@fixed(frozen=True, slots=True)
class Report:
    """What was found: every complaint in the order of the files, and the figures."""

    complaints: tuple[Complaint, ...]
    stats: Figures

    @property
    def errors(self) -> tuple[Complaint, ...]:
        return errors(self.complaints)

    @property
    def warnings(self) -> tuple[Complaint, ...]:
        return tuple(complaint for complaint in self.complaints if complaint.level is Level.WARNING)


def check(root: Path) -> Report:
    """Checks ``lessons/``, ``i18n/`` and ``policies/`` of a project."""
    lessons_dir, i18n_dir, policies_dir = root / "lessons", root / "i18n", root / "policies"
    if not lessons_dir.is_dir() or not i18n_dir.is_dir():
        cure = "run this where the folders lessons/ and i18n/ are"
        return Report((Complaint(root.name or ".", 1, "no lessons here", cure),), {"courses": {}, "languages": {}})
    manuscript = read_manuscript(lessons_dir, i18n_dir)
    complaints = list(manuscript.complaints)
    texts = originals(manuscript)
    tongues = read_tongues(manuscript, texts, i18n_dir, complaints)
    for read in POLICY_READERS:
        complaints.extend(told(partial(read, policies_dir)))
    by_code = {tongue.code: tongue for tongue in tongues}
    if ENGLISH not in by_code or manuscript.phrases is None:
        return Report(in_order(complaints), {"courses": {}, "languages": {}})
    loaded = bound(printed(manuscript, texts, tongues, Policies()))  # no rule reads an age or a helpline
    proof = Proof(manuscript, {text.context: text for text in texts}, by_code, loaded, i18n_dir)
    for rule in RULES:
        complaints.extend(rule(proof))
    return Report(in_order(complaints), statistics(proof))


def run(root: Path, as_json: bool = False, stats: bool = False, say: Print = print) -> int:
    """The command: says what was found and returns the exit code."""
    report = check(root)
    if as_json:
        say(json.dumps(_plain(report, stats), ensure_ascii=False, indent=2))
    else:
        for line in _lines(report, stats):
            say(line)
    return 1 if report.errors else 0


def _plain(report: Report, stats: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "errors": [_entry(complaint) for complaint in report.errors],
        "warnings": [_entry(complaint) for complaint in report.warnings],
    }
    return told | {"stats": report.stats} if stats else told


def _entry(complaint: Complaint) -> dict[str, str | int]:
    return {"file": complaint.file, "line": complaint.line, "what": complaint.what, "cure": complaint.cure}


def _lines(report: Report, stats: bool) -> list[str]:
    lines = [str(complaint) for complaint in report.errors]
    lines += [f"{complaint}  (warning)" for complaint in report.warnings]
    if lines:
        lines.append("")
    if stats:
        lines += [json.dumps(report.stats, ensure_ascii=False, indent=2), ""]
    lines += _coverage(report)
    lines.append(f"{_count(report.errors, 'error')}, {_count(report.warnings, 'warning')}.")
    return lines


def _coverage(report: Report) -> list[str]:
    """A line a language: how much of it is there."""
    lines = []
    for code, found in report.stats["languages"].items():
        share = 100 * found["translated"] // max(found["words"], 1)
        read = "read by a native speaker" if found["reviewed"] else "not reviewed yet"
        read = "the source" if code == ENGLISH else read
        lines.append(f"{code}: {share} % translated, {found['fuzzy']} words stale, {found['missing']} missing, {read}")
    return lines


def _count(complaints: tuple[Complaint, ...], noun: str) -> str:
    return f"{len(complaints)} {noun}{'' if len(complaints) == 1 else 's'}"
