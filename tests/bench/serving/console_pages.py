"""How long each kind of page of the console takes among many orders, on SQLite and on PostgreSQL, by the clock.

Each page is asked for alone, through the whole app and without a network. Beside its time stands how many times as long
that is as the sign-in, a page that reads nothing, in the same run.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final, cast

import httpx
from attrs import frozen
from bench.filling import BEGIN, filled, filled_in_postgres
from bench.serving.load import body_of
from contract.samples import opened
from integration.api.world import FakeGateway, merchant
from postgres_server import database_made, own
from unit.builders import MERCHANT, NOW

from paystate.adapters.clock import RandomIds, SettableClock
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.console.actions import Action, ActionKind
from paystate.core.console.proposals import LISTED_MAX, Proposal
from paystate.core.console.sessions import ConsoleSession
from paystate.core.console.users import ConsoleUser, Role
from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.facts import Refused
from paystate.core.ports.store import Store
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import ask
from paystate.core.use_cases.refund import refund
from paystate.core.use_cases.transact import transact
from paystate.core.use_cases.webhooks import take_webhook
from paystate.entrypoints.console.access import COOKIE, digest_of
from paystate.entrypoints.console.app import create_app
from paystate.entrypoints.setup.bootstrap import password_hasher
from paystate.entrypoints.setup.credentials import Credentials, new_api_key
from paystate.entrypoints.setup.runtime import Merchants, Runtime
from paystate.entrypoints.setup.tables.console import ConsoleSettings

ORDERS: Final = 100_000
ORDERS_IN_POSTGRES: Final = 1_000_000
MOST_MS: Final = 200
_ORIGIN: Final = "https://console.example.test"
_TOKEN: Final = "a-token-of-the-bench"
_WHO: Final = "asha"
_NOTHING_READ: Final = "/sign-in"
_REFUNDS: Final = 3
_DAY: Final = (BEGIN + timedelta(days=20)).date()
"""One on which 2,787 orders were opened."""


@frozen
class Opened:
    """One kind of page: its name, how long each time took, and the median of the page that reads nothing."""

    id: str
    message: str
    ms: Sequence[float]
    ms_of_nothing: float

    @property
    def p95(self) -> float:
        return quantiles(self.ms, n=20, method="inclusive")[18]

    def line(self) -> str:
        """For people."""
        met = "met" if self.p95 <= MOST_MS else "NOT MET"
        middle = median(self.ms)
        return (
            f"{self.id:<5} p50 {middle:6.1f} ms  p95 {self.p95:6.1f} ms  {middle / self.ms_of_nothing:6.1f}x of nothing"
            f"  at most {MOST_MS} ms  {met:<7}  {self.message}"
        )


def results(*, rounds: int, orders: int = ORDERS) -> list[Opened]:
    """On SQLite: each kind of page, opened three times in each round."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "paystate.db")
        filled(path, orders)
        return asyncio.run(_opened_pages(SqliteStore(path), orders, rounds, "W"))


def on_postgres(*, rounds: int, orders: int = ORDERS_IN_POSTGRES) -> list[Opened]:
    """The same on PostgreSQL, on a server whose files are on a disk."""
    with own(within=None) as server:
        config = PostgresConfig(address=database_made(server.dsn()))
        asyncio.run(filled_in_postgres(config, orders))
        return asyncio.run(_opened_pages(PostgresStore(config), orders, rounds, "WP"))


async def _opened_pages(
    opening: AbstractAsyncContextManager[Store], orders: int, rounds: int, letters: str
) -> list[Opened]:
    async with opening as store, _browser(store) as (http, ports, us):
        pages = await _pages(ports, us, orders)
        times = {name: list[float]() for name in (_NOTHING_READ, *pages)}
        for _ in range(3 * rounds + 1):
            for name, path in ((_NOTHING_READ, _NOTHING_READ), *pages.items()):
                times[name].append(await _ms(http, path))
    nothing = median(times.pop(_NOTHING_READ)[1:])  # each one's first time warms up
    return [
        Opened(f"{letters}{number}", name, ms[1:], nothing) for number, (name, ms) in enumerate(times.items(), start=1)
    ]


async def _ms(http: httpx.AsyncClient, path: str) -> float:
    begun = perf_counter()
    answer = await http.get(path)
    spent = (perf_counter() - begun) * 1000
    assert answer.status_code in {200, 303}, (path, answer.status_code)
    assert answer.headers.get("location") != _NOTHING_READ, "the session has ended"
    return spent


