"""Sessions of ours that hold locks though their process stands still.

PostgreSQL ends a session that is idle in a transaction by itself. One whose process was frozen in the middle of a
statement counts as busy for ever, and everybody who needs its rows waits: whoever is awake ends it.
"""

from sqlalchemy import text

from storage.lean import AsyncConnection

NAME = "sse-bot"  # what our sessions are called

# Busy, and all that while waiting for the next word of its client: nobody who is awake is silent in mid-statement.
END_FROZEN = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND usename = current_user AND application_name = :name "
    "AND state = 'active' AND wait_event = 'ClientRead' AND xact_start IS NOT NULL "
    "AND state_change < now() - make_interval(secs => :seconds)"
)


async def end_frozen(connection: AsyncConnection, seconds: float) -> int:
    """Ends those that have been silent for so long; how many there were."""
    found = await connection.execute(END_FROZEN, {"name": NAME, "seconds": seconds})
    return int(found.scalar_one())
