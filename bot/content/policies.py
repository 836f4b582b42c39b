"""Rules that are data, as values: from which age people decide about their own data, where to turn, when
the bot stops answering.
"""

from collections.abc import Mapping
from dataclasses import field

from bot.engine.fixed import fixed

# The strictest age of the GDPR (Article 8), for a bot whose policies are not at hand.
STRICTEST_AGE = 16


@fixed(frozen=True, slots=True)
class Policies:
    """The rules as values: an age for everybody and for single countries, a line to call by country."""

    age: int = STRICTEST_AGE
    ages: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)

    def age_limit(self, country: str | None) -> int:
        """From which age on people of a country decide about their own data."""
        return self.ages.get(country or "", self.age)

    def helpline(self, country: str | None) -> str | None:
        """Where to turn in a country, None where no line is known."""
        return self.lines.get(country or "")


@fixed(frozen=True, slots=True)
class BrakePolicy:
    """How far the brakes let go; ``policies/brakes.yaml`` gives the reason of each figure. No countries means all."""

    replies_an_hour: int = 120
    replies_a_day_not_understood: int = 15
    countries: frozenset[str] = frozenset()
