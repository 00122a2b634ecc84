"""An order as a merchant reads it, with all its parts.

Nothing here decides: what does is in `OrderRecord.answer`, which is read strictly. Personal data, tokens and `extra`
are left out of every `repr`.
"""

# ruff: noqa: RUF009 - each call makes a field for attrs, which is no default that is shared

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen

from paystate.adapters.juspay.records.members import (
    Record,
    a_flag,
    a_long_text,
    a_note,
    a_number,
    a_part,
    a_text,
    an_amount,
    an_id,
    an_instant,
    an_object,
    some_objects,
    some_parts,
)
from paystate.core.evidence import OrderAnswer


@frozen(kw_only=True)
class PaymentLinks(Record):
    """Where the shopper can pay. Source: gateway contract, B.2."""

    web: str = a_long_text()
    mobile: str = a_long_text()
    iframe: str = a_long_text()
    expiry: datetime | None = an_instant()


@frozen(kw_only=True)
class ClientToken(Record):
    """What an app may ask Juspay with, for some minutes. Source: gateway contract, A.2 and B.3."""

    client_auth_token: str = a_text(private=True)
    client_auth_token_expiry: datetime | None = an_instant()


@frozen(kw_only=True)
class CardRecord(Record):
    """The card that was used; its whole number never comes back. Source: gateway contract, F.1 (`card`)."""

    last_four_digits: str = a_text(private=True)
    card_isin: str = a_text(private=True)
    name_on_card: str = a_text(private=True)
    expiry_month: str = a_text(private=True)
    expiry_year: str = a_text(private=True)
    card_reference: str = a_text(private=True)
    card_fingerprint: str = a_text(private=True)
    payment_account_reference: str = a_text(private=True)
    card_type: str = a_text()
    extended_card_type: str = a_text()
    card_brand: str = a_text()
    card_issuer: str = a_text()
    card_issuer_country: str = a_text()
    juspay_bank_code: str = a_text()
    using_saved_card: bool | None = a_flag()
    saved_to_locker: bool | None = a_flag()
    using_token: bool | None = a_flag()
    token_type: str = a_text()
    tokenization_user_consent: bool | None = a_flag()
    token: Mapping[str, object] = an_object()
    token_created: Mapping[str, object] = an_object()
    tokens: tuple[Mapping[str, object], ...] = some_objects()


@frozen(kw_only=True)
class Upi(Record):
    """How UPI was used. Source: gateway contract, F.1 (`upi`)."""

    payer_vpa: str = a_text(private=True)
    txn_flow_type: str = a_text()


@frozen(kw_only=True)
class GatewayResponse(Record):
    """What the gateway behind Juspay said. Source: gateway contract, F.1 (`payment_gateway_response`)."""

    txn_id: str = an_id()
    rrn: str = a_text()
    epg_txn_id: str = a_text()
    auth_id_code: str = a_text()
    resp_code: str = a_text()
    resp_message: str = a_note()
    created: datetime | None = an_instant()
    arn: str = a_text()
    eci: str = a_text()
    auth_ref_num: str = a_text()
    umrn: str = a_text()
    network_error_code: str = a_text()
    network_error_message: str = a_note()
    gateway_merchant_id: str = a_text()
    current_blocked_amount: Decimal | None = an_amount()


@frozen(kw_only=True)
class Transaction(Record):
    """What every object tells of one transaction, be it the order's, a leg's or its detail's. Source: F.1 and O.3."""

    txn_id: str = an_id()
    txn_uuid: str = an_id()
    status: str = a_text()
    payment_method_type: str = a_text()
    payment_method: str = a_text()
    gateway_id: int | None = a_number()
    card: CardRecord | None = a_part(CardRecord)
    upi: Upi | None = a_part(Upi)
    payment_gateway_response: GatewayResponse | None = a_part(GatewayResponse)
    metadata: Mapping[str, object] = an_object()


@frozen(kw_only=True)
class TxnDetail(Transaction):
    """An attempt to pay: an order's newest, a part of it, or a webhook's own. Source: gateway contract, F.1 and O.6."""

    order_id: str = an_id()
    status_id: int | None = a_number()
    error_code: str = a_text()
    error_message: str = a_note()
    txn_amount: Decimal | None = an_amount()
    net_amount: Decimal | None = an_amount()
    surcharge_amount: Decimal | None = an_amount()
    tax_amount: Decimal | None = an_amount()
    offer_deduction_amount: Decimal | None = an_amount()
    remaining_refundable_amount: Decimal | None = an_amount()
    currency: str = a_text()
    gateway: str = a_text()
    express_checkout: bool | None = a_flag()
    redirect: bool | None = a_flag()
    is_cvv_less_txn: bool | None = a_flag()
    txn_flow_type: str = a_text()
    txn_object_type: str = a_text()
    source_object: str = a_text()
    source_object_id: str = a_text()
    txn_amount_breakup: tuple[Mapping[str, object], ...] = some_objects()
    created: datetime | None = an_instant()
    last_updated: datetime | None = an_instant()


