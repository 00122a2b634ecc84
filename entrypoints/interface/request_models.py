"""What comes in, member by member: the bodies that callers send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from paystate.core.orders.facts import Capture, CashOutcome
from paystate.core.orders.reason import Verdict
from paystate.core.settlement.cases import CaseVerdict
from paystate.core.text import NAME_MAX, NOTE_MAX
from paystate.entrypoints.interface.bodies import Body

Amount = Annotated[
    str,
    Meta(
        description="Major units as a string, with no more decimals than the currency has: `349`, `349.5`, `349.50`."
        " Never a number.",
        examples=["100.00"],
    ),
]

OrderId = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z0-9_-]{1,31}$",
        description="Unique per merchant, whatever its case. As long as `order_id_max` allows: 20 by default.",
        examples=["A1"],
    ),
]

CustomerId = Annotated[str, Meta(pattern="^[A-Za-z0-9_.@+-]{0,64}$", description="Your id for the customer.")]

EventId = Annotated[str, Meta(pattern="^ann_[a-z2-7]{26}$", description="An announcement's.")]

EndpointName = Annotated[str, Meta(min_length=1, max_length=32)]

Email = Annotated[str, Meta(max_length=254)]

Phone = Annotated[str, Meta(max_length=20)]

Name = Annotated[str, Meta(max_length=100)]

_NAMES = frozenset({"first_name", "last_name"})


class CustomerIn(Body):
    """Who pays; all empty for a guest's order. A checkout needs the `customer_id`."""

    joins: ClassVar[frozenset[str]] = _NAMES
    typed: ClassVar[frozenset[str]] = frozenset({"email", "phone"})

    customer_id: CustomerId = ""
    email: Email = ""
    phone: Phone = ""
    first_name: Name = ""
    last_name: Name = ""


class NewOrder(Body):
    """An order to be opened."""

    codes: ClassVar[Mapping[str, str]] = {
        "/order_id": "invalid_order_id",
        "/amount": "invalid_amount",
        "/currency": "invalid_currency",
        "/return_url": "invalid_return_url",
        "/customer/customer_id": "invalid_customer_id",
    }
    codes_of_missing: ClassVar[Mapping[str, str]] = codes
    joins: ClassVar[frozenset[str]] = frozenset({"description"})

    order_id: OrderId
    amount: Amount
    currency: Annotated[str, Meta(description="ISO 4217 code.", examples=["INR"])]
    customer: CustomerIn = msgspec.field(default_factory=CustomerIn)
    return_url: Annotated[
        str, Meta(description="Where the shopper is sent in the end: https, on a host that is set up for you.")
    ] = ""
    description: Annotated[str, Meta(max_length=250)] = ""
    capture: Annotated[
        Capture, Meta(description="`manual`: the bank only holds the money until you take it or let it go.")
    ] = Capture.AUTOMATIC
    purchase: Annotated[
        str,
        Meta(
            max_length=64,
            description="Your own reference of what is bought, such as a cart's. Orders that share one are tries to "
            "pay for one thing, and two paid ones are pointed out to you.",
        ),
    ] = ""


class NewRefund(Body):
    """A refund, in the order's currency. A full refund needs its amount too."""

    codes: ClassVar[Mapping[str, str]] = {"/amount": "invalid_amount"}

    amount: Amount
    txn_id: Annotated[
        str, Meta(max_length=128, description="Give back from this transaction, if several took money; else empty.")
    ] = ""


class NewCapture(Body):
    """A capture of held money, in the order's currency; `{}` for all of it."""

    codes: ClassVar[Mapping[str, str]] = {"/amount": "invalid_amount"}

    amount: Annotated[Amount | None, Meta(description="A part of what is held. The default is all of it.")] = None


class NewCheckout(Body):
    """One run of the SDK for one customer."""

    codes: ClassVar[Mapping[str, str]] = {"/customer/customer_id": "invalid_customer_id"}

    customer: CustomerIn
    prefetched: Annotated[bool, Meta(description="The app has called the SDK's preFetch.")] = False


class SdkEventIn(Body, forbid_unknown_fields=False, rename={"error_code": "errorCode"}):
    """An event of the SDK, passed on as it came; members that are not named here are ignored."""

    event: Annotated[str, Meta(min_length=1, max_length=64, examples=["process_result"])]
    payload: Annotated[Any, Meta(description="Only its `status` is looked at.")] = None
    error: Annotated[Any, Meta(description="The event's own flag.")] = None
    error_code: Annotated[Any, Meta(description="Such as `JP_002`.")] = None


