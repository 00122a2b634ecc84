"""What `DayBook` promises."""

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
    opened,
    opens,
)

from paystate.core.finding.day import MovedRow, OpenedRow
from paystate.core.finding.movements import Movement, MovementKind
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.derived import Status
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import Store

PRICE = Money.of(34_950, "INR")


def of_cart(key: OrderKey, at: int) -> Fn:
    what = OpenOrder(evolve(opened(key), purchase="Cart-9"))
    return lambda order: decide(order, what, DEFAULT, after_s(at))


class DaysContract:
    async def test_orders_are_told_by_when_they_were_opened_and_as_they_stand(self, store: Store) -> None:
        for key, at in ((KEY, 0), (OTHER, 5), (OrderKey(MERCHANT, "late"), 9)):
            await store.transact(key, opens(key, after_s(at)))
        await store.transact(OTHER, answered_wrongly(OTHER))
        await store.transact(FOREIGN, opens(FOREIGN))
        day = await store.day(MERCHANT, after_s(0), after_s(0), after_s(9), limit=9)
        assert [
            OpenedRow(order_id="Order-1", opened_at=after_s(0), status=Status.NEW, amount=PRICE, customer_id="c-1"),
            OpenedRow(
                order_id="Order-2", opened_at=after_s(5), status=Status.NEW, amount=PRICE, customer_id="c-1",
                is_under_review=True,
            ),
        ] == [*day.opened]  # fmt: skip

    async def test_money_is_told_by_when_the_fact_was_recorded_that_moved_it(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, charges())  # a second later
        taken = Movement(kind=MovementKind.CAPTURED, name="t1", method="", amount_minor=34_950)
        row = MovedRow(order_id="Order-1", at=after_s(1), movement=taken, currency="INR")
        told = [await store.day(MERCHANT, after_s(0), after_s(at), after_s(at + 1), limit=9) for at in (0, 1, 2)]
        assert [[], [row], []] == [[*day.moved] for day in told]
        assert [] == [*(await store.day("another", after_s(0), after_s(0), after_s(9), limit=9)).moved]

    async def test_what_orders_moved_before_an_instant_is_told_of_those_alone(self, store: Store) -> None:
        for key in (KEY, OTHER):
            await store.transact(key, opens(key))
            await store.transact(key, charges(key=key))  # a second later
        taken = Movement(kind=MovementKind.CAPTURED, name="t1", method="", amount_minor=34_950)
        row = MovedRow(order_id="Order-1", at=after_s(1), movement=taken, currency="INR")
        asked = {"Order-1", "order-9"}
        assert [[], [row]] == [[*await store.moved_before(MERCHANT, asked, after_s(at))] for at in (1, 2)]
        assert [] == [*await store.moved_before("another", asked, after_s(9))]
        assert [] == [*await store.moved_before(MERCHANT, (), after_s(9))]

    async def test_orders_of_the_same_purchase_are_told_whenever_they_were_opened(self, store: Store) -> None:
        for key, at in ((KEY, 0), (OTHER, 50)):
            await store.transact(key, of_cart(key, at))
        other = OrderKey(MERCHANT, "other")
        await store.transact(other, opens(other, after_s(50)))
        day = await store.day(MERCHANT, after_s(50), after_s(50), after_s(60), limit=9)
        assert {"Order-2", "other"} == {row.order_id for row in day.opened}
        assert {"Order-1", "Order-2"} == {row.order_id for row in day.sharing}
        assert {"Cart-9"} == {row.purchase for row in day.sharing}

    async def test_no_more_rows_are_told_than_asked_for(self, store: Store) -> None:
        for key, at in ((KEY, 0), (OTHER, 5)):
            await store.transact(key, of_cart(key, at))
            await store.transact(key, charges(key=key))
        day = await store.day(MERCHANT, after_s(0), after_s(0), after_s(9), limit=1)
        assert ["Order-1"] == [row.order_id for row in day.opened]
        assert (1, 1) == (len(day.moved), len(day.sharing))

    async def test_refunds_that_wait_are_told_the_longest_first(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, charges())
        await store.transact(KEY, asks_for_refund())  # in the second second
        assert [] == [*await store.waiting_refunds(MERCHANT, after_s(2))]
        assert [KEY] == [order.key for order in await store.waiting_refunds(MERCHANT, after_s(3))]
        assert [] == [*await store.waiting_refunds("another", after_s(3))]
        assert [] == [*await store.waiting_refunds(MERCHANT, after_s(3), limit=0)]
