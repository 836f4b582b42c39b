"""Our bot with another ``synchronous`` than FULL, to see what waiting for the disk costs: ``less_safe NORMAL``."""

import sys

from bot.__main__ import main
from storage import engine


def run(synchronous: str) -> None:
    engine.PRAGMAS = tuple(
        f"synchronous={synchronous}" if pragma.startswith("synchronous") else pragma for pragma in engine.PRAGMAS
    )
    sys.argv = ["sse-bot", "run"]
    main()


if __name__ == "__main__":
    run(sys.argv[1])