@asynccontextmanager
async def _browser(store: Store) -> AsyncGenerator[tuple[httpx.AsyncClient, Ports, Merchant]]:
    """Somebody who is signed in at a console over that store."""
    ports = Ports(store=store, clock=SettableClock(NOW), ids=RandomIds())
    us, (_, key) = merchant(MERCHANT, FakeGateway(MERCHANT)), new_api_key("sandbox")
    current = Merchants(
        merchants={MERCHANT: us}, credentials={MERCHANT: Credentials(api_keys=(key,), webhook_logins=())}
    )
    runtime = Runtime(
        ports=ports,
        current=current,
        merchants_from=lambda _: current,
        read_webhook=read_webhook,
        public_url="https://pay.example.test",
        serves_docs=False,
    )
    assert await store.add_console_user(ConsoleUser(name=_WHO, role=Role.ADMIN, password_hash="", added_at=NOW))
    session = ConsoleSession(token_digest=digest_of(_TOKEN), user=_WHO, began_at=NOW, seen_at=NOW, proved_at=NOW)
    assert await store.begin_console_session(session, password_hash="", in_place_of="", now=NOW)
    app = create_app(runtime, ConsoleSettings(public_url=_ORIGIN), password_hasher())
    transport = httpx.ASGITransport(cast("Any", app))  # httpx and Litestar name the same protocol in their own types
    headers = {"cookie": f"{COOKIE}={_TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url=_ORIGIN, headers=headers) as http:
        yield http, ports, us


async def _pages(ports: Ports, us: Merchant, orders: int) -> Mapping[str, str]:
    """The kinds of pages; each word to search is one that an order among many has."""
    key = OrderKey(MERCHANT, "LAMP-1")
    await _eventful_order(ports, us, key)
    await _requests(ports.store, key)
    last, order = orders // 2, f"/orders/{MERCHANT}/{key.order_id}"
    words = {
        "an order's id": f"SHOP-{last:07}",
        "the beginning of an id": "SHOP-00",
        "the end of an id": f"{last:07}",
        "a customer": f"cust-{last}",
        "a phone": f"{last:010}",
        "a payment": f"acme-shop-{last:07}-1",
        "a bank reference": f"6330{last:08}",
        "a refund": refund_id_for(MERCHANT, "r0"),
        "what nobody has": "nobody-has-this",
    }
    return {
        **{f"a search for {what}": f"/search?q={word}" for what, word in words.items()},
        "the list": "/",
        "a case file": order,
        "an order as it was": f"{order}/at/2",
        "a refund's form": f"{order}/refund",
        f"{LISTED_MAX} requests": "/requests",
        "one request": "/requests/p0",
        "operations": "/operations",
        "a day": f"/finance/{MERCHANT}/day?date={_DAY}",
        "the rows of its captures": f"/finance/{MERCHANT}/rows?date={_DAY}&of=captured&currency=INR",
        "what waits": f"/finance/{MERCHANT}/waiting",
        "disputes": f"/finance/{MERCHANT}/disputes",
        "settlements": f"/finance/{MERCHANT}/settlements",
    }


async def _eventful_order(ports: Ports, us: Merchant, key: OrderKey) -> None:
    """An order with more to tell than most have."""
    await transact(ports, us.policy, key, OpenOrder(opened(key)))
    assert isinstance(us.gateway, FakeGateway)
    for number, status in enumerate(("NEW", "PENDING_VBV", "AUTHENTICATION_FAILED", "PENDING_VBV", "CHARGED")):
        await take_webhook(ports, us, read_webhook, body_of(f"evt_{number}", key.order_id))
        us.gateway.says(key.order_id, status, "349.50", f"t-{number // 3}")
        await ask(ports, us, key)
    for number in range(_REFUNDS):
        made = await refund(ports, us, key, idempotency_key=f"r{number}", amount=Money(100, "INR"))
        assert not isinstance(made, Refused), made.code


async def _requests(store: Store, key: OrderKey) -> None:
    """As many as one list has."""
    for number in range(LISTED_MAX):
        action = Action(
            kind=ActionKind.REFUND, key=f"k{number}", amount=Money(100, "INR"), words="the parcel came back"
        )
        other = key if not number else OrderKey(MERCHANT, f"shop-{number:07}")
        asked = Proposal(
            proposal_id=f"p{number}",
            order=other,
            action=action,
            money=Money(100, "INR"),
            by="omar",
            made_at=NOW - timedelta(hours=1),
        )
        assert await store.add_proposal(asked)
