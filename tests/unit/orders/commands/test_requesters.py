"""Who asked for something: a person, an API key, or both, in the journal, on the record and in words."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from attrs import evolve
from unit.builders import NOW, after, charged, fact_of, new_order, opened, refund, refund_id, rupees, sign, taken, told
from unit.orders.holds.holding import says

from paystate.adapters.storage.codec import decoded_fact, decoded_order, encoded
from paystate.core import explain_order, order_timeline
from paystate.core.checkouts import checkout as checkouts
from paystate.core.checkouts.checkout import CheckoutOpened, Issued, OpenCheckout, Renew
from paystate.core.describe.timeline import checkout_timeline
from paystate.core.errors import ValueInvalid
from paystate.core.evidence import Evidence
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.hold_commands import RequestCapture, RequestVoid
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.price_commands import AmendOrder, EndPriceChange
from paystate.core.orders.commands.sale_commands import CancelOrder, DoubtRecord, RecordCash
from paystate.core.orders.facts import CashOutcome, Fact, Refused
from paystate.core.orders.order import Order, fold
from paystate.core.policy import DEFAULT
from paystate.core.requester import Requester

KEY = Requester(key_id="abcd2345")
PERSON = Requester("Meera")
BOTH = Requester("Meera", "abcd2345")


def words(order: Order | None, *commands: Command | Evidence) -> tuple[str, ...]:
    """The explanation of an order after these."""
    return explain_order(journal(order, *commands), None, DEFAULT, NOW)


def journal(order: Order | None, *inputs: Command | Evidence) -> list[Fact]:
    facts: list[Fact] = []
    for what in (OpenOrder(opened()), *inputs) if order is None else inputs:
        decided = taken(order, what)
        facts.append(fact_of(decided))
        order = decided.after
    return facts


ASKED: list[Callable[[Requester], tuple[Command | Evidence, ...]]] = [
    lambda by: (told("CHARGED", 1), evolve(refund(4000), by=by)),
    lambda by: (says("AUTHORIZED", 1), RequestCapture(key="k", hold_id="h", by=by)),
    lambda by: (says("AUTHORIZED", 1), RequestVoid(key="k", hold_id="h", by=by)),
    lambda by: (AmendOrder(rupees(9000), by),),
    lambda by: (sign(), AmendOrder(rupees(9000), by)),
    lambda by: (CancelOrder(by=by, note="called off"),),
    lambda by: (told("COD_INITIATED", 1), RecordCash(outcome=CashOutcome.COLLECTED, by=by, note="receipt 8812")),
    lambda by: (DoubtRecord(NOW, by),),
]
NAMES = ["refund", "capture", "void", "price at once", "price at Juspay", "cancel", "cash", "doubt"]


@pytest.mark.parametrize("asked", ASKED, ids=NAMES)
def test_the_journal_says_who_asked(asked: Callable[[Requester], tuple[Command | Evidence, ...]]) -> None:
    facts = journal(None, *asked(BOTH))
    assert BOTH == facts[-1].by


@pytest.mark.parametrize("asked", [*ASKED[:3], ASKED[4]], ids=[*NAMES[:3], NAMES[4]])
def test_the_record_says_who_asked_for_what_it_still_shows(
    asked: Callable[[Requester], tuple[Command | Evidence, ...]],
) -> None:
    facts = journal(None, *asked(BOTH))
    order = fold(facts)
    assert order is not None
    assert {len(facts): BOTH} == order.requesters


def test_four_hundred_prices_leave_one_name() -> None:
    order = new_order()
    for minor in range(1000, 1400):
        order = after(order, AmendOrder(rupees(minor), KEY))
    assert ({}, KEY) == (order.requesters, order.amended_by)
    order = after(order, sign(), AmendOrder(rupees(9000), KEY))
    assert [KEY] == [*order.requesters.values()]
    change = order.price_change
    assert change is not None
    over = after(order, EndPriceChange(asked=change.asked))
    assert ({}, KEY) == (over.requesters, over.amended_by)


def test_an_order_of_which_too_much_was_noted_takes_no_other_price() -> None:
    refused = decide(evolve(new_order(), version=500), AmendOrder(rupees(9000), KEY), DEFAULT, NOW)
    assert isinstance(refused, Refused)
    assert ("order_not_amendable", "G54") == (refused.code, refused.rule.id)
    assert not isinstance(
        decide(evolve(new_order(), version=499), AmendOrder(rupees(9000), KEY), DEFAULT, NOW), Refused
    )


@pytest.mark.parametrize("asked", ASKED, ids=NAMES)
def test_the_timeline_says_who_asked(asked: Callable[[Requester], tuple[Command | Evidence, ...]]) -> None:
    last = order_timeline(journal(None, *asked(BOTH)))[-1]
    assert 1 == sum("Meera (API key abcd2345)" in detail for detail in last.details)


def test_an_order_says_who_opened_it() -> None:
    facts = [fact_of(taken(None, OpenOrder(opened(), KEY)))]
    order = fold(facts)
    assert order is not None
    assert KEY == order.opened_by
    assert "It was opened by API key abcd2345." in explain_order(facts, None, DEFAULT, NOW)
    assert "asked for by API key abcd2345" in order_timeline(facts)[0].details


def test_an_order_from_before_says_who_took_it_over() -> None:
    facts = [fact_of(taken(None, OpenOrder(opened(adopted=True), PERSON)))]
    told_so = "The sale is from before Paystate and was taken over by Meera."
    assert told_so in explain_order(facts, None, DEFAULT, NOW)


def test_the_same_order_under_another_key_is_the_same_order() -> None:
    order = taken(None, OpenOrder(opened(), KEY)).after
    again = taken(order, OpenOrder(opened(), Requester(key_id="zzzz2345")))
    assert (None, KEY) == (again.fact, again.after.opened_by)


def test_a_refund_is_explained_with_who_asked_for_it() -> None:
    said = words(None, told("CHARGED", 1), evolve(refund(4000), by=KEY))
    named = f"Refund {refund_id()} of 40.00 INR is reserved and not sent yet. It was asked for by API key abcd2345."
    assert named in said


def test_a_capture_is_explained_with_who_asked_for_it() -> None:
    said = words(None, says("AUTHORIZED", 1), RequestCapture(key="k", hold_id="h", by=PERSON))
    assert "Capture h of 100.00 INR is reserved and not sent yet. It was asked for by Meera." in said


def test_a_price_is_explained_with_who_asked_for_it() -> None:
    asked = words(None, sign(), AmendOrder(rupees(9000), PERSON))
    assert 1 == sum(said.startswith("Another price was asked for by Meera: 90.00 INR.") for said in asked)
    changed = "The price was 100.00 INR at first, and was changed before payment by Meera."
    assert changed in words(None, AmendOrder(rupees(9000), PERSON))


def test_a_price_that_juspay_confirms_is_still_its_askers() -> None:
    order = after(new_order(), sign(), AmendOrder(rupees(9000), KEY))
    confirmed = after(order, told("NEW", order.version, amount="90.00", txn=None))
    assert (rupees(9000), KEY) == (confirmed.amount, confirmed.amended_by)


def test_what_nobody_asked_for_here_names_nobody() -> None:
    order = charged(refund(4000))
    assert ({}, None, None) == (order.requesters, order.opened_by, order.amended_by)
    assert not any(
        "asked for by" in detail for entry in order_timeline(journal(None, sign())) for detail in entry.details
    )


@pytest.mark.parametrize("person", ["x" * 101, "Me\nera", "4111 1111 1111 1111"])
@pytest.mark.parametrize(
    "asks",
    [
        lambda by: evolve(refund(1), by=by),
        lambda by: RequestCapture(key="k", hold_id="h", by=by),
        lambda by: AmendOrder(rupees(1), by),
        lambda by: OpenOrder(opened(), by),
        lambda by: DoubtRecord(NOW, by),
    ],
    ids=["refund", "capture", "price", "order", "doubt"],
)
def test_a_name_has_to_be_one_wherever_it_is_given(asks: Callable[[Requester], Command], person: str) -> None:
    with pytest.raises(ValueInvalid) as refusal:
        asks(Requester(person))
    assert ("validation_failed", "/by") == (refusal.value.code, refusal.value.pointer)


def test_rows_that_an_older_program_wrote_name_nobody_and_fold_to_the_same_order() -> None:
    facts = journal(None, told("CHARGED", 1), refund(4000))
    old = []
    for fact in facts:
        stored = json.loads(encoded(fact))
        del stored["by"]
        old.append(decoded_fact(json.dumps(stored)))
    order = fold(facts)
    assert order is not None
    snapshot = json.loads(encoded(order))
    for name in ("requesters", "amended_by"):
        del snapshot[name]
    assert (order, order) == (fold(old), decoded_order(json.dumps(snapshot)))


def test_who_asked_comes_back_from_storage() -> None:
    facts = journal(None, told("CHARGED", 1), evolve(refund(4000), by=BOTH))
    order = fold(facts)
    assert order is not None
    assert (facts[-1], order) == (decoded_fact(encoded(facts[-1])), decoded_order(encoded(order)))


def test_a_checkout_says_which_key_opened_and_renewed_it() -> None:
    new = CheckoutOpened(merchant_id="acme", checkout_id="c", customer_id="cust-1")
    first = checkouts.decide(None, OpenCheckout(new, Issued(token_digest="d", expires_at=NOW), KEY), DEFAULT, NOW)
    assert not isinstance(first, Refused)
    again = checkouts.decide(first.after, Renew(Issued(token_digest="e", expires_at=NOW), BOTH), DEFAULT, NOW)
    assert not isinstance(again, Refused)
    assert first.fact
    assert again.fact
    assert (KEY, BOTH) == (first.fact.by, again.fact.by)
    details = [entry.details[-1] for entry in checkout_timeline([first.fact, again.fact])]
    assert ["asked for by API key abcd2345", "asked for by Meera (API key abcd2345)"] == details
