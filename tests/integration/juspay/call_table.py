"""Every call: how it is made, the line and the body that are sent, and a good answer."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from integration.juspay.played import INR, REQUEST, order, session

from paystate.adapters.juspay import (
    Address,
    Call,
    Calls,
    DebitNotice,
    Fulfilment,
    MandateExecution,
    OffersAsked,
    OrdersAsked,
    WayToPay,
)
from paystate.core.orders.facts import Customer

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
LEE = Customer(customer_id="c.17", email="lee@example.test", phone="5550100", first_name="Lee", last_name="Ng")
NINE = datetime(2031, 2, 3, 9, 0, tzinfo=UTC)
FULFILLED = Fulfilment(status="SUCCESS", command="NO_ACTION", done_at=NINE, fulfilment_id="box-1", data="by van")
EXECUTION = MandateExecution(order_id="tea-042", amount=INR, customer_id="c.17", mandate_id="m/1", execute_at=NINE)
NOTICE = DebitNotice(reference="ntf1", amount=INR, charged_at=NINE, description="tea")
OFFERS = OffersAsked(
    amount=INR,
    order_id="tea-041",
    customer_id="c.17",
    ways=(WayToPay(reference="her card", group="CARD", method="VISA", more={"card_number": "5550100"}),),
    code="TEA25",
)

CUSTOMER = {"id": "cst_1", "object_reference_id": "c.17"}
REFUND = {"unique_request_id": "r1", "status": "PENDING", "amount": 120.5, "order_id": "tea-041"}
MANDATE = {"mandate_id": "m/1", "mandate_status": "REVOKED"}
TOLD_OF = {"id": "7", "object_reference_id": "ntf1", "status": "SUCCESS"}
TXN = {"order_id": "tea-042", "txn_id": "teahouse-tea-042-1", "txn_uuid": "u9", "status": "PENDING_VBV"}
DONE = {"status": "SUCCESS", "order_id": "tea-041", "commands": [{"command": "NO_ACTION", "status": "SUCCESS"}]}

Make = Callable[[Calls], Call[Any]]

CALLS: dict[str, tuple[Make, str, str, bytes, Any]] = {
    "create session": (lambda c: c.create_session(REQUEST, routing_id="c.17"), "POST /session", JSON, b"", session()),
    "order status": (lambda c: c.order_status("tea-041", routing_id="c.17"), "GET /orders/tea-041", "", b"", order()),
    "refund": (
        lambda c: c.refund("tea-041", "r1", INR, routing_id="c.17"),
        "POST /orders/tea-041/refunds", FORM, b"unique_request_id=r1&amount=120.50", order(),
    ),
    "get order": (lambda c: c.get_order("tea-041", routing_id="c.17"), "GET /orders/tea-041", "", b"", order()),
    "get order in full": (
        lambda c: c.get_order("tea-041", routing_id="c.17", full_gateway_response=True),
        "GET /orders/tea-041?options.add_full_gateway_response=true", "", b"", order(),
    ),
    "create order": (lambda c: c.create_order(REQUEST, routing_id="c.17"), "POST /orders", FORM, b"", order()),
    "update order": (
        lambda c: c.update_order("tea-041", INR, routing_id="c.17", udf={3: "x y"}, shipping=Address(city="Pune")),
        "POST /orders/tea-041", FORM, b"amount=120.50&udf3=x+y&shipping_address_city=Pune", order(),
    ),
    "list orders": (lambda c: c.list_orders(), "GET /order/list", "", b"", {"list": [order()], "total": 1}),
    "list some orders": (
        lambda c: c.list_orders(OrdersAsked(created_after=NINE, created_before=NINE, count=5, offset=0)),
        "GET /order/list?created.gt=1927875600&created.lt=1927875600&count=5&offset=0",
        "", b"", {"list": []},
    ),
    "fulfil order": (
        lambda c: c.fulfil_order("tea-041", FULFILLED, routing_id="c.17"),
        "POST /orders/tea-041/fulfillment", FORM,
        (b"fulfillment_status=SUCCESS&fulfillment_command=NO_ACTION&fulfillment_time=2031-02-03T09%3A00%3A00"
        b"&fulfillment_id=box-1&fulfillment_data=by+van"), DONE,
    ),
    "refund transaction": (
        lambda c: c.refund_txn("teahouse-tea-041-1", "r1", INR, routing_id="c.17", refund_type="INSTANT"),
        "POST /refunds", FORM,
        b"unique_request_id=r1&amount=120.50&txn_id=teahouse-tea-041-1&refund_type=INSTANT", REFUND,
    ),
    "capture": (lambda c: c.capture("u9", routing_id="c.17"), "POST /v2/txns/u9/capture", FORM, b"", order()),
    "capture a part": (
        lambda c: c.capture("u9", INR, idempotence_key="k1", routing_id="c.17"),
        "POST /v2/txns/u9/capture", FORM, b"amount=120.50&idempotence_key=k1", order(status="PARTIAL_CHARGED"),
    ),
    "void": (lambda c: c.void("u9", routing_id="c.17"), "POST /v2/txns/u9/void", FORM, b"", order(status="VOIDED")),
    "execute mandate": (
        lambda c: c.execute_mandate(EXECUTION, routing_id="c.17"),
        "POST /txns", FORM,
        (b"order.order_id=tea-042&order.amount=120.50&order.currency=INR&order.customer_id=c.17&mandate_id=m%2F1"
        b"&merchant_id=teahouse&mandate.execution_date=1927875600&format=json"), TXN,
    ),
    "revoke mandate": (
        lambda c: c.revoke_mandate("m/1", routing_id="c.17"),
        "POST /mandates/m%2F1", FORM, b"command=revoke", MANDATE,
    ),
    "list mandates": (
        lambda c: c.list_mandates("c.17"), "GET /customers/c.17/mandates", "", b"", {"list": [MANDATE], "total": 1}
    ),
    "mandate status": (
        lambda c: c.mandate_status("m/1", routing_id="c.17"),
        "POST /mandates/m%2F1", FORM, b"command=check_status", MANDATE,
    ),
    "pause mandate": (
        lambda c: c.pause_mandate("m/1", routing_id="c.17", starts_at=NINE, ends_at=NINE),
        "POST /mandates/m%2F1", FORM, b"command=pause&pause_start_date=1927875600&pause_end_date=1927875600", MANDATE,
    ),
    "pause mandate for good": (
        lambda c: c.pause_mandate("m/1", routing_id="c.17"), "POST /mandates/m%2F1", FORM, b"command=pause", MANDATE,
    ),
    "resume mandate": (
        lambda c: c.resume_mandate("m/1", routing_id="c.17", resumes_at=NINE),
        "POST /mandates/m%2F1", FORM, b"command=resume&resume_date=1927875600", MANDATE,
    ),
    "notify of debit": (
        lambda c: c.notify_mandate("m/1", NOTICE, routing_id="c.17"),
        "POST /mandates/m%2F1", FORM,
        (b"command=pre_debit_notify&object_reference_id=ntf1&description=tea"
        b"&source_info=%7B%22amount%22%3A%22120.50%22%2C%22txn_date%22%3A%221927875600%22%7D"), TOLD_OF,
    ),
    "get notification": (
        lambda c: c.get_notification("ntf1", routing_id="c.17"), "GET /notifications/ntf1", "", b"", TOLD_OF
    ),
    "list offers": (
        lambda c: c.list_offers(OFFERS, routing_id="c.17"),
        "POST /v1/offers/list", JSON,
        (b'{"order":{"order_id":"tea-041","amount":"120.50","currency":"INR"},"payment_method_info":[{'
        b'"payment_method_reference":"her card","payment_method_type":"CARD","payment_method":"VISA",'
        b'"card_number":"5550100"}],"customer":{"id":"c.17"},"offer_code":"TEA25"}'), {"offers": []},
    ),
    "send link": (
        lambda c: c.send_link("tea-041", routing_id="c.17", send_mail=True),
        "POST /paymentLink/notify", JSON, b'{"order_id":"tea-041","send_mail":true}', {"order_id": "tea-041"},
    ),
    "cancel order": (
        lambda c: c.cancel_order("tea-041", "sold out", routing_id="c.17"),
        "POST /merchants/teahouse/order/tea-041/cancel", JSON, b'{"cancel_reason":"sold out"}', {"status": "Success"},
    ),
    "get or create customer": (
        lambda c: c.get_or_create_customer(LEE, mobile_country_code="91", update=True),
        "POST /v2/customers/c.17", JSON,
        (b'{"mobile_number":"5550100","email_address":"lee@example.test","first_name":"Lee","last_name":"Ng",'
        b'"mobile_country_code":"91","update":true}'), CUSTOMER,
    ),
    "create customer": (
        lambda c: c.create_customer(LEE, mobile_country_code="91", client_auth_token=True),
        "POST /customers", FORM,
        (b"object_reference_id=c.17&mobile_number=5550100&email_address=lee%40example.test&first_name=Lee&last_name=Ng"
        b"&mobile_country_code=91&options.get_client_auth_token=true"), CUSTOMER,
    ),
    "get customer": (lambda c: c.get_customer("c.17"), "GET /customers/c.17", "", b"", CUSTOMER),
    "get customer with a token": (
        lambda c: c.get_customer("c.17", client_auth_token=True),
        "GET /customers/c.17?options.get_client_auth_token=true", "", b"", CUSTOMER,
    ),
    "update customer": (
        lambda c: c.update_customer(Customer(customer_id="c.17", phone="5550101")),
        "POST /customers/c.17", FORM, b"mobile_number=5550101", CUSTOMER,
    ),
    "verify VPA": (
        lambda c: c.verify_vpa("lee@upi", routing_id="c.17"),
        "POST /v2/upi/verify-vpa", FORM, b"vpa=lee%40upi&merchant_id=teahouse", {"vpa": "lee@upi", "status": "VALID"},
    ),
    "list payment methods": (
        lambda c: c.payment_methods("c.17"), "GET /customers/c.17/payment_methods", "", b"", {"cards": []}
    ),
}  # fmt: skip
