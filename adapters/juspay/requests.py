"""Our requests, from typed values to bytes.

The members of each request are here as they are on the wire; those about mandates are in `mandates.py`. What is
not known is left out, except that a guest's fields are sent empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode

from attrs import asdict, field, frozen

from paystate.adapters.juspay.wire.writing import Fields, as_number, epoch, form, given, json_body, text_of
from paystate.core.errors import ValueInvalid
from paystate.core.money import Money
from paystate.core.orders.facts import Capture, Customer
from paystate.core.ports.gateway import OrderRequest

__all__ = [
    "Address",
    "Fulfilment",
    "MandateTerms",
    "OffersAsked",
    "OrderOptions",
    "OrdersAsked",
    "RefundType",
    "SplitRefund",
    "SplitSettlement",
    "VendorShare",
    "WayToPay",
]

RefundType = Literal["STANDARD", "INSTANT"]

_UDF_MAX: Final = 10
_MINUTE: Final = timedelta(minutes=1)


# --- what may be told of an order beside the port's request


@frozen(kw_only=True)
class Address:
    """Where something is sent, or the bill. Source: gateway contract, B.3 (`billing_address_*`)."""

    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    line1: str = field(default="", repr=False)
    line2: str = field(default="", repr=False)
    line3: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    state: str = ""
    country: str = ""
    postal_code: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    country_code_iso: str = ""


@frozen(kw_only=True)
class MandateTerms:
    """Asks the shopper for a standing permission to charge. Source: gateway contract, B.1 (`mandate.*`).

    Attributes:
        required: False lets the shopper pay without giving it.
        starts_at: Sent in epoch seconds, as a published sample has it; `ends_at` too.
    """

    max_amount: Money
    required: bool = True
    frequency: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@frozen(kw_only=True)
class VendorShare:
    """What one vendor is to get, and what the marketplace keeps of it."""

    vendor_id: str
    amount: Money
    commission: Money | None = None


@frozen(kw_only=True)
class SplitSettlement:
    """How the money is to be split. Source: gateway contract, L; its shape is read from a published sample.

    Attributes:
        fees_borne_by: `mdr_borne_by`.
    """

    marketplace: Money
    vendors: tuple[VendorShare, ...]
    fees_borne_by: str = "ALL"


@frozen(kw_only=True)
class SplitRefund:
    """From whom a refund is taken: from the marketplace, and by vendor id from each vendor."""

    marketplace: Money
    vendors: Mapping[str, Money]


@frozen(kw_only=True)
class OrderOptions:
    """What a session or an order may say beyond the port's request. Source: gateway contract, B.1 and B.3.

    Attributes:
        udf: By number, 1 to 10; comes back in status and webhooks.
        metadata: Without the prefix `metadata.`, such as `JUSPAY:gateway_reference_id`.
        payment_filter: Which methods the page may offer.
        client_auth_token: Ask for a token that the app may speak to Juspay with.
        expires_after: How long the payment link may be used, in whole minutes; None leaves it to the account.
        send_mail: Juspay sends the payment link by mail; so does `send_sms` by text message.
        action: `paymentPage`, `paymentManagement` or `quickPay`; for sessions only.
        more: Any other fields, sent as they stand.

    Raises:
        ValueInvalid: A number in `udf` is none of 1 to 10, or `expires_after` is less than a minute.
    """

    udf: Mapping[int, str] = field(factory=dict[int, str], repr=False)
    metadata: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    mandate: MandateTerms | None = None
    split: SplitSettlement | None = None
    billing: Address | None = None
    shipping: Address | None = None
    payment_filter: Mapping[str, object] | None = None
    product_id: str = ""
    gateway_id: str = ""
    order_type: str = ""
    language: str = ""
    mobile_country_code: str = ""
    basket: str = ""
    client_auth_token: bool = False
    expires_after: timedelta | None = None
    send_mail: bool = False
    send_sms: bool = False
    action: str = "paymentPage"
    more: Mapping[str, str] = field(factory=dict[str, str], repr=False)

    def __attrs_post_init__(self) -> None:
        _udf_fields(self.udf)
        if self.expires_after is not None and self.expires_after < _MINUTE:
            raise ValueInvalid("invalid_expiry")


@frozen(kw_only=True)
class Fulfilment:
    """Tells Juspay whether the goods went out. Source: gateway contract, L (fulfilment sync).

    Attributes:
        done_at: Sent without an offset, in UTC, as a published sample has it.
        fulfilment_id: The merchant's own.
    """

    status: Literal["SUCCESS", "FAILURE", "PENDING"]
    command: Literal["NO_ACTION", "RELEASE_HOLD", "HOLD"]
    done_at: datetime
    fulfilment_id: str
    data: str = ""


@frozen(kw_only=True)
class OrdersAsked:
    """Which orders to list. Source: gateway contract, L (order list)."""

    created_after: datetime | None = None
    created_before: datetime | None = None
    count: int | None = None
    offset: int | None = None


@frozen(kw_only=True)
class WayToPay:
    """A way to pay that an offer is looked for. Source: gateway contract, L (offers).

    Attributes:
        reference: The caller's own name for it, which the answer repeats.
        group: `payment_method_type`, such as `CARD` or `UPI`.
        method: `payment_method`, such as `VISA`.
        more: Any other fields, sent as they stand.
    """

    reference: str
    group: str
    method: str = ""
    more: Mapping[str, str] = field(factory=dict[str, str], repr=False)


@frozen(kw_only=True)
class OffersAsked:
    """For what price offers are looked for; what is left out stands in no offer's way. Source: gateway contract, L.

    Attributes:
        code: Of one offer; empty for all.
    """

    amount: Money
    order_id: str = ""
    customer_id: str = ""
    ways: tuple[WayToPay, ...] = ()
    code: str = ""


# --- sessions and orders


def session_body(request: OrderRequest, client_id: str, options: OrderOptions) -> bytes:
    """The JSON of a session; a guest's customer fields are sent empty. Source: gateway contract, B.1."""
    customer = request.customer
    needed = {
        **_order_fields(request),
        "customer_id": customer.customer_id,
        "customer_email": customer.email,
        "customer_phone": customer.phone,
        "payment_page_client_id": client_id,
        "action": options.action,
        "return_url": request.return_url,
    }
    known = given(description=request.description, first_name=customer.first_name, last_name=customer.last_name)
    return json_body({**needed, **known, **_option_fields(options)})


