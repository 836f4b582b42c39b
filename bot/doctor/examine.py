"""One check after the other; one that fails itself is a finding, and no reason to skip the rest."""

from collections.abc import AsyncIterator, Iterable, Sequence
from inspect import isawaitable

from bot.doctor import house, machine
from bot.doctor.finding import Check, Finding, Patient, bad
from bot.errors import SseBotError

CHECKS: tuple[Check, ...] = (
    machine.settings,
    machine.env_file,
    machine.channels,
    machine.key,
    house.database,
    house.books,
    house.inbox,
    house.copies,
    house.content,
    machine.disk,
    machine.clock,
)


async def examine(patient: Patient, checks: Sequence[Check] = ()) -> AsyncIterator[Finding]:
    """Every finding of our own checks and then of those given, in order."""
    for check in (*CHECKS, *checks):
        for finding in await _findings(check, patient):
            yield finding


async def _findings(check: Check, patient: Patient) -> Iterable[Finding]:
    try:
        found = check(patient)
        return list(await found if isawaitable(found) else found)
    except SseBotError as refusal:
        return [bad(check.__name__, refusal.reason, refusal.cure)]
    except Exception as error:
        return [bad(check.__name__, f"this check failed itself ({type(error).__name__})", "Please report it.")]