@frozen(kw_only=True)
class RefundRecord(Record):
    """A refund, within its order or alone. Source: gateway contract, H.2, H.3 and O.3.

    Attributes:
        status: `PENDING`, `SUCCESS`, `FAILURE` or `MANUAL_REVIEW` (gateway contract, H.4); any other is pending.
        split_refund_details: The share of each transaction, where it stands alone and is of a split order.
    """

    unique_request_id: str = an_id()
    id: str = a_text()
    amount: Decimal | None = an_amount()
    status: str = a_text()
    created: datetime | None = an_instant()
    sent_to_gateway: bool | None = a_flag()
    refund_type: str = a_text()
    refund_source: str = a_text()
    initiated_by: str = a_text()
    ref: str = a_text()
    error_code: str = a_text()
    error_message: str = a_note()
    pg_processed_at: datetime | None = an_instant()
    metadata: Mapping[str, object] = an_object()
    order_id: str = an_id()
    txn_id: str = an_id()
    reference_id: str = a_text()
    gateway: str = a_text()
    epg_txn_id: str = a_text()
    authorization_id: str = a_text()
    arn: str = a_text()
    refund_arn: str = a_text()
    response_code: str = a_text()
    split_refund_details: tuple[Mapping[str, object], ...] = some_objects()


@frozen(kw_only=True)
class PaymentRecord(Transaction):
    """What an order and each leg of a split payment tell alike. Source: gateway contract, F.1 and O.3.

    Attributes:
        effective_amount: In major units, exactly as written; so is every other amount.
        refunded: Only true when all of it was.
    """

    effective_amount: Decimal | None = an_amount()
    amount_refunded: Decimal | None = an_amount()
    refunded: bool | None = a_flag()
    auth_type: str = a_text()
    gateway_reference_id: str = a_text()
    bank_error_code: str = a_text()
    bank_error_message: str = a_note()
    resp_code: str = a_text()
    resp_message: str = a_note()
    resp_category: str = a_text()
    txn_detail: TxnDetail | None = a_part(TxnDetail)
    payer_vpa: str = a_text(private=True)
    refunds: tuple[RefundRecord, ...] = some_parts(RefundRecord)
    offers: tuple[Mapping[str, object], ...] = some_objects()


@frozen(kw_only=True)
class LegRecord(PaymentRecord):
    """One transaction of a split payment, with refunds of its own. Source: gateway contract, O.3 (`txn_list`)."""


@frozen(kw_only=True)
class MandateRecord(Record):
    """A standing permission to charge. Source: gateway contract, L and O.6; its members are read off published samples.

    Attributes:
        mandate_status: `CREATED`, `ACTIVE`, `PAUSED`, `REVOKED`, `FAILURE` or `EXPIRED`; webhooks call it `status`.
        order_id: Of the order with which it was made.
        start_date: Epoch seconds, as text; so is `end_date`.
        response_message: Whether it was paused or resumed, or is going to be.
    """

    mandate_id: str = an_id()
    mandate_status: str = a_text()
    mandate_token: str = a_text(private=True)
    mandate_type: str = a_text()
    frequency: str = a_text()
    max_amount: Decimal | None = an_amount()
    amount_rule: str = a_text()
    rule_type: str = a_text()
    rule_value: int | None = a_number()
    revokable_by_customer: bool | None = a_flag()
    block_fund: bool | None = a_flag()
    currency: str = a_text()
    order_id: str = an_id()
    customer_id: str = a_text()
    payment_info: Mapping[str, object] = an_object()
    mandate_debit_token: str = a_text(private=True)
    activated_at: datetime | None = an_instant()
    last_activated_at: datetime | None = an_instant()
    last_updated: datetime | None = an_instant()
    pause_start_date: datetime | None = an_instant()
    pause_end_date: datetime | None = an_instant()
    response_message: str = a_note()
    start_date: str = a_text()
    end_date: str = a_text()


@frozen(kw_only=True)
class SplitShare(Record):
    """One vendor's part of the money. Source: gateway contract, F.1 (`split_settlement_response`)."""

    sub_vendor_id: str = a_text()
    amount: Decimal | None = an_amount()
    refunded_amount: Decimal | None = an_amount()


@frozen(kw_only=True)
class Split(Record):
    """How the money was split. Source: gateway contract, F.1 (`split_settlement_response`)."""

    split_details: tuple[SplitShare, ...] = some_parts(SplitShare)
    split_applied: bool | None = a_flag()


@frozen(kw_only=True)
class OrderRecord(PaymentRecord):
    """An order with all that Juspay tells of it. Source: gateway contract, F.1.

    Attributes:
        answer: What decides, read strictly, as `paystate.core` takes it.
        amount: What was ordered.
        udf: Those of `udf1` to `udf10` that hold something.
        juspay: There where a client token was asked for.
    """

    answer: OrderAnswer
    id: str = a_text()
    order_id: str = an_id()
    merchant_id: str = an_id()
    status_id: int | None = a_number()
    amount: Decimal | None = an_amount()
    captured_amount: Decimal | None = an_amount()
    refundable_amount: Decimal | None = an_amount()
    currency: str = a_text()
    date_created: datetime | None = an_instant()
    last_updated: datetime | None = an_instant()
    order_expiry: datetime | None = an_instant()
    customer_id: str = a_text()
    customer_email: str = a_text(private=True)
    customer_phone: str = a_text(private=True)
    return_url: str = a_long_text()
    product_id: str = a_text()
    description: str = a_note()
    udf: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    payment_links: PaymentLinks | None = a_part(PaymentLinks)
    juspay: ClientToken | None = a_part(ClientToken)
    mandate: MandateRecord | None = a_part(MandateRecord)
    split_settlement_response: Split | None = a_part(Split)
    emi_bank: str = a_text()
    emi_tenure: int | None = a_number()
    emi_type: str = a_text()
    emi_details: Mapping[str, object] = an_object()
    maximum_eligible_refund_amount: Decimal | None = an_amount()
    rewards_breakup: tuple[Mapping[str, object], ...] = some_objects()
    txn_list: tuple[LegRecord, ...] = some_parts(LegRecord)
    txn_sub_details: tuple[TxnDetail, ...] = some_parts(TxnDetail)
