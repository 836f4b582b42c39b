"""``sse-bot`` and ``python -m bot``: one place where a refusal or a Ctrl+C becomes an exit code."""

import signal
import sys
from types import FrameType, ModuleType

from bot.errors import SseBotError

# structlog would load rich (4 MB, a tenth of a second) for coloured tracebacks, which we never print.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # None is how Python spells "not to be imported"
# uvicorn would load its command line, with click, a reloader and worker processes (2 MiB); it serves in our own loop.
sys.modules.setdefault("uvicorn.main", ModuleType("uvicorn.main")).__dict__.update(main=None, run=None, Server=None)

REFUSED = 2  # the same code as for a mistyped command: nothing was done, something has to be put right first
INTERRUPTED = 130  # by Ctrl+C, as shells and typer tell it


def main() -> None:
    """Run the command that was typed.

    Leaves with 0 (done), 1 (found something wrong), 2 (refused) or 130 (Ctrl+C, but not of a bot that serves).
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        _run(sys.argv[1:])
    except SseBotError as refusal:
        print("\n".join(filter(None, (refusal.reason, refusal.cure))), file=sys.stderr)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `sse-bot inbox | head` has read enough
        sys.stderr.close()
        sys.exit(0)


def _interrupted(_sign: int, _frame: FrameType | None) -> None:
    """Ends a command wherever it is; the handler that asyncio would put here waits until it yields."""
    raise KeyboardInterrupt


def _run(words: list[str]) -> None:
    from zoneinfo import reset_tzpath

    # The rules of time zones come with the lock, the same on every machine, and not from what the system has.
    reset_tzpath(())
    from bot.commands.process import plain_run, serve_here

    if (plain := plain_run(words)) is not None:
        serve_here(plain[0], watch=plain[1])
        return
    from bot.commands.cli import do

    do(words)


if __name__ == "__main__":
    main()
