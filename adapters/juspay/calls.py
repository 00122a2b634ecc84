"""Each call to Juspay as a value: what to send, and how to read what comes back. Nothing here sends or waits.

The routes, which calls are reads, and which of them have a sealed form are here, and in `mandates.py` those about
mandates. The senders (`JuspayClient` and its blocking twin) know nothing else of Juspay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from paystate.adapters.juspay import answers, requests
from paystate.adapters.juspay.config import JuspayConfig
from paystate.adapters.juspay.envelopes import Envelope
from paystate.adapters.juspay.making import JSON, Call, Reply, plain, segment
from paystate.adapters.juspay.mandates import MandateCalls
from paystate.adapters.juspay.records import objects
from paystate.adapters.juspay.records.objects import (
    CustomerRecord,
    FulfilmentRecord,
    LinkRecord,
    OfferPage,
    OrderPage,
    OrderRecord,
    RefundRecord,
    VpaRecord,
)
from paystate.adapters.juspay.requests import (
    Address,
    Fulfilment,
    OffersAsked,
    OrderOptions,
    OrdersAsked,
    RefundType,
    SplitRefund,
)
from paystate.adapters.juspay.wire.writing import form, json_body
from paystate.core.errors import Unreadable, ValueInvalid
from paystate.core.evidence import Answer, NotFound
from paystate.core.money import Money
from paystate.core.orders.facts import Customer
from paystate.core.ports.gateway import OrderRequest, SessionAnswer
from paystate.core.urls import origin_of

__all__ = ["Call", "Calls", "Reply"]

T = TypeVar("T")

_NO_UDF: Final[Mapping[int, str]] = {}
_NO_OPTIONS: Final = OrderOptions()
_ALL_ORDERS: Final = OrdersAsked()


class Calls(MandateCalls):
    """All calls of one merchant.

    `routing_id` is the customer's id, or the order's for a guest: one and the same for all calls of a customer (gateway
    contract, A.3). Every method raises ValueInvalid for an id that is no path segment.
    """

    def __init__(self, config: JuspayConfig, envelope: Envelope | None = None) -> None:
        """Make calls with the key of `config`; with an envelope, sealed ones where Juspay has them."""
        super().__init__(config, envelope)
        self._links_to = {config.base_url, *config.allowed_origins}

    # --- the engine's three; its captures, releases and changes of a price are `JuspayGateway`'s

    def create_session(
        self, request: OrderRequest, *, routing_id: str, options: OrderOptions = _NO_OPTIONS
    ) -> Call[SessionAnswer]:
        """Create (or link to) the order and return what the SDK needs, its payload's text unchanged.

        An answer without `sdk_payload`, for another order, merchant or amount, or with a payment link to an origin that
        is not allowed is OutcomeUnknown: it must not be handed on. Source: gateway contract, B.1 and B.2.
        """
        body = requests.session_body(request, self._config.client_id, options)

        def read(plain: bytes, _: Reply) -> SessionAnswer:
            return self._session(request, answers.read_session(plain))

        if self._envelope:
            return self._sealed("create session", "/v4/session", routing_id, body, read)
        return self._post("create session", "/session", routing_id, body, read, content_type=JSON)

    def order_status(self, order_id: str, *, routing_id: str) -> Call[Answer]:
        """Ask for the order as the core is told of it; `NotFound` where Juspay says that it knows none.

        Source: gateway contract, F; A.5 for its sealed form, which is a read although it is a POST.
        """
        return self._status(order_id, "", routing_id, _answer, lambda reply: Answer(body=NotFound(), dated=reply.dated))

    def refund(
        self,
        order_id: str,
        refund_id: str,
        amount: Money,
        *,
        routing_id: str,
        txn_id: str = "",
        split: SplitRefund | None = None,
    ) -> Call[Answer]:
        """Send one refund call, the amount in it; the answer is the whole order, or the refund alone.

        Args:
            txn_id: Goes by this transaction alone, as `refund_txn` does; such a call has no sealed form.

        Source: gateway contract, H.1; H.2 by transaction; O.3 for what a split order answers.
        """
        path = f"/orders/{segment(order_id)}/refunds"
        fields = requests.refund_fields(refund_id, amount, split)
        if txn_id:
            return self._by_txn(txn_id, fields, "STANDARD", routing_id, _refunded)
        if self._envelope:
            return self._sealed("refund", f"/v4{path}", routing_id, json_body(fields), _refunded)
        return self._post("refund", path, routing_id, form(fields), _refunded)

    # --- orders

    def get_order(
        self, order_id: str, *, routing_id: str, full_gateway_response: bool = False
    ) -> Call[OrderRecord | None]:
        """Ask for the order with all its parts; None where Juspay says that it knows none. Source: gateway contract, F.

        An answer about another order is OutcomeUnknown. (`order_status` hands it on: the core keeps it as a mismatch.)

        Args:
            full_gateway_response: Fill the block of the gateway behind Juspay; not in the sealed form.
        """

        def read(plain: bytes, _: Reply) -> OrderRecord:
            record = objects.read_order_record(plain)
            if record.order_id.lower() != order_id.lower():
                raise Unreadable("another order")
            return record

        query = "?options.add_full_gateway_response=true" if full_gateway_response else ""
        return self._status(order_id, query, routing_id, read, lambda _: None)

    def create_order(
        self, request: OrderRequest, *, routing_id: str, options: OrderOptions = _NO_OPTIONS
    ) -> Call[OrderRecord]:
        """Create an order without a session. Source: gateway contract, B.3."""
        return self._post("create order", "/orders", routing_id, requests.order_form(request, options), _record)

    def update_order(
        self,
        order_id: str,
        amount: Money | None = None,
        *,
        routing_id: str,
        udf: Mapping[int, str] = _NO_UDF,
        billing: Address | None = None,
        shipping: Address | None = None,
    ) -> Call[OrderRecord]:
        """Change an order that nobody paid yet; nothing else of it can change. Source: gateway contract, B.4."""
        body = requests.order_update_form(amount, udf, billing, shipping)
        return self._post("update order", f"/orders/{segment(order_id)}", routing_id, body, _record)

    def list_orders(self, asked: OrdersAsked = _ALL_ORDERS, *, routing_id: str = "") -> Call[OrderPage]:
        """List orders, newest first; routed by the merchant where no id is given. Source: gateway contract, L."""
        path = f"/order/list?{requests.orders_query(asked)}".rstrip("?")
        read = plain(objects.read_order_page)
        return self._get("list orders", path, routing_id or self._config.merchant_id, read)

    def fulfil_order(self, order_id: str, fulfilment: Fulfilment, *, routing_id: str) -> Call[FulfilmentRecord]:
        """Tell Juspay whether the goods went out. Source: gateway contract, L."""
        path, body = f"/orders/{segment(order_id)}/fulfillment", requests.fulfilment_form(fulfilment)
        return self._post("fulfil order", path, routing_id, body, plain(objects.read_fulfilment))

    # --- payment links; a session makes one

    def send_link(
        self, order_id: str, *, routing_id: str, send_mail: bool = False, send_sms: bool = False
    ) -> Call[LinkRecord]:
        """Send the shopper the order's payment link once more. Source: gateway contract, L (payment links)."""
        body = json_body({"order_id": order_id, **requests.link_fields(send_mail, send_sms)})
        read = plain(objects.read_link)
        return self._post("send link", "/paymentLink/notify", routing_id, body, read, content_type=JSON)

    def cancel_order(self, order_id: str, reason: str, *, routing_id: str) -> Call[Mapping[str, object]]:
        """Call an order's payment link back for good; a paid order stays. Source: gateway contract, L (payment links).

        What the order's status says of it is not published: ask for the order.
        """
        path = f"/merchants/{segment(self._config.merchant_id)}/order/{segment(order_id)}/cancel"
        body, read = json_body({"cancel_reason": reason}), plain(objects.read_cancelled)
        return self._post("cancel order", path, routing_id, body, read, content_type=JSON)

    # --- transactions

    def refund_txn(
        self, txn_id: str, refund_id: str, amount: Money, *, routing_id: str, refund_type: RefundType = "STANDARD"
    ) -> Call[RefundRecord]:
        """Refund one transaction, at once where the account may; the answer is the refund alone.

        Source: gateway contract, H.2.
        """
        fields, read = requests.refund_fields(refund_id, amount), plain(objects.read_refund_record)
        return self._by_txn(txn_id, fields, refund_type, routing_id, read)

    def _by_txn(
        self,
        txn_id: str,
        fields: Mapping[str, object],
        refund_type: RefundType,
        routing_id: str,
        read: Callable[[bytes, Reply], T],
    ) -> Call[T]:
        """The one route by transaction, whoever reads its answer; it has no sealed form."""
        body = form({**fields, "txn_id": txn_id, "refund_type": refund_type})
        return self._post("refund transaction", "/refunds", routing_id, body, read)

    def capture(
        self, txn_uuid: str, amount: Money | None = None, *, routing_id: str, idempotence_key: str = ""
    ) -> Call[OrderRecord]:
        """Take the money that is held. Source: gateway contract, L.

        Args:
            txn_uuid: Not the `txn_id`.
            amount: None for all; a part needs `idempotence_key` too, and a gateway that can do it.
        """
        if (amount is None) != (not idempotence_key):
            raise ValueInvalid("invalid_idempotence_key")
        path, body = f"/v2/txns/{segment(txn_uuid)}/capture", requests.capture_form(amount, idempotence_key)
        return self._post("capture", path, routing_id, body, _record)

    def void(self, txn_uuid: str, *, routing_id: str) -> Call[OrderRecord]:
        """Release the money that is held; `txn_uuid` is not the `txn_id`. Source: gateway contract, L."""
        return self._post("void", f"/v2/txns/{segment(txn_uuid)}/void", routing_id, b"", _record)

    # --- customers; routed by the customer's own id

    def create_customer(
        self, customer: Customer, *, mobile_country_code: str = "", client_auth_token: bool = False
    ) -> Call[CustomerRecord]:
        """Register a customer. Source: gateway contract, B.5."""
        body = requests.customer_form(customer, country_code=mobile_country_code, client_auth_token=client_auth_token)
        read = plain(objects.read_customer)
        return self._post("create customer", "/customers", customer.customer_id, body, read)

    def get_or_create_customer(
        self,
        customer: Customer,
        *,
        mobile_country_code: str = "",
        client_auth_token: bool = False,
        update: bool = False,
    ) -> Call[CustomerRecord]:
        """Ask for a customer, who is registered where there is none. Source: gateway contract, B.5.

        Args:
            update: Change a known customer too.
        """
        path = f"/v2/customers/{segment(customer.customer_id)}"
        body = requests.customer_body(
            customer, country_code=mobile_country_code, client_auth_token=client_auth_token, update=update
        )
        read = plain(objects.read_customer)
        return self._post("get or create customer", path, customer.customer_id, body, read, content_type=JSON)

    def get_customer(self, customer_id: str, *, client_auth_token: bool = False) -> Call[CustomerRecord | None]:
        """Ask for a customer by our id or Juspay's; None where there is none. Source: gateway contract, B.5."""
        query = "?options.get_client_auth_token=true" if client_auth_token else ""
        path = f"/customers/{segment(customer_id)}{query}"
        return self._get("get customer", path, customer_id, plain(objects.read_customer), lambda _: None)

    def update_customer(
        self, customer: Customer, *, mobile_country_code: str = "", client_auth_token: bool = False
    ) -> Call[CustomerRecord]:
        """Change what is known of a customer; what is empty stays as it is. Source: gateway contract, B.5."""
        path = f"/customers/{segment(customer.customer_id)}"
        body = requests.customer_update_form(
            customer, country_code=mobile_country_code, client_auth_token=client_auth_token
        )
        return self._post("update customer", path, customer.customer_id, body, plain(objects.read_customer))

    def payment_methods(self, customer_id: str) -> Call[Mapping[str, object]]:
        """Ask for what a customer has saved, as Juspay lists it. Source: gateway contract, L; its shape: not found."""
        path = f"/customers/{segment(customer_id)}/payment_methods"
        return self._get("list payment methods", path, customer_id, plain(objects.read_object))

    def list_offers(self, asked: OffersAsked, *, routing_id: str) -> Call[OfferPage]:
        """Ask which offers a price gets; a read although it is a POST. Source: gateway contract, L (offers)."""
        body, read = requests.offers_body(asked), plain(objects.read_offers)
        return self._post("list offers", "/v1/offers/list", routing_id, body, read, content_type=JSON, is_read=True)

    def verify_vpa(self, vpa: str, *, routing_id: str) -> Call[VpaRecord]:
        """Ask whether a UPI address is one. Source: gateway contract, L."""
        body = form({"vpa": vpa, "merchant_id": self._config.merchant_id})
        return self._post("verify VPA", "/v2/upi/verify-vpa", routing_id, body, plain(objects.read_vpa))

    # --- how a call is made

    def _status(
        self,
        order_id: str,
        query: str,
        routing_id: str,
        read: Callable[[bytes, Reply], T],
        nothing: Callable[[Reply], T],
    ) -> Call[T]:
        path = f"/orders/{segment(order_id)}{query}"

        def absent(reply: Reply) -> T:
            named = answers.read_named_order(reply.body)
            if named is not None and named.lower() != order_id.lower():
                raise Unreadable("another order was not found")
            return nothing(reply)

        if self._envelope:
            body = json_body({"order_id": order_id})
            return self._sealed("order status", "/v4/order-status", routing_id, body, read, absent, is_read=True)
        return self._get("order status", path, routing_id, read, absent)

    def _session(self, request: OrderRequest, session: SessionAnswer) -> SessionAnswer:
        if not answers.is_session_for(session, request, self._config.merchant_id):
            raise Unreadable("a session of another order, merchant or amount")
        if session.payment_link and not self._is_ours(session.payment_link):
            raise Unreadable("a payment link to another origin")
        return session

    def _is_ours(self, link: str) -> bool:
        try:
            return origin_of(link) in self._links_to
        except ValueError:
            return False


def _answer(body: bytes, reply: Reply) -> Answer:
    return Answer(body=answers.read_order(body), dated=reply.dated)


def _refunded(body: bytes, reply: Reply) -> Answer:
    return Answer(body=answers.read_refunded(body), dated=reply.dated)


def _record(body: bytes, _: Reply) -> OrderRecord:
    return objects.read_order_record(body)
