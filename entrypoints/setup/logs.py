"""How we log: one JSON object a line, on standard error.

Each caller decides what it logs, and that is little: no body, no secret, nobody's name.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TextIO, cast

import structlog


class _Log:
    """Standard error, as far as it can be written to: it may be closed, or on a disk that is full.

    What we do never depends on whether a line about it could be kept.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):  # ValueError: it is closed
            return 0

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return


def configure(level: int = logging.INFO) -> None:
    """Set logging up for this process; `logging.ERROR` for a command whose output is for a person."""
    log = _Log(sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", log)),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=log)


def place_of(fault: BaseException) -> str:
    """A fault's kind and where it arose; never its message, which may hold anything."""
    frames = traceback.extract_tb(fault.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(fault).__name__}{where}"
