"""A customer is forgotten: who they are goes, what became of the money stays, and nothing open is left without them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from unit.builders import FULL, MERCHANT, NOW, after, at, listed, new_order, opened, refused, rupees, taken, told

from paystate.adapters.storage.codec import encoded
from paystate.core.checkouts.checkout import (
    Checkout,
    CheckoutFact,
    CheckoutOpened,
    CheckoutState,
    ForgetCustomerOf,
    Issued,
    OpenCheckout,
    Renew,
    SignProcessFor,
    fact_without_customer,
)
from paystate.core.checkouts.checkout import decide as decide_checkout
from paystate.core.checkouts.checkout import fold as fold_checkout
from paystate.core.describe.explain import explain_checkout
from paystate.core.describe.timeline import checkout_timeline, order_timeline
from paystate.core.errors import ValueInvalid
from paystate.core.evidence import Evidence, Trust
from paystate.core.finding.index_entry import PERSONAL, NameKind, index_entry
from paystate.core.finding.movements import movements
from paystate.core.ids import refund_id_for
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.forget_commands import ForgetCustomer
from paystate.core.orders.commands.open_commands import OpenOrder, SignProcess
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.sale_commands import CancelOrder, RecordCash
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.derived import status
from paystate.core.orders.facts import CashOutcome, Customer, Decision, Fact, Refused
from paystate.core.orders.forgetting import NOBODY, fact_without, note_without
from paystate.core.orders.order import Order, fold
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import DEFAULT
from paystate.core.requester import Requester

ASHA = Customer(
    customer_id="cust-77", email="asha@example.com", phone="+919876543210", first_name="Asha", last_name="Om"
)
OURS: dict[str, Any] = {"customer": ASHA, "description": "tea for Asha", "return_url": "https://shop.example/cust-77"}
FORGET = ForgetCustomer(by=Requester("Meera"))
LATE = at(DEFAULT.looks_end_s + 1)
"""Every look of itself has ended."""
WORDS = ("cust-77", "asha", "9876543210", "example.com")
NOTE = "ASHA (cust-77, asha@example.com, 98765 43210) paid Ravi at the door; Mrs Om signed, Omkar did not"


def journaled(*steps: Command | Evidence) -> list[Fact]:
    """The facts that these inputs leave, with the order opened for Asha first."""
    order: Order | None = None
    facts: list[Fact] = []
    for what in (OpenOrder(opened(**OURS)), *steps):
        decided = taken(order, what)
        order = decided.after
        facts += [decided.fact] if decided.fact else []
    return facts


def folded(*steps: Command | Evidence) -> Order:
    order = fold(journaled(*steps))
    assert order is not None
    return order


def forgotten(order: Order, now: datetime = LATE) -> Order:
    return taken(order, FORGET, now).after


def test_who_the_customer_is_goes_with_the_free_words_about_them() -> None:
    order = forgotten(folded(told("CHARGED")))
    assert (NOBODY, "", "") == (order.opened.customer, order.opened.description, order.opened.return_url)
    assert not [word for word in WORDS if word in encoded(order).lower()]


def test_money_status_and_what_it_is_found_by_stay_but_for_the_customers_names() -> None:
    before = folded(told("CHARGED", refunds=[listed("elsewhere", "20.00", "SUCCESS")]))
    order = forgotten(before)
    assert (amounts(before), status(before)) == (amounts(order), status(order))
    assert () == movements(before, order)
    gone = index_entry(before).names - index_entry(order).names
    assert {(name.kind, name.value) for name in gone} == {
        (NameKind.CUSTOMER, "cust-77"),
        (NameKind.PHONE, "9876543210"),
        (NameKind.EMAIL, "asha@example.com"),
    }
    assert {name.kind for name in gone} == PERSONAL


def test_the_fact_says_who_asked_and_by_which_rule_and_announces_nothing() -> None:
    decided = taken(folded(told("CHARGED")), FORGET, LATE)
    assert decided.fact
    assert (Requester("Meera"), ("G55",), Trust.OPERATOR) == (decided.fact.by, decided.fact.rules, decided.fact.trust)
    assert ((), None) == (decided.effects, decided.next_look_at)


def test_a_customer_who_is_forgotten_is_so_already() -> None:
    order = forgotten(folded(told("CHARGED")))
    again = taken(order, FORGET, LATE)
    assert (Outcome.ALREADY, None) == (again.outcome, again.fact)


def test_an_order_of_nobody_has_nothing_to_forget() -> None:
    assert None is taken(new_order(customer=NOBODY), FORGET).fact


@pytest.mark.parametrize(
    "journal",
    [
        (told("CHARGED"),),
        (told("COD_INITIATED"), RecordCash(outcome=CashOutcome.COLLECTED, by=Requester("Ravi"), note=NOTE)),
        (CancelOrder(by=Requester("Ravi"), note=NOTE),),
    ],
    ids=["paid", "cash", "cancelled"],
)
def test_the_journal_without_the_customer_folds_to_the_order_without_them(journal: tuple[Command, ...]) -> None:
    facts = journaled(*journal)
    decided = taken(fold(facts), FORGET, LATE)
    assert decided.fact
    without = [fact_without(fact, ASHA) for fact in (*facts, decided.fact)]
    assert decided.after == fold(without)
    assert not [word for word in WORDS if word in "".join(map(encoded, without)).lower()]
    assert without == [fact_without(fact, NOBODY) for fact in without]


def test_a_note_loses_what_tells_who_somebody_is_and_keeps_the_rest() -> None:
    order = forgotten(
        folded(told("COD_INITIATED"), RecordCash(outcome=CashOutcome.COLLECTED, by=Requester("Ravi"), note=NOTE))
    )
    assert order.cash
    assert "*** (***, ***, ***) paid Ravi at the door; Mrs *** signed, Omkar did not" == order.cash.note
    assert "Ravi" == order.cash.by


@pytest.mark.parametrize(
    "written", ["9876543210", "987 654 3210", "98765-432-10", "+91 (98765) 43210", "+91-98765-43210", "(98765) 43210"]
)
def test_the_customers_own_number_goes_however_it_is_written(written: str) -> None:
    customer = Customer(customer_id="c-77", phone="+91 98765 43210")
    assert "call *** at 5" == note_without(f"call {written} at 5", customer)


def test_other_numbers_stay_and_blanks_around_a_name_are_no_part_of_it() -> None:
    customer = Customer(customer_id="c-77", phone="+91 98765 43210", first_name="Asha ", last_name=" Om")
    assert "order 198765432101, ***, *** and Omkar" == note_without("order 198765432101, Asha, om and Omkar", customer)


def test_a_verdict_keeps_its_reason_and_loses_the_name_in_its_note() -> None:
    wrong = folded(told("CHARGED", amount="1.00"))
    (reason,) = open_reasons(wrong)
    settled = after(wrong, Settle(reason=reason.key, verdict=Verdict.ACCEPTED, by=Requester("Ravi"), note="Asha is ok"))
    order = forgotten(after(settled, told("CHARGED", 3), now=LATE), LATE + timedelta(days=90))
    assert {reason.key: "*** is ok"} == {key: word.note for key, word in order.settled.items()}
    assert () == open_reasons(order)


@pytest.mark.parametrize(
    ("steps", "now", "owed"),
    [
        ((told("CHARGED"),), NOW, "its time is over at"),
        ((), NOW, "its time is over at"),
        ((told("PENDING_VBV"),), at(DEFAULT.fulfilment_window_s), "Juspay is still asked about it"),
        ((told("PENDING_VBV"),), LATE, "Juspay has not said how it ended"),
        ((told("AUTHORIZATION_FAILED"),), LATE, "Juspay has not said how it ended"),
        ((SignProcess("cust-77"),), LATE, "Juspay has not said how it ended"),
        ((told("CHARGED", amount="1.00"),), LATE, "a person must look at it (mismatch)"),
        ((told("COD_INITIATED"),), LATE, "cash is awaited"),
        (
            (told("CHARGED"), RequestRefund(key="k", refund_id=refund_id_for(MERCHANT, "k"), amount=rupees(FULL))),
            LATE,
            "a refund has not ended",
        ),
    ],
    ids=[
        "in time",
        "unpaid in time",
        "pending",
        "pending for good",
        "failed",
        "at the page",
        "review",
        "cash",
        "refund",
    ],
)
def test_an_order_with_which_something_is_open_keeps_its_customer(
    steps: tuple[Command, ...], now: datetime, owed: str
) -> None:
    no = refused(folded(*steps), FORGET, now)
    assert ("customer_still_owed", "G56") == (no.code, no.rule.id)
    assert owed in dict(no.facts)["owed"]


@pytest.mark.parametrize(
    "steps",
    [(), (told("AUTHORIZATION_FAILED", dated=LATE),), (told("VOIDED"),), (told("AUTO_REFUNDED"),)],
    ids=["never payable", "expired", "released", "given back"],
)
def test_an_order_that_has_ended_without_money_lets_its_customer_go(steps: tuple[Command, ...]) -> None:
    assert NOBODY == forgotten(folded(*steps)).opened.customer


def test_a_refund_of_a_forgotten_customers_order_goes_on() -> None:
    order = forgotten(folded(told("CHARGED")))
    asked = after(order, RequestRefund(key="k", refund_id=refund_id_for(MERCHANT, "k"), amount=rupees(FULL)), now=LATE)
    assert FULL == amounts(asked).reserved_of_kept


def test_the_order_under_its_old_id_is_another_one_and_nobody_can_pay_it() -> None:
    order = forgotten(folded())
    assert "order_exists" == refused(order, OpenOrder(opened(**OURS)), LATE).code
    assert "not_found" == refused(order, SignProcess("cust-77"), LATE).code


@pytest.mark.parametrize("name", ["", "a\nb"])
def test_somebody_has_to_ask_by_name(name: str) -> None:
    with pytest.raises(ValueInvalid):
        ForgetCustomer(by=Requester(name))


def test_the_timeline_says_that_the_customer_was_forgotten_and_by_whom() -> None:
    facts = journaled(told("CHARGED"))
    decided = taken(fold(facts), FORGET, LATE)
    assert decided.fact
    entry = order_timeline([*facts, decided.fact])[-1]
    assert "The customer was forgotten" == entry.title
    assert any("Meera" in detail for detail in entry.details)


# --- checkouts


def a_checkout() -> tuple[Checkout, list[CheckoutFact]]:
    details = CheckoutOpened(
        merchant_id=MERCHANT, checkout_id="chk_1", customer_id="cust-77", email="asha@example.com", first_name="Asha"
    )
    issued = Issued(token_digest="ab", expires_at=at(900))
    decided = checkout_decision(None, OpenCheckout(details, issued))
    assert decided.fact
    return decided.after, [decided.fact]


def checkout_decision(checkout: Checkout | None, what: Any) -> Decision[Checkout, CheckoutFact]:
    decided = decide_checkout(checkout, what, DEFAULT, NOW)
    assert not isinstance(decided, Refused)
    return decided


def test_a_checkout_forgets_its_customer_and_has_ended() -> None:
    checkout, facts = a_checkout()
    decided = checkout_decision(checkout, ForgetCustomerOf(Requester("Meera")))
    assert decided.fact
    assert ("", CheckoutState.TERMINATED) == (decided.after.opened.customer_id, decided.after.state)
    assert (Requester("Meera"), ("C29",)) == (decided.fact.by, decided.fact.rules)
    without = [fact_without_customer(fact) for fact in (*facts, decided.fact)]
    assert decided.after == fold_checkout(without)
    assert not [word for word in WORDS if word in "".join(map(encoded, without)).lower()]


def test_a_checkout_forgets_once_and_hands_out_nothing_more() -> None:
    checkout, _ = a_checkout()
    over = checkout_decision(checkout, ForgetCustomerOf(Requester("Meera"))).after
    assert (Outcome.ALREADY, None) == (
        checkout_decision(over, ForgetCustomerOf(Requester("Meera"))).outcome,
        checkout_decision(over, ForgetCustomerOf(Requester("Meera"))).fact,
    )
    for what in (Renew(Issued(token_digest="cd", expires_at=at(1800))), SignProcessFor("Order-1")):
        assert isinstance(decide_checkout(over, what, DEFAULT, NOW), Refused)


def test_a_forgotten_checkout_is_explained_without_a_name() -> None:
    checkout, facts = a_checkout()
    decided = checkout_decision(checkout, ForgetCustomerOf(Requester("Meera")))
    assert decided.fact
    said = explain_checkout(decided.after, NOW)
    assert "Checkout chk_1 of a customer who was forgotten is TERMINATED. It has ended." == said[0]
    assert "forgotten" in checkout_timeline([*facts, decided.fact])[-1].title


def test_a_fact_of_a_refund_keeps_its_amount_and_loses_the_name_in_its_note() -> None:
    command = RequestRefund(
        key="k", refund_id=refund_id_for(MERCHANT, "k"), amount=rupees(100), note="for Asha", by=Requester("Ravi")
    )
    fact = journaled(told("CHARGED"), command)[-1]
    assert evolve(fact, note="for ***") == fact_without(fact, ASHA)
