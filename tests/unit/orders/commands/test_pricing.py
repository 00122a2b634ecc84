"""The price of an order is changed before payment, and both prices are known while Juspay has not confirmed it."""

from typing import Any

import pytest
from unit.builders import (
    after,
    after_close,
    at,
    charged,
    new_order,
    not_found,
    open_keys,
    opened,
    refused,
    rupees,
    sentences,
    settle,
    sign,
    taken,
    titles,
    told,
)

from paystate.core.evidence import TxnClaim
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.price_commands import AmendOrder, EndPriceChange
from paystate.core.orders.commands.sale_commands import CancelOrder
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import Policy
from paystate.core.requester import Requester

TO_120 = AmendOrder(rupees(12_000))
"""From the 100.00 of every order here to 120.00."""


def at_juspay() -> Order:
    """An order at 100.00 that Juspay knows, with a change to 120.00 under way."""
    return after(new_order(), sign(), told("NEW", 1, txn=None), TO_120)


def asked(order: Order) -> int:
    assert order.price_change
    return order.price_change.asked


# --- before Juspay can know the order


def test_an_order_that_juspay_cannot_know_has_the_new_price_at_once() -> None:
    decided = taken(new_order(), TO_120)
    assert (rupees(12_000), None) == (decided.after.amount, decided.after.price_change)
    assert decided.fact
    assert ("S3", "G37") == decided.fact.rules


def test_an_answer_at_the_new_price_is_evidence_and_one_at_the_old_is_not() -> None:
    order = after(new_order(), TO_120)
    paid = after(order, told("CHARGED", order.version, amount="120.00"))
    assert (True, 12_000) == (is_paid(paid), amounts(paid).captured)
    other = after(order, told("CHARGED", order.version, amount="100.00"))
    assert (["mismatch:amount:100.00"], "NEW") == (open_keys(other), status(other))


def test_opening_again_compares_with_what_it_was_opened_with() -> None:
    order = after(new_order(), TO_120)
    assert Outcome.ALREADY is taken(order, OpenOrder(opened())).outcome
    assert "order_exists" == refused(order, OpenOrder(opened(amount=rupees(12_000)))).code


def test_the_price_that_it_has_already_changes_nothing() -> None:
    assert Outcome.ALREADY is taken(new_order(), AmendOrder(rupees(10_000))).outcome
    assert Outcome.ALREADY is taken(after(new_order(), TO_120), TO_120).outcome


@pytest.mark.parametrize("word", ["CHARGED", "AUTHORIZED", "PENDING_VBV", "SOMETHING_NEW", "COD_INITIATED", "VOIDED"])
def test_the_price_stays_once_somebody_pays(word: str) -> None:
    no = refused(after(new_order(), told(word)), TO_120)
    assert ("order_not_amendable", "S4") == (no.code, no.rule.id)


def test_the_price_stays_when_the_order_s_time_is_over() -> None:
    no = refused(new_order(), TO_120, now=after_close())
    assert ("order_not_amendable", "G4") == (no.code, no.rule.id)


def test_the_price_of_a_cancelled_order_stays() -> None:
    no = refused(after(new_order(), CancelOrder(by=Requester("Meera"), note="off")), TO_120)
    assert ("order_not_amendable", "G35") == (no.code, no.rule.id)


def test_the_price_stays_while_an_answer_that_did_not_fit_tells_of_money() -> None:
    no = refused(after(new_order(), told("CHARGED", amount="90.00")), TO_120)
    assert ("order_not_amendable", "S4") == (no.code, no.rule.id)


@pytest.mark.parametrize("amount", [rupees(0), Money(12_000, "USD")])
def test_a_price_is_more_than_nothing_and_in_the_order_s_currency(amount: Money) -> None:
    assert "invalid_amount" == refused(new_order(), AmendOrder(amount)).code


def test_another_price_that_juspay_named_before_is_no_reason_once_it_is_the_price() -> None:
    order = after(new_order(), told("NEW", amount="120.00", txn=None))
    assert ["mismatch:amount:120.00"] == open_keys(order)
    change = after(order, TO_120)
    assert [] == open_keys(after(change, told("NEW", asked(change), amount="120.00", txn=None)))


