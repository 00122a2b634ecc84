"""Examples for the published description: one sale from the order to a refund. All values are made up."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

PUBLIC_URL: Final = "https://pay.example.com"
"""Where the service of these examples is reached."""

_BY_KEY: Final[Json] = {"person": "", "key_id": "abcd2345", "agreed_by": ""}
_CUSTOMER: Final[Json] = {
    "customer_id": "c-17",
    "email": "asha@example.com",
    "phone": "9000000000",
    "first_name": "Asha",
    "last_name": "Rao",
}
NEW_ORDER: Final[Json] = {
    "order_id": "A1",
    "amount": "349.50",
    "currency": "INR",
    "customer": _CUSTOMER,
    "return_url": "https://shop.example.com/thanks",
    "description": "One table lamp",
    "purchase": "cart-88",
}
NEW_REFUND: Final[Json] = {"amount": "100.00"}
REFUND: Final[Json] = {
    "refund_id": "k3v7q2m5x4z6a2b3c5d7",
    "amount": "100.00",
    "state": "PENDING",
    "origin": "requested",
    "idempotency_key": "return-4711",
    "tries": 1,
    "last_call": "answered",
    "txn_id": "",
    "asked_at": "2026-03-01T10:20:29Z",
    "asked_by": _BY_KEY,
    "sent_at": "2026-03-01T10:20:30Z",
    "processed_at": "",
    "gateway_refund_id": "",
    "arn": "",
    "rrn": "",
    "refusal": "",
}
NEW_CAPTURE: Final[Json] = {"amount": "320.00"}
HOLD: Final[Json] = {
    "hold_id": "m5x4z6a2b3c5d7k3v7q2",
    "kind": "capture",
    "amount": "320.00",
    "all": False,
    "state": "DONE",
    "idempotency_key": "weighed-4711",
    "txn_id": "shop-A1-1",
    "tries": 1,
    "last_call": "answered",
    "asked_at": "2026-03-01T10:20:29Z",
    "asked_by": _BY_KEY,
    "sent_at": "2026-03-01T10:20:30Z",
    "refusal": "",
}
CAPTURE_ANSWER: Final[Json] = {
    "hold": HOLD,
    "order_id": "A1",
    "currency": "INR",
    "status": "PARTIAL_CHARGED",
    "paid": True,
    "amount_held": "0.00",
    "amount_captured": "320.00",
}
VOID_ANSWER: Final[Json] = {
    **CAPTURE_ANSWER,
    "hold": {**HOLD, "kind": "void", "amount": "349.50", "all": True, "idempotency_key": "sold-out-4711"},
    "status": "VOIDED",
    "paid": False,
    "amount_captured": "0.00",
}
_REASON: Final[Json] = {
    "kind": "second_charge",
    "key": "second_charge:shop-A1-1,shop-A1-2",
    "message": "The shopper paid more than once; all but one payment should be refunded.",
    "verdicts": ["accepted"],
    "settled": None,
}
_ATTEMPT: Final[Json] = {
    "txn_id": "shop-A1-1",
    "state": "CHARGED",
    "juspay_status": "CHARGED",
    "method": "UPI",
    "note": "",
    "first_seen_at": "2026-03-01T10:01:40Z",
    "changed_at": "2026-03-01T10:02:11Z",
    "processed_at": "2026-03-01T10:02:10Z",
    "gateway_txn_id": "pay_7Qm2",
    "arn": "",
    "rrn": "633012345678",
}
ORDER: Final[Json] = {
    "order_id": "A1",
    "merchant_id": "shop",
    "amount": "349.50",
    "currency": "INR",
    "capture": "automatic",
    "status": "CHARGED",
    "juspay_status": "CHARGED",
    "paid": True,
    "may_fulfil": True,
    "amount_paid": "349.50",
    "discount": "0.00",
    "surcharge": "0.00",
    "amount_held": "0.00",
    "held_until": None,
    "amount_captured": "349.50",
    "amount_refunded": "0.00",
    "amount_charged_back": "0.00",
    "amount_reserved": "100.00",
    "amount_refundable": "249.50",
    "juspay_refundable": "249.50",
    "attempts": [_ATTEMPT],
    "refunds": [REFUND],
    "holds": [],
    "review": [],
    "customer_id": "c-17",
    "return_url": "https://shop.example.com/thanks",
    "description": "One table lamp",
    "purchase": "cart-88",
    "next_look_at": "2026-03-01T10:20:35Z",
    "closes_at": "2026-03-08T10:00:00Z",
    "opened_by": _BY_KEY,
    "amended_by": None,
    "price_asked": None,
    "price_asked_by": None,
    "cash": None,
    "cancelled_at": None,
    "cancelled_by": None,
    "adopted": False,
    "fulfilled": False,
    "unsure": False,
    "version": 5,
    "created_at": "2026-03-01T10:00:00Z",
    "updated_at": "2026-03-01T10:20:31Z",
}
_LISTED: Final[Json] = {**ORDER, "attempts": [{**_ATTEMPT, "first_seen_at": None, "changed_at": None}]}
ORDER_PAGE: Final[Json] = {"orders": [_LISTED], "next": None}
TIMELINE: Final[Json] = {
    "order_id": "A1",
    "timeline": [
        {
            "at": "2026-03-01T10:00:00Z",
            "version": 1,
            "title": "Your backend opened the order; nothing was sent to Juspay",
            "details": ["349.50 INR to be paid", "asked for by API key abcd2345"],
            "rules": ["G2"],
            "source": "your own backend",
        },
    ],
    "next": None,
}
EXPLANATION: Final[Json] = {
    "order_id": "A1",
    "sentences": ["Order A1 of 349.50 INR is CHARGED. The order is paid in full.", "The goods may go out."],
}
PAST: Final[Json] = {
    "order_id": "A1",
    "instant": "2026-03-01T09:59:00Z",
    "order": None,
    "sentences": ["The order was not opened yet."],
}
SUPPOSITION: Final[Json] = {"refund": {"amount": "400.00"}}
WHAT_IF: Final[Json] = {
    "order_id": "A1",
    "outcome": "refused",
    "code": "amount_exceeds_refundable",
    "sentences": [
        (
            "It would be refused: The amount is more than what was captured less all refunds that have not failed"
            " (rule G6)."
        ),
        "The rule looks at amount_captured 349.50, amount_reserved 100.00, amount_refundable 249.50.",
        "Possible instead: look, refund.",
    ],
    "rules": [
        {
            "id": "G6",
            "message": "The amount is more than what was captured less all refunds that have not failed.",
            "help": f"{PUBLIC_URL}/docs/rules#g6",
        }
    ],
    "status": "CHARGED",
    "status_then": "CHARGED",
    "paid": True,
    "paid_then": True,
    "announces": [],
}
REFUND_ANSWER: Final[Json] = {
    "refund": REFUND,
    "order_id": "A1",
    "currency": "INR",
    "status": "CHARGED",
    "amount_captured": "349.50",
    "amount_refunded": "0.00",
    "amount_reserved": "100.00",
    "amount_refundable": "249.50",
}
REFUND_LIST: Final[Json] = {"refunds": [REFUND]}
SETTLEMENT: Final[Json] = {
    "reason": "second_charge:shop-A1-1,shop-A1-2",
    "verdict": "accepted",
    "by": "Meera, support desk",
    "note": "The second payment was refunded.",
}
CASH: Final[Json] = {"outcome": "collected", "by": "Ravi, courier desk", "note": "Receipt 8812 of the courier."}
CANCEL: Final[Json] = {"by": "Meera, support desk", "note": "The customer called it off."}
AMEND: Final[Json] = {"amount": "324.50"}
REVIEW: Final[Json] = {"order_id": "A1", "reasons": [_REASON]}
REVIEW_PAGE: Final[Json] = {
    "orders": [{"order_id": "A1", "status": "CHARGED", "amount": "349.50", "currency": "INR", "reasons": [_REASON]}],
    "next": None,
}
NEW_CHECKOUT: Final[Json] = {"customer": _CUSTOMER, "prefetched": True}
_ENVELOPE: Final[Json] = {"requestId": "6f1c1b5e-64a4-4d0f-9d5e-0f6a4b2c8e11", "service": "in.juspay.hyperpay"}
CREDENTIALS: Final[Json] = {
    "checkout_id": "chk_k3v7q2m5x4z6a2b3c5d7e6f4g2",
    "token": "(a secret of the app)",
    "token_expires_at": "2026-03-01T10:15:00Z",
    "state": "INITIATE_SIGNED",
    "initiate_payload": {**_ENVELOPE, "payload": {"action": "initiate", "signaturePayload": "..."}},
    "legal": ["sign initiate", "terminate"],
}
CHECKOUT: Final[Json] = {
    "checkout_id": "chk_k3v7q2m5x4z6a2b3c5d7e6f4g2",
    "customer_id": "c-17",
    "order_id": "A1",
    "state": "PROCESS_SIGNED",
    "token_expires_at": "2026-03-01T10:15:00Z",
    "legal": ["sign initiate", "sign process", "resume payment", "terminate"],
    "sentences": [
        (
            "Checkout chk_k3v7q2m5x4z6a2b3c5d7e6f4g2 of customer c-17 is PROCESS_SIGNED. "
            "The app has what it needs to open the payment page."
        ),
        "It was last used to pay order A1. The order shows how that ended.",
        "Its token and payload expire at 2026-03-01 10:15:00 UTC.",
        "What may be done now: sign initiate, sign process, resume payment, terminate.",
    ],
    "created_at": "2026-03-01T10:00:00Z",
    "updated_at": "2026-03-01T10:01:00Z",
}
SDK_EVENT: Final[Json] = {
    "event": "process_result",
    "payload": {"action": "paymentPage", "status": "charged", "orderId": "A1"},
    "error": False,
}
EVENT_ANSWER: Final[Json] = {
    "checkout_id": "chk_k3v7q2m5x4z6a2b3c5d7e6f4g2",
    "state": "RETURNED",
    "outcome": "moves",
    "legal": ["sign initiate", "sign process", "terminate"],
}
PROCESS: Final[Json] = {"order_id": "A1"}
PROCESS_ANSWER: Final[Json] = {
    "order_id": "A1",
    "process_payload": {**_ENVELOPE, "payload": {"action": "paymentPage", "orderDetails": "..."}},
}
RESUME: Final[Json] = {"txn_reference": "shop-A1-1", "goes_on": True}
RESUME_ANSWER: Final[Json] = {
    "order_id": "A1",
    "process_payload": {
        **_ENVELOPE,
        "payload": {"action": "resumePayment", "txnReference": "shop-A1-1", "status": True},
    },
}
RESULT: Final[Json] = {"order_id": "A1", "result": "paid", "is_proved": True}
PREFETCH: Final[Json] = {"service": "in.juspay.hyperpay", "betaAssets": True, "payload": {"clientId": "shop"}}
READY: Final[Json] = {"status": "ready", "workers": 1, "no_worker_since": None}
DAY: Final[Json] = {
    "merchant_id": "shop",
    "date": "2026-03-01",
    "time_zone": "Asia/Kolkata",
    "begins_at": "2026-02-28T18:30:00Z",
    "ends_at": "2026-03-01T18:30:00Z",
    "sums": [
        {"of": "opened", "method": "", "currency": "INR", "count": 2, "amount": "699.00"},
        {"of": "paid", "method": "", "currency": "INR", "count": 1, "amount": "349.50"},
        {"of": "waiting", "method": "", "currency": "INR", "count": 1, "amount": "349.50"},
        {"of": "captured", "method": "UPI", "currency": "INR", "count": 1, "amount": "349.50"},
    ],
    "rows": [
        {
            "of": "captured",
            "order_id": "A1",
            "at": "2026-03-01T10:00:05Z",
            "name": "shop-A1-1",
            "method": "UPI",
            "status": "",
            "currency": "INR",
            "amount": "349.50",
        },
    ],
    "next": None,
    "slow_refunds": [],
    "twice_paid": [],
}
CASE_CLOSING: Final[Json] = {"verdict": "corrected", "by": "Meera, finance", "note": "They pay it on Monday."}
CASE: Final[Json] = {
    "id": "case_k7q2m4x5n3p6r2t4",
    "revision": "d1c9f2a47be08356",
    "state": "closed",
    "difference": "different sum",
    "rule": "B6",
    "message": "The report and the order have different sums.",
    "kind": "payment",
    "order_id": "A1",
    "name": "shop-A1-1",
    "ours": {"amount": "349.50", "currency": "INR"},
    "theirs": {"amount": "349.00", "currency": "INR"},
    "besides": [],
    "rows": ["45345, line 2"],
    "opened_at": "2026-03-03T10:00:05Z",
    "changed_at": "2026-03-03T11:30:00Z",
    "words": [{**CASE_CLOSING, "at": "2026-03-03T11:30:00Z", "key_id": "abcd2345"}],
}
CASE_PAGE: Final[Json] = {"cases": [CASE], "next": None}
