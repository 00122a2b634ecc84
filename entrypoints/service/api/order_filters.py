"""What a caller looks for, as query parameters: their types, and the filter that they make together.

A parameter that is there and empty is refused. Most often the caller's own value was missing, and every order is not
what was asked for.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

from litestar.params import QueryParameter

from paystate.core.finding.days import Days
from paystate.core.finding.filters import Filter
from paystate.core.finding.index_entry import VALUE_MAX, Name, NameKind
from paystate.core.money import checked_currency
from paystate.core.orders.derived import Status
from paystate.entrypoints.interface.values import at, price_from
from paystate.entrypoints.service.api.parsing import instant_in
from paystate.entrypoints.service.api.problems import ApiProblem

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


def name_from(parameter: str, kind: NameKind, text: str | None) -> tuple[Name, ...]:
    """The name that is looked for, if one is; raises ApiProblem for one that is blank, which would be on no order."""
    if text is None:
        return ()
    name = Name.of(kind, text)
    if not name.value:
        rule = "has no digit" if kind is NameKind.PHONE else "is blank"
        raise ApiProblem("validation_failed", pointer=f"/{parameter}", rule=rule)
    return (name,)


def filter_from(
    zone: tzinfo,
    *,
    status: Status | None,
    amount: str | None,
    currency: str | None,
    day: str | None,
    under_review: bool,
    changed_since: str | None,
    names: tuple[Name, ...],
) -> Filter:
    """The filter; raises ApiProblem or ValueInvalid with the parameter that is not well formed."""
    if amount and currency is None:
        raise ApiProblem("validation_failed", pointer="/currency", rule="is needed beside an amount")
    with at("/currency"):
        known = checked_currency(currency) if currency else ""
    with at("/day"):
        opened_from, opened_before = Days.read(day).span(zone) if day else (None, None)
    return Filter(
        status=status,
        names=names,
        amount=price_from(amount, currency) if amount and currency else None,
        currency=known,
        opened_from=opened_from,
        opened_before=opened_before,
        under_review=under_review,
        changed_since=instant_in(changed_since, "/changed_since") if changed_since else None,
    )
