"""What a rehearsal stands on: the lessons, the rules and the brakes of the real house."""

from collections.abc import Callable
from functools import partial

from bot.content.brake_policy import read_brakes
from bot.content.load import load
from bot.content.message_policy import read_rules
from bot.delivery.brakes import Brakes
from bot.delivery.purse import Purse
from bot.service import Content, Replies
from bot.simulation.world import Ground
from bot.wiring.house import LESSONS, POLICIES, WORDS, BrakedReplies
from bot.wiring.planning import cost

LIMITED = frozenset({"telegram", "whatsapp"})


def ground() -> Ground:
    """Read anew in each process."""
    loaded = load(LESSONS, WORDS, POLICIES)
    rules = read_rules(POLICIES)
    return Ground(Content(loaded.library, loaded.catalogue), rules, rules, cost, _replies)


def _replies(purse: Purse, seconds: Callable[[], float]) -> Callable[[], Replies]:
    return partial(BrakedReplies, Brakes(read_brakes(POLICIES), seconds), purse, LIMITED)