def order_form(request: OrderRequest, options: OrderOptions) -> bytes:
    """The form of `POST /orders`. Source: gateway contract, B.3."""
    customer = request.customer
    known = given(
        customer_id=customer.customer_id,
        customer_email=customer.email,
        customer_phone=customer.phone,
        return_url=request.return_url,
        description=request.description,
    )
    return form({**_order_fields(request), **known, **_option_fields(options)})


def order_update_form(
    amount: Money | None, udf: Mapping[int, str], billing: Address | None, shipping: Address | None
) -> bytes:
    """The form of `POST /orders/{order_id}`: all that can be changed. Source: gateway contract, B.4."""
    changed = {} if amount is None else {"amount": str(amount)}
    return form({**changed, **_udf_fields(udf), **_address_fields(billing, shipping)})


def _order_fields(request: OrderRequest) -> dict[str, object]:
    held = {"metadata.txns.auto_capture": "false"} if request.capture is Capture.MANUAL else {}
    return {"order_id": request.order_id, "amount": str(request.amount), "currency": request.amount.currency, **held}


def _option_fields(options: OrderOptions) -> dict[str, object]:
    known: dict[str, object] = given(
        product_id=options.product_id,
        gateway_id=options.gateway_id,
        order_type=options.order_type,
        language=options.language,
        mobile_country_code=options.mobile_country_code,
        basket=options.basket,
    )
    if options.payment_filter is not None:
        known["payment_filter"] = options.payment_filter
    return {
        **known,
        **_token_fields(options.client_auth_token),
        **_udf_fields(options.udf),
        **_metadata_fields(options),
        **_mandate_fields(options.mandate),
        **_address_fields(options.billing, options.shipping),
        **link_fields(options.send_mail, options.send_sms),
        **options.more,
    }


def _udf_fields(udf: Mapping[int, str]) -> dict[str, object]:
    if not all(1 <= number <= _UDF_MAX for number in udf):
        raise ValueInvalid("invalid_udf")
    return {f"udf{number}": value for number, value in udf.items()}


