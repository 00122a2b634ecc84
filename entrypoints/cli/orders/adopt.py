"""Taking over orders from before Paystate, on the terminal.

There are two passes: every line is checked, against the database too, before any order is taken over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from paystate.core.orders.facts import Opened, Refused
from paystate.core.policy import Policy
from paystate.core.requester import Requester
from paystate.core.use_cases.context import Ports
from paystate.core.use_cases.sale import adopt as take_over
from paystate.core.use_cases.sale import would_adopt
from paystate.entrypoints.cli.lookups import merchant_named, person_named, policy_of
from paystate.entrypoints.cli.orders.adopted_orders import Line, Shop, lines
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

_SHOWN: Final = 20
_FIXES: Final = {
    "invalid_order_id": "use 1 to 31 of A-Z a-z 0-9 _ -",
    "invalid_amount": "write it like 349.50, more than nothing, with the currency's decimals or none",
    "invalid_currency": "use an ISO 4217 code such as INR",
    "invalid_customer_id": "use up to 64 of A-Z a-z 0-9 _ . @ + -, or nothing for a guest",
    "invalid_return_url": "use https and one of the merchant's return_hosts, or nothing",
    "duplicate_key": "an earlier line names the same order; leave one of them",
    "order_exists": "Paystate has another order under this id; leave the line out",
}
_OTHERWISE: Final = (
    "fulfilled is yes or no, created_at an instant with a zone in the past, and texts are short and plain"
)


async def adopt(
    settings: Settings, merchant: str | None, clock_url: str | None, path: Path, console: Console, *, by: str
) -> None:
    """Take the file's orders over; raises ConfigError with every wrong line, and then none was taken."""
    person = person_named(by)
    merchant_id = merchant_named(settings, merchant)
    policy = policy_of(settings, merchant_id)
    hosts = settings.merchants[merchant_id].return_hosts
    async with bootstrap.opened_store(settings) as store:
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        shop = Shop(merchant_id=merchant_id, return_hosts=hosts, now=ports.clock.now())
        read = [await _against_the_database(ports, policy, line) for line in lines(path, shop)]
        if wrong := [line for line in read if line.opened is None]:
            raise ConfigError(*_told(wrong))
        taken = [await _taken(ports, policy, line, person) for line in read]
    console.print(f"{sum(taken)} orders are taken over; {len(taken) - sum(taken)} had been taken over before.")
    if any(taken):
        console.print("The worker asks Juspay about each of them, as its budget allows.")


async def _against_the_database(ports: Ports, policy: Policy, line: Line) -> Line:
    if line.opened is None:
        return line
    decided = await would_adopt(ports, policy, line.opened)
    return Line(line.number, None, decided.code, "order_id") if isinstance(decided, Refused) else line


async def _taken(ports: Ports, policy: Policy, line: Line, by: Requester) -> bool:
    """Whether the order is new here."""
    opened: Opened | None = line.opened
    assert opened is not None  # noqa: S101 - every line was checked; for the type checker
    decided = await take_over(ports, policy, opened, by)
    if isinstance(decided, Refused):  # another process was first
        raise ConfigError(*_told([Line(line.number, None, decided.code, "order_id")]))
    return decided.fact is not None


def _told(wrong: Sequence[Line]) -> Iterable[ConfigProblem]:
    for line in wrong[:_SHOWN]:
        yield ConfigProblem(
            f"line {line.number}",
            f"{line.column}: {line.code}{line.rule and f', it {line.rule}'}",
            _FIXES.get(line.code, _OTHERWISE),
        )
    if (more := len(wrong) - _SHOWN) > 0:
        yield ConfigProblem("file", f"{more} more lines are wrong", "correct these first, and run the command again")
