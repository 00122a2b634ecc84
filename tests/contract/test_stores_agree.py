"""Any sequence of commands does the same on every store, and the journal always tells the whole story."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from contract.postgres.emptying import emptied
from contract.samples import (
    MERCHANT,
    NOW,
    STARTED,
    after_s,
    all_due,
    announces,
    checkout_input,
    opened,
    opens_checkout,
    signs,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paystate.adapters.storage.memory import MemoryStore
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.checkouts.checkout import fold as fold_checkout
from paystate.core.errors import PaystateError
from paystate.core.evidence import Answer, Evidence, NotFound, OrderAnswer, RefundAnswer, TxnAnswer, TxnClaim
from paystate.core.finding.filters import EVERY_ORDER, UNDER_REVIEW, ChangedPlace, Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.ids import CheckoutKey, OrderKey, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder, SignProcess
from paystate.core.orders.commands.refund_commands import RequestRefund, SendRefund
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.derived import Status
from paystate.core.orders.order import Order, fold
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.orders.timing.schedule import claimed, hinted
from paystate.core.pace import call_taken, slowed_down
from paystate.core.policy import DEFAULT, Policy
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook, Store
from paystate.core.retention import Quota, Retention

MERCHANTS = (MERCHANT, "another")
ORDER_IDS = ("Order-1", "ORDER-1", "Order-2")
CHECKOUT_IDS = ("chk_1", "chk_2")

SLOW = Policy(calls_per_second=1, calls_burst=2)

RETENTIONS = tuple(
    Retention(quarantined_since=after_s(at), bodies_since=after_s(at), quota=Quota(bytes_max=most, webhooks_max=most))
    for at, most in ((0, 100), (45, 100), (0, 1))
)

Step = Callable[[Store], Awaitable[object]]

order_keys = st.builds(OrderKey, st.sampled_from(MERCHANTS), st.sampled_from(ORDER_IDS))
checkout_keys = st.builds(CheckoutKey, st.sampled_from(MERCHANTS), st.sampled_from(CHECKOUT_IDS))
instants = st.builds(after_s, st.integers(0, 90))
quotas = st.builds(Quota, bytes_max=st.integers(0, 4), webhooks_max=st.integers(1, 4))
idempotency_keys = st.sampled_from(("k1", "k2"))


def answered(key: OrderKey, word: str, txn_id: str, refund: str, asked: int) -> Evidence:
    listed = [RefundAnswer(refund_id=refund_id_for(key.merchant_id, "k1"), amount=Decimal(100), status=refund)]
    body = OrderAnswer(
        merchant_id=key.merchant_id, order_id=key.order_id, amount=Decimal("349.5"), currency="INR", status=word,
        txn=TxnAnswer(txn_id=txn_id, status=word), refunds=tuple(listed if refund else ()),
    )  # fmt: skip
    return Evidence(asked=asked, answer=Answer(body=body, dated=NOW))


@st.composite
def order_inputs(draw: st.DrawFn, key: OrderKey) -> Command | Evidence:
    name = draw(idempotency_keys)
    refund_id = refund_id_for(key.merchant_id, name)
    asked = draw(st.integers(1, 6))
    word = draw(st.sampled_from(("CHARGED", "PENDING_VBV", "AUTHORIZATION_FAILED", "AUTO_REFUNDED")))
    refund = draw(st.sampled_from(("", "PENDING", "SUCCESS", "FAILURE")))
    inputs: tuple[Command | Evidence, ...] = (
        OpenOrder(opened(key)),
        SignProcess("c-1"),
        answered(key, word, draw(st.sampled_from(("t1", "t2"))), refund, asked),
        Evidence(asked=asked, answer=Answer(body=NotFound())),
        RequestRefund(key=name, refund_id=refund_id, amount=Money.of(10_000, "INR")),
        SendRefund(refund_id),
    )
    return draw(st.sampled_from(inputs))


@st.composite
def order_steps(draw: st.DrawFn) -> Step:
    key, at = draw(order_keys), draw(instants)
    what = draw(order_inputs(key))

    def fn(order: Order | None) -> DecisionResult:
        return decide(order, what, DEFAULT, at)

    return lambda store: store.transact(key, fn)


@st.composite
def claim_steps(draw: st.DrawFn) -> Step:
    key, claims = draw(order_keys), draw(st.lists(st.sampled_from(("a", "b")), max_size=2).map(tuple))
    fn = announces(draw(st.sampled_from(("x", "y"))), claims=claims, next_look_at=draw(instants | st.none()))

    def known(order: Order | None) -> DecisionResult:
        if order is None:
            raise LookupError
        return fn(order)

    return lambda store: store.transact(key, known)


@st.composite
def schedule_steps(draw: st.DrawFn) -> Step:
    key, at, consumes = draw(order_keys), draw(instants), draw(st.integers(1, 4) | st.none())
    if draw(st.booleans()):
        by = draw(st.sampled_from(Asker))
        return lambda store: store.reschedule(key, lambda s: (hinted(s, by, DEFAULT, at), True), consumes=consumes)
    return lambda store: store.reschedule(key, lambda s: claimed(s, DEFAULT, at), consumes=consumes)


@st.composite
def pace_steps(draw: st.DrawFn) -> Step:
    merchant_id, at = draw(st.sampled_from(MERCHANTS)), draw(instants)
    if draw(st.booleans()):
        return lambda store: store.pace(merchant_id, lambda pace: call_taken(pace, SLOW, at))
    asked = draw(st.sampled_from((None, 0.5, 20.0)))
    return lambda store: store.pace(merchant_id, lambda pace: (slowed_down(pace, at, asked), None))


@st.composite
def inbox_steps(draw: st.DrawFn) -> Step:
    row_id, merchant_id = draw(st.integers(1, 6)), draw(st.sampled_from(MERCHANTS))
    kind, quota = draw(st.integers(0, 5)), draw(quotas)
    if kind == 0:
        verdict = draw(st.sampled_from((InboxVerdict.LOOKED, InboxVerdict.UNREADABLE, InboxVerdict.UNKNOWN_ORDER)))
        return lambda store: store.end_inbox(row_id, verdict, quota=quota)
    if kind == 1:
        return lambda store: store.requeue_inbox(merchant_id, row_id)
    if kind == 5:
        retention = Retention(quarantined_since=draw(instants), bodies_since=draw(instants), quota=quota)
        return lambda store: store.sweep_inbox(merchant_id, retention)
    at, name, most = draw(instants), draw(st.sampled_from(("", "N"))), draw(st.integers(1, 3))
    order_key = draw(st.sampled_from((None, "order-1", "order-2")))
    event_id = draw(st.sampled_from(("e1", "e2", "overflow:order-1", "", None)))
    body = draw(st.sampled_from((b"", b"\x00", b"1", b"2")))
    claims = draw(st.sampled_from((None, NoteWebhook(), NoteWebhook(txns=(TxnClaim(txn_id="t", status="CHARGED"),)))))
    verdict = draw(st.sampled_from((InboxVerdict.WAITING, InboxVerdict.WAITING, InboxVerdict.NO_ORDER)))
    webhook = ReceivedWebhook(
        merchant_id, event_id, body, at, event_name=name, order_key=order_key, claims=claims, verdict=verdict
    )
    return lambda store: store.append_inbox(webhook, most=most, quota=quota)


@st.composite
def checkout_steps(draw: st.DrawFn) -> Step:
    key = draw(checkout_keys)
    fn = draw(
        st.sampled_from((
            opens_checkout(key),
            checkout_input(STARTED),
            *(checkout_input(signs(order_id)) for order_id in ORDER_IDS),
        ))
    )  # fmt: skip
    return lambda store: store.transact_checkout(key, fn)


steps = st.lists(
    order_steps() | claim_steps() | schedule_steps() | pace_steps() | inbox_steps() | checkout_steps(),
    min_size=1,
    max_size=25,
)


async def outcome(call: Awaitable[object]) -> object:
    try:
        return await call
    except (PaystateError, LookupError, ValueError) as error:
        return type(error), str(error)


TXN, REFUND = Name.of(NameKind.TXN, "t1"), Name.of(NameKind.REFUND, refund_id_for(MERCHANTS[0], "k1"))
FILTERS = (
    EVERY_ORDER,
    UNDER_REVIEW,
    Filter(names=(TXN,)),
    Filter(names=(REFUND,)),
    Filter(names=(TXN, Name.of(NameKind.TXN, "t2")), currency="INR"),
    Filter(names=(Name.of(NameKind.CUSTOMER, "C-1"),), under_review=True, opened_from=after_s(10)),
    Filter(amount=Money.of(34_950, "INR")),
    Filter(amount=Money.of(34_950, "INR"), status=Status.CHARGED, under_review=True),
    Filter(currency="INR", opened_before=after_s(30)),
    Filter(currency="USD"),
    Filter(changed_since=after_s(20)),
    Filter(changed_since=after_s(0), names=(TXN,), status=Status.CHARGED),
    *(Filter(status=one) for one in (Status.NEW, Status.PENDING, Status.CHARGED, Status.PARTIALLY_REFUNDED)),
    Filter(status=Status.CHARGED, currency="INR", opened_from=after_s(5), opened_before=after_s(50)),
)
PLACES = (str(ChangedPlace(after_s(25), "order-1")), str(ChangedPlace(after_s(7), "zzz")), "no place")
WORDS = ("t1", "ORDER-1", "order", "der-1", "c-1", "nowhere", REFUND.value)


async def everything(store: Store, now: datetime) -> Sequence[object]:
    """All that a store can be asked for."""
    found: list[object] = [await all_due(store, now), await all_due(store, now, limit=2), await store.take_inbox()]
    found += [await all_due(store, after_s(at)) for at in range(0, 90, 9)]
    for merchant_id in MERCHANTS:
        found.append(await store.pace(merchant_id, lambda pace: (pace, pace)))
        orders = (await store.find(merchant_id)).orders
        found += [orders, await store.inbox(merchant_id), await store.outbox(merchant_id)]
        for which in FILTERS:
            found += [await store.find(merchant_id, which), await store.find(merchant_id, which, limit=1)]
            places = [order.opened.order_id for order in orders] if which.changed_since is None else PLACES
            found += [await store.find(merchant_id, which, after=place, limit=1) for place in places]
        found += [await store.find_word(merchant_id, word) for word in WORDS]
        found += [
            await store.day(merchant_id, *(after_s(at) for at in span), limit=100)
            for span in ((0, 0, 90), (10, 20, 50))
        ]
        found += [await store.waiting_refunds(merchant_id, after_s(at), limit=2) for at in (20, 90)]
        found += [await store.inbox(merchant_id, quarantined=True), await store.inbox(merchant_id, before=4, limit=2)]
        found += [await store.inbox_row(merchant_id, row_id) for row_id in range(6)]
        found += [await store.sweepable_inbox(merchant_id, one) for one in RETENTIONS]
        for order_id in ORDER_IDS:
            key = OrderKey(merchant_id, order_id)
            found += [await store.schedule(key), await store.checkouts_of(key), await store.journal(key)]
            found += [await store.webhooks_of(key), await store.inbox(merchant_id, order_id=order_id)]
            found.append(await store.inbox(merchant_id, order_id=order_id, quarantined=True, before=5))
            assert await store.load(key) == fold(entry.fact for entry in await store.journal(key))
        for checkout_id in CHECKOUT_IDS:
            checkout = CheckoutKey(merchant_id, checkout_id)
            found.append(await store.load_checkout(checkout))
            assert found[-1] == fold_checkout(await store.checkout_journal(checkout))
    return found


def counted(database: Path) -> list[Any]:
    """What each quarantine is counted to hold."""
    query = "select * from quarantines where webhooks <> 0 or body_bytes <> 0 order by merchant_id"
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def held(database: Path) -> list[Any]:
    """What it holds in fact."""
    query = """
        select merchant_id, count(*), sum(length(body)) from inbox where verdict not in ('', 'looked')
        group by merchant_id order by merchant_id
    """
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


async def compare(database: Path, commands: Sequence[Step]) -> None:
    memory = MemoryStore()
    async with SqliteStore(database) as sqlite:
        for step in commands:
            assert await outcome(step(memory)) == await outcome(step(sqlite))
        assert await everything(memory, after_s(60)) == await everything(sqlite, after_s(60))
    assert counted(database) == held(database)
    async with SqliteStore(database) as reopened:
        assert await everything(memory, after_s(60)) == await everything(reopened, after_s(60))


async def concurrently(database: Path, commands: Sequence[Step]) -> None:
    async with SqliteStore(database) as sqlite:
        await asyncio.gather(*(outcome(step(sqlite)) for step in commands))
        one_by_one = MemoryStore()
        for step in commands:  # the writer takes its callers in the order in which they came
            await outcome(step(one_by_one))
        assert await everything(one_by_one, after_s(60)) == await everything(sqlite, after_s(60))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(commands=steps)
def test_memory_and_sqlite_do_the_same(migrated: Path, commands: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(Path(shutil.copy(migrated, folder)), commands))


async def compare_on_postgres(database: str, commands: Sequence[Step]) -> None:
    memory = MemoryStore()
    await emptied(database)
    async with PostgresStore(PostgresConfig(address=database)) as postgres:
        for step in commands:
            assert await outcome(step(memory)) == await outcome(step(postgres))
        assert await everything(memory, after_s(60)) == await everything(postgres, after_s(60))


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=8
)
@given(commands=steps)
def test_memory_and_postgresql_do_the_same(postgres_database: str, commands: list[Step]) -> None:
    asyncio.run(compare_on_postgres(postgres_database, commands))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(commands=steps)
def test_a_shared_commit_does_what_single_ones_would(migrated: Path, commands: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(concurrently(Path(shutil.copy(migrated, folder)), commands))
