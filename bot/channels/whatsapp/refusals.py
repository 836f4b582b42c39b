"""How long a category of templates rests for one learner after WhatsApp refused one. Pure; it is kept elsewhere."""

from datetime import timedelta

NEVER = timedelta(days=36_500)

# Meta holds marketing templates back from people who hardly read them, for a time it does not tell; Twilio advises
# to try again later, and later each time (63049). Within the United States nobody gets them, since April 2025.
STEPS = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30))
HELD_BACK = frozenset({63049, 63032})
OPTED_OUT = 63050  # of marketing from us, in WhatsApp itself: only they can take it back
WITHOUT_MARKETING = frozenset({"US"})


def refusal(code: int, category: str | None, country: str | None, times_before: int) -> timedelta | None:
    """How long templates of this category are not to be tried for this learner; None where nothing follows.

    ``category`` is that of the template (``utility``, ``marketing``), None for a free-form message. ``country`` is
    ISO 3166 alpha-2. ``times_before`` counts refusals of this kind since one of this category last arrived.

    What is no matter of a category has an outcome of its own: whoever blocked us or is gone has left, a closed
    window asks for a template, and a limit of the account is not the learner's.
    """
    if category is None:
        return None
    if code == OPTED_OUT:
        return NEVER
    if code not in HELD_BACK:
        return None
    if country in WITHOUT_MARKETING:
        return NEVER
    return STEPS[min(max(times_before, 0), len(STEPS) - 1)]
