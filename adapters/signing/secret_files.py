"""Files that hold a key or a secret: read within bounds, without waiting, and only where nobody else can read them.

Who may read is the rule of PostgreSQL's clients: a file is its owner's alone (0600), and one that belongs to root may
be read by its group (0640). That is how Kubernetes hands secrets out (`fsGroup`).
Source: PostgreSQL's documentation, "SSL Client Certificates" (34.19.2).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from paystate.core.errors import PaystateError

FILE_BYTES_MAX: Final = 64 * 1024

_ROOT: Final = 0
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Editors on Windows begin a file of UTF-8 with it."""


class FileUnusable(PaystateError):
    """A file cannot be used; the text holds nothing of its content.

    Attributes:
        fix: What to do about it.
    """

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def read_file(
    path: Path,
    *,
    bytes_max: int = FILE_BYTES_MAX,
    only_ours: bool = False,
    counts_from: str = "the settings file's folder",
) -> bytes:
    """The content of a regular file, without a byte order mark.

    Args:
        counts_from: From where a relative path counts, for whoever named it.
        only_ours: Refuse a file that others may read.

    Raises:
        FileUnusable: It cannot be read, is no regular file, is too long, or open to others.
    """
    try:
        # Whoever opens a pipe to read waits for its writer, unless asked not to.
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise FileUnusable("is not a regular file", "name a file, not a folder, pipe or device")
            if only_ours and (shared := open_to(found)):
                raise FileUnusable(f"is open to {shared}", closing_fix(path, found))
            content = file.read(bytes_max + 1)
    except (OSError, ValueError) as failed:  # ValueError: a path with a NUL in it
        raise FileUnusable(f"cannot be read ({type(failed).__name__})", _reading_fix(failed, counts_from)) from None
    if len(content) > bytes_max:
        raise FileUnusable(f"is too long (more than {bytes_max} bytes)", "name the right file")
    return content.removeprefix(_BYTE_ORDER_MARK)


def open_to(found: os.stat_result) -> str:
    """To whom else a file is open, with its mode and the one that is wanted; empty where to nobody (or not POSIX)."""
    if os.name != "posix":
        return ""
    is_roots = found.st_uid == _ROOT
    allowed = stat.S_IRWXU | (stat.S_IRGRP if is_roots else 0)
    if not stat.S_IMODE(found.st_mode) & ~allowed & 0o777:
        return ""
    return f"group or others (mode {stat.S_IMODE(found.st_mode):o}, want {'640' if is_roots else '600'} or less)"


def closing_fix(path: Path, found: os.stat_result) -> str:
    """How to close a file to others, and to keep it closed."""
    mode = "640" if found.st_uid == _ROOT else "600"
    return f"run `chmod {mode} {path}`; of a Kubernetes secret, set `defaultMode: 0440` and `fsGroup`"


def _reading_fix(failed: OSError | ValueError, counts_from: str) -> str:
    match failed:
        case FileNotFoundError() | NotADirectoryError():
            return f"create it, or correct the path: it counts from {counts_from}"
        case PermissionError():
            return "let the user that Paystate runs as read it, and nobody else"
        case _:
            return "name a file that can be read"
