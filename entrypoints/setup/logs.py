"""How we log: in a process of our own one JSON object a line, on standard error.

Inside somebody else's program nothing is set up here. What we log goes where that program has told structlog, or else
the standard library's `logging`, to put it. Each caller decides what it logs, and that is little: no body, no secret,
nobody's name but of those who sign in at the console.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TextIO, cast

import structlog
from attrs import frozen


@frozen
class Logger:
    """Lines with named fields, under one name.

    Unconfigured, structlog would print them on standard output, which is not ours inside another program.
    """

    name: str

    def debug(self, event: str, **fields: object) -> None:
        """For who looks for something."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """As it should be."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Somebody may want to look."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Somebody must look."""
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, object]) -> None:
        if structlog.is_configured():
            structlog.get_logger(self.name).log(level, event, **fields)
        else:
            text = " ".join(f"{name}={value!r}" for name, value in fields.items())
            logging.getLogger(self.name).log(level, "%s %s", event, text)


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


class _Relay(logging.Handler):
    """Says in one line of ours that a library has complained; what it said may hold anything."""

    def __init__(self, log: Logger, event: str) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._event = event

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        self._log.warning(self._event, library=record.name)


def relay(library: str, log: Logger, event: str) -> None:
    """Have `event` logged whenever a library complains, in place of its own words; for the rest of the process."""
    theirs = logging.getLogger(library)
    theirs.handlers, theirs.propagate = [_Relay(log, event)], False


def place_of(fault: BaseException) -> str:
    """A fault's kind and where it arose; never its message, which may hold anything."""
    frames = traceback.extract_tb(fault.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(fault).__name__}{where}"