def test_money_that_was_told_at_that_price_too_early_stays_a_reason() -> None:
    change = at_juspay()
    early = after(change, told("CHARGED", asked(change) - 1, amount="120.00"))
    holds = after(early, told("NEW", asked(change), amount="120.00", txn=None))
    assert (rupees(12_000), ["mismatch:amount:120.00"]) == (holds.amount, open_keys(holds))


# --- at Juspay


@pytest.mark.parametrize(
    "order",
    [
        after(new_order(), sign()),
        after(new_order(), told("NEW", txn=None)),
        after(None, OpenOrder(opened(adopted=True))),
        after(new_order(), NoteWebhook(txns=(TxnClaim(txn_id="t1", status="PENDING_VBV"),))),
    ],
    ids=["payload signed", "shown", "adopted", "named by a webhook"],
)
def test_an_order_that_juspay_may_know_keeps_its_price_until_juspay_confirms(order: Order) -> None:
    change = after(order, TO_120)
    assert (rupees(10_000), rupees(12_000)) == (change.amount, change.price_change and change.price_change.amount)


def test_the_new_price_holds_when_an_answer_asked_since_shows_it() -> None:
    change = at_juspay()
    after_it = after(change, told("NEW", asked(change), amount="120.00", txn=None))
    assert (rupees(12_000), None, []) == (after_it.amount, after_it.price_change, open_keys(after_it))


def test_an_answer_to_an_older_question_confirms_nothing() -> None:
    change = at_juspay()
    early = after(change, told("NEW", asked(change) - 1, amount="120.00", txn=None))
    assert (rupees(10_000), ["mismatch:amount:120.00"]) == (early.amount, open_keys(early))


@pytest.mark.parametrize("wrong", [{"merchant_id": "other"}, {"order_id": "other"}, {"currency": "USD"}])
def test_the_price_of_somebody_else_s_order_confirms_nothing(wrong: dict[str, Any]) -> None:
    change = at_juspay()
    other = after(change, told("NEW", asked(change), amount="120.00", txn=None, **wrong))
    assert (rupees(10_000), True) == (other.amount, other.price_change is not None)


def test_a_refund_call_s_answer_confirms_no_price() -> None:
    change = at_juspay()
    assert (
        change.price_change
        == after(change, told("NEW", asked(change), amount="120.00", refunds_only=True)).price_change
    )


def test_money_at_the_new_price_confirms_it_and_is_paid() -> None:
    change = at_juspay()
    paid = after(change, told("CHARGED", asked(change), amount="120.00"))
    assert (True, rupees(12_000), 12_000) == (is_paid(paid), paid.amount, amounts(paid).captured)


def test_money_at_the_old_price_meanwhile_needs_a_person_who_takes_it() -> None:
    change = at_juspay()
    paid = after(change, told("CHARGED", asked(change)))
    assert (["mismatch:amount:100.00"], False) == (open_keys(paid), is_paid(paid))
    took = after(paid, settle("mismatch:amount:100.00"))
    again = after(took, told("CHARGED", took.version))
    assert (True, 10_000, None) == (is_paid(again), amounts(again).captured, again.price_change)


def test_money_at_the_old_price_meanwhile_is_declined_and_can_be_refunded() -> None:
    change = at_juspay()
    paid = after(change, told("CHARGED", asked(change)), settle("mismatch:amount:100.00", Verdict.DECLINED))
    again = after(paid, told("CHARGED", paid.version))
    assert (False, 10_000) == (is_paid(again), amounts(again).refundable)


def test_an_answer_without_money_at_the_old_price_is_evidence_meanwhile() -> None:
    change = at_juspay()
    paying = after(change, told("PENDING_VBV", asked(change)))
    assert ([], "PENDING", True) == (open_keys(paying), status(paying), paying.price_change is not None)


def test_an_older_answer_at_the_old_price_is_no_mismatch_once_the_new_one_holds() -> None:
    change = at_juspay()
    holds = after(change, told("NEW", asked(change), amount="120.00", txn=None))
    late = taken(holds, told("PENDING_VBV", asked(change) - 1))
    assert (None, []) == (late.fact, open_keys(late.after))


def test_money_at_the_old_price_is_a_mismatch_however_old_the_question() -> None:
    change = at_juspay()
    holds = after(change, told("NEW", asked(change), amount="120.00", txn=None))
    assert ["mismatch:amount:100.00"] == open_keys(after(holds, told("CHARGED", asked(change) - 1)))


