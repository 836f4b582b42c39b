"""``sse-bot`` and ``python -m bot``: one place where a refusal becomes a sentence and an exit code."""

import sys
from types import ModuleType
from zoneinfo import reset_tzpath

from bot.errors import SseBotError

# structlog would load rich (4 MB, a tenth of a second) for coloured tracebacks, which we never print.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # None is how Python spells "not to be imported"
# uvicorn would load its command line, with click, a reloader and worker processes (2 MiB); it serves in our own loop.
sys.modules.setdefault("uvicorn.main", ModuleType("uvicorn.main")).__dict__.update(main=None, run=None, Server=None)

REFUSED = 2  # the same code as for a mistyped command: nothing was done, something has to be put right first


def main() -> None:
    """Run the command that was typed; leaves with 0 (done), 1 (found something wrong) or 2 (refused)."""
    # The rules of time zones come with the lock, the same on every machine, and not from what the system has.
    reset_tzpath(())
    from bot.commands.process import plain_run, serve_here

    try:
        if (plain := plain_run(sys.argv[1:])) is not None:
            serve_here(plain[0], watch=plain[1])
            return
        from bot.commands.cli import make_cli

        make_cli()(prog_name="sse-bot")
    except SseBotError as refusal:
        print("\n".join(filter(None, (refusal.reason, refusal.cure))), file=sys.stderr)
        sys.exit(REFUSED)
    except KeyboardInterrupt:  # while it was starting; typer says the same
        print("Aborted!", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # `sse-bot inbox | head` has read enough
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
