"""What is read of a webhook: of which order it is, which transactions it names, and what it says of a dispute.

Shapes: gateway contract, I.2 and O.6.
"""

from decimal import Decimal
from typing import Any

import pytest
from integration.juspay.played import order, refund, text

from paystate.adapters.juspay.webhooks import read_webhook
from paystate.core.evidence import DisputeClaim, TxnClaim, WebhookEvent

TXN = "teahouse-tea-041-1"


def event(content: Any, name: str = "ORDER_SUCCEEDED", **changes: Any) -> WebhookEvent:
    read = read_webhook(text({"id": "evt_V2_1", "event_name": name, "content": content} | changes))
    assert read
    return read


def claims(content: Any) -> list[tuple[str, str]]:
    return [(claim.txn_id, claim.status) for claim in event(content).txns]


# --- of which order


def test_a_whole_webhook_of_an_order() -> None:
    assert event({"order": order()}, date_created="1970-01-01", new=1) == WebhookEvent(
        event_id="evt_V2_1",
        name="ORDER_SUCCEEDED",
        merchant_id="teahouse",
        order_id="tea-041",
        txns=(TxnClaim(txn_id=TXN, status="CHARGED"),),
    )


@pytest.mark.parametrize("name", ["TXN_CHARGED", "TXN_FAILED"])
def test_a_transaction_alone_names_its_order_and_no_merchant(name: str) -> None:
    txn = {"order_id": "tea-041", "txn_id": TXN, "status": "AUTHORIZATION_FAILED", "txn_amount": 12, "card": "FILTERED"}
    read = event({"txn": txn}, name)
    assert (read.order_id, read.merchant_id) == ("tea-041", None)
    assert read.txns == (TxnClaim(txn_id=TXN, status="AUTHORIZATION_FAILED"),)


@pytest.mark.parametrize("name", ["MANDATE_ACTIVATED", "MANDATE_PAUSED"])
def test_a_mandate_names_the_order_that_it_was_made_with(name: str) -> None:
    read = event(
        {"mandate": {"mandate_id": "m-1", "status": "ACTIVE", "order_id": "tea-041", "max_amount": "50"}}, name
    )
    assert (read.order_id, read.merchant_id, read.txns) == ("tea-041", None, ())


@pytest.mark.parametrize(
    "content",
    [
        {"notification": {"id": "1", "order_id": "tea-041"}},
        {"refund": {"unique_request_id": "r1", "order_id": "tea-041"}},
        {"notification": {"id": "1", "mandate": {"mandate_id": "m-1", "order_id": "tea-041"}}},
        {"chargeback": {"txn": {"order_id": "tea-041"}}},
        {"mandates": [{"mandate_id": "m-1"}, {"mandate_id": "m-2", "order_id": "tea-041"}]},
        {"order": {"status": "NEW"}, "txn": {"order_id": "tea-041"}},
        {"order_id": "tea-041"},
    ],
)
def test_an_order_may_be_named_anywhere(content: Any) -> None:
    assert event(content).order_id == "tea-041"


def test_the_order_s_own_object_is_asked_first() -> None:
    content = {"mandate": {"order_id": "first-one"}, "txn": {"order_id": "other"}, "order": {"order_id": "tea-041"}}
    assert event(content).order_id == "tea-041"


@pytest.mark.parametrize(("written", "read"), [(41, "41"), ("FILTERED", None), ({}, None), (True, None)])
def test_an_id_may_be_a_number(written: Any, read: str | None) -> None:
    assert event({"order": order(order_id=written)}).order_id == read
    assert event({"order": order(merchant_id=written)}).merchant_id == read


def test_another_merchant_s_name_beside_the_order_counts() -> None:
    assert event({"txn": {"order_id": "tea-041"}, "order": {"merchant_id": "other"}}).merchant_id == "other"


@pytest.mark.parametrize(
    "content", [None, [], "x", 1, {}, {"order": None}, {"order": []}, {"order": {}}, {"order": "x"}, {"txn": [None]}]
)
def test_an_event_without_an_order(content: Any) -> None:
    assert event(content) == WebhookEvent(event_id="evt_V2_1", name="ORDER_SUCCEEDED")


@pytest.mark.parametrize(
    "wrong",
    [{"amount": {}}, {"refunds": 1}, {"refunds": [None]}, {"currency": {}}, {"effective_amount": "FILTERED"}],
    ids=str,
)  # fmt: skip
def test_an_order_that_is_odd_elsewhere_is_named_all_the_same(wrong: dict[str, Any]) -> None:
    read = event({"order": order(**wrong)})
    assert (read.merchant_id, read.order_id, read.txns) == (
        "teahouse",
        "tea-041",
        (TxnClaim(txn_id=TXN, status="CHARGED"),),
    )


# --- which transactions


def test_a_transaction_s_own_word_counts_before_the_order_s() -> None:
    detail = {"txn_id": TXN, "status": "AUTHORIZED"}
    assert claims({"order": order(status="NEW", txn_detail=detail)}) == [(TXN, "AUTHORIZED")]
    assert claims({"order": order(status="NEW", txn_detail={"status": "STARTED"})}) == [(TXN, "STARTED")]
    assert claims({"order": order(status="NEW", txn_detail="FILTERED")}) == [(TXN, "NEW")]


def test_the_detail_of_another_transaction_names_a_second_one() -> None:
    detail = {"txn_id": "teahouse-tea-041-2", "status": "STARTED"}
    assert claims({"order": order(txn_detail=detail)}) == [(TXN, "CHARGED"), ("teahouse-tea-041-2", "STARTED")]


