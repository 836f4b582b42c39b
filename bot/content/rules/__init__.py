"""What `check` demands of lessons and words, a file for each side of it."""

from bot.content.rules import guessing, lessons, prose, shown, sources, spread, translations, typed
from bot.content.rules.proof import Rule

# A new rule is a function in one of these files and stands in its file's list.
RULES: tuple[Rule, ...] = (
    *lessons.RULES,
    *prose.RULES,
    *guessing.RULES,
    *shown.RULES,
    *sources.RULES,
    *spread.RULES,
    *translations.RULES,
    *typed.RULES,
)

__all__ = ["RULES"]
