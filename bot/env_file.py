"""Reads ``.env``: all of it or a refusal that names the line, since a line that is not understood costs others too."""

from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

from bot.errors import ConfigurationRefused
from bot.places import user

SAVE = "Save it in UTF-8: editors offer that as the encoding when a file is saved."
NO_FILE = "Take it away, or put a file of that name there."
WRITE = 'Write NAME=value, each on one line; "quotes" around a value close on the line they open on.'


def read(file: Path) -> Mapping[str, str | None]:
    """What the file sets, by name; nothing where there is no file."""
    if not file.exists():
        return {}
    if not file.is_file():
        raise ConfigurationRefused(f"{file} is a folder, a pipe or a device and no file with settings.", NO_FILE)
    from dotenv import dotenv_values  # where nobody has written a file, nothing of this is needed

    text = _text(file)
    if broken := list(_broken(text)):
        raise ConfigurationRefused("\n".join(f"{file}:{line} is not understood." for line in broken), WRITE)
    return dotenv_values(stream=StringIO(text))


def _text(file: Path) -> str:
    """What the file says. Editors on Windows put a mark before UTF-8, and a whole file into UTF-16 if told so."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigurationRefused(
            f"{file} cannot be read: {error.strerror or error}.", f"Give it to the user the bot runs as: {user()}."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationRefused(f"{file} is not written in UTF-8.", SAVE) from error
    if "\0" in text:
        raise ConfigurationRefused(f"{file} is not written in UTF-8.", SAVE)
    return text


def _broken(text: str) -> Iterator[int]:
    """The lines that set nothing, and those whose quotes reach over others."""
    from dotenv.parser import parse_stream

    for said in parse_stream(StringIO(text)):
        written = said.original.string
        line = said.original.line + written[: len(written) - len(written.lstrip())].count("\n")
        if said.error or (said.key is not None and (said.value is None or "\n" in written.strip())):
            yield line
