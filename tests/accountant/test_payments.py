"""What was taken of the shopper's money, and what of it may go back: payments without refunds.

Every figure is worked out by hand; the sums stand beside the cases. Source of the forms: gateway contract, O.1.
"""

from typing import Any

import pytest
from accountant.bodies import order, paid_by, part, txn
from accountant.books import Books, books, found, kept, label

from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Verdict

NOTHING = Books(goods=False)
"""No money was taken, so none can go back."""


def detail(status: str, amount: object, **more: Any) -> dict[str, Any]:
    return {"txn_id": txn(), "status": status, "txn_amount": amount, **more}


CHARGED: dict[str, tuple[str, dict[str, Any], Books]] = {
    "plain": ("499.00", order("CHARGED", 499), Books(captured="499.00", may_go_back="499.00", goods=True)),
    "amounts and numbers as text": (
        "499.00",
        order("CHARGED", "499.00", status_id="21", effective_amount="499.0"),
        Books(captured="499.00", may_go_back="499.00", goods=True),
    ),
    "the word decides, not the number": (
        "499.00",
        order("CHARGED", 499, status_id=27),
        Books(captured="499.00", may_go_back="499.00", goods=True),
    ),
    "what was paid is hidden, so it is the price": (
        "499.00",
        order("CHARGED", 499, effective_amount="FILTERED", maximum_eligible_refund_amount="FILTERED"),
        Books(captured="499.00", may_go_back="499.00", goods=True),
    ),
    "no word of what was paid, as older bodies have it": (
        "75.00",
        {name: value for name, value in order("CHARGED", 75).items() if name != "effective_amount"},
        Books(captured="75.00", may_go_back="75.00", goods=True),
    ),
    # An offer: 1200 less 180.
    "offer": (
        "1200.00",
        order(
            "CHARGED", 1200, effective_amount=1020, offers=[{"offer_id": "spring"}],
            txn_detail=detail("CHARGED", 1020, net_amount=1200, offer_deduction_amount=180),
        ),
        Books(captured="1020.00", may_go_back="1020.00", goods=True),
    ),
    "offer of everything: there is nothing to give back, and the goods are paid": (
        "300.00",
        order("CHARGED", 300, effective_amount=0, txn_detail=detail("CHARGED", 0, offer_deduction_amount=300)),
        Books(goods=True),
    ),
    # A surcharge: 20 and 1 and 18 % of it, which is 0.18.
    "surcharge with its tax": (
        "20.00",
        order(
            "CHARGED", 20, effective_amount=21.18,
            txn_detail=detail("CHARGED", 21.18, net_amount=20, surcharge_amount=1, tax_amount=0.18),
        ),
        Books(captured="21.18", may_go_back="21.18", goods=True),
    ),
    # An offer and a surcharge: 900 - 50 + 75 = 925. More was paid than ordered, though an offer took something off.
    "offer and surcharge": (
        "900.00",
        order("CHARGED", 900, effective_amount=925, txn_detail=detail("CHARGED", 925, offer_deduction_amount=50)),
        Books(captured="925.00", may_go_back="925.00", goods=True),
    ),
    # No-cost EMI: 5300 was taken, Juspay would give back 5800. Nobody can give back what he does not have.
    "no-cost EMI, eligible exceeds what was paid": (
        "5800.00",
        order("CHARGED", 5800, effective_amount=5300, maximum_eligible_refund_amount=5800),
        Books(captured="5300.00", may_go_back="5300.00", goods=True),
    ),
    "eligible is less than what was paid": (
        "900.00",
        order("CHARGED", 900, maximum_eligible_refund_amount=850.5),
        Books(captured="900.00", may_go_back="850.50", goods=True),
    ),
    "eligible under its newer name": (
        "900.00",
        order("CHARGED", 900, txn_detail=detail("CHARGED", 900, remaining_refundable_amount=850.5)),
        Books(captured="900.00", may_go_back="850.50", goods=True),
    ),
    "eligible nothing, though nothing is back": (
        "900.00",
        order("CHARGED", 900, maximum_eligible_refund_amount=0),
        Books(captured="900.00", may_go_back="0.00", goods=True),
    ),
    "captured in parts until it was whole: 100 and 150 and 50": (
        "300.00",
        order(
            "CHARGED", 300, captured_amount=300, refundable_amount=300, maximum_eligible_refund_amount=300,
            txn_sub_details=[part(1, 100), part(2, 150), part(3, 50)],
        ),
        Books(captured="300.00", may_go_back="300.00", goods=True),
    ),
    "odd shapes beside the money are left": (
        "499.00",
        order("CHARGED", 499, txn_detail=[], refunds=[None], offers="", card=[], txn_sub_details="FILTERED"),
        Books(captured="499.00", may_go_back="499.00", goods=True),
    ),
    "a split payment whose legs are hidden is paid as a whole": (
        "200.00",
        order("CHARGED", 200, txn_id=None, txn_uuid=None, txn_detail="FILTERED", txn_list="FILTERED"),
        Books(captured="200.00", may_go_back="200.00", goods=True),
    ),
}  # fmt: skip

