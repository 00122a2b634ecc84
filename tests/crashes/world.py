"""A shop whose Paystate dies at a chosen site, once or again and again, and is started anew each time.

Or it stands still there, another process does its work, and it is woken when all is done. Whoever asked something of it
that got no answer asks again, as callers do. Afterwards time passes until nothing is left to be done, and what came of
it is compared with what must be true whatever happened.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, evolve, field, frozen
from crashes.mortal import Died, Fate, MortalNotifier, Pause, mortal, mortal_gateway
from e2e import shop as shops
from e2e.shop import CUSTOMER, JUSPAY_KEY, MERCHANT, START
from e2e.standin import Call

from paystate.adapters.clock import SettableClock
from paystate.adapters.juspay import JuspayClient, JuspayConfig, JuspayGateway, connection_pool
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.announcements.delivery import Delivered, TryEnd
from paystate.core.errors import PortError
from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import Status, status
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.orders.order import Order, fold
from paystate.core.ports.gateway import PaymentGateway
from paystate.core.ports.notifier import Message, Subscriber
from paystate.core.ports.store import InboxVerdict
from paystate.entrypoints.engine import Paystate, Refused, Shop
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.runtime import Merchants, Runtime
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.setup.settings_checks import load

T = TypeVar("T")

STEP_S = 40
"""Longer than any lease."""
TURNS_MAX = 60
IN_DOUBT = frozenset({"REQUESTED", "UNKNOWN"})

Found = tuple[Any, ...]
"""What came of a run: of each order status and sums, then refunds, then what was announced."""
Stored = SqliteStore | PostgresStore
Opens = Callable[[], Stored]
"""Makes the store on the database of a run, which is not open."""
Database = Callable[[Path], Opens]
"""Makes the database of a run, whose folder has an empty one on SQLite."""


def on_sqlite(folder: Path) -> Opens:
    """The file that is there."""
    return lambda: SqliteStore(folder / "paystate.sqlite3")


@define
class Receiver:
    """The merchant's endpoint: takes everything, and writes down what."""

    took: list[str] = field(factory=list[str])

    async def deliver(self, message: Message, now: datetime) -> TryEnd:
        """See `Notifier.deliver`."""
        self.took.append(message.event_id)
        return Delivered("200")


@frozen
class Still:
    """A process that stands still, and what it was asked."""

    fate: Pause
    store: Stored
    asked: asyncio.Future[Any]


