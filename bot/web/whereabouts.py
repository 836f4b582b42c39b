"""Who a talk belongs to, for reading only: language and ideas kept, without holding up any writer."""

from sqlalchemy import select

from bot.engine.learner import Learner
from bot.web.site import Talks
from storage.learner_rows import learner_of
from storage.tables import learners


async def learner(store: Talks, learner_id: str) -> Learner | None:
    """The learner as they are now; None once everything about them is deleted."""
    async with store.read() as connection:
        row = (await connection.execute(select(learners).where(learners.c.id == learner_id))).one_or_none()
    return learner_of(row) if row is not None else None
