"""A learner's own data as they may see, save and pass on: a file, and the links under which a chat gives it.

Everything but a web cookie, which would open the talk. A link is for whoever has it, like a letter in the chat that it
stands in, so it lasts for a day.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from bot.seal import Seal

FILE = "my-data.json"
PATH = "/mydata"
LASTS = timedelta(hours=24)
HIDDEN = "…"
COOKIE_S = "web"  # the channel whose addresses are cookies
PURPOSE = "own data"

Everything = Mapping[str, Sequence[Mapping[str, Any]]]  # rows by table


def written(everything: Everything) -> str:
    """The file; a cookie is taken out wherever it stands, also in older copies within the talk."""
    text = orjson.dumps(everything, option=orjson.OPT_INDENT_2, default=str).decode()
    for row in everything.get("addresses", ()):
        if row.get("channel") == COOKIE_S and row.get("address"):
            text = text.replace(str(row["address"]), HIDDEN)
    return text


class Links:
    """Signed links to the data of one learner."""

    def __init__(self, seal: Seal, public_url: str, clock: Callable[[], datetime]) -> None:
        self._seal, self._public_url, self._clock = seal, public_url, clock

    def to(self, learner_id: str) -> str:
        until = int((self._clock() + LASTS).timestamp())
        sign = self._seal.sign(PURPOSE, _named(learner_id, str(until)))
        return f"{self._public_url}{PATH}?of={learner_id}&sign={sign}&until={until}"

    def read(self, learner_id: str, sign: str, until: str) -> str | None:
        """The learner that a link of ours is about; None for one that is not ours, or over."""
        if not self._seal.signed(PURPOSE, _named(learner_id, until), sign):
            return None
        return learner_id if self._clock() < datetime.fromtimestamp(int(until), UTC) else None


def _named(learner_id: str, until: str) -> str:
    return f"{learner_id} {until}"
