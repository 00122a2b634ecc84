"""What a caller looks for among a merchant's orders: the same words over HTTP, in Python and at the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from typing import Any, Final, TypedDict, cast

from paystate.core.errors import ValueInvalid
from paystate.core.finding.days import Days
from paystate.core.finding.filters import Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.money import Money, checked_currency
from paystate.core.orders.derived import Status
from paystate.entrypoints.interface.amounts import Amount, amount_text, currency_of
from paystate.entrypoints.interface.values import at, instant_in, price_from


class OrderSearch(TypedDict, total=False):
    """Orders must fit in everything that is given; what is left out leaves all of them in.

    Attributes:
        status: What they are now.
        customer_id: The merchant's own id of the customer.
        phone: The customer's number; its last ten digits are compared.
        email: The customer's address, in any case.
        purchase: The merchant's own reference of what is bought.
        txn_id: Juspay's `txn_id` or `txn_uuid` of a payment.
        reference: A bank's or gateway's own of a payment or refund: RRN, ARN, `epg_txn_id`.
        refund_id: The id of a refund.
        amount: The price; `currency` must be given beside it, unless it is Money.
        currency: ISO 4217 code of the price.
        day: When they were opened, in the merchant's time zone: `2026-11-27`, or `2026-11-01..2026-11-27`.
        under_review: True: only those that a person must look at.
        changed_since: Only those of which something was recorded then or later, by their newest change, the oldest
            first: an instant, or ISO 8601 with a zone.
    """

    status: Status | str
    customer_id: str
    phone: str
    email: str
    purchase: str
    txn_id: str
    reference: str
    refund_id: str
    amount: Amount
    currency: str
    day: date | str
    under_review: bool
    changed_since: datetime | str


def given(**members: Any) -> OrderSearch:
    """A search of what is not None: of query parameters or options, each of which is None where it was left out."""
    return cast("OrderSearch", {member: value for member, value in members.items() if value is not None})


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

    A member that is there and empty is refused, and so is one that is misspelt. Most often the caller's own value was
    missing, and every order is not what was asked for.
    """
    for member, value in search.items():
        if member not in OrderSearch.__annotations__:
            raise _refused(member, f"is nothing to look for; there are {', '.join(OrderSearch.__annotations__)}")
        if value is None or value == "":
            raise _refused(member, "is blank; leave it out to look for any")
    if not isinstance(search.get("under_review", False), bool):
        raise _refused("under_review", "must be true or false")
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
        if member in search:
            name = Name.of(kind, str(search.get(member)))
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
    if "amount" not in search:
        return None
    amount, currency = search["amount"], search.get("currency")
    if currency is None and not isinstance(amount, Money):
        raise _refused("currency", "is needed beside an amount")
    known = _currency(currency_of(amount, currency))
    return price_from(amount_text(amount, known), known)


def _currency(given: str | None) -> str:
    with at("/currency"):
        return checked_currency(given) if given is not None else ""


def _opened(day: date | str | None, zone: tzinfo) -> tuple[datetime, datetime] | tuple[None, None]:
    if isinstance(day, datetime):  # is a date too; whose day it means depends on its zone
        raise _refused("day", "is an instant; give a day, such as 2026-11-27, or look by changed_since")
    with at("/day"):
        return Days.read(str(day)).span(zone) if day is not None else (None, None)


def _refused(member: str, rule: str) -> ValueInvalid:
    return ValueInvalid("validation_failed", f"/{member}", rule)
