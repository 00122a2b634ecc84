"""What `Orders` promises of finding orders."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from attrs import evolve
from contract.samples import (
    FOREIGN,
    KEY,
    MERCHANT,
    OTHER,
    Fn,
    after_s,
    answered_wrongly,
    asks_for_refund,
    charges,
    counts,
    opened,
    opens,
    settles,
)

from paystate.core.evidence import Answer, Evidence, OrderAnswer, References, TxnAnswer
from paystate.core.finding.filters import UNDER_REVIEW, ChangedPlace, Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.derived import Status
from paystate.core.orders.facts import Customer
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import Store

ASHA = Customer(customer_id="asha", email="Asha@Example.test", phone="+91 98765 43210")
LAMP = OrderKey(MERCHANT, "LAMP-4711")


def sells(key: OrderKey, amount: Money, *, at: int = 0, purchase: str = "") -> Fn:
    """An order of Asha's."""
    what = evolve(opened(key), amount=amount, customer=ASHA, purchase=purchase)
    return lambda order: decide(order, OpenOrder(what), DEFAULT, after_s(at))


def named_by_the_bank(key: OrderKey, rrn: str = "633012345678", asked: int = 1) -> Fn:
    """Juspay's answer has the bank's references of the payment."""
    body = OrderAnswer(
        merchant_id=key.merchant_id, order_id=key.order_id, amount=Decimal(500), currency="INR", status="CHARGED",
        txn=TxnAnswer(
            txn_id="shop-LAMP-4711-1", status="CHARGED", txn_uuid="moz1",
            references=References(rrn=rrn, arn="arn9", gateway="epg7"),
        ),
    )  # fmt: skip
    return lambda order: decide(order, Evidence(asked=asked, answer=Answer(body=body)), DEFAULT, after_s(3))


async def ids_of(store: Store, which: Filter) -> list[str]:
    page = await store.find(MERCHANT, which)
    assert "" == page.next
    return [order.opened.order_id for order in page.orders]


async def pages_of(store: Store, which: Filter, limit: int) -> list[list[str]]:
    pages, after = list[list[str]](), ""
    while True:
        page = await store.find(MERCHANT, which, after=after, limit=limit)
        pages.append([order.opened.order_id for order in page.orders])
        if not page.next:
            return pages
        after = page.next


async def three_orders(store: Store) -> None:
    """Asha's lamp for 500 INR that is paid, her desk for 700 INR, and somebody's order for 349.50 INR."""
    await store.transact(LAMP, sells(LAMP, Money.of(50_000, "INR"), at=1, purchase="Cart-9"))
    desk = OrderKey(MERCHANT, "DESK-1")
    await store.transact(desk, sells(desk, Money.of(70_000, "INR"), at=2))
    await store.transact(KEY, opens(KEY, after_s(4)))
    await store.transact(LAMP, named_by_the_bank(LAMP))


