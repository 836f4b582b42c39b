"""One or two processes that rehearse, and their figures as one."""

import asyncio
import gc
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from multiprocessing.sharedctypes import SynchronizedArray

from bot.engine.fixed import fixed
from bot.logs import set_up_logs
from bot.simulation.figures import Figures, together
from bot.simulation.plan import Plan, halved, lifted, shared_out
from bot.simulation.planned import planned
from bot.simulation.world import Ground, rehearsed

LOOKS = 1.0  # seconds between two words on how far it is

Told = Callable[[int], None]


@fixed(frozen=True, slots=True)
class Errand:
    """What a process is to do. ``ground`` makes what the house stands on, in the process itself: it is large."""

    plan: Plan
    plan_only: bool
    budgets: bool  # as they are written; else lifted
    ground: Callable[[], Ground]
    place: int = 0
    of: int = 1


def run(errand: Errand, told: Told) -> Figures:
    """Does the errand here."""
    began = time.process_time()
    ground = errand.ground()
    rules = ground.policy if errand.budgets else lifted(ground.policy)
    if errand.budgets and errand.of > 1:
        rules = halved(rules)
    if errand.plan_only:
        figures = planned(errand.plan, ground.content.library, rules, told)
    else:
        figures = asyncio.run(rehearsed(errand.plan, ground.under(rules), told))
    figures.budget = (ground.policy.day.messages, ground.policy.day.micros)
    figures.seconds = time.process_time() - began
    return figures


def run_all(plan: Plan, ground: Callable[[], Ground], told: Told, *, plan_only: bool, budgets: bool) -> Figures:
    """Shares the people out over processes where that is worth it; ``told`` hears of the day the slowest is at."""
    plans = shared_out(plan)
    errands = [Errand(one, plan_only, budgets, ground, place, len(plans)) for place, one in enumerate(plans)]
    if len(errands) == 1:
        return run(errands[0], told)
    context = get_context("spawn")
    days: SynchronizedArray[int] = context.Array("i", len(errands))
    with ProcessPoolExecutor(len(errands), context, initializer=_begin, initargs=(days,)) as pool:
        with _ctrl_c_unheard():
            futures = [pool.submit(_run, errand) for errand in errands]
        try:
            while not all(future.done() for future in futures):
                told(min(days[place] for place in range(len(errands))))
                time.sleep(LOOKS)
        except KeyboardInterrupt:
            for process in active_children():
                process.terminate()
            raise
        return together(future.result() for future in futures)


@contextmanager
def _ctrl_c_unheard() -> Iterator[None]:
    """Processes that begin now leave Ctrl+C, which a terminal sends to each, to the one that began them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_days: "SynchronizedArray[int] | None" = None


def _begin(days: "SynchronizedArray[int]") -> None:
    """In a new process: where it tells how far it is; and what it logs is no part of what the command prints."""
    global _days
    _days = days
    set_up_logs("warning", "console")
    # What comes and goes here has no circles: the collector need not walk through everybody again and again.
    gc.set_threshold(100_000, 50, 100)


def _run(errand: Errand) -> Figures:
    def told(day: int) -> None:
        if _days is not None:
            _days[errand.place] = day

    return run(errand, told)