def test_a_newer_answer_at_the_old_price_is_a_mismatch_once_the_new_one_holds() -> None:
    change = at_juspay()
    holds = after(change, told("NEW", asked(change), amount="120.00", txn=None))
    assert ["mismatch:amount:100.00"] == open_keys(after(holds, told("NEW", holds.version)))


def test_the_old_price_shown_half_a_minute_later_ends_the_change_unmade() -> None:
    change = at_juspay()
    soon = taken(change, told("NEW", asked(change), txn=None), at(29)).after
    assert soon.price_change
    later = taken(soon, told("NEW", soon.version, txn=None), at(30)).after
    assert (None, rupees(10_000)) == (later.price_change, later.amount)


def test_that_juspay_knows_no_such_order_lets_the_new_price_hold_here() -> None:
    change = after(new_order(), sign(), TO_120)
    holds = after(change, not_found(asked(change)))
    assert (rupees(12_000), None) == (holds.amount, holds.price_change)


def test_that_juspay_denies_an_order_it_had_shown_changes_no_price() -> None:
    change = at_juspay()
    assert rupees(10_000) == after(change, not_found(asked(change))).amount


def test_a_refused_change_is_over_and_the_price_stays() -> None:
    change = at_juspay()
    ended = taken(change, EndPriceChange(asked=asked(change)))
    assert (None, rupees(10_000)) == (ended.after.price_change, ended.after.amount)
    assert ended.fact
    assert ("G38",) == ended.fact.rules


def test_the_end_of_another_change_is_old_news() -> None:
    change = at_juspay()
    assert Outcome.STALE is taken(change, EndPriceChange(asked=asked(change) - 1)).outcome


def test_one_change_is_under_way_at_a_time() -> None:
    change = at_juspay()
    assert Outcome.ALREADY is taken(change, TO_120).outcome
    no = refused(change, AmendOrder(rupees(13_000)))
    assert ("order_not_amendable", "G36") == (no.code, no.rule.id)


def test_nobody_is_let_pay_while_a_change_is_under_way() -> None:
    no = refused(at_juspay(), sign())
    assert ("order_not_payable", "G36") == (no.code, no.rule.id)


def test_a_change_under_way_is_looked_into_by_itself() -> None:
    change = taken(after(None, OpenOrder(opened(adopted=True)), not_found()), TO_120)
    assert at(5) == change.next_look_at  # the first step of a refund's looks
    assert at(15) == next_at(change.after, Policy(), at(5))


def test_a_paid_order_keeps_the_price_that_it_was_paid_at() -> None:
    no = refused(charged(), TO_120)
    assert "order_not_amendable" == no.code


# --- how it is told


def test_a_change_is_told_with_both_prices() -> None:
    words = sentences(sign(), TO_120)
    assert "Order Order-1 of 100.00 INR is NEW." in words
    assert "Another price was asked for: 120.00 INR." in words
    assert "Order Order-1 of 120.00 INR is NEW." in sentences(TO_120)
    assert "The price was 100.00 INR at first, and was changed before payment." in sentences(TO_120)


def test_the_timeline_tells_how_a_change_went() -> None:
    assert "The price was changed" in titles(TO_120)
    assert "Another price was asked for, and Juspay must confirm it first" in titles(sign(), TO_120)
    assert "The price was not changed" in titles(sign(), TO_120, EndPriceChange(asked=3))
    shown = titles(told("NEW", 1, txn=None), TO_120, told("NEW", 3, amount="120.00", txn=None))
    assert "Juspay says again NEW: created, nobody has tried to pay" == shown[-1]


def test_the_timeline_says_that_an_answer_ended_the_change() -> None:
    late = (told("NEW", 6, txn=None), at(40))
    known = [told("NEW", asked_at, txn=None) for asked_at in (1, 9)]
    assert "Juspay says which price the order has" in titles(sign(), *known, TO_120, late)


def test_a_change_of_price_ends_when_a_hold_at_the_old_price_that_a_person_took_has_failed() -> None:
    change = at_juspay()
    held = after(change, told("AUTHORIZED", asked(change)), settle("mismatch:amount:100.00"))
    failed = after(held, told("AUTHORIZATION_FAILED", held.version), now=at(600))
    assert (None, rupees(10_000)) == (failed.price_change, failed.amount)
