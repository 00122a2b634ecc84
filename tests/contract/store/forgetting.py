"""What a store promises of a customer who is forgotten: they are nowhere any more, and what moved of money stays."""

from __future__ import annotations

import pytest
from attrs import evolve
from contract.samples import CHECKOUT, KEY, MERCHANT, NOW, OTHER, after_s, charges, checkout_input, opened

from paystate.adapters.storage.sql import forgetting
from paystate.core.checkouts.checkout import CheckoutOpened, ForgetCustomerOf, Issued, OpenCheckout
from paystate.core.checkouts.checkout import fold as fold_checkout
from paystate.core.finding.filters import Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.forget_commands import ForgetCustomer
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Customer
from paystate.core.orders.order import Order, fold
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook, Store
from paystate.core.requester import Requester

ASHA = Customer(customer_id="c-77", email="asha@example.com", phone="+91 98765 43210", first_name="Asha")
NAMES = (
    Name.of(NameKind.CUSTOMER, "c-77"),
    Name.of(NameKind.EMAIL, "asha@example.com"),
    Name.of(NameKind.PHONE, "9876543210"),
)
LATE = after_s(DEFAULT.looks_end_s + 1)
BY = Requester("Meera")


async def open_for_asha(store: Store, key: OrderKey = KEY) -> None:
    details = evolve(opened(key), customer=ASHA)
    await store.transact(key, lambda order: decide(order, OpenOrder(details), DEFAULT, NOW))


def forgets(order: Order | None) -> DecisionResult:
    return decide(order, ForgetCustomer(by=BY), DEFAULT, LATE)


def webhook(event_id: str, verdict: InboxVerdict = InboxVerdict.WAITING, key: OrderKey = KEY) -> ReceivedWebhook:
    body = b'{"customer_email": "asha@example.com"}'
    return ReceivedWebhook(MERCHANT, event_id, body, after_s(1), order_key=key.folded, verdict=verdict)


async def found(store: Store, name: Name) -> list[OrderKey]:
    return [order.key for order in (await store.find(MERCHANT, Filter(names=(name,)))).orders]


class ForgettingContract:
    async def test_a_forgotten_customer_is_in_no_record_and_the_journal_still_folds(self, store: Store) -> None:
        await open_for_asha(store)
        await store.transact(KEY, charges())
        await store.transact(KEY, forgets)
        order, journal = await store.load(KEY), [entry.fact for entry in await store.journal(KEY)]
        assert order is not None
        assert order == fold(journal)
        assert [Customer()] == [fact.opened.customer for fact in journal if fact.opened]
        assert (Customer(), BY) == (order.opened.customer, journal[-1].by)

    async def test_an_order_is_found_by_no_name_of_a_forgotten_customer(self, store: Store) -> None:
        await open_for_asha(store)
        await store.transact(KEY, charges())
        await open_for_asha(store, OTHER)
        for name in NAMES:
            assert {KEY, OTHER} == {*await found(store, name)}
        await store.transact(KEY, forgets)
        for name in NAMES:
            assert [OTHER] == await found(store, name)
        assert [KEY] == await found(store, Name.of(NameKind.TXN, "t1"))
        for word in ("c-77", "asha@example.com", "98765 43210"):
            assert [OTHER] == [one.key for one in await store.find_word(MERCHANT, word)]

    async def test_bodies_of_the_orders_webhooks_go_and_each_is_still_known(self, store: Store) -> None:
        await open_for_asha(store)
        await store.append_inbox(webhook("evt_1", InboxVerdict.OTHER_MERCHANT))
        await store.append_inbox(webhook("evt_2"))
        (waiting,) = await store.take_inbox()
        await store.end_inbox(waiting.id, InboxVerdict.LOOKED)
        await store.append_inbox(webhook("evt_3", InboxVerdict.OTHER_MERCHANT, OTHER))
        await store.transact(KEY, forgets)
        rows = {row.event_id: (row.body, row.is_body_dropped) for row in await store.inbox(MERCHANT)}
        body = webhook("evt_3").body
        assert {"evt_1": (b"", True), "evt_2": (b"", True), "evt_3": (body, False)} == rows
        assert not await store.append_inbox(webhook("evt_2"))

    async def test_a_webhook_that_waits_to_be_read_keeps_its_body(self, store: Store) -> None:
        await open_for_asha(store)
        await store.append_inbox(webhook("evt_1"))
        await store.transact(KEY, forgets)
        (row,) = await store.inbox(MERCHANT)
        assert row.body

    async def test_announcements_and_money_of_a_forgotten_customer_stay(self, store: Store) -> None:
        await open_for_asha(store)
        await store.transact(KEY, charges())
        before = await store.outbox(MERCHANT)
        await store.transact(KEY, forgets)
        assert before == await store.outbox(MERCHANT)
        rows = await store.day(MERCHANT, NOW, NOW, after_s(9), limit=9)
        assert [34_950] == [row.movement.amount_minor for row in rows.moved]
        assert [""] == [row.customer_id for row in rows.opened]

    async def test_a_refused_forgetting_changes_nothing(self, store: Store) -> None:
        await open_for_asha(store)
        before = (await store.load(KEY), await store.journal(KEY))
        await store.transact(KEY, lambda order: decide(order, ForgetCustomer(by=BY), DEFAULT, NOW))
        assert before == (await store.load(KEY), await store.journal(KEY))

    async def test_checkouts_on_later_pages_are_found(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(forgetting, "PAGE", 2)
        for number, customer_id in enumerate(("c-1", "c-2", "c-77", "c-3", "c-77", "c-77")):
            await open_checkout(store, CheckoutKey(MERCHANT, f"chk_{number}"), customer_id)
        assert ["chk_2", "chk_4", "chk_5"] == await checkouts(store, "c-77")

    async def test_the_checkouts_of_a_customer_are_found_by_the_exact_id(self, store: Store) -> None:
        for number, customer_id in enumerate(("c-77", "C-77", "c-777", "c%77", "c-77")):
            await open_checkout(store, CheckoutKey(MERCHANT, f"chk_{number}"), customer_id)
        await open_checkout(store, CheckoutKey("another", "chk_9"), "c-77")
        assert ["chk_0", "chk_4"] == await checkouts(store, "c-77")
        assert ["chk_3"] == await checkouts(store, "c%77")
        assert [] == await checkouts(store, "nobody")

    async def test_a_forgotten_checkout_is_nobodys_and_folds(self, store: Store) -> None:
        await open_checkout(store, CHECKOUT, "c-77")
        await store.transact_checkout(CHECKOUT, checkout_input(ForgetCustomerOf(BY)))
        assert [] == await checkouts(store, "c-77")
        checkout, journal = await store.load_checkout(CHECKOUT), await store.checkout_journal(CHECKOUT)
        assert checkout is not None
        assert checkout == fold_checkout(journal)
        assert [("", "")] == [(one.opened.email, one.opened.customer_id) for one in journal if one.opened]


async def open_checkout(store: Store, key: CheckoutKey, customer_id: str) -> None:
    details = CheckoutOpened(
        merchant_id=key.merchant_id, checkout_id=key.checkout_id, customer_id=customer_id, email="asha@example.com"
    )
    issued = Issued(token_digest="ab", expires_at=after_s(900))
    await store.transact_checkout(key, checkout_input(OpenCheckout(details, issued)))


async def checkouts(store: Store, customer_id: str) -> list[str]:
    found, after = list[str](), ""
    while True:
        page, after = await store.checkouts_of_customer(MERCHANT, customer_id, after=after)
        found += [one.opened.checkout_id for one in page]
        if not after:
            return found
