"""What nobody planned, as one small tree; each message says what is wrong and what cures it.

    SseBotError
    ├── ConfigurationRefused     a setting is missing, short or an example: ours to fix, before anything starts
    ├── ContentRefused           lessons or words that cannot be served
    ├── DatabaseRefused          the database is damaged, not ours, or of another version
    ├── ExportRefused            an export that must not or cannot be written as asked
    ├── PlatformRefused          a messaging platform will not take our credentials or set-up
    ├── TryAgain                 the database asks for the same transaction once more
    └── Unavailable              the database is locked, full or out of reach: the platform is answered 503 and repeats

Expected outcomes of sending (``Sent``, ``Later`` …) are values and stand in ``bot/outcomes.py``.
"""


class SseBotError(Exception):
    """``reason`` is what is wrong, ``cure`` what to do about it; both may be shown to an operator."""

    def __init__(self, reason: str = "", cure: str = "") -> None:
        super().__init__(reason, cure)
        self.reason = reason or str(type(self).__doc__)
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.reason} {self.cure}".strip()


class ConfigurationRefused(SseBotError):
    """A setting is missing, too short or still the example value."""


class ContentRefused(SseBotError):
    """Lessons or words cannot be served; ``sse-bot check`` lists every complaint."""


class DatabaseRefused(SseBotError):
    """The database must not be used as it is: damaged, not ours, or of another version."""


class ExportRefused(SseBotError):
    """The export must not, or cannot, be written as asked."""


class PlatformRefused(SseBotError):
    """A messaging platform will not take our credentials or set-up."""


class TryAgain(SseBotError):
    """Another transaction stood in the way; the same one again will do (PostgreSQL 40001, 40P01)."""


class Unavailable(SseBotError):
    """The database cannot take or give anything right now; nothing was changed."""
