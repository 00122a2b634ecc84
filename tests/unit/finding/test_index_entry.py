"""What an order is found by."""

from decimal import Decimal

import pytest
from unit.builders import after, at, listed, new_order, open_keys, opened, refund, send, told

from paystate.core.evidence import Answer, Evidence, OrderAnswer, References, RefundAnswer, TxnAnswer, TxnClaim
from paystate.core.finding.index_entry import Name, NameKind, index_entry, names_spelt
from paystate.core.money import Money
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.derived import Status
from paystate.core.orders.facts import Customer
from paystate.core.orders.order import Order


def values(order: Order, kind: NameKind) -> set[str]:
    return {name.value for name in index_entry(order).names if name.kind is kind}


def test_a_new_order_is_found_by_who_pays_and_what_for() -> None:
    customer = Customer(customer_id="Asha", email="Asha@Example.test", phone="+91-98765 43210")
    entry = index_entry(new_order(customer=customer, purchase="Cart-9"))
    assert {
        Name(NameKind.CUSTOMER, "asha"),
        Name(NameKind.EMAIL, "asha@example.test"),
        Name(NameKind.PHONE, "9876543210"),
        Name(NameKind.PURCHASE, "cart-9"),
    } == entry.names
    assert ("Asha", "Cart-9") == (entry.customer_id, entry.purchase)
    assert (Status.NEW, Money(10_000, "INR"), 0, None) == (
        entry.status, entry.amount, entry.open_reasons, entry.refund_open_since,
    )  # fmt: skip


def test_a_guest_has_no_names() -> None:
    assert frozenset() == index_entry(new_order(customer=Customer())).names


def test_whatever_others_call_a_payment_stands_on_its_order() -> None:
    references = References(rrn="633012345678", arn="ARN9", gateway="epg7")
    txn = TxnAnswer(txn_id="acme-Order-1-1", status="CHARGED", txn_uuid="mozUuid", references=references)
    body = OrderAnswer(
        merchant_id="acme", order_id="Order-1", amount=Decimal(100), currency="INR", status="CHARGED", txn=txn
    )
    order = after(new_order(), Evidence(asked=1, answer=Answer(body=body)))
    assert {"acme-order-1-1", "mozuuid"} == values(order, NameKind.TXN)
    assert {"633012345678", "arn9", "epg7"} == values(order, NameKind.REFERENCE)


def test_a_payment_that_only_a_webhook_names_is_a_name_too() -> None:
    order = after(new_order(), NoteWebhook(txns=(TxnClaim(txn_id="acme-Order-1-2", status="CHARGED"),)))
    assert {"acme-order-1-2"} == values(order, NameKind.TXN)


def test_a_refund_is_a_name_and_so_is_what_the_bank_calls_it() -> None:
    made = RefundAnswer(
        refund_id="Dash1", amount=Decimal(30), status="SUCCESS", references=References(arn="ARN-of-refund")
    )
    order = after(new_order(), told("CHARGED", 1, refunds=[made]))
    assert {"dash1"} == values(order, NameKind.REFUND)
    assert {"arn-of-refund"} == values(order, NameKind.REFERENCE)


def test_no_name_ever_goes_away() -> None:
    paid = after(new_order(), told("PENDING_VBV", 1), told("CHARGED", 2, txn="t2"), refund(3_000), send(), now=at(10))
    later = after(paid, told("CHARGED", 6, txn="t3", refunds=[listed("other", "5", "PENDING")]))
    assert index_entry(paid).names < index_entry(later).names


def charged_with(rrn: str, asked: int) -> Evidence:
    txn = TxnAnswer(txn_id="acme-Order-1-1", status="CHARGED", references=References(rrn=rrn))
    body = OrderAnswer(
        merchant_id="acme", order_id="Order-1", amount=Decimal(100), currency="INR", status="CHARGED", txn=txn
    )
    return Evidence(asked=asked, answer=Answer(body=body))


def test_every_reference_that_was_told_stands_on_its_order() -> None:
    order = new_order()
    for asked, rrn in enumerate(("500", "900", "300", "900"), start=1):
        order = after(order, charged_with(rrn, asked))
    assert {"500", "900", "300"} == values(order, NameKind.REFERENCE)


def test_a_reference_of_a_refund_that_is_corrected_is_still_found() -> None:
    def listed_with(arn: str, asked: int) -> Evidence:
        one = RefundAnswer(refund_id="Dash1", amount=Decimal(30), status="SUCCESS", references=References(arn=arn))
        return told("CHARGED", asked, refunds=[one])

    order = after(new_order(), listed_with("b", 1), listed_with("a", 2))
    assert {"a", "b"} == values(order, NameKind.REFERENCE)


def test_an_order_keeps_the_names_that_it_ever_had() -> None:
    guest, cart = index_entry(new_order(customer=Customer())), index_entry(new_order(purchase="Cart-9"))
    assert (cart.names, guest.changed_at) == (cart.followed_by(guest).names, guest.changed_at)


def test_an_entry_follows_the_order() -> None:
    order = after(new_order(), told("CHARGED", 1), told("CHARGED", 2, txn="t2"))
    assert ["second_charge:t1,t2"] == open_keys(order)
    entry = index_entry(order)
    assert (Status.CHARGED, 1, order.updated_at) == (entry.status, entry.open_reasons, entry.changed_at)


def test_the_oldest_refund_that_waits_is_told() -> None:
    paid = after(new_order(), told("CHARGED", 1), now=at(5))
    one = after(paid, refund(1_000, key="a"), now=at(60))
    two = after(one, refund(2_000, key="b"), now=at(90))
    assert (at(60), at(60)) == (index_entry(one).refund_open_since, index_entry(two).refund_open_since)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (NameKind.TXN, " Acme-1 ", "acme-1"),
        (NameKind.PHONE, "(080) 1234-567", "0801234567"),
        (NameKind.PHONE, "none", ""),
        (NameKind.EMAIL, "STRASSE@x.test", "strasse@x.test"),
        (NameKind.REFERENCE, "x" * 300, "x" * 200),
    ],
)
def test_names_are_spelled_as_they_are_compared(kind: NameKind, text: str, value: str) -> None:
    assert Name(kind, value) == Name.of(kind, text)


def test_a_word_may_be_a_name_of_any_kind() -> None:
    assert {kind for kind in NameKind if kind is not NameKind.PHONE} == {name.kind for name in names_spelt("asha")}
    assert Name(NameKind.PHONE, "9876543210") in names_spelt("+91 98765 43210")
    assert frozenset() == names_spelt("  ")


def test_the_purchase_is_what_the_order_was_opened_for() -> None:
    assert "" == opened().purchase
    assert "Cart-9" == opened(purchase="Cart-9").purchase