def _metadata_fields(options: OrderOptions) -> dict[str, object]:
    fields: dict[str, object] = {f"metadata.{name}": value for name, value in options.metadata.items()}
    if options.split:
        fields["metadata.split_settlement_details"] = text_of(_split(options.split))
    if options.expires_after is not None:
        fields["metadata.expiryInMins"] = str(options.expires_after // _MINUTE)
    return fields


def link_fields(mail: bool, sms: bool) -> dict[str, object]:
    """How a payment link is sent. Source: gateway contract, L (payment links)."""
    return {name: True for name, asked in (("send_mail", mail), ("send_sms", sms)) if asked}


def _mandate_fields(terms: MandateTerms | None) -> dict[str, object]:
    if terms is None:
        return {}
    return {
        "options.create_mandate": "REQUIRED" if terms.required else "OPTIONAL",
        "mandate.max_amount": str(terms.max_amount),
        **{f"mandate.{name}": value for name, value in given(
            frequency=terms.frequency, start_date=epoch(terms.starts_at), end_date=epoch(terms.ends_at)
        ).items()},
    }  # fmt: skip


def _address_fields(billing: Address | None, shipping: Address | None) -> dict[str, object]:
    return {
        f"{kind}_address_{name}": value
        for kind, address in (("billing", billing), ("shipping", shipping))
        if address
        for name, value in asdict(address).items()
        if value
    }


def _split(split: SplitSettlement) -> Fields:
    return {
        "marketplace": {"amount": as_number(split.marketplace)},
        "mdr_borne_by": split.fees_borne_by,
        "vendor": {
            "split": [
                {
                    "amount": as_number(share.amount),
                    "merchant_commission": as_number(share.commission) if share.commission else 0,
                    "sub_mid": share.vendor_id,
                }
                for share in split.vendors
            ]
        },
    }


# --- refunds, customers, captures and the rest


def refund_fields(refund_id: str, amount: Money, split: SplitRefund | None = None) -> dict[str, object]:
    """What a refund says. The amount is always there: left out, it would mean all. Source: gateway contract, H.1."""
    fields: dict[str, object] = {"unique_request_id": refund_id, "amount": str(amount)}
    if split:
        shares = [{"sub_mid": name, "refund_amount": as_number(share)} for name, share in split.vendors.items()]
        whole = {"marketplace": {"refund_amount": as_number(split.marketplace)}, "vendor": {"split": shares}}
        fields["metadata.split_settlement_details"] = text_of(whole)
    return fields


def customer_form(customer: Customer, *, country_code: str, client_auth_token: bool) -> bytes:
    """The form of `POST /customers`. Source: gateway contract, B.5."""
    needed = {"object_reference_id": customer.customer_id, "mobile_number": customer.phone}
    return form({**needed, **_customer_fields(customer, country_code, client_auth_token)})


def customer_update_form(customer: Customer, *, country_code: str, client_auth_token: bool) -> bytes:
    """The form of `POST /customers/{id}`: what is known, and not whose it is. Source: gateway contract, B.5."""
    known = given(mobile_number=customer.phone)
    return form({**known, **_customer_fields(customer, country_code, client_auth_token)})


def _customer_fields(customer: Customer, country_code: str, client_auth_token: bool) -> dict[str, object]:
    known = given(
        email_address=customer.email,
        first_name=customer.first_name,
        last_name=customer.last_name,
        mobile_country_code=country_code,
    )
    return {**known, **_token_fields(client_auth_token)}


def _token_fields(client_auth_token: bool) -> dict[str, object]:
    return {"options.get_client_auth_token": "true"} if client_auth_token else {}


def capture_form(amount: Money | None, idempotence_key: str) -> bytes:
    """The form of a capture: empty for all of it. Source: gateway contract, L (capture)."""
    return b"" if amount is None else form({"amount": str(amount), "idempotence_key": idempotence_key})


def customer_body(customer: Customer, *, country_code: str, client_auth_token: bool, update: bool) -> bytes:
    """The JSON of `POST /v2/customers/{id}`. Source: gateway contract, B.5."""
    fields = {**given(mobile_number=customer.phone), **_customer_fields(customer, country_code, client_auth_token)}
    return json_body({**fields, **({"update": True} if update else {})})


def offers_body(asked: OffersAsked) -> bytes:
    """The JSON that asks for offers. Source: gateway contract, L (offers)."""
    order = {**given(order_id=asked.order_id), "amount": str(asked.amount), "currency": asked.amount.currency}
    ways = [
        {
            "payment_method_reference": way.reference,
            "payment_method_type": way.group,
            **given(payment_method=way.method),
            **way.more,
        }
        for way in asked.ways
    ]
    customer = {"customer": {"id": asked.customer_id}} if asked.customer_id else {}
    return json_body({"order": order, "payment_method_info": ways, **customer, **given(offer_code=asked.code)})


def fulfilment_form(fulfilment: Fulfilment) -> bytes:
    """The form of a fulfilment. Source: gateway contract, L (fulfilment sync)."""
    return form(
        {
            "fulfillment_status": fulfilment.status,
            "fulfillment_command": fulfilment.command,
            "fulfillment_time": fulfilment.done_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "fulfillment_id": fulfilment.fulfilment_id,
            **given(fulfillment_data=fulfilment.data),
        }
    )


def orders_query(asked: OrdersAsked) -> str:
    """The query of the order list. Source: gateway contract, L (order list); instants in epoch seconds."""
    fields = {
        "created.gt": epoch(asked.created_after),
        "created.lt": epoch(asked.created_before),
        "count": "" if asked.count is None else str(asked.count),
        "offset": "" if asked.offset is None else str(asked.offset),
    }
    return urlencode(given(**fields))
