"""What a caller looks for, as query parameters."""

from __future__ import annotations

from typing import Annotated

from litestar.params import QueryParameter

from paystate.core.finding.index_entry import VALUE_MAX
from paystate.core.orders.derived import Status

OfStatus = Annotated[Status | None, QueryParameter(description="Orders that have this status now.")]
OfCustomer = Annotated[
    str | None, QueryParameter(min_length=1, max_length=VALUE_MAX, description="Your own id of the customer.")
]
OfPhone = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=VALUE_MAX, description="The customer's number; its last ten digits are compared."
    ),
]
OfEmail = Annotated[
    str | None, QueryParameter(min_length=1, max_length=VALUE_MAX, description="The customer's address, in any case.")
]
OfPurchase = Annotated[
    str | None, QueryParameter(min_length=1, max_length=VALUE_MAX, description="Your own reference of the purchase.")
]
OfTxn = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=VALUE_MAX, description="Juspay's `txn_id` or `txn_uuid` of a payment."),
]
OfReference = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=VALUE_MAX,
        description="A bank's or gateway's own of a payment or refund: RRN, ARN, `epg_txn_id`.",
    ),
]
OfRefund = Annotated[str | None, QueryParameter(min_length=1, max_length=VALUE_MAX, description="The id of a refund.")]
OfAmount = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=32, description="The price, in major units; `currency` must be given beside it."
    ),
]
OfCurrency = Annotated[
    str | None, QueryParameter(min_length=1, max_length=3, description="ISO 4217 code of the price.")
]
OfDay = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=24,
        description="The day on which orders were opened, in your time zone: `2026-11-27`, or several such as "
        "`2026-11-01..2026-11-27`.",
    ),
]
UnderReview = Annotated[bool, QueryParameter(description="`true`: only orders that a person must look at.")]
ChangedSince = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=64,
        description="ISO 8601 with a zone: orders of which something was recorded then or later. They come by their "
        "newest change, the oldest first.",
    ),
]
