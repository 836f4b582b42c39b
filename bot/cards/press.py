"""Turns a card into a PNG: typst draws it, Pillow leaves as many colours as it needs.

Both are imported when the first picture is made: the bot starts without them. One compiler serves all cards, so the
fonts are read once; it is not made for two threads at a time.
"""

import io
import json
import threading
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cards.fonts import FOLDER

if TYPE_CHECKING:
    import typst

ROOM = Path(__file__).parent
TEMPLATE = ROOM / "card.typ"
WIDTH, HEIGHT = 1280, 720
POINTS = 320  # the card's width in the template
INCH = 72  # points
PIECE = 1 << 16  # bytes
COLOURS = 128  # flat forms with smooth edges need no more, and the file is a third


class Press:
    """Makes pictures, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._compiler: typst.Compiler | None = None

    def png(self, inputs: str) -> bytes:
        """The picture of a card (``Card.inputs``)."""
        with self._lock:
            drawn = self._ready().compile(format="png", ppi=WIDTH / POINTS * INCH, sys_inputs={"card": inputs})
        assert isinstance(drawn, bytes), "a card is one page"
        return _lean(drawn)

    def fits(self, inputs: str) -> bool:
        """Whether title and line have room on the card at a legible size."""
        with self._lock:
            compiler = self._ready()
            compiler.compile(format="svg", sys_inputs={"card": inputs})  # a query asks about the last card
            return bool(json.loads(compiler.query("<fits>", field="value", one=True)))

    def _ready(self) -> "typst.Compiler":
        if self._compiler is None:
            import typst

            fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER)])
            self._compiler = typst.Compiler(str(TEMPLATE), root=str(ROOM), font_paths=fonts)
        return self._compiler


def _lean(drawn: bytes) -> bytes:
    """The same picture with a palette: learners pay for every kilobyte."""
    from PIL import Image

    with Image.open(io.BytesIO(drawn)) as picture:
        fewer = picture.convert("RGB").quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    fewer.save(packed, "PNG", optimize=True)
    return packed.getvalue()


def signature() -> bytes:
    """A mark of template, fonts and size: another mark, other pictures."""
    made_of = blake2b(f"{WIDTH}x{HEIGHT} {COLOURS}".encode(), digest_size=16)
    for path in sorted([*ROOM.glob("*.typ"), *FOLDER.glob("*.ttf")]):
        made_of.update(path.name.encode())
        with path.open("rb") as file:  # in pieces: whole fonts would leave holes in the bot's memory
            while piece := file.read(PIECE):
                made_of.update(piece)
    return made_of.digest()
