"""What was told of an order, and what became of it, in words."""

import pytest
from attrs import evolve
from unit.builders import at, journal, told

from paystate.core.describe.deliveries import TOLD_MAX, deliveries_in_words, delivery_in_words
from paystate.core.describe.explain import explain_long_order, explain_order
from paystate.core.heartbeats import workers_at
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.orders.order import fold
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import DEFAULT
from paystate.core.ports.outbox import DeliveryRow, DeliveryState, OutboxRow

PAID = OutboxRow(
    id=7, event_id="ann_x", merchant_id="acme", order_id="Order-1", kind=AnnouncementKind.ORDER_PAID,
    once_key="order.paid", version=2, at=at(1),
)  # fmt: skip
WAITS = DeliveryRow(id=1, subscriber="shop", announcement=PAID, due_at=at(5))
TOLD = evolve(WAITS, state=DeliveryState.DELIVERED, due_at=None, ended_at=at(6), tries=2, outcome="answered 204")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (TOLD, "shop was told order.paid at 2026-03-01 09:00:06 UTC, after 2 tries (answered 204)."),
        (WAITS, "shop is due to be told order.paid at 2026-03-01 09:00:05 UTC."),
        (
            evolve(WAITS, tries=1, outcome="answered 503"),
            "shop is due to be told order.paid at 2026-03-01 09:00:05 UTC, after 1 try (answered 503).",
        ),
        (evolve(WAITS, due_at=None), "shop is told order.paid once it has taken what this order announced before."),
        (
            evolve(TOLD, state=DeliveryState.DEAD, tries=10, outcome="answered 500"),
            (
                "shop was not told order.paid: given up at 2026-03-01 09:00:06 UTC, after 10 tries (answered 500)."
                " `paystate outbox replay ann_x --endpoint shop --by NAME` tries again."
            ),
        ),
    ],
    ids=["delivered", "due", "tried", "behind another", "dead"],
)
def test_a_delivery_is_told_in_a_sentence(row: DeliveryRow, words: str) -> None:
    assert words == delivery_in_words(row)


def test_of_many_the_newest_are_told_and_where_the_others_are() -> None:
    rows = [evolve(TOLD, id=number) for number in range(TOLD_MAX + 1)]
    *newest, last = deliveries_in_words(rows)
    assert TOLD_MAX == len(newest)
    assert "What came before that is not told here; `paystate outbox list --order Order-1` lists it." == last
    assert TOLD_MAX == len([*deliveries_in_words(rows[:TOLD_MAX])])


def test_an_explanation_tells_what_went_out_of_short_orders_and_long_ones() -> None:
    facts = journal(told("CHARGED"))
    order = fold(facts)
    assert order
    words = delivery_in_words(TOLD)
    assert words in explain_order(facts, Schedule(), DEFAULT, at(9), deliveries=[TOLD])
    assert words in explain_long_order(order, Schedule(), DEFAULT, at(9), deliveries=[TOLD])


@pytest.mark.parametrize(("row", "is_told"), [(WAITS, True), (TOLD, False)], ids=["waits", "went out"])
def test_what_waits_to_be_told_waits_for_a_worker_too(row: DeliveryRow, is_told: bool) -> None:
    nobody = workers_at([], at(9))
    said = explain_order(journal(told("CHARGED")), Schedule(), DEFAULT, at(9), nobody, [row])
    assert is_told == any(line.startswith("No worker has ever worked on this database.") for line in said)