class FindingContract:
    # --- pages

    async def test_orders_come_newest_first(self, store: Store) -> None:
        for order_id, at in (("a", 1), ("b", 3), ("c", 2)):
            key = OrderKey(MERCHANT, order_id)
            await store.transact(key, opens(key, after_s(at)))
        assert ["b", "c", "a"] == await ids_of(store, Filter())

    async def test_pages_hold_every_order_once(self, store: Store) -> None:
        for n in range(7):  # two of each instant, so that a page may end between equals
            key = OrderKey(MERCHANT, f"O{n}")
            await store.transact(key, opens(key, after_s(n // 2)))
        assert [["O6", "O5", "O4"], ["O3", "O2", "O1"], ["O0"]] == await pages_of(store, Filter(), 3)
        assert 1 == len(await pages_of(store, Filter(), 7))

    async def test_a_page_goes_on_after_an_order_however_it_is_spelled(self, store: Store) -> None:
        for key, at in ((KEY, 0), (OTHER, 1)):
            await store.transact(key, opens(key, after_s(at)))
        page = await store.find(MERCHANT, after=OTHER.order_id.upper())
        assert [KEY] == [order.key for order in page.orders]

    @pytest.mark.parametrize("which", [Filter(), UNDER_REVIEW, Filter(changed_since=after_s(0))])
    async def test_after_what_is_not_there_comes_nothing(self, store: Store, which: Filter) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, answered_wrongly())
        page = await store.find(MERCHANT, which, after="never-heard-of")
        assert ([], "") == ([*page.orders], page.next)

    # --- review

    async def test_orders_under_review_are_found_newest_first(self, store: Store) -> None:
        for n, name in enumerate(("a", "b", "c", "d", "e")):  # two of each instant
            key = OrderKey(MERCHANT, name)
            await store.transact(key, opens(key, after_s(n // 2)))
            if name != "b":
                await store.transact(key, answered_wrongly(key))
        await store.transact(FOREIGN, opens(FOREIGN))
        await store.transact(FOREIGN, answered_wrongly(FOREIGN))
        assert [["e", "d"], ["c", "a"]] == await pages_of(store, UNDER_REVIEW, 2)

    async def test_an_order_leaves_the_review_with_its_last_open_reason(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, answered_wrongly())
        assert [KEY.order_id] == await ids_of(store, UNDER_REVIEW)
        await store.transact(KEY, settles)
        assert [] == await ids_of(store, UNDER_REVIEW)

    async def test_a_page_goes_on_after_an_order_that_left_the_review_meanwhile(self, store: Store) -> None:
        for key, at in ((KEY, 0), (OTHER, 1)):
            await store.transact(key, opens(key, after_s(at)))
            await store.transact(key, answered_wrongly(key))
        await store.transact(OTHER, settles)
        page = await store.find(MERCHANT, UNDER_REVIEW, after=OTHER.order_id)
        assert [KEY] == [order.key for order in page.orders]

    # --- filters

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (NameKind.CUSTOMER, "ASHA"),
            (NameKind.EMAIL, "asha@example.TEST "),
            (NameKind.PHONE, "09876543210"),
            (NameKind.PHONE, "98765-43210"),
        ],
    )
    async def test_orders_are_found_by_who_pays(self, store: Store, kind: NameKind, text: str) -> None:
        await three_orders(store)
        assert ["DESK-1", "LAMP-4711"] == await ids_of(store, Filter(names=(Name.of(kind, text),)))

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (NameKind.PURCHASE, "cart-9"),
            (NameKind.TXN, "shop-LAMP-4711-1"),
            (NameKind.TXN, "moz1"),
            (NameKind.REFERENCE, "633012345678"),
            (NameKind.REFERENCE, "ARN9"),
            (NameKind.REFERENCE, "epg7"),
        ],
    )
    async def test_an_order_is_found_by_what_others_call_its_payment(
        self, store: Store, kind: NameKind, text: str
    ) -> None:
        await three_orders(store)
        assert ["LAMP-4711"] == await ids_of(store, Filter(names=(Name.of(kind, text),)))

    async def test_an_order_is_found_by_each_reference_that_was_ever_told(self, store: Store) -> None:
        await store.transact(LAMP, sells(LAMP, Money.of(50_000, "INR")))
        for asked, rrn in enumerate(("500", "900", "300"), start=1):
            await store.transact(LAMP, named_by_the_bank(LAMP, rrn, asked))
        for rrn in ("500", "900", "300"):
            assert ["LAMP-4711"] == await ids_of(store, Filter(names=(Name.of(NameKind.REFERENCE, rrn),)))

    async def test_an_order_is_found_by_its_refund(self, store: Store) -> None:
        for fn in (opens(), charges(), asks_for_refund()):
            await store.transact(KEY, fn)
        name = Name.of(NameKind.REFUND, refund_id_for(MERCHANT, "k1"))
        assert [KEY.order_id] == await ids_of(store, Filter(names=(name,)))

    @pytest.mark.parametrize(
        ("which", "found"),
        [
            (Filter(status=Status.CHARGED), ["LAMP-4711"]),
            (Filter(status=Status.NEW), ["Order-1", "DESK-1"]),
            (Filter(status=Status.REFUNDED), []),
            (Filter(amount=Money.of(70_000, "INR")), ["DESK-1"]),
            (Filter(amount=Money.of(70_000, "JPY")), []),
            (Filter(currency="INR"), ["Order-1", "DESK-1", "LAMP-4711"]),
            (Filter(currency="USD"), []),
            (Filter(opened_from=after_s(2)), ["Order-1", "DESK-1"]),
            (Filter(opened_before=after_s(2)), ["LAMP-4711"]),
            (Filter(opened_from=after_s(1), opened_before=after_s(3)), ["DESK-1", "LAMP-4711"]),
            (Filter(names=(Name.of(NameKind.CUSTOMER, "asha"),), status=Status.NEW), ["DESK-1"]),
            (Filter(names=(Name.of(NameKind.CUSTOMER, "asha"), Name.of(NameKind.TXN, "moz1"))), ["LAMP-4711"]),
            (Filter(names=(Name.of(NameKind.CUSTOMER, "asha"),), opened_from=after_s(2)), ["DESK-1"]),
            (Filter(status=Status.NEW, amount=Money.of(34_950, "INR"), currency="INR"), ["Order-1"]),
            (Filter(status=Status.CHARGED, under_review=True), []),
        ],
    )
    async def test_what_is_given_must_all_fit(self, store: Store, which: Filter, found: list[str]) -> None:
        await three_orders(store)
        assert found == await ids_of(store, which)

    async def test_another_merchant_s_orders_are_not_found(self, store: Store) -> None:
        await three_orders(store)
        assert () == (await store.find("another", Filter(names=(Name.of(NameKind.TXN, "moz1"),)))).orders
        assert [] == await store.find_word("another", "moz1")

    async def test_of_several_names_pages_go_on_too(self, store: Store) -> None:
        await three_orders(store)
        which = Filter(names=(Name.of(NameKind.CUSTOMER, "asha"),))
        assert [["DESK-1"], ["LAMP-4711"]] == await pages_of(store, which, 1)

    # --- changes

    async def test_what_changed_comes_by_its_newest_change(self, store: Store) -> None:
        await three_orders(store)  # the lamp was opened first, and paid in the third second
        assert ["DESK-1", "LAMP-4711", "Order-1"] == await ids_of(store, Filter(changed_since=after_s(2)))
        assert ["LAMP-4711", "Order-1"] == await ids_of(store, Filter(changed_since=after_s(3)))

    async def test_whoever_goes_on_after_a_page_misses_no_change(self, store: Store) -> None:
        await three_orders(store)
        which = Filter(changed_since=after_s(0))
        first = await store.find(MERCHANT, which, limit=1)
        assert ["DESK-1"] == [order.opened.order_id for order in first.orders]
        desk = OrderKey(MERCHANT, "DESK-1")
        await store.transact(desk, counts)  # a second later: it stands behind the place now
        later = await store.find(MERCHANT, which, after=first.next)
        assert {"DESK-1", "LAMP-4711", "Order-1"} == {order.opened.order_id for order in later.orders}

    async def test_changes_of_one_instant_are_told_apart_by_the_order(self, store: Store) -> None:
        keys = [OrderKey(MERCHANT, name) for name in ("c", "A", "b")]
        for key in keys:
            await store.transact(key, opens(key))
        assert [["A"], ["b"], ["c"]] == await pages_of(store, Filter(changed_since=after_s(0)), 1)

    async def test_a_place_is_written_to_the_microsecond(self, store: Store) -> None:
        for key in (KEY, OTHER):
            await store.transact(key, opens(key))
        page = await store.find(MERCHANT, Filter(changed_since=after_s(0)), limit=1)
        assert ChangedPlace(after_s(0), KEY.order_id) == ChangedPlace.read(page.next)
        assert "2026-11-23T05:30:00.123457Z~Order-1" == page.next

    # --- one word

    @pytest.mark.parametrize(
        ("word", "found"),
        [
            ("lamp-4711", ["LAMP-4711"]),
            ("LAMP", ["LAMP-4711"]),
            ("4711", ["LAMP-4711"]),
            ("-1", ["Order-1", "DESK-1"]),
            ("633012345678", ["LAMP-4711"]),
            (" moz1 ", ["LAMP-4711"]),
            ("cart-9", ["LAMP-4711"]),
            ("+91 98765 43210", ["DESK-1", "LAMP-4711"]),
            ("asha", ["DESK-1", "LAMP-4711"]),
            ("asha@example.test", ["DESK-1", "LAMP-4711"]),
            ("unheard-of", []),
            ("100%", []),
        ],
    )
    async def test_an_order_is_found_by_any_one_word(self, store: Store, word: str, found: Sequence[str]) -> None:
        await three_orders(store)
        assert found == [order.opened.order_id for order in await store.find_word(MERCHANT, word)]

    async def test_a_transaction_that_ends_in_the_digits_of_a_phone_is_not_the_phone(self, store: Store) -> None:
        await three_orders(store)
        assert [] == await store.find_word(MERCHANT, "txn-9876543210")

    async def test_no_more_are_found_by_a_word_than_are_wanted(self, store: Store) -> None:
        await three_orders(store)
        assert 1 == len(await store.find_word(MERCHANT, "asha", limit=1))
