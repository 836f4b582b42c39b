"""How far a language has come, in figures."""

from dataclasses import field

from bot.engine.fixed import fixed


@fixed(frozen=True, slots=True)
class Coverage:
    """A language in figures, counted in English words; ``fuzzy`` are stale, ``missing`` are shown in English."""

    words: int
    translated: int
    fuzzy: int
    missing: int
    reviewed: bool
    texts: int = 0
    texts_missing: tuple[str, ...] = field(default=(), repr=False)
