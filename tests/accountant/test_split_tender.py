"""Orders that several transactions pay together: what counts is in the legs, the order's own sums stay empty.

Every figure is worked out by hand. Source of the forms: gateway contract, O.3.
"""

from typing import Any

import pytest
from accountant.bodies import given_back, leg, order, refund, split, txn
from accountant.books import OURS, Books, Step, answered, ask, books, kept, label, refund_answered, send

# An order of 700: a gift card pays 200, UPI pays 500.
GIFT, UPI = leg(1, "CHARGED", 200), leg(2, "CHARGED", 500)

CASES: dict[str, tuple[str, dict[str, Any], Books]] = {
    "both legs are charged: 200 and 500": (
        "700.00",
        split("CHARGED", 700, GIFT, UPI),
        Books(captured="700.00", may_go_back="700.00", goods=True),
    ),
    "both legs hide what they took, and their details tell it": (
        "700.00",
        split(
            "CHARGED", 700, leg(1, "CHARGED", 200, effective_amount="FILTERED"),
            leg(2, "CHARGED", 510, effective_amount="FILTERED"), effective_amount="FILTERED",
        ),
        Books(captured="710.00", may_go_back="710.00", goods=True),
    ),
    "two gift cards and UPI: 0.50 and 199.50 and 500": (
        "700.00",
        split("CHARGED", 700, leg(1, "CHARGED", 0.5), leg(2, "CHARGED", 199.5), leg(3, "CHARGED", 500)),
        Books(captured="700.00", may_go_back="700.00", goods=True),
    ),
    "a leg of nothing": (
        "700.00",
        split("CHARGED", 700, leg(1, "CHARGED", 700), leg(2, "CHARGED", 0)),
        Books(captured="700.00", may_go_back="700.00", goods=True),
    ),
    "one leg is charged, the other is still to be": (
        "700.00",
        split("PARTIAL_CHARGED", 700, GIFT, leg(2, "TO_BE_CHARGED", 500), status_id=37),
        Books(captured="200.00", may_go_back="200.00", goods=False, person=["partial_capture"]),
    ),
    "one leg is charged, the other is at the bank": (
        "700.00",
        split("PENDING_VBV", 700, GIFT, leg(2, "PENDING_VBV", 500), status_id=23),
        Books(goods=False),  # the order's own word proves money; it has none yet
    ),
    # 50 of the gift card, all 500 of UPI.
    "refunds stand in the legs": (
        "700.00",
        split(
            "CHARGED", 700,
            leg(1, "CHARGED", 200, refund("g1", 50, "SUCCESS"), amount_refunded=550, refunded=True),
            leg(2, "CHARGED", 500, refund("u1", 500, "SUCCESS"), amount_refunded=550, refunded=True),
        ),
        Books(captured="700.00", back="550.00", may_go_back="150.00", goods=True),
    ),
    "a refund in a leg is on its way": (
        "700.00",
        split("CHARGED", 700, GIFT, leg(2, "CHARGED", 500, refund("u1", 120, "PENDING"))),
        Books(captured="700.00", may_go_back="580.00", goods=True),
    ),
    "a refund in a leg has failed": (
        "700.00",
        split("CHARGED", 700, GIFT, leg(2, "CHARGED", 500, refund("u1", 120, "FAILURE"))),
        Books(captured="700.00", may_go_back="700.00", goods=True),
    ),
    "both legs went back": (
        "700.00",
        split(
            "CHARGED", 700, leg(1, "CHARGED", 200, refund("g1", 200, "SUCCESS")),
            leg(2, "CHARGED", 500, refund("u1", 500, "SUCCESS")),
        ),
        Books(captured="700.00", back="700.00", goods=False),
    ),
    "a surcharge on one leg: 200 and 510": (
        "700.00",
        split("CHARGED", 700, GIFT, leg(2, "CHARGED", 510), effective_amount=710),
        Books(captured="710.00", may_go_back="710.00", goods=True),
    ),
    "a leg went back beside one that failed": (
        "240.00",
        split(
            "AUTO_REFUNDED", 240, leg(1, "AUTHORIZATION_FAILED", 4),
            leg(2, "AUTO_REFUNDED", 236, given_back("AR1", 236, "SUCCESS")), status_id=36,
        ),
        Books(captured="236.00", back="236.00", goods=False),
    ),
    "a leg's way back failed": (
        "240.00",
        split(
            "AUTO_REFUNDED", 240, leg(1, "AUTHORIZATION_FAILED", 4),
            leg(2, "AUTO_REFUNDED", 236, given_back("AR1", 236, "FAILURE")), status_id=36,
        ),
        Books(captured="236.00", may_go_back="236.00", goods=False, person=["auto_refund_failed"]),
    ),
    "a leg goes back and no entry says how: only what it had taken": (
        "240.00",
        split("AUTO_REFUNDED", 240, leg(1, "AUTHORIZATION_FAILED", 4), leg(2, "AUTO_REFUNDED", 236), status_id=36),
        Books(captured="236.00", back="236.00", goods=False),
    ),
    "a leg is called Failure": (
        "240.00",
        split(
            "AUTO_REFUNDED", 240, leg(1, "Failure", 4),
            leg(2, "AUTO_REFUNDED", 236, given_back("AR1", 236, "SUCCESS")), status_id=36,
        ),
        Books(captured="236.00", back="236.00", goods=False),
    ),
    "both legs failed": (
        "240.00",
        split("AUTHORIZATION_FAILED", 240, leg(1, "Failure", 4), leg(2, "AUTHORIZATION_FAILED", 236), status_id=27),
        Books(goods=False),
    ),
    "both legs went back by Juspay": (
        "240.00",
        split(
            "AUTO_REFUNDED", 240, leg(1, "AUTO_REFUNDED", 4, given_back("AR1", 4, "SUCCESS")),
            leg(2, "AUTO_REFUNDED", 236, given_back("AR2", 236, "PENDING")), status_id=36,
        ),
        Books(captured="240.00", back="4.00", goods=False),
    ),
    "both legs went back by Juspay, and only one lists how": (
        "240.00",
        split(
            "AUTO_REFUNDED", 240, leg(1, "AUTO_REFUNDED", 4),
            leg(2, "AUTO_REFUNDED", 236, given_back("AR2", 236, "SUCCESS")), status_id=36,
        ),
        Books(captured="240.00", back="240.00", goods=False),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_legs_are_added_up(case: str) -> None:
    price, body, right = CASES[case]
    assert right == books(kept(price, [body]))


def test_a_leg_that_goes_back_as_more_than_it_was_is_a_case_for_its_gateway_alone() -> None:
    """The gift card's 4 were never taken. The leg was of 236, its refund is of 240: nobody tells which is right."""
    entry = given_back("AR1", 240, "MANUAL_REVIEW")
    body = split("AUTO_REFUNDED", 240, leg(1, "AUTHORIZATION_FAILED", 4), leg(2, "AUTO_REFUNDED", 236, entry))
    told = books(kept("240.00", [body]))
    assert told.captured in ("236.00", "240.00")
    assert ("0.00", "0.00", False, frozenset({"refund_review"})) == (
        told.back,
        told.may_go_back,
        told.goods,
        told.person,
    )


@pytest.mark.parametrize("word", ["Failure", "FAILURE", "failure"])
def test_a_failed_payment_may_be_called_failure(word: str) -> None:
    assert Books(goods=False) == books(kept("90.00", [order(word, 90, txn_id=txn())]))


def test_a_split_payment_at_a_second_try_is_explained_by_the_first_ones_legs() -> None:
    first = split("AUTHORIZATION_FAILED", 700, leg(1, "AUTHORIZATION_FAILED", 200), leg(2, "Failure", 500))
    legs = [one | {"txn_id": one["txn_id"].replace("-1-", "-2-"), "txn_detail": {}} for one in (GIFT, UPI)]
    told = kept("700.00", [first, split("CHARGED", 700, *legs)])
    assert Books(captured="700.00", may_go_back="700.00", goods=True) == books(told)


# --- our refund of 600, of which the gift card gives back 200 and UPI 400 ---------------------------------------------

BEGUN: list[Step] = [split("CHARGED", 700, GIFT, UPI), ask("600.00"), send()]


def shares(of_gift: str, of_upi: str) -> dict[str, Any]:
    """How the status lists it: once under our id, once under that and `-1`."""
    return split(
        "CHARGED",
        700,
        leg(1, "CHARGED", 200, refund(OURS, 200, of_gift)),
        leg(2, "CHARGED", 500, refund(f"{OURS}-1", 400, of_upi)),
    )


def test_before_it_is_listed_it_takes_up_what_was_asked_for() -> None:
    assert Books(captured="700.00", may_go_back="100.00", goods=True) == books(kept("700.00", BEGUN))


def test_its_call_answers_a_refund_and_the_order_stays_paid() -> None:
    parts = [
        {"unique_request_id": OURS, "txn_id": f"{txn()}-1", "amount": 200, "status": "PENDING"},
        {"unique_request_id": f"{OURS}-1", "txn_id": f"{txn()}-2", "amount": 400, "status": "PENDING"},
    ]
    answer = {"order_id": "BK7001", **refund(OURS, 600, "PENDING"), "split_refund_details": parts}
    told = kept("700.00", [*BEGUN, refund_answered(answer, asked=4)])
    assert Books(captured="700.00", may_go_back="100.00", goods=True) == books(told)
    assert "PENDING" == told.refunds[OURS].state


def test_both_shares_are_back() -> None:
    told = kept("700.00", [*BEGUN, shares("SUCCESS", "SUCCESS")])
    assert Books(captured="700.00", back="600.00", may_go_back="100.00", goods=True) == books(told)
    assert "PARTIALLY_REFUNDED" == label(told)


def test_both_shares_have_failed() -> None:
    told = kept("700.00", [*BEGUN, shares("FAILURE", "FAILURE")])
    assert Books(captured="700.00", may_go_back="700.00", goods=True) == books(told)


def test_one_share_is_back_and_one_is_on_its_way() -> None:
    """200 is with the shopper; the other 400 is taken up."""
    told = kept("700.00", [*BEGUN, shares("SUCCESS", "PENDING")])
    assert Books(captured="700.00", back="200.00", may_go_back="100.00", goods=True) == books(told)


def test_one_share_is_back_and_one_has_failed() -> None:
    """200 is with the shopper; of 600 that were asked for 400 are not, and somebody has to know it."""
    told = books(kept("700.00", [*BEGUN, shares("SUCCESS", "FAILURE")]))
    assert ("700.00", "200.00", True) == (told.captured, told.back, told.goods)
    assert told.person


def test_a_share_of_one_leg_alone_is_listed_first() -> None:
    """200 is listed done, the rest not yet: it may still come, so all that was asked for is taken up."""
    only = split("CHARGED", 700, leg(1, "CHARGED", 200, refund(OURS, 200, "SUCCESS")), UPI)
    told = kept("700.00", [*BEGUN, only])
    assert Books(captured="700.00", back="200.00", may_go_back="100.00", goods=True) == books(told)


def test_an_older_answer_does_not_take_a_share_back() -> None:
    late = answered(shares("PENDING", "PENDING"), asked=3)
    told = kept("700.00", [*BEGUN, shares("SUCCESS", "SUCCESS"), late])
    assert Books(captured="700.00", back="600.00", may_go_back="100.00", goods=True) == books(told)
