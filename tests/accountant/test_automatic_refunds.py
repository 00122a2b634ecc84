"""What Juspay gives back by itself: the order reads AUTO_REFUNDED from its beginning, and only SUCCESS is back.

Every figure is worked out by hand. Source of the forms: gateway contract, O.2.
"""

from typing import Any

import pytest
from accountant.bodies import given_back, order, paid_by, refund, txn
from accountant.books import OURS, Books, ask, books, kept, label, send

GONE = Books(captured="640.00", back="640.00", goods=False)
"""All was taken, and all of it is back."""
UNDER_WAY = Books(captured="640.00", goods=False)
"""All was taken; it is on its way, so nobody else may send it."""
FAILED = Books(captured="640.00", may_go_back="640.00", goods=False, person=["auto_refund_failed"])
"""All was taken and nothing is back: somebody has to give it back."""


def returned(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return order("AUTO_REFUNDED", 640, status_id=36, refunds=list(entries), **more)


ONE_PAYMENT: dict[str, tuple[dict[str, Any], Books]] = {
    "done": (returned(given_back("AR1", 640, "SUCCESS"), amount_refunded=640, refunded=True), GONE),
    "done, by the other initiator": (returned(refund("AR1", 640, "SUCCESS", "AUTOREFUND_WORKFLOW")), GONE),
    "begun": (returned(given_back("AR1", 640, "PENDING"), amount_refunded=640, refunded=True), UNDER_WAY),
    "a case for a person at the gateway": (
        returned(given_back("AR1", 640, "MANUAL_REVIEW"), amount_refunded=640, refunded=True),
        Books(captured="640.00", goods=False, person=["refund_review"]),
    ),
    "failed": (returned(given_back("AR1", 640, "FAILURE")), FAILED),
    "failed five times under one id": (returned(*[given_back("AR1", 640, "FAILURE")] * 5), FAILED),
    "failed five times under five ids, still one payment": (
        returned(*[given_back(f"AR{number}", 640, "FAILURE") for number in range(5)]),
        FAILED,
    ),
    "failed, then done under another id": (
        returned(given_back("AR1", 640, "FAILURE"), given_back("AR2", 640, "SUCCESS")), GONE,
    ),
    "failed, then begun under another id": (
        returned(given_back("AR1", 640, "FAILURE"), given_back("AR2", 640, "PENDING")), UNDER_WAY,
    ),
    "failed, then done under the same id": (
        returned(given_back("AR1", 640, "FAILURE"), given_back("AR1", 640, "SUCCESS")), GONE,
    ),
    "no entry at all: nothing better is known, so it is back": (returned(), GONE),
    "no entry, and no list": (order("AUTO_REFUNDED", 640, status_id=36, refunds=None), GONE),
    # 640 and 12.50 and 2.25 of tax on it were paid, so that is what goes back.
    "the surcharge goes back with it": (
        returned(
            given_back("AR1", 654.75, "SUCCESS"), effective_amount=654.75,
            txn_detail={"txn_id": txn(), "status": "AUTO_REFUNDED", "surcharge_amount": 12.5, "tax_amount": 2.25},
        ),
        Books(captured="654.75", back="654.75", goods=False),
    ),
    "the surcharge has failed with it": (
        returned(given_back("AR1", 654.75, "FAILURE"), effective_amount=654.75),
        Books(captured="654.75", may_go_back="654.75", goods=False, person=["auto_refund_failed"]),
    ),
    # 640 less an offer of 90.
    "an offer was never paid, so it does not go back": (
        returned(given_back("AR1", 550, "SUCCESS"), effective_amount=550),
        Books(captured="550.00", back="550.00", goods=False),
    ),
    "an offer, and no entry": (
        returned(effective_amount=550), Books(captured="550.00", back="550.00", goods=False),
    ),
    # 640 in two: 400 is back, 240 is not yet.
    "in two halves, one of them done": (
        returned(given_back("AR1", 400, "SUCCESS"), given_back("AR2", 240, "PENDING")),
        Books(captured="640.00", back="400.00", goods=False),
    ),
    "failed, and the merchant gave it back instead": (
        returned(given_back("AR1", 640, "FAILURE"), refund("desk1", 640, "SUCCESS", "shp_desk")), GONE,
    ),
    # 640 - 200 are still here.
    "failed, and the merchant gave back a part": (
        returned(given_back("AR1", 640, "FAILURE"), refund("desk1", 200, "SUCCESS", "shp_desk")),
        Books(captured="640.00", back="200.00", may_go_back="440.00", goods=False, person=["auto_refund_failed"]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE_PAYMENT)
def test_the_only_payment_is_given_back(case: str) -> None:
    body, right = ONE_PAYMENT[case]
    assert right == books(kept("640.00", [body]))


BESIDE: dict[str, tuple[list[dict[str, Any]], Books]] = {
    # One payment of 640 stands, another one of 640 was taken too: 1280 in all.
    "done": (
        [given_back("AR9", 640, "SUCCESS")],
        Books(captured="1280.00", back="640.00", may_go_back="640.00", goods=True, person=["unexplained_payment"]),
    ),
    "begun": (
        [given_back("AR9", 640, "PENDING")],
        Books(captured="1280.00", may_go_back="640.00", goods=True, person=["unexplained_payment"]),
    ),
    "a case for a person at the gateway": (
        [given_back("AR9", 640, "MANUAL_REVIEW")],
        Books(captured="1280.00", may_go_back="640.00", goods=True, person=["refund_review", "unexplained_payment"]),
    ),
    "failed": (
        [given_back("AR9", 640, "FAILURE")],
        Books(
            captured="1280.00", may_go_back="1280.00", goods=True,
            person=["auto_refund_failed", "unexplained_payment"],
        ),
    ),
    "done, by somebody whose name is hidden": (
        [refund("AR9", 640, "SUCCESS", "FILTERED")],
        Books(captured="1280.00", back="640.00", may_go_back="640.00", goods=True, person=["unexplained_payment"]),
    ),
    # 640 - 100 of the payment that stands.
    "done, and a part of what stands went back": (
        [given_back("AR9", 640, "SUCCESS"), refund("desk1", 100, "SUCCESS", "shp_desk")],
        Books(captured="1280.00", back="740.00", may_go_back="540.00", goods=True, person=["unexplained_payment"]),
    ),
    "done, and all of what stands went back": (
        [given_back("AR9", 640, "SUCCESS"), refund("desk1", 640, "SUCCESS", "shp_desk")],
        Books(captured="1280.00", back="1280.00", goods=False, person=["unexplained_payment"]),
    ),
    # The other one was paid with an offer: 640 + 600.
    "of another sum": (
        [given_back("AR9", 600, "SUCCESS")],
        Books(captured="1240.00", back="600.00", may_go_back="640.00", goods=True, person=["unexplained_payment"]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BESIDE)
def test_another_payment_is_given_back_beside_the_one_that_stands(case: str) -> None:
    entries, right = BESIDE[case]
    assert right == books(kept("640.00", [order("CHARGED", 640, refunds=entries)]))


def test_juspays_own_limit_holds_beside_a_payment_that_is_given_back() -> None:
    """It names what may go back of the transaction that the answer is of."""
    body = order("CHARGED", 640, maximum_eligible_refund_amount=640, refunds=[given_back("AR9", 640, "FAILURE")])
    assert "640.00" == books(kept("640.00", [body])).may_go_back


def test_juspays_own_limit_is_not_used_up_by_what_goes_back_of_another_payment() -> None:
    """640 of the payment that stands may go back; the 640 that Juspay sends are another payment's."""
    bodies = [
        order("CHARGED", 640, maximum_eligible_refund_amount=640),
        order("CHARGED", 640, refunds=[given_back("AR9", 640, "SUCCESS")]),
    ]
    assert "640.00" == books(kept("640.00", bodies)).may_go_back


def test_what_stands_keeps_its_label_beside_a_payment_that_is_given_back() -> None:
    told = kept("640.00", [order("CHARGED", 640, refunds=[given_back("AR9", 640, "SUCCESS")])])
    assert "CHARGED" == label(told)


def test_a_payment_that_was_seen_given_back_is_explained() -> None:
    first = returned(given_back("AR1", 640, "SUCCESS"))
    told = kept("640.00", [first, paid_by(2, "CHARGED", 640, refunds=[given_back("AR1", 640, "SUCCESS")])])
    assert Books(captured="1280.00", back="640.00", may_go_back="640.00", goods=True) == books(told)


def test_a_payment_that_stood_before_and_is_given_back_now_is_withdrawn() -> None:
    told = kept("640.00", [order("CHARGED", 640), returned(given_back("AR1", 640, "SUCCESS"))])
    assert Books(captured="640.00", back="640.00", goods=False, person=["withdrawn"]) == books(told)


def test_a_payment_that_stood_and_whose_return_has_failed_is_withdrawn_all_the_same() -> None:
    told = kept("640.00", [order("CHARGED", 640), returned(given_back("AR1", 640, "FAILURE"))])
    right = Books(
        captured="640.00", may_go_back="640.00", goods=False, person=["auto_refund_failed", "withdrawn"]
    )  # the shopper has paid, and Juspay says that it will not keep it
    assert right == books(told)


def test_a_return_that_has_failed_can_be_made_by_the_merchant() -> None:
    told = books(kept("640.00", [returned(given_back("AR1", 640, "FAILURE")), ask("640.00"), send()]))
    assert ("640.00", "0.00", "0.00", False) == (told.captured, told.back, told.may_go_back, told.goods)
    done = kept(
        "640.00",
        [
            returned(given_back("AR1", 640, "FAILURE")),
            ask("640.00"),
            send(),
            returned(given_back("AR1", 640, "FAILURE"), refund(OURS, 640, "SUCCESS")),
        ],
    )
    assert GONE == books(done)


def test_a_return_that_fails_later_is_looked_at_then() -> None:
    told = kept("640.00", [returned(given_back("AR1", 640, "PENDING")), returned(given_back("AR1", 640, "FAILURE"))])
    assert FAILED == books(told)


def test_a_return_that_is_listed_later_is_not_counted_twice() -> None:
    told = kept("640.00", [returned(), returned(given_back("AR1", 640, "SUCCESS"))])
    assert GONE == books(told)


def test_a_return_that_was_taken_as_done_and_is_listed_as_begun_is_not_back() -> None:
    told = kept("640.00", [returned(), returned(given_back("AR1", 640, "PENDING"))])
    assert UNDER_WAY == books(told)
