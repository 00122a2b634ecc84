"""What webhooks add to the books: names, never money. Source: gateway contract, O.4 and I.3."""

from accountant.bodies import order, paid_by, txn
from accountant.books import Books, books, kept, named_by_webhook

from paystate.core.evidence import DisputeClaim
from paystate.core.orders.commands.webhook_claims import NoteWebhook

PAID = order("CHARGED", 320)
ALONE = Books(captured="320.00", may_go_back="320.00", goods=True)
UNEXPLAINED = Books(captured="320.00", may_go_back="320.00", goods=True, person=["unexplained_payment"])


def test_a_charge_that_only_a_webhook_names_is_a_case_for_a_person_and_no_money() -> None:
    assert UNEXPLAINED == books(kept("320.00", [PAID, named_by_webhook(txn(2), "CHARGED")]))


def test_so_it_is_when_the_webhook_came_first() -> None:
    assert UNEXPLAINED == books(kept("320.00", [named_by_webhook(txn(2), "CHARGED"), PAID]))


def test_a_webhook_that_calls_it_failed_explains_nothing_either() -> None:
    assert UNEXPLAINED == books(kept("320.00", [PAID, named_by_webhook(txn(2), "AUTHORIZATION_FAILED")]))


def test_a_webhook_of_the_payment_that_stands_adds_nothing() -> None:
    assert ALONE == books(kept("320.00", [named_by_webhook(txn(), "CHARGED"), PAID]))


def test_an_unpaid_order_has_nothing_beside_which_to_be_explained() -> None:
    told = kept("320.00", [named_by_webhook(txn(), "CHARGED"), order("NEW", 320, txn_id=None, txn_detail=None)])
    assert Books(goods=False) == books(told)


def test_an_answer_that_shows_its_end_explains_it() -> None:
    failed = paid_by(2, "AUTHORIZATION_FAILED", 320)
    told = kept("320.00", [failed, PAID, named_by_webhook(txn(2), "AUTHORIZATION_FAILED")])
    assert ALONE == books(told)


def test_a_payment_that_an_answer_showed_open_is_not_explained_when_a_webhook_calls_it_charged() -> None:
    """Its name counts nothing, so only the webhook tells that something came of it."""
    odd = {"txn_id": "9fXq77", "txn_uuid": "mozZ", "txn_detail": {"txn_id": "9fXq77", "status": "PENDING_VBV"}}
    opened = order("PENDING_VBV", 320, status_id=23, **odd)
    assert UNEXPLAINED == books(kept("320.00", [opened, PAID, named_by_webhook("9fXq77", "CHARGED")]))


def test_an_answer_that_shows_it_charged_makes_it_money() -> None:
    told = kept("320.00", [PAID, named_by_webhook(txn(2), "CHARGED"), paid_by(2, "CHARGED", 320)])
    assert Books(captured="640.00", may_go_back="640.00", goods=True, person=["second_charge"]) == books(told)


def test_a_chargeback_moves_no_money_and_calls_a_person() -> None:
    told = kept("320.00", [PAID, NoteWebhook(dispute=DisputeClaim(dispute_id="d-9", stage="RECEIVED"))])
    assert Books(captured="320.00", may_go_back="320.00", goods=True, person=["dispute"]) == books(told)
