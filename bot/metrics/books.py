"""The books: everything that came in, and everything that was due, by what became of it."""

from collections.abc import Iterable, Mapping

# Each whole equals the sum of what became of it; ``waiting`` are the parts that have not ended.
WHOLES = {
    "received": ("handled", "parked", "unusable", "duplicate"),
    "due": ("sent", "held", "cancelled", "failed", "waiting"),
}


def missing(books: Mapping[str, int]) -> dict[str, int]:
    """For each whole, how much of it nothing is known of; less than nothing where something counted twice."""
    return {whole: books.get(whole, 0) - _sum(books, parts) for whole, parts in WHOLES.items()}


def imbalances(books: Mapping[str, int]) -> Iterable[str]:
    """What the books say that cannot be."""
    for whole, gap in missing(books).items():
        if gap:
            parts = [part for part in WHOLES[whole] if part != "waiting" or books.get(part)]
            yield f"{whole} is {books.get(whole, 0)}, but {' + '.join(parts)} is {_sum(books, parts)}"


def _sum(books: Mapping[str, int], parts: Iterable[str]) -> int:
    return sum(books.get(part, 0) for part in parts)