@define
class World:
    """One shop, one Juspay, one database, and the lives of a process.

    Attributes:
        fates: Of its next lives; after these it lives for ever.
        acknowledged: Webhooks that were answered 200, by event id.
        refunds: Keys that were asked for, with their orders.
        still: Processes that stand still.
        uncounted: Refund calls that Juspay had before they were on the disk.
    """

    at: shops.Shop
    settings: Settings
    merchants: Merchants
    gateway: PaymentGateway
    opens: Opens
    fates: list[Fate]
    clock: SettableClock = field(factory=lambda: SettableClock(START))
    receiver: Receiver = field(factory=Receiver)
    order_ids: list[str] = field(factory=list[str])
    acknowledged: set[str] = field(factory=set[str])
    refunds: dict[str, str] = field(factory=dict[str, str])
    deaths: int = 0
    still: list[Still] = field(factory=list[Still])
    uncounted: list[str] = field(factory=list[str])
    fate: Fate = field(init=False)
    store: Stored = field(init=False)
    pay: Paystate = field(init=False)

    async def begin(self) -> None:
        """A process starts."""
        self.fate = self.fates.pop(0) if self.fates else Fate()
        self.store = mortal(self.opens(), self.fate)
        await self.store.open()
        told = Subscriber(
            name="shop",
            kinds=frozenset(AnnouncementKind),
            notifier=MortalNotifier(self.receiver, self.fate),
            timeout_s=5,
        )
        gateway = mortal_gateway(self.gateway, self.fate)
        merchant = evolve(self.merchants.merchants[MERCHANT], gateway=gateway, subscribers=(told,))
        runtime = Runtime(
            ports=bootstrap.ports_on(self.store, self.clock),
            current=evolve(self.merchants, merchants={MERCHANT: merchant}),
            merchants_from=lambda _: self.merchants,
            read_webhook=read_webhook,
            public_url=self.settings.public_url,
            serves_docs=False,
        )
        self.pay = Paystate(runtime, AsyncExitStack())

    async def end(self) -> None:
        """It is gone; what it had in hand is lost."""
        await self.store.close()

    async def does(self, action: Callable[[Shop], Awaitable[T]]) -> T:
        """Ask something of Paystate, again and again until it lives to answer."""
        while True:
            asked = asyncio.ensure_future(action(self.pay.merchant(MERCHANT)))
            if await self.fate.stands_still(asked):
                assert isinstance(self.fate, Pause)
                self.still.append(Still(self.fate, self.store, asked))
            else:
                try:
                    answer = await asked
                except Exception:
                    if not self.fate.is_dead:
                        raise
                else:
                    if not self.fate.is_dead:
                        return answer
                self.deaths += 1
                await self.end()
            await self.begin()

    async def wakes(self) -> None:
        """Who stood still goes on with what it was asked, and ends; it may find that it can no longer do it."""
        for one in self.still:
            one.fate.woken.set()
            with suppress(PortError):
                await one.asked
            await one.store.close()

    async def works(self) -> None:
        """The worker does what is due."""
        await self.does(lambda _: self.pay.work_once())

    async def time_passes(self, seconds: float = STEP_S) -> None:
        """For everybody."""
        self.clock.advance(seconds)
        self.at.juspay.now = self.clock.now()
        await self.works()

    async def heard(self, call: Call) -> None:
        """Juspay has a call, and nothing has come of it yet: a refund is on the disk by then, each try counted."""
        if call.operation != "refund":
            return
        refund_id = call.fields["unique_request_id"]
        tries = sum(refund_id == one.fields.get("unique_request_id") for one in self.at.juspay.calls)
        with suppress(Died):
            refund = (await self._order(call.order_id)).refunds.get(refund_id)
            if refund is None or refund.tries < tries:
                self.uncounted.append(refund_id)

    # --- what shoppers and the backend do

    async def at_the_page(self, order_id: str) -> str:
        """Bring an order as far as Juspay's payment page; returns the checkout."""
        self.order_ids.append(order_id)
        await self.does(lambda shop: shop.open_order(order_id, "349.50", "INR", customer=CUSTOMER["customer_id"]))
        checkout = await self.does(lambda shop: shop.start_checkout(customer=CUSTOMER["customer_id"]))
        ready = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}
        await self.does(lambda shop: shop.sdk_event(checkout.checkout_id, ready))
        signed: Any = await self.does(lambda shop: shop.sign_process(checkout.checkout_id, order_id))
        self.at.juspay.sdk_process(signed)
        return checkout.checkout_id

    async def hooked(self, order_id: str, event: str, event_id: str) -> None:
        """Juspay's webhook, which is sent until it is answered 200."""
        body = self.at.juspay.webhook(order_id, event, event_id)
        reply = await self.does(lambda shop: shop.receive_webhook({"Authorization": self.at.login}, body))
        assert 200 == reply.status
        self.acknowledged.add(event_id)

    async def refunded(self, order_id: str, key: str, amount: str = "10.00") -> None:
        """The backend gives some money back."""
        self.refunds[key] = order_id
        for _ in range(TURNS_MAX):
            if not isinstance(await self.does(lambda shop: shop.refund(order_id, amount, key=key)), Refused):
                return
            await self.time_passes()  # it is not known to be paid yet
        raise AssertionError("it is never refunded")

    async def known(self, order_id: str, state: Status) -> None:
        """Time passes until Paystate knows that an order is in a state."""
        for _ in range(TURNS_MAX):
            if status(await self._order(order_id)) is state:
                return
            await self.time_passes()
        raise AssertionError(f"it is never known to be {state}")

    # --- what must be true

    async def settled(self, goal: Found | None) -> Found:
        """Let time pass until nothing is left to be done that is not Juspay's; returns what came of it.

        Args:
            goal: What has to come of it; None where that is to be found out.
        """
        found: Found = ()
        for _ in range(TURNS_MAX):
            await self.time_passes()
            found = await self._found()
            if await self._is_settled() and goal in (None, found):
                return found
        raise AssertionError(f"it never ends as it should: {found}, not {goal}")

    async def _is_settled(self) -> bool:
        orders = [await self._order(order_id) for order_id in self.order_ids]
        in_doubt = any(refund.state in IN_DOUBT for order in orders for refund in order.refunds.values())
        announced = {row.event_id for row in await self.store.outbox(MERCHANT, limit=1000)}
        paid = {one.order_id for one in self.at.juspay.orders.values() if one.status == "CHARGED"}
        known = {order.key.order_id for order in orders if amounts(order).captured}
        return (
            not in_doubt
            and known == paid
            and announced == set(self.receiver.took)
            and not await self.store.take_inbox()
        )

    async def _order(self, order_id: str) -> Order:
        order = await self.store.load(OrderKey(MERCHANT, order_id))
        assert order is not None
        return order

    async def _found(self) -> Found:
        orders = [await self._order(order_id) for order_id in self.order_ids]
        announced = sorted((row.order_id, row.once_key) for row in await self.store.outbox(MERCHANT, limit=1000))
        refunds = [
            sorted((refund.refund_id, str(refund.state), refund.amount_minor) for refund in order.refunds.values())
            for order in orders
        ]
        return *((status(order), amounts(order)) for order in orders), refunds, announced

    async def examine(self) -> None:
        """Raise AssertionError where something is lost, doubled or guessed."""
        assert Counter(refund_id_for(MERCHANT, key) for key in self.refunds) == Counter(self.at.juspay.effects)
        rows = Counter((row.event_id, row.verdict) for row in await self.store.inbox(MERCHANT, limit=1000))
        assert Counter((event_id, InboxVerdict.LOOKED) for event_id in self.acknowledged) == rows
        decided = Counter[tuple[str, str]]()
        for order_id in self.order_ids:
            order, journal = await self._order(order_id), await self.store.journal(OrderKey(MERCHANT, order_id))
            assert [*range(1, len(journal) + 1)] == [entry.version for entry in journal]
            assert order == fold(entry.fact for entry in journal)
            decided.update((order_id, told.once_key) for entry in journal for told in entry.fact.announced)
        assert [] == self.uncounted
        assert {1} >= set(decided.values())
        assert decided == Counter((row.order_id, row.once_key) for row in await self.store.outbox(MERCHANT, limit=1000))


