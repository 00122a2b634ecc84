"""`make bench`: one line per goal, and how many calls each client makes."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import SubprocessError
from tempfile import TemporaryDirectory

from bench import calls, finding, goals, looking, noticing, receiving, scaling, sdks, sealing, settling
from bench.keeping import measured, this_machine
from bench.measuring import Result
from bench.serving import console_pages, growing, payments, starting, webhooks, working
from generate.performance_page import keep


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="each side is timed once in each round")
    parser.add_argument("--repeats", type=int, default=2000, help="runs of one side in one round")
    parser.add_argument("--keep", action="store_true", help="write it to docs/reference/performance.json too")
    parser.add_argument("--note", default="", help="what a reader of that page has to know of this run")
    given = parser.parse_args()
    found, lines = list[Result](), list[str]()
    for one in _found(given.rounds, given.repeats):
        if isinstance(one, Result):
            found.append(one)
        else:
            lines.append(one)
        print(one.line() if isinstance(one, Result) else one, flush=True)
    if given.keep:
        command = f'make bench ARGS="--rounds {given.rounds} --repeats {given.repeats} --keep"'
        today = datetime.now(UTC).date()
        keep(measured(found, lines, command=command, note=given.note, on=today, machine=this_machine()))


def _found(rounds: int, repeats: int) -> Iterator[Result | str]:
    """Everything, one after the other: goals, and lines of what has no goal."""
    yield from goals.results(rounds=rounds, repeats=repeats)
    # A signature takes some ten times as long as a decision.
    yield from sealing.results(rounds=rounds, repeats=max(1, repeats // 10))
    # A call goes through the kernel twice; one of Juspay's own clients makes a connection for each.
    yield from calls.results(rounds=rounds, repeats=max(1, repeats // 5))
    yield from looking.results(rounds=rounds, repeats=max(1, repeats // 20))
    yield from settling.results(rounds=rounds)
    yield from receiving.results(rounds=rounds)
    yield from _webhooks(rounds)
    yield from payments.results(rounds=rounds)
    yield from working.results(rounds=rounds)
    yield from starting.results(rounds=rounds)
    yield from growing.results()
    yield from scaling.results(rounds=rounds)
    yield from scaling.on_postgres(rounds=rounds)
    yield from (one.line() for one in noticing.results())
    yield from (one.line() for one in finding.results(rounds=rounds))
    yield from (one.line() for one in console_pages.results(rounds=rounds))
    yield from (one.line() for one in console_pages.on_postgres(rounds=rounds))
    yield from sdks.lines(rounds=rounds, repeats=max(1, repeats // 10))


def _webhooks(rounds: int) -> Iterator[Result | str]:
    with TemporaryDirectory() as folder:
        try:
            peers = webhooks.with_express(Path(folder))
        except SubprocessError as reason:
            yield f"     not measured: Express: {reason}"
            peers = {}
        yield from webhooks.results(peers, rounds=rounds)


main()
