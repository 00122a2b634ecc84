"""What a caller looks for among a merchant's orders: the same words over HTTP, in Python and at the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final, TypedDict

from paystate.core.errors import ValueInvalid
from paystate.core.finding.days import Days
from paystate.core.finding.filters import Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.money import Money, checked_currency
from paystate.core.orders.derived import Status
from paystate.entrypoints.interface.values import at, instant_in, price_from


class OrderSearch(TypedDict, total=False):
    """Orders must fit in everything that is given; what is left out, or None, leaves all of them in.

    Attributes:
        status: What they are now.
        customer_id: The merchant's own id of the customer.
        phone: The customer's number; its last ten digits are compared.
        email: The customer's address, in any case.
        purchase: The merchant's own reference of what is bought.
        txn_id: Juspay's `txn_id` or `txn_uuid` of a payment.
        reference: A bank's or gateway's own of a payment or refund: RRN, ARN, `epg_txn_id`.
        refund_id: The id of a refund.
        amount: The price, in major units; `currency` must be given beside it.
        currency: ISO 4217 code of the price.
        day: When they were opened, in the merchant's time zone: `2026-11-27`, or `2026-11-01..2026-11-27`.
        under_review: Only those that a person must look at.
        changed_since: Only those of which something was recorded then or later, by their newest change, the oldest
            first: an instant, or ISO 8601 with a zone.
    """

    status: Status | str | None
    customer_id: str | None
    phone: str | None
    email: str | None
    purchase: str | None
    txn_id: str | None
    reference: str | None
    refund_id: str | None
    amount: str | None
    currency: str | None
    day: str | None
    under_review: bool
    changed_since: datetime | str | None


_NAMES: Final = {
    "customer_id": NameKind.CUSTOMER,
    "phone": NameKind.PHONE,
    "email": NameKind.EMAIL,
    "purchase": NameKind.PURCHASE,
    "txn_id": NameKind.TXN,
    "reference": NameKind.REFERENCE,
    "refund_id": NameKind.REFUND,
}


def filter_of(search: OrderSearch, zone: tzinfo) -> Filter:
    """The filter of a merchant whose days begin in `zone`; raises ValueInvalid with the member that will not do.

    A member that is there and empty is refused. Most often the caller's own value was missing, and every order is not
    what was asked for.
    """
    if empty := next((member for member, value in search.items() if value == ""), None):
        raise _refused(empty, "is blank")
    opened_from, opened_before = _opened(search.get("day"), zone)
    since = search.get("changed_since")
    return Filter(
        status=_status(search.get("status")),
        names=tuple(_names(search)),
        amount=_amount(search),
        currency=_currency(search.get("currency")),
        opened_from=opened_from,
        opened_before=opened_before,
        under_review=search.get("under_review", False),
        changed_since=None if since is None else instant_in(str(since), "/changed_since"),
    )


def _names(search: OrderSearch) -> Iterator[Name]:
    for member, kind in _NAMES.items():
        if (text := search.get(member)) is not None:
            name = Name.of(kind, str(text))
            if not name.value:  # it would be on no order
                raise _refused(member, "has no digit" if kind is NameKind.PHONE else "is blank")
            yield name


def _status(given: Status | str | None) -> Status | None:
    if given is None:
        return None
    try:
        return Status(given)
    except ValueError:
        raise _refused("status", "is none of an order's statuses") from None


def _amount(search: OrderSearch) -> Money | None:
    amount, currency = search.get("amount"), search.get("currency")
    if amount is None:
        return None
    if currency is None:
        raise _refused("currency", "is needed beside an amount")
    return price_from(amount, currency)


def _currency(given: str | None) -> str:
    with at("/currency"):
        return checked_currency(given) if given is not None else ""


def _opened(day: str | None, zone: tzinfo) -> tuple[datetime, datetime] | tuple[None, None]:
    with at("/day"):
        return Days.read(day).span(zone) if day is not None else (None, None)


def _refused(member: str, rule: str) -> ValueInvalid:
    return ValueInvalid("validation_failed", f"/{member}", rule)