Scenario = Callable[[World], Awaitable[None]]


@frozen
class Ended:
    """How a run ended: what came of it, what its first life passed, how often it died, and what the merchant took.

    Attributes:
        woken: What came of it after all who stood still had gone on.
    """

    found: Found
    woken: Found
    passed: Sequence[str]
    deaths: int
    took: Counter[str]


async def played(
    folder: Path, database: Database, scenario: Scenario, *fatal: int | str, goal: Found | None = None
) -> Ended:
    """Play a scenario in which the process dies at a site of its first life, and at another of the next."""
    return await lived(folder, database, scenario, [Fate(one) for one in fatal] or [Fate()], goal=goal)


async def lived(
    folder: Path, database: Database, scenario: Scenario, fates: list[Fate], *, goal: Found | None = None
) -> Ended:
    """Play a scenario in lives of these fates. Who stands still is woken when all is done."""
    async with _world(folder, database, fates) as world:
        first = world.fate
        await world.works()  # the merchant is told of what happens from here on
        await scenario(world)
        found = woken = await world.settled(goal)
        await world.examine()
        if world.still:
            await world.wakes()
            woken = await world.settled(None)
            await world.examine()
        return Ended(found, woken, first.passed, world.deaths, Counter(world.receiver.took))


@asynccontextmanager
async def _world(folder: Path, database: Database, fates: list[Fate]) -> AsyncGenerator[World]:
    await asyncio.to_thread(folder.mkdir)
    async with shops.shop(folder, now=START) as at, connection_pool() as pool:
        settings = load(at.settings)
        merchants = bootstrap.merchants_from(settings, lambda _: pool, _nobody, _nobody)
        config = JuspayConfig(
            base_url=at.juspay.url, merchant_id=MERCHANT, client_id=MERCHANT, api_key=JUSPAY_KEY, retry_delay_s=0
        )
        world = World(at, settings, merchants, JuspayGateway(JuspayClient(config, pool)), database(folder), [*fates])
        at.juspay.waits = world.heard
        await world.begin()
        try:
            yield world
        finally:
            await world.end()


def _nobody(*_: object) -> Any:
    raise AssertionError("the settings name none")
