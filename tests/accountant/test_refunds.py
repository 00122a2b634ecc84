"""What the merchant gives back: by our calls, at Juspay's dashboard, or by another program.

Every figure is worked out by hand; each order is of 800. Source of the forms: gateway contract, H.3, O.1 and O.2.
"""

from typing import Any

import pytest
from accountant.bodies import order, refund
from accountant.books import OURS, Books, Step, ask, books, found, kept, label, refund_answered, send

from paystate.core.orders.commands.decide import Verdict


def charged(*refunds: dict[str, Any], **more: Any) -> dict[str, Any]:
    return order("CHARGED", 800, refunds=list(refunds), **more)


LISTED: dict[str, tuple[dict[str, Any], Books]] = {
    "a part, at the dashboard": (
        charged(refund("erf_1", 300, "SUCCESS", "shp_desk"), amount_refunded=300),
        Books(captured="800.00", back="300.00", may_go_back="500.00", goods=True),
    ),
    "a part, by another program": (
        charged(refund("elsewhere1", 300, "SUCCESS")),
        Books(captured="800.00", back="300.00", may_go_back="500.00", goods=True),
    ),
    # The order's own sum counts what is only on its way; the shopper has nothing yet. Nobody ships what is
    # being undone.
    "all of it, on its way": (
        charged(refund("erf_1", 800, "PENDING", "bookworm"), amount_refunded=800, refunded=True),
        Books(captured="800.00", goods=False),
    ),
    "failed": (
        charged(refund("erf_1", 800, "FAILURE", "shp_desk")),
        Books(captured="800.00", may_go_back="800.00", goods=True),
    ),
    "nobody can say": (
        charged(refund("erf_1", 300, "MANUAL_REVIEW"), amount_refunded=300),
        Books(captured="800.00", may_go_back="500.00", goods=True, person=["refund_review"]),
    ),
    # 60 is back, 740 nobody can say: all 800 are back or on their way.
    "one done, one that nobody can say": (
        charged(refund("a1", 740, "MANUAL_REVIEW"), refund("a2", 60, "SUCCESS"), amount_refunded=800, refunded=True),
        Books(captured="800.00", back="60.00", goods=False, person=["refund_review"]),
    ),
    # 199.99 + 400.02 + 199.98 = 799.99, and another 199.99 failed.
    "all but a paisa": (
        charged(
            refund("a1", "199.99", "SUCCESS", "shp_desk"), refund("a2", "400.02", "SUCCESS"),
            refund("a3", "199.98", "SUCCESS"), refund("a4", "199.99", "FAILURE"),
        ),
        Books(captured="800.00", back="799.99", may_go_back="0.01", goods=True),
    ),
    "all of it": (
        charged(refund("a1", 800, "SUCCESS"), amount_refunded=800, refunded=True, maximum_eligible_refund_amount=0),
        Books(captured="800.00", back="800.00", goods=False),
    ),
    "more than was taken: 500 and 400": (
        charged(refund("a1", 500, "SUCCESS"), refund("a2", 400, "SUCCESS")),
        Books(captured="800.00", back="900.00", goods=False, person=["over_refunded"]),
    ),
    # Juspay had counted the 300: 800 - 300 = 500, of which it will do 450.
    "Juspay will give back less than is left": (
        charged(refund("a1", 300, "SUCCESS"), maximum_eligible_refund_amount=450),
        Books(captured="800.00", back="300.00", may_go_back="450.00", goods=True),
    ),
    # Cashback: Juspay would give back 900 - 300 = 600, but only 500 of what was taken are left.
    "Juspay would give back more than is left": (
        charged(refund("a1", 300, "SUCCESS"), maximum_eligible_refund_amount=600),
        Books(captured="800.00", back="300.00", may_go_back="500.00", goods=True),
    ),
    "an entry of nothing": (
        charged(None, {}, refund("a1", 300, "SUCCESS")),  # type: ignore[arg-type]
        Books(captured="800.00", back="300.00", may_go_back="500.00", goods=True),
    ),
    # 800 less an offer of 120 was paid, and went back.
    "all of what was paid with an offer": (
        charged(refund("a1", 680, "SUCCESS"), effective_amount=680),
        Books(captured="680.00", back="680.00", goods=False),
    ),
    "a part of what was paid with an offer": (
        charged(refund("a1", 400, "SUCCESS"), effective_amount=680),
        Books(captured="680.00", back="400.00", may_go_back="280.00", goods=True),
    ),
    # 800 and a surcharge of 16: 816.
    "all of what was paid with a surcharge": (
        charged(refund("a1", 816, "SUCCESS"), effective_amount=816),
        Books(captured="816.00", back="816.00", goods=False),
    ),
    "the price, and Juspay keeps the surcharge": (
        charged(refund("a1", 800, "SUCCESS"), effective_amount=816, refunded=True, maximum_eligible_refund_amount=0),
        Books(captured="816.00", back="800.00", goods=False),
    ),
    "the price, and the surcharge may still go back": (
        charged(refund("a1", 800, "SUCCESS"), effective_amount=816),
        Books(captured="816.00", back="800.00", may_go_back="16.00", goods=False),
    ),
    "a part of the price with a surcharge": (
        charged(refund("a1", 799, "SUCCESS"), effective_amount=816),
        Books(captured="816.00", back="799.00", may_go_back="17.00", goods=True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LISTED)
def test_what_is_listed_is_added_up(case: str) -> None:
    body, right = LISTED[case]
    assert right == books(kept("800.00", [body]))


LABELS: dict[str, tuple[dict[str, Any], str]] = {
    "offer, all back": (charged(refund("a1", 680, "SUCCESS"), effective_amount=680), "REFUNDED"),
    "surcharge, all back": (charged(refund("a1", 816, "SUCCESS"), effective_amount=816), "REFUNDED"),
    "a part back": (charged(refund("a1", 1, "SUCCESS")), "PARTIALLY_REFUNDED"),
    "on its way": (charged(refund("a1", 800, "PENDING")), "CHARGED"),
    "a part was taken, all of it back": (
        order("PARTIAL_CHARGED", 800, captured_amount=250, refunds=[refund("a1", 250, "SUCCESS")]),
        "REFUNDED",
    ),
    "a part was taken, some of it back": (
        order("PARTIAL_CHARGED", 800, captured_amount=250, refunds=[refund("a1", 100, "SUCCESS")]),
        "PARTIAL_CHARGED",
    ),
}


@pytest.mark.parametrize("case", LABELS)
def test_what_the_order_is_called(case: str) -> None:
    body, right = LABELS[case]
    assert right == label(kept("800.00", [body]))


def test_all_of_a_part_is_back() -> None:
    """250 were taken and 250 are back; the goods stay."""
    body = order("PARTIAL_CHARGED", 800, captured_amount=250, refunds=[refund("a1", 250, "SUCCESS")])
    told = books(kept("800.00", [body]))
    assert ("250.00", "250.00", "0.00", False) == (told.captured, told.back, told.may_go_back, told.goods)


def test_of_a_part_of_unknown_size_nothing_may_go_back() -> None:
    told = books(kept("800.00", [order("PARTIAL_CHARGED", 800)]))
    assert ("0.00", "0.00") == (told.captured, told.may_go_back)


# --- a refund of ours: 300 of 800 -------------------------------------------------------------------------------------

BEGUN: list[Step] = [charged(), ask("300.00"), send()]


def test_it_takes_up_what_was_asked_for_from_the_first_moment() -> None:
    assert Books(captured="800.00", may_go_back="500.00", goods=True) == books(kept("800.00", BEGUN))


def test_it_is_not_back_while_it_is_pending() -> None:
    told = kept("800.00", [*BEGUN, charged(refund(OURS, 300, "PENDING"), amount_refunded=300)])
    assert Books(captured="800.00", may_go_back="500.00", goods=True) == books(told)


def test_it_is_back() -> None:
    told = kept("800.00", [*BEGUN, charged(refund(OURS, 300, "SUCCESS"), amount_refunded=300)])
    assert Books(captured="800.00", back="300.00", may_go_back="500.00", goods=True) == books(told)


def test_it_has_failed() -> None:
    told = kept("800.00", [*BEGUN, charged(refund(OURS, 300, "FAILURE"))])
    assert Books(captured="800.00", may_go_back="800.00", goods=True) == books(told)


def test_it_failed_and_was_made_again_under_another_id() -> None:
    told = kept("800.00", [*BEGUN, charged(refund(OURS, 300, "FAILURE"), refund("again1", 300, "SUCCESS"))])
    assert Books(captured="800.00", back="300.00", may_go_back="500.00", goods=True) == books(told)


def test_its_call_may_answer_a_refund_alone() -> None:
    answer = {"order_id": "BK7001", "txn_id": "bookworm-BK7001-1", **refund(OURS, 300, "PENDING")}
    told = kept("800.00", [*BEGUN, refund_answered(answer, asked=4)])
    assert Books(captured="800.00", may_go_back="500.00", goods=True) == books(told)
    assert "PENDING" == told.refunds[OURS].state


def test_juspays_own_limit_does_not_count_it_before_juspay_has_seen_it() -> None:
    """Juspay will give back 700 in all; 300 are asked for since: 400."""
    told = kept("800.00", [charged(maximum_eligible_refund_amount=700), ask("300.00")])
    assert "400.00" == books(told).may_go_back


def test_juspays_own_limit_counts_it_from_when_juspay_lists_it() -> None:
    """Juspay has counted the 300: of the 700 it will still do 400, which is less than the 500 that are left."""
    listed = charged(refund(OURS, 300, "PENDING"), maximum_eligible_refund_amount=400)
    assert "400.00" == books(kept("800.00", [charged(), ask("300.00"), send(), listed])).may_go_back


def test_ours_listed_under_another_id_is_a_case_for_a_person_and_taken_up_once_at_least() -> None:
    told = books(
        kept("800.00", [*BEGUN, charged(refund("BK-renamed", 300, "SUCCESS", created="2026-03-01T09:00:30Z"))])
    )
    assert ("800.00", "300.00", frozenset({"refund_unknown"})) == (told.captured, told.back, told.person)


def test_ours_that_a_person_finds_done_under_another_id_went_back_once() -> None:
    """Juspay lists one refund of 300, and a person finds that it is ours: 300 are with the shopper, not 600."""
    renamed = charged(refund("BK-renamed", 300, "SUCCESS", created="2026-03-01T09:00:30Z"))
    told = kept("800.00", [*BEGUN, renamed, found(f"refund_unknown:{OURS}:BK-renamed", Verdict.DONE)])
    assert Books(captured="800.00", back="300.00", may_go_back="500.00", goods=True) == books(told)


def test_ours_that_a_person_finds_not_done_beside_another_one_never_went() -> None:
    renamed = charged(refund("BK-renamed", 300, "SUCCESS", created="2026-03-01T09:00:30Z"))
    told = kept("800.00", [*BEGUN, renamed, found(f"refund_unknown:{OURS}:BK-renamed", Verdict.NOT_DONE)])
    assert Books(captured="800.00", back="300.00", may_go_back="500.00", goods=True) == books(told)


def test_an_odd_answer_to_a_refund_call_makes_nothing_unpaid() -> None:
    """It names another price and no merchant: it moves the refund, and opens nothing."""
    odd = order("CHARGED", 5, merchant_id=None, currency=None, refunds=[refund(OURS, 300, "PENDING")])
    told = kept("800.00", [*BEGUN, refund_answered(odd, asked=4)])
    assert Books(captured="800.00", may_go_back="500.00", goods=True) == books(told)
