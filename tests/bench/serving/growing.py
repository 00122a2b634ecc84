"""The goal for memory: what the service has after many webhooks, beside what it had after a tenth of them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.measuring import Result
from bench.serving.load import answered_a_second, webhooks
from bench.serving.sides import paystate

MOST: Final = 1.1
WEBHOOKS: Final = 200_000
_CALLERS: Final = 32


def results(*, most: int = WEBHOOKS) -> list[Result]:
    """Send `most` webhooks to one service, and look at its memory on the way and at the end."""
    with TemporaryDirectory() as folder, paystate(Path(folder)) as server:
        requests = webhooks("grown")
        answered_a_second(server.port, islice(requests, most // 10), _CALLERS)
        early = server.rss_bytes
        answered_a_second(server.port, islice(requests, most - most // 10), _CALLERS)
        ratio = server.rss_bytes / early
    return [Result("M1", f"memory after {most:,} webhooks / after {most // 10:,}", (ratio,), at_most=MOST)]
