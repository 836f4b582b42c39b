"""Logs for an operator: what happened, never what a learner wrote.

Our own lines (``bot``, ``storage``) are an event with keys and values, at the level that is set. Other libraries are
heard from WARNING on, with their numbers but not their words: nobody here knows what they put into a message, and some
write tokens, statements and texts there. Every value of every line goes through the redactor.
"""

import logging
import os
import sys
import traceback
from collections.abc import Iterable, Mapping
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.errors import SseBotError
from bot.redaction import Redact, left_out, redactor

OURS = ("bot", "storage")
# These write tokens, addresses or statements below WARNING, so no setting makes them speak.
HUSHED = (
    "httpx",
    "httpcore",
    "telegram",
    "twilio",
    "aiosqlite",
    "aiohttp",
    "sqlalchemy",
    "asyncio",
    "alembic",
    "uvicorn",
)
_FIRST = ("timestamp", "level", "event")
_OWN = ("timestamp", "level")  # made here, so there is nothing to hide


def set_up_logs(
    level: str = "info", shape: str = "console", *, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send every log line, ours and the libraries', through one handler that redacts; safe to call again."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(redactor(secrets), _renderer(shape, out)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in HUSHED:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            _timestamp,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


_timestamp = structlog.processors.TimeStamper(fmt="iso", utc=True)


def _formatter(redact: Redact, render: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, _timestamp, _only_numbers],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _traced,
            _redacted(redact),
            render,
        ],
        use_get_message=False,
        pass_foreign_args=True,
    )


def _renderer(shape: str, out: TextIO) -> Processor:
    if shape == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    colours = out.isatty() and "NO_COLOR" not in os.environ
    return structlog.dev.ConsoleRenderer(
        colors=colours, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
    )


def _only_numbers(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Another library's message, its first line, with numbers filled in and everything else as an ellipsis."""
    record: logging.LogRecord = event["_record"]
    template = str(record.msg)
    args = event.pop("positional_args", ())
    try:
        filled = template % _blanked(args) if args else template
    except (TypeError, ValueError, KeyError):
        filled = template
    event["event"] = filled.strip().partition("\n")[0]
    event["from"] = record.name
    return event


def _blanked(args: object) -> object:
    if isinstance(args, Mapping):
        return {key: _blank(value) for key, value in args.items()}
    return tuple(_blank(value) for value in args) if isinstance(args, tuple) else _blank(args)


def _blank(value: object) -> object:
    return value if isinstance(value, int | float) else "…"


def _traced(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception as its kind and where it came from; its message only where we wrote it ourselves."""
    info = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        if isinstance(error, SseBotError):
            event["why"] = str(error)
        elif isinstance(error, OSError) and error.strerror:
            event["why"] = error.strerror
        if steps := trace(error):
            event["trace"] = steps
    return event


def trace(error: BaseException) -> str:
    """Where an exception came from, innermost first, on one line: ``decide bot/service.py:80 ← …``."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    steps = [f"{frame.name} {_short(frame.filename)}:{frame.lineno}" for frame in frames]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    below = f" ⇐ {type(cause).__name__} {trace(cause)}" if cause is not None else ""
    return " ← ".join(steps) + below


def _short(path: str) -> str:
    """The last three parts of a file's path: enough to find it, nothing of the machine."""
    return "/".join(path.split("/")[-3:])


def _redacted(redact: Redact) -> Processor:
    def processor(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        first = {key: event.pop(key) for key in _FIRST if key in event}
        shown = {key: value if key in _OWN else left_out(key, value, redact) for key, value in first.items()}
        return shown | {str(redact(key)): left_out(key, value, redact) for key, value in event.items()}

    return processor