def test_one_transaction_may_be_spelt_in_two_ways() -> None:
    detail = {"txn_id": "TEAHOUSE_OLD-tea-041-1", "txn_uuid": "mozTea1", "status": "AUTO_REFUNDED"}
    assert claims({"order": order(txn_uuid="mozTea1", txn_detail=detail)}) == [(TXN, "AUTO_REFUNDED")]


def test_every_leg_of_a_split_payment_is_named() -> None:
    legs = [
        {"txn_id": "t-1", "status": "CHARGED"},
        {"txn_id": 2, "txn_detail": {"status": "Failure"}},
        {"txn_detail": {"txn_id": "t-3", "status": "STARTED"}},
        None,
        {"status": "CHARGED"},
    ]
    assert claims({"order": order(txn_id=None, txn_detail=None, txn_list=legs)}) == [
        ("t-1", "CHARGED"), ("2", "Failure"), ("t-3", "STARTED"),
    ]  # fmt: skip


def test_one_transaction_is_named_once() -> None:
    assert claims({"order": order(), "txn": {"txn_id": TXN, "status": "STARTED"}}) == [(TXN, "CHARGED")]


@pytest.mark.parametrize("hidden", [None, "", "FILTERED", {}, [], True], ids=str)
def test_a_name_that_is_none_names_no_transaction(hidden: Any) -> None:
    assert claims({"order": order(txn_id=hidden, txn_detail=None), "txn": {"txn_id": hidden}}) == []


# --- disputes


@pytest.mark.parametrize(
    ("content", "dispute_id", "amount"),
    [
        ({"chargeback": {"id": "cb-1", "amount": 12.5}}, "cb-1", "12.5"),
        ({"dispute": {"dispute_id": 7, "dispute_amount": "12.50"}}, "7", "12.50"),
        ({"order": order(chargebacks=[{"id": "cb-1", "amount": 1}, {"id": "cb-2", "amount": 2}])}, "cb-2", "2"),
        ({"order": order(chargeback_id="cb-9", chargeback_amount=3)}, "cb-9", "3"),
        ({"order": order()}, "", None),
        ({"chargeback": {"id": {}, "amount": []}}, "", None),
        ({"chargeback": "FILTERED"}, "", None),
        (None, "", None),
    ],
)
def test_a_chargeback_is_told_as_far_as_it_can_be_read(content: Any, dispute_id: str, amount: str | None) -> None:
    told = Decimal(amount) if amount else None
    dispute = event(content, "CHARGEBACK_RECEIVED").dispute
    assert dispute == DisputeClaim(dispute_id=dispute_id, stage="RECEIVED", amount=told)


def test_the_stage_is_what_the_event_is_called() -> None:
    dispute = event({}, "CHARGEBACK_RESOLVED_IN_MERCHANT_FAVOUR").dispute
    assert dispute
    assert dispute.stage == "RESOLVED_IN_MERCHANT_FAVOUR"


def test_no_other_event_is_a_dispute() -> None:
    assert event({"chargeback": {"id": "cb-1"}}, "ORDER_REFUNDED").dispute is None


def test_a_chargeback_names_its_order() -> None:
    content = {"chargeback": {"id": "cb-1", "amount": 5, "order_id": "tea-041"}}
    assert event(content, "CHARGEBACK_RECEIVED").order_id == "tea-041"


# --- the envelope


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"null", b"1", b'"x"', b"\xff{}", b"[" * 100_000])
def test_what_is_no_object_is_no_event(body: bytes) -> None:
    assert read_webhook(body) is None


@pytest.mark.parametrize(
    "id_", [None, "", 7, {}, "e" * 10_000, "a b", "a\x00", "é", "sha256:" + "0" * 64, "overflow:tea-041"]
)
def test_an_unusable_event_id_is_none(id_: Any) -> None:
    read = event({"order": order()}, id=id_)
    assert (read.event_id, read.order_id) == (None, "tea-041")


def test_a_sealed_body_is_an_event_without_anything() -> None:
    assert read_webhook(b'{"JWT": "a.b.c.d.e"}') == WebhookEvent(event_id=None, name="")


def test_an_automatic_refund_s_webhook_names_order_and_transaction() -> None:
    body = order(status="AUTO_REFUNDED", status_id=36, txn_detail={"txn_id": TXN, "status": "AUTO_REFUNDED"},
                 refunds=[refund(initiated_by="AUTO_REFUNDED")], effective_amount="FILTERED")  # fmt: skip
    read = event({"order": body}, "AUTO_REFUND_INITIATED")
    assert (read.order_id, read.txns) == ("tea-041", (TxnClaim(txn_id=TXN, status="AUTO_REFUNDED"),))


@pytest.mark.parametrize("item", ["{}", "[]", '{"a":1}', '{"txn_id":"t"}'])
@pytest.mark.parametrize("member", ["refunds", "txn_list", "unheard_of"])
def test_a_list_without_end_is_not_built(member: str, item: str) -> None:
    listed = ",".join([item] * ((1 << 20) // (len(item) + 1)))
    assert (
        read_webhook(f'{{"id":"e","content":{{"order":{{"order_id":"A1","{member}":[{listed}]}}}}}}'.encode()) is None
    )


def test_a_long_text_of_brackets_is_as_good_as_any_other() -> None:
    assert "A1" == event({"order": {"order_id": "A1", "note": "[{" * 5_000}}).order_id
