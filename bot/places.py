"""Folders and files that may not be ours to use: whose they are, what keeps us out, and what lets us in."""

import errno
import os
import pwd
from pathlib import Path

# What somebody has to put right by hand; a full or failing disk is another matter.
NOT_OURS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP,
    errno.ENAMETOOLONG,
}  # fmt: skip


def nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there and can be seen: it is made at the first start."""
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if _is_there(path))


def folder_fault(folder: Path) -> str:
    """What keeps us from writing into the folder, or from making it; nothing when all is well."""
    place = nearest(folder)
    if not place.is_dir():
        return f"{place} is not a folder"
    if not may_write(place) or not os.access(place, os.X_OK, effective_ids=True):
        return f"{place} cannot be written to by {user()}, and belongs to {owner(place)}"
    return ""


def let_in() -> str:
    """The cure, as the beginning of a sentence: the folder may be another's, or its own user's and shut."""
    return f"Let the user that the bot runs as ({user()}) write there (chown or chmod)"


def may_write(path: Path) -> bool:
    """Whether this process may write there, as the user it acts for."""
    return os.access(path, os.W_OK, effective_ids=True)


def owner(path: Path) -> str:
    return _name(path.stat().st_uid)


def user() -> str:
    """Who this process acts for."""
    return _name(os.geteuid())


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # in a container, users have numbers only
        return str(number)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # in a folder that we may not look into
        return False