PARTLY: dict[str, tuple[str, dict[str, Any], Books]] = {
    "captured_amount": (
        "900.00",
        order("PARTIAL_CHARGED", 900, status_id=37, captured_amount=250, refundable_amount=250),
        Books(captured="250.00", may_go_back="250.00", goods=False, person=["partial_capture"]),
    ),
    "an older number": (
        "900.00",
        order("PARTIAL_CHARGED", 900, status_id=21, captured_amount="250.00"),
        Books(captured="250.00", may_go_back="250.00", goods=False, person=["partial_capture"]),
    ),
    # 100 + 149.50 were taken; 300 was let go, and 50 failed.
    "its entries alone": (
        "900.00",
        order(
            "PARTIAL_CHARGED", 900, status_id=37,
            txn_sub_details=[
                part(1, 100), part(2, 149.5), part(3, 300, "PARTIAL_VOID", "VOIDED"),
                part(4, 50, status="CAPTURE_FAILED"),
            ],
        ),
        Books(captured="249.50", may_go_back="249.50", goods=False, person=["partial_capture"]),
    ),
    "nothing told: nothing counts, and somebody is asked": (
        "900.00",
        order("PARTIAL_CHARGED", 900, status_id=37),
        Books(goods=False, person=["partial_capture"]),
    ),
    "less may go back than was taken": (
        "900.00",
        order("PARTIAL_CHARGED", 900, status_id=37, captured_amount=250, refundable_amount=240),
        Books(captured="250.00", may_go_back="240.00", goods=False, person=["partial_capture"]),
    ),
}  # fmt: skip

UNPAID: dict[str, tuple[str, dict[str, Any], Books]] = {
    "new, with a stale sum beside it": ("90.00", order("NEW", 90, status_id=10, effective_amount=3), NOTHING),
    "created": ("90.00", order("CREATED", 90, status_id=1), NOTHING),
    "at the bank": ("90.00", order("PENDING_VBV", 90, status_id=23), NOTHING),
    "declined": ("90.00", order("AUTHORIZATION_FAILED", 90, status_id=27), NOTHING),
    "to be charged": ("90.00", order("TO_BE_CHARGED", 90, status_id=40), NOTHING),
    "held": ("90.00", order("AUTHORIZED", 90, status_id=25), NOTHING),
    "held, and taking it failed": (
        "90.00", order("CAPTURE_FAILED", 90, status_id=33), Books(goods=False, person=["capture_failed"]),
    ),
    "held, and letting it go failed": (
        "90.00", order("VOID_FAILED", 90, status_id=34), Books(goods=False, person=["capture_failed"]),
    ),
    "let go": (
        "90.00",
        order(
            "VOIDED", 90, status_id=31, captured_amount=0, refundable_amount=0,
            txn_sub_details=[part(1, 60, "PARTIAL_VOID", "VOIDED"), part(2, 30, "PARTIAL_VOID", "VOIDED")],
        ),
        NOTHING,
    ),
    # Cash: 90 and 15 for the way. The courier has it, or nobody; it never goes through Juspay.
    "cash on delivery, with a fee": (
        "90.00",
        order("COD_INITIATED", 90, status_id=29, effective_amount=105, payment_method_type="CASH",
              txn_detail=detail("COD_INITIATED", 105, surcharge_amount=15, tax_amount=0)),
        NOTHING,
    ),
    "a word that nobody knows": ("90.00", order("SETTLED_SOMEHOW", 90, status_id=77), NOTHING),
}  # fmt: skip


@pytest.mark.parametrize("case", CHARGED)
def test_what_was_charged(case: str) -> None:
    price, body, right = CHARGED[case]
    told = kept(price, [body])
    assert (right, "CHARGED") == (books(told), label(told))


SHOWN: dict[str, tuple[str, dict[str, Any], tuple[int, int, int]]] = {
    # Paid, off, and on, in paise.
    "plain": ("499.00", order("CHARGED", 499), (49900, 0, 0)),
    "an offer that is told": (
        "1200.00",
        order("CHARGED", 1200, effective_amount=1020, txn_detail=detail("CHARGED", 1020, offer_deduction_amount=180)),
        (102000, 18000, 0),
    ),
    "an offer that only shows": ("1200.00", order("CHARGED", 1200, effective_amount=1020), (102000, 18000, 0)),
    "a surcharge and its tax": (
        "20.00",
        order("CHARGED", 20, effective_amount=21.18,
              txn_detail=detail("CHARGED", 21.18, surcharge_amount=1, tax_amount=0.18)),
        (2118, 0, 118),
    ),
    "a surcharge that only shows": ("20.00", order("CHARGED", 20, effective_amount=21.18), (2118, 0, 118)),
}  # fmt: skip


@pytest.mark.parametrize("case", SHOWN)
def test_what_came_off_and_on_is_shown_apart(case: str) -> None:
    price, body, right = SHOWN[case]
    money = amounts(kept(price, [body]))
    assert right == (money.paid, money.discount, money.surcharge)


