"""What may happen to an order, as Hypothesis strategies. Owns shapes, no expectations.

`evidence` is the plausible kind: few transactions, few refunds, few questions, so that answers collide.
`anything` is the implausible kind: whatever the types admit.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from unit.builders import FULL, MERCHANT, NOW, ORDER, after_close, at, listed, not_found, opened, refund_id, told

from paystate.core.evidence import (
    Answer,
    DisputeClaim,
    Evidence,
    NotFound,
    OrderAnswer,
    RefundAnswer,
    TxnAnswer,
    TxnClaim,
)
from paystate.core.money import Money
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.open_commands import OpenOrder, SignProcess
from paystate.core.orders.commands.refund_commands import EndRefundCall, RequestRefund, SendRefund
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.facts import Customer, Opened
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.policy import DEFAULT
from paystate.core.requester import Requester
from paystate.core.text import card_seen_in, unseen_in

ORDER_WORDS = (
    "NEW", "PENDING_VBV", "AUTHORIZING", "AUTHORIZATION_FAILED", "COD_INITIATED", "VOIDED", "AUTHORIZED",
    "CAPTURE_FAILED", "PARTIAL_CHARGED", "CHARGED", "AUTO_REFUNDED", "SOMETHING_NEW",
)  # fmt: skip
REFUND_WORDS = ("PENDING", "SUCCESS", "FAILURE", "MANUAL_REVIEW", "SOMETHING_NEW")
KEYS = ("k1", "k2")
OURS = tuple(refund_id(key) for key in KEYS)
RESERVED = {OURS[0]: "30", OURS[1]: "20"}
"""Amounts, in rupees, under which our own refunds are asked for."""

ASKED = st.integers(0, 6)
WRONG: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"amount": "1"},
        {"amount": None},
        {"currency": "USD"},
        {"merchant_id": "other"},
        {"order_id": "x"},
    ]
)
DATES = st.sampled_from([None, NOW, after_close(-60), after_close(60), after_close(600)])


@st.composite
def refund_listings(draw: st.DrawFn) -> list[RefundAnswer]:
    ids = draw(st.lists(st.sampled_from([*OURS, "x1", "x2", "auto"]), max_size=3))
    return [
        listed(
            one,
            draw(st.sampled_from([RESERVED.get(one, "10"), RESERVED.get(one, "10"), "40", "0.001"])),
            draw(st.sampled_from(REFUND_WORDS)),
            automatic=one == "auto",
        )
        for one in ids
    ]


@st.composite
def legs(draw: st.DrawFn) -> list[TxnAnswer]:
    """Two transactions that pay together, 20 and 80, each with what it lists of refunds."""
    return [
        TxnAnswer(
            txn_id=f"t3-{number}",
            status=draw(st.sampled_from(["CHARGED", "CHARGED", "AUTO_REFUNDED", "Failure", "TO_BE_CHARGED"])),
            paid=paid,
            refunds=tuple(draw(refund_listings())),
        )
        for number, paid in ((1, Decimal(20)), (2, Decimal(80)))
    ]


def webhooks() -> st.SearchStrategy[NoteWebhook]:
    claim = st.builds(TxnClaim, txn_id=st.sampled_from(["t1", "t2", "t9"]), status=st.sampled_from(ORDER_WORDS))
    dispute = st.builds(
        DisputeClaim,
        dispute_id=st.sampled_from(["d1", ""]),
        stage=st.sampled_from(["RECEIVED", "CANCELED"]),
        amount=st.sampled_from([None, Decimal(100), Decimal("NaN")]),
    )
    return st.builds(NoteWebhook, txns=st.lists(claim, max_size=2).map(tuple), dispute=st.none() | dispute)


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    asked = draw(ASKED)
    if draw(st.integers(0, 9)) == 0:
        return not_found(asked, draw(DATES))
    word = draw(st.sampled_from(ORDER_WORDS))
    wrong: dict[str, Any] = draw(WRONG) if draw(st.integers(0, 7)) == 0 else {}
    return told(
        word,
        asked,
        txn=draw(st.sampled_from(["t1", "t2", "t3", None])),
        txn_status=draw(st.sampled_from([word, word, "", *ORDER_WORDS])),
        refunds=draw(refund_listings()),
        captured=draw(st.sampled_from(["60.00", "40.00", "100.00", None])),
        paid=draw(st.sampled_from([None, None, "100.00", "85.00", "108.00", "0"])),
        eligible=draw(st.sampled_from([None, None, "100.00", "50.00", "0"])),
        legs=draw(legs()) if draw(st.integers(0, 5)) == 0 else (),
        dated=draw(DATES),
        expires_at=draw(st.sampled_from([None, None, at(600), at(900)])),
        **wrong,
    )


def commands() -> st.SearchStrategy[Command]:
    key = st.sampled_from(KEYS)
    reasons = [
        "denied:order:NOT_FOUND",
        "denied:order:FAILED",
        "mismatch:amount:1",
        "second_charge:t1,t2",
        "unexplained_payment:t9",
        f"refund_unknown:{OURS[0]}",
    ]
    return st.one_of(
        st.builds(
            lambda name, minor: RequestRefund(key=name, refund_id=refund_id(name), amount=Money(minor, "INR")),
            key,
            st.sampled_from([1, 2000, 3000, FULL, FULL + 1]),
        ),
        st.just(SignProcess("cust-1")),
        webhooks(),
        st.just(OpenOrder(opened())),
        st.builds(
            Settle,
            reason=st.sampled_from(reasons),
            verdict=st.sampled_from(Verdict),
            by=st.just(Requester("A")),
            note=st.just("n"),
        ),
    )


# --- whatever the types admit -----------------------------------------------------------------------------------------

WORDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40).filter(
    lambda text: not (card_seen_in(text) or unseen_in(text, joins=True))
)
"""What a person can sign with."""
TEXT = st.text(max_size=8)
INSTANTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds UTC
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
DECIMALS = st.decimals() | st.decimals(0, 10**6, places=2)
MERCHANTS, ORDERS = st.sampled_from([MERCHANT, None, ""]), st.sampled_from([ORDER, ORDER.lower(), None])
STATUSES = st.sampled_from([*ORDER_WORDS, *REFUND_WORDS, ""]) | TEXT

any_refund = st.builds(
    RefundAnswer,
    refund_id=st.sampled_from([*OURS, ""]) | TEXT,
    amount=DECIMALS,
    status=STATUSES,
    automatic=st.booleans(),
    created_at=st.none() | INSTANTS,
    note=TEXT,
)
any_order_answer = st.builds(
    OrderAnswer,
    merchant_id=MERCHANTS | TEXT,
    order_id=ORDERS | TEXT,
    amount=st.none() | st.just(Money(FULL, "INR")).map(lambda money: listed("", str(money), "").amount) | DECIMALS,
    currency=st.sampled_from(["INR", "INR", "USD", None]) | TEXT,
    status=STATUSES,
    paid=st.none() | DECIMALS,
    discount=st.none() | DECIMALS,
    surcharge=st.none() | DECIMALS,
    eligible=st.none() | DECIMALS,
    legs=st.lists(
        st.builds(
            TxnAnswer,
            txn_id=st.sampled_from(["", "t1", "t1-1"]) | TEXT,
            status=STATUSES,
            paid=st.none() | DECIMALS,
            refunds=st.lists(any_refund, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    txn=st.none()
    | st.builds(TxnAnswer, txn_id=st.sampled_from(["", "t1"]) | TEXT, status=STATUSES, method=TEXT, note=TEXT),
    refunds=st.lists(any_refund, max_size=4).map(tuple),
    captured=st.none() | DECIMALS,
    expires_at=st.none() | INSTANTS,
)
any_evidence = st.builds(
    Evidence,
    asked=st.integers(-1, 12),
    answer=st.builds(Answer, body=any_order_answer | st.just(NotFound()), dated=st.none() | INSTANTS),
    refunds_only=st.booleans(),
)
any_command = st.one_of(
    st.builds(
        OpenOrder,
        st.builds(
            Opened,
            merchant_id=TEXT,
            order_id=TEXT,
            amount=st.builds(Money, st.integers(0, FULL), st.sampled_from(["INR", "JPY"])),
            customer=st.builds(Customer),
            window_s=st.integers(0, 10**6),
        ),
    ),
    st.builds(SignProcess, TEXT | st.just("cust-1")),
    st.builds(
        RequestRefund,
        key=st.sampled_from(KEYS) | TEXT,
        refund_id=st.sampled_from(OURS) | TEXT,
        amount=st.builds(Money, st.integers(-1, FULL + 1), st.sampled_from(["INR", "USD"])),
    ),
    st.builds(SendRefund, st.sampled_from(OURS) | TEXT),
    st.builds(
        EndRefundCall,
        refund_id=st.sampled_from(OURS) | TEXT,
        sent_version=st.integers(-1, 12),
        last_call=st.sampled_from(LastCall),
        refusal=st.sampled_from(["", "duplicate.call", "invalid amount", "access_denied"]) | TEXT,
    ),
    st.builds(Settle, reason=TEXT, verdict=st.sampled_from(Verdict), by=st.builds(Requester, WORDS), note=WORDS),
    commands(),
)
anything = any_evidence | evidence() | any_command
moments = st.integers(-86_400, DEFAULT.fulfilment_window_s + 86_400).map(lambda s: NOW + timedelta(seconds=s))
