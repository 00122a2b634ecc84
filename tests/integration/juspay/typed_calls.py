"""What the calls of both clients return, for the type checkers to agree with. Nothing here is run.

`make check` types this file; `test_signatures.py` holds it against what the clients say of themselves at run time.
"""

from collections.abc import Mapping
from typing import assert_type

from paystate.adapters.juspay import (
    BlockingJuspayClient,
    CustomerRecord,
    DebitNotice,
    Fulfilment,
    FulfilmentRecord,
    JuspayClient,
    LinkRecord,
    MandateExecution,
    MandatePage,
    MandateRecord,
    NotificationRecord,
    OfferPage,
    OffersAsked,
    OrderPage,
    OrderRecord,
    RefundRecord,
    TxnRecord,
    VpaRecord,
)
from paystate.core.evidence import Answer
from paystate.core.money import Money
from paystate.core.orders.facts import Customer
from paystate.core.ports.gateway import OrderRequest, SessionAnswer


async def awaited(
    client: JuspayClient,
    request: OrderRequest,
    amount: Money,
    customer: Customer,
    fulfilment: Fulfilment,
    execution: MandateExecution,
    notice: DebitNotice,
    offers: OffersAsked,
) -> None:
    assert_type(await client.create_session(request, routing_id="c"), SessionAnswer)
    assert_type(await client.order_status("o", routing_id="c"), Answer)
    assert_type(await client.refund("o", "r", amount, routing_id="c", txn_id="t"), Answer)
    assert_type(await client.get_order("o", routing_id="c", full_gateway_response=True), OrderRecord | None)
    assert_type(await client.create_order(request, routing_id="c"), OrderRecord)
    assert_type(await client.update_order("o", amount, routing_id="c", udf={1: "u"}), OrderRecord)
    assert_type(await client.list_orders(), OrderPage)
    assert_type(await client.fulfil_order("o", fulfilment, routing_id="c"), FulfilmentRecord)
    assert_type(await client.refund_txn("t", "r", amount, routing_id="c", refund_type="INSTANT"), RefundRecord)
    assert_type(await client.capture("t", amount, routing_id="c", idempotence_key="k"), OrderRecord)
    assert_type(await client.void("t", routing_id="c"), OrderRecord)
    assert_type(await client.execute_mandate(execution, routing_id="c"), TxnRecord)
    assert_type(await client.revoke_mandate("m", routing_id="c"), MandateRecord)
    assert_type(await client.list_mandates("c"), MandatePage)
    assert_type(await client.mandate_status("m", routing_id="c"), MandateRecord)
    assert_type(await client.pause_mandate("m", routing_id="c"), MandateRecord)
    assert_type(await client.resume_mandate("m", routing_id="c"), MandateRecord)
    assert_type(await client.notify_mandate("m", notice, routing_id="c"), NotificationRecord)
    assert_type(await client.get_notification("r", routing_id="c"), NotificationRecord | None)
    assert_type(await client.list_offers(offers, routing_id="c"), OfferPage)
    assert_type(await client.send_link("o", routing_id="c", send_sms=True), LinkRecord)
    assert_type(await client.cancel_order("o", "sold out", routing_id="c"), Mapping[str, object])
    assert_type(await client.get_or_create_customer(customer, update=True), CustomerRecord)
    assert_type(await client.create_customer(customer, mobile_country_code="91"), CustomerRecord)
    assert_type(await client.get_customer("c"), CustomerRecord | None)
    assert_type(await client.update_customer(customer), CustomerRecord)
    assert_type(await client.payment_methods("c"), Mapping[str, object])
    assert_type(await client.verify_vpa("lee@upi", routing_id="c"), VpaRecord)


def waited_for(
    client: BlockingJuspayClient,
    request: OrderRequest,
    amount: Money,
    customer: Customer,
    fulfilment: Fulfilment,
    execution: MandateExecution,
    notice: DebitNotice,
    offers: OffersAsked,
) -> None:
    assert_type(client.create_session(request, routing_id="c"), SessionAnswer)
    assert_type(client.order_status("o", routing_id="c"), Answer)
    assert_type(client.refund("o", "r", amount, routing_id="c", txn_id="t"), Answer)
    assert_type(client.get_order("o", routing_id="c", full_gateway_response=True), OrderRecord | None)
    assert_type(client.create_order(request, routing_id="c"), OrderRecord)
    assert_type(client.update_order("o", amount, routing_id="c", udf={1: "u"}), OrderRecord)
    assert_type(client.list_orders(), OrderPage)
    assert_type(client.fulfil_order("o", fulfilment, routing_id="c"), FulfilmentRecord)
    assert_type(client.refund_txn("t", "r", amount, routing_id="c", refund_type="INSTANT"), RefundRecord)
    assert_type(client.capture("t", amount, routing_id="c", idempotence_key="k"), OrderRecord)
    assert_type(client.void("t", routing_id="c"), OrderRecord)
    assert_type(client.execute_mandate(execution, routing_id="c"), TxnRecord)
    assert_type(client.revoke_mandate("m", routing_id="c"), MandateRecord)
    assert_type(client.list_mandates("c"), MandatePage)
    assert_type(client.mandate_status("m", routing_id="c"), MandateRecord)
    assert_type(client.pause_mandate("m", routing_id="c"), MandateRecord)
    assert_type(client.resume_mandate("m", routing_id="c"), MandateRecord)
    assert_type(client.notify_mandate("m", notice, routing_id="c"), NotificationRecord)
    assert_type(client.get_notification("r", routing_id="c"), NotificationRecord | None)
    assert_type(client.list_offers(offers, routing_id="c"), OfferPage)
    assert_type(client.send_link("o", routing_id="c", send_sms=True), LinkRecord)
    assert_type(client.cancel_order("o", "sold out", routing_id="c"), Mapping[str, object])
    assert_type(client.get_or_create_customer(customer, update=True), CustomerRecord)
    assert_type(client.create_customer(customer, mobile_country_code="91"), CustomerRecord)
    assert_type(client.get_customer("c"), CustomerRecord | None)
    assert_type(client.update_customer(customer), CustomerRecord)
    assert_type(client.payment_methods("c"), Mapping[str, object])
    assert_type(client.verify_vpa("lee@upi", routing_id="c"), VpaRecord)
