"""What every Store promises, part by part; a subclass per adapter supplies `store`."""

import asyncio

from attrs import evolve
from contract.console_contract import ConsoleContract
from contract.operations.backlogs import BacklogsContract
from contract.operations.signature_failures import SignatureFailuresContract
from contract.samples import (
    KEY,
    MERCHANT,
    NOW,
    OTHER,
    opens,
)
from contract.store.checkouts import CheckoutsContract
from contract.store.days import DaysContract
from contract.store.deliveries import DeliveriesContract
from contract.store.finding import FindingContract
from contract.store.floods import FloodsContract
from contract.store.forgetting import ForgettingContract
from contract.store.handling import HandlingContract
from contract.store.heartbeats import HeartbeatsContract
from contract.store.inbox import InboxContract
from contract.store.key_uses import KeyUsesContract
from contract.store.orders import OrdersContract
from contract.store.outbox import OutboxContract
from contract.store.paces import PacesContract
from contract.store.retention import RetentionContract
from contract.store.schedules import SchedulesContract
from contract.store.settlements import SettlementsContract

from paystate.core.orders.facts import Decision
from paystate.core.ports.store import ReceivedWebhook, Store

WITHIN_S = 10


class StoreContract(
    OrdersContract,
    FindingContract,
    DaysContract,
    SchedulesContract,
    CheckoutsContract,
    InboxContract,
    FloodsContract,
    RetentionContract,
    OutboxContract,
    DeliveriesContract,
    HandlingContract,
    PacesContract,
    KeyUsesContract,
    SignatureFailuresContract,
    HeartbeatsContract,
    SettlementsContract,
    ForgettingContract,
    BacklogsContract,
    ConsoleContract,
):
    async def test_a_store_that_works_answers_a_ping(self, store: Store) -> None:
        await store.ping()

    async def test_what_a_worker_may_look_for_is_noticed(self, store: Store) -> None:
        async def stored() -> None:
            await store.transact(KEY, opens())

        async def asked_for() -> None:
            await store.reschedule(KEY, lambda kept: (evolve(kept, next_look_at=NOW), True))

        async def told() -> None:
            await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key=KEY.folded))

        async def let_in_again() -> None:
            (row,) = await store.inbox(MERCHANT)
            await store.requeue_inbox(MERCHANT, row.id)

        for write in (stored, asked_for, told, let_in_again):
            before = await store.changes()
            await write()
            assert before != await store.changes()

    async def test_a_cancelled_caller_harms_nobody(self, store: Store) -> None:
        leaving = asyncio.ensure_future(store.transact(KEY, opens()))
        staying = asyncio.ensure_future(store.transact(OTHER, opens(OTHER)))
        await asyncio.wait([leaving], timeout=0)  # both have asked, neither is done
        leaving.cancel()
        assert isinstance(await staying, Decision)
        async with asyncio.timeout(WITHIN_S):
            while {KEY, OTHER} != {order.key for order in (await store.find(MERCHANT)).orders}:
                await store.ping()  # what nobody waits for may be done a little later
