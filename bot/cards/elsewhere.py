"""The press in a process of its own: drawing needs memory that the bot would otherwise keep for ever.

The process is started when a picture is wanted and ended when there is nothing more to draw. It reads the inputs of
one card after the other and answers with a PNG each, both with their length in front.
"""

import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bot.cards.press import Press

ROOT = Path(__file__).resolve().parents[2]
LENGTH = struct.Struct(">I")


class NotDrawn(Exception):
    """The drawing process ended without a picture."""


class Elsewhere:
    """Draws like ``Press``, somewhere else. ``rest`` ends the process; the next picture starts another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def png(self, inputs: str) -> bytes:
        """The picture of a card (``Card.inputs``)."""
        with self._lock:
            child = self._started()
            assert child.stdin is not None
            assert child.stdout is not None
            try:
                put(child.stdin, inputs.encode())
                return taken(child.stdout)
            except (EOFError, OSError) as gone:
                self._end()
                raise NotDrawn from gone

    def rest(self) -> None:
        """Ends the process, after the picture it is at."""
        with self._lock:
            self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None:
            command = [sys.executable, "-m", "bot.cards.elsewhere"]
            settings = {**os.environ, "PYTHONPATH": str(ROOT)}
            # Ctrl+C and SIGTERM are for the bot, which ends it: so a session of its own, and SIGTERM, which systemd
            # sends to every process of a service, kept away from its first moment on.
            with _kept_away(signal.SIGTERM):
                self._child = subprocess.Popen(  # noqa: S603 (our own code, no words of others)
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=settings, start_new_session=True
                )
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


@contextmanager
def _kept_away(sign: signal.Signals) -> Iterator[None]:
    """A process that is started here never gets this signal; this one does, in another thread or a little later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {sign})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def put(stream: IO[bytes], content: bytes) -> None:
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def taken(stream: IO[bytes]) -> bytes:
    """The next block; raises ``EOFError`` at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    return stream.read(LENGTH.unpack(head)[0])


def main() -> None:
    """Draws what it is handed until there is no more, or nobody who takes it."""
    press = Press()
    while True:
        try:
            put(sys.stdout.buffer, press.png(taken(sys.stdin.buffer).decode()))
        except EOFError:
            return
        except BrokenPipeError:  # the bot was killed; what is left in the buffer has nowhere to go
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return


if __name__ == "__main__":
    main()