class ProcessIn(Body):
    """The order that the shopper is about to pay."""

    codes: ClassVar[Mapping[str, str]] = {"/order_id": "invalid_order_id"}
    codes_of_missing: ClassVar[Mapping[str, str]] = codes

    order_id: OrderId


class ResumeIn(Body):
    """The app's decision on a payment that the SDK holds back with `paymentAttempt`."""

    txn_reference: Annotated[
        str, Meta(min_length=1, max_length=128, description="The event's `txnReference`.", examples=["shop-A1-1"])
    ]
    goes_on: Annotated[bool, Meta(description="Whether it may go on; if not, the SDK closes its page.")] = True


class CashIn(Body):
    """What became of cash on delivery."""

    joins: ClassVar[frozenset[str]] = frozenset({"by", "note"})

    outcome: CashOutcome
    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, description="Who says so.")]
    note: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, description="Such as the courier's receipt.")]


class CancelIn(Body):
    """Why a sale is cancelled."""

    joins: ClassVar[frozenset[str]] = frozenset({"by", "note"})

    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, description="Who says so.")]
    note: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, description="Why, in words.")]


class AmendIn(Body):
    """Another price, in the order's currency."""

    codes: ClassVar[Mapping[str, str]] = {"/amount": "invalid_amount"}

    amount: Amount


class SettledReasonIn(Body):
    """What a person found of one open reason."""

    joins: ClassVar[frozenset[str]] = frozenset({"by", "note"})

    reason: Annotated[str, Meta(min_length=1, max_length=2000, description="The reason's key.")]
    verdict: Verdict
    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, description="Who says so.")]
    note: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, description="What was found, in words.")]


class CaseClosingIn(Body):
    """What a person found of a difference between a settlement and the orders."""

    joins: ClassVar[frozenset[str]] = frozenset({"by", "note"})

    verdict: CaseVerdict
    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, description="Who says so.")]
    note: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, description="What was found, in words.")]
    revision: Annotated[
        str | None,
        Meta(
            description="The `revision` of the case that was looked at. With it, a case that has changed since stays"
            " open."
        ),
    ] = None


class ReplayIn(Body):
    """Which announcements are delivered once more: those to which all that is given applies."""

    ids: Annotated[
        Annotated[tuple[EventId, ...], Meta(min_length=1, max_length=100)] | None,
        Meta(description="These. One that is kept no more needs its `order_id` or `since` beside it."),
    ] = None
    order_id: Annotated[OrderId | None, Meta(description="Those of this order.")] = None
    since: Annotated[
        str | None,
        Meta(
            description="Those that were announced then or later: ISO 8601 with a zone.",
            examples=["2026-03-14T09:05:00Z"],
        ),
    ] = None
    dead: Annotated[bool, Meta(description="Those that were given up.")] = False
    endpoint: Annotated[
        EndpointName | None, Meta(description="Only to this endpoint or handler; left out, to all that want it.")
    ] = None
    dry_run: Annotated[bool, Meta(description="Only say what would be sent, and to whom; change nothing.")] = False


class JuspayIn(Body):
    """A supposed answer from Juspay; whatever is left out is as the order has it."""

    status: Annotated[str, Meta(min_length=1, max_length=64, examples=["CHARGED"], description="Or `NOT_FOUND`.")]
    amount: Annotated[str, Meta(description="The amount it names. The default is the order's.")] = ""
    captured: Annotated[str, Meta(description="For a partial capture.")] = ""
    txn_id: Annotated[str, Meta(max_length=64, description="The attempt it names. The default is the newest.")] = ""
    refund_id: Annotated[str, Meta(max_length=64, description="A known refund that it lists.")] = ""
    refund_status: Annotated[str, Meta(max_length=64, examples=["SUCCESS"])] = ""


class VerdictIn(Body):
    """A supposed verdict on an open reason."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000, description="The reason's key.")]
    verdict: Verdict


class NothingMore(Body):
    """An empty object."""


class WhatIfIn(Body):
    """Exactly one of these: an answer of Juspay's, a refund, a payment (`{}`), a verdict."""

    codes: ClassVar[Mapping[str, str]] = {"/refund/amount": "invalid_amount"}

    juspay: JuspayIn | None = None
    refund: NewRefund | None = None
    process: NothingMore | None = None
    settle: VerdictIn | None = None