def test_what_was_paid_is_not_forgotten_when_a_later_answer_hides_it() -> None:
    """1200 less 180; the second answer shows the price alone."""
    first, second = order("CHARGED", 1200, effective_amount=1020), order("CHARGED", 1200, effective_amount="FILTERED")
    for told in ([first, second], [second, first]):
        assert "1020.00" == books(kept("1200.00", told)).captured


@pytest.mark.parametrize("case", PARTLY)
def test_what_was_taken_in_part(case: str) -> None:
    price, body, right = PARTLY[case]
    told = kept(price, [body])
    assert (right, "PARTIAL_CHARGED") == (books(told), label(told))


@pytest.mark.parametrize("case", UNPAID)
def test_what_was_not_taken(case: str) -> None:
    price, body, right = UNPAID[case]
    assert right == books(kept(price, [body]))


def test_a_part_that_is_enough_lets_the_goods_go() -> None:
    told = kept("900.00", [order("PARTIAL_CHARGED", 900, captured_amount=250)])
    looked = kept(
        "900.00",
        [
            order("PARTIAL_CHARGED", 900, captured_amount=250),
            found(f"partial_capture:{next(iter(told.attempts))}:25000", Verdict.ACCEPTED),
        ],
    )
    assert Books(captured="250.00", may_go_back="250.00", goods=True) == books(looked)


# --- the price was changed at Juspay: ordered at 500, 450 stands there ------------------------------------------------

CHEAPER = order("CHARGED", 450)


def test_another_price_is_no_proof_of_money_until_a_person_has_looked() -> None:
    assert Books(goods=False, person=["mismatch"]) == books(kept("500.00", [CHEAPER]))


def test_another_price_that_a_person_takes_is_what_was_paid() -> None:
    told = kept("500.00", [CHEAPER, found("mismatch:amount:450", Verdict.ACCEPTED), CHEAPER])
    assert Books(captured="450.00", may_go_back="450.00", goods=True) == books(told)


def test_another_price_is_neither_a_discount_nor_a_surcharge() -> None:
    """The whole of the price was paid, be it another price: 450 of 450, and 550 of 550."""
    for price in (450, 550):
        body = order("CHARGED", price)
        money = amounts(kept("500.00", [body, found(f"mismatch:amount:{price}", Verdict.ACCEPTED), body]))
        assert (price * 100, 0, 0) == (money.paid, money.discount, money.surcharge)


def test_another_price_with_an_offer_has_that_discount_alone() -> None:
    """450 less 45."""
    body = order("CHARGED", 450, effective_amount=405)
    money = amounts(kept("500.00", [body, found("mismatch:amount:450", Verdict.ACCEPTED), body]))
    assert (40500, 4500, 0) == (money.paid, money.discount, money.surcharge)


def test_another_price_that_a_person_declines_is_to_go_back() -> None:
    told = kept("500.00", [CHEAPER, found("mismatch:amount:450", Verdict.DECLINED), CHEAPER])
    assert Books(captured="450.00", may_go_back="450.00", goods=False) == books(told)


# --- more than one payment --------------------------------------------------------------------------------------------


def test_two_charges_that_were_both_seen_are_both_taken() -> None:
    told = kept("320.00", [order("CHARGED", 320), paid_by(2, "CHARGED", 320)])
    assert Books(captured="640.00", may_go_back="640.00", goods=True, person=["second_charge"]) == books(told)


def test_two_charges_with_different_discounts_are_added_as_they_were_paid() -> None:
    """320 less an offer of 20, then 320 in full: 620."""
    told = kept("320.00", [order("CHARGED", 320, effective_amount=300), paid_by(2, "CHARGED", 320)])
    assert Books(captured="620.00", may_go_back="620.00", goods=True, person=["second_charge"]) == books(told)


def test_two_charges_whose_offers_come_to_more_than_the_price_are_no_case_of_an_offer() -> None:
    """Each was paid with 180 off 320, which any offer may be; 140 and 140 were taken."""
    told = kept(
        "320.00", [order("CHARGED", 320, effective_amount=140), paid_by(2, "CHARGED", 320, effective_amount=140)]
    )
    assert Books(captured="280.00", may_go_back="280.00", goods=True, person=["second_charge"]) == books(told)


def test_a_charge_at_a_second_try_leaves_the_first_one_to_be_explained() -> None:
    """Only one payment is proved; the first try was never seen ended."""
    told = kept("320.00", [paid_by(2, "CHARGED", 320)])
    right = Books(captured="320.00", may_go_back="320.00", goods=True, person=["unexplained_payment"])
    assert right == books(told)


def test_a_first_try_that_was_seen_to_fail_is_explained() -> None:
    told = kept("320.00", [order("AUTHENTICATION_FAILED", 320, status_id=26), paid_by(2, "CHARGED", 320)])
    assert Books(captured="320.00", may_go_back="320.00", goods=True) == books(told)


def test_a_first_try_that_was_pending_when_the_second_was_paid_is_not() -> None:
    told = kept("320.00", [order("PENDING_VBV", 320, status_id=23), paid_by(2, "CHARGED", 320)])
    right = Books(captured="320.00", may_go_back="320.00", goods=True, person=["unexplained_payment"])
    assert right == books(told)
