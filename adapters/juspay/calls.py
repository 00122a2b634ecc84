"""Each call to Juspay as a value: what to send, and how to read what comes back. Nothing here sends or waits.

The routes, the headers, which calls are reads, and which of them have a sealed form are all here. The senders
(`JuspayClient` and its blocking twin) know nothing else of Juspay.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final, Generic, TypeVar, cast
from urllib.parse import quote

from attrs import field, frozen

from paystate.adapters.juspay import answers, requests
from paystate.adapters.juspay.config import JuspayConfig
from paystate.adapters.juspay.envelopes import Envelope
from paystate.adapters.juspay.errors import NO_USE, refusal, says_no_such_object, translated, without_frames
from paystate.adapters.juspay.records import objects
from paystate.adapters.juspay.records.objects import (
    CustomerRecord,
    FulfilmentRecord,
    MandateRecord,
    OrderPage,
    OrderRecord,
    RefundRecord,
    TxnRecord,
    VpaRecord,
)
from paystate.adapters.juspay.requests import (
    Address,
    Fulfilment,
    MandateExecution,
    OrderOptions,
    OrdersAsked,
    RefundType,
    SplitRefund,
)
from paystate.core.errors import Unreadable, ValueInvalid
from paystate.core.evidence import Answer, NotFound
from paystate.core.money import Money
from paystate.core.orders.facts import Customer
from paystate.core.ports.gateway import OrderRequest, SessionAnswer
from paystate.core.urls import origin_of

__all__ = ["Call", "Calls", "Reply"]

T = TypeVar("T")
U = TypeVar("U")

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_NO_UDF: Final[Mapping[int, str]] = {}
_NO_OPTIONS: Final = OrderOptions()
_ALL_ORDERS: Final = OrdersAsked()
_WAIT_MAX_S: Final = 86_400.0
_ID_MAX: Final = 256


@frozen(kw_only=True)
class Reply:
    """What came back over HTTP.

    Attributes:
        date: The header's text; `""` where there is none, or more than one.
        retry_after: Likewise.
    """

    http_status: int
    body: bytes = field(repr=False)
    date: str = ""
    retry_after: str = ""

    @property
    def is_success(self) -> bool:
        return 200 <= self.http_status < 300

    @property
    def dated(self) -> datetime | None:
        """The answer's `Date`, Juspay's own clock."""
        return _instant(self.date)

    @property
    def retry_after_s(self) -> float | None:
        """How long we are asked to wait: seconds, or an instant that is taken against the answer's own `Date`."""
        text = self.retry_after.strip()
        if text.isascii() and text.isdigit():
            return min(float(text[:9]), _WAIT_MAX_S)
        until, dated = _instant(text), self.dated
        if until is None or dated is None:
            return None
        return min(max((until - dated).total_seconds(), 0.0), _WAIT_MAX_S)


@lru_cache(maxsize=16)  # the answers of one second have the same date
def _instant(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None


@frozen(kw_only=True)
class Call(Generic[T]):
    """One call: a request, and the reader of its answer.

    Attributes:
        path: With the query, percent-encoded.
        is_read: It changes nothing at Juspay, so it may be repeated.
        read: Raises GatewayRejected or OutcomeUnknown; AnswerUnusable, one of the latter, where an answer is of no use.
    """

    operation: str
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    read: Callable[[Reply], T] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    is_read: bool = False

    def answered_by(self, read: Callable[[Reply], U]) -> Call[U]:
        """The same request, its answer read as something else."""
        return Call(
            operation=self.operation,
            method=self.method,
            path=self.path,
            headers=self.headers,
            read=read,
            body=self.body,
            is_read=self.is_read,
        )


class Calls:
    """All calls of one merchant.

    `routing_id` is the customer's id, or the order's for a guest: one and the same for all calls of a customer (gateway
    contract, A.3). Every method raises ValueInvalid for an id that is no path segment.
    """

    def __init__(self, config: JuspayConfig, envelope: Envelope | None = None) -> None:
        """Make calls with the key of `config`; with an envelope, sealed ones where Juspay has them."""
        self._config = config
        self._envelope = envelope
        self._links_to = {config.base_url, *config.allowed_origins}
        credentials = base64.b64encode(f"{config.api_key}:".encode()).decode("ascii")
        self._unsigned = {
            "x-merchantid": config.merchant_id,
            "version": config.version,
            "Accept": _JSON,
            "Accept-Encoding": "identity",
            "User-Agent": "paystate",
        }
        self._signed = {"Authorization": f"Basic {credentials}", **self._unsigned}

    # --- the engine's three; its captures, releases and changes of a price are `JuspayGateway`'s

    def create_session(
        self, request: OrderRequest, *, routing_id: str, options: OrderOptions = _NO_OPTIONS
    ) -> Call[SessionAnswer]:
        """Create (or link to) the order and return what the SDK needs, its payload's text unchanged.

        An answer without `sdk_payload`, for another order, or with a payment link to an origin that is not allowed is
        OutcomeUnknown: it must not be handed on. Source: gateway contract, B.1 and B.2.
        """
        body = requests.session_body(request, self._config.client_id, options)

        def read(plain: bytes, _: Reply) -> SessionAnswer:
            return self._session(request, answers.read_session(plain))

        if self._envelope:
            return self._sealed("create session", "/v4/session", routing_id, body, read)
        return self._post("create session", "/session", routing_id, body, read, content_type=_JSON)

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
        path = f"/orders/{_segment(order_id)}/refunds"
        fields = requests.refund_fields(refund_id, amount, split)
        if txn_id:
            return self._by_txn(txn_id, fields, "STANDARD", routing_id, _refunded)
        if self._envelope:
            return self._sealed("refund", f"/v4{path}", routing_id, requests.json_body(fields), _refunded)
        return self._post("refund", path, routing_id, requests.form(fields), _refunded)

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
        return self._post("update order", f"/orders/{_segment(order_id)}", routing_id, body, _record)

    def list_orders(self, asked: OrdersAsked = _ALL_ORDERS, *, routing_id: str = "") -> Call[OrderPage]:
        """List orders, newest first; routed by the merchant where no id is given. Source: gateway contract, L."""
        path = f"/order/list?{requests.orders_query(asked)}".rstrip("?")
        read = _plain(objects.read_order_page)
        return self._get("list orders", path, routing_id or self._config.merchant_id, read)

    def fulfil_order(self, order_id: str, fulfilment: Fulfilment, *, routing_id: str) -> Call[FulfilmentRecord]:
        """Tell Juspay whether the goods went out. Source: gateway contract, L."""
        path, body = f"/orders/{_segment(order_id)}/fulfillment", requests.fulfilment_form(fulfilment)
        return self._post("fulfil order", path, routing_id, body, _plain(objects.read_fulfilment))

    # --- transactions

    def refund_txn(
        self, txn_id: str, refund_id: str, amount: Money, *, routing_id: str, refund_type: RefundType = "STANDARD"
    ) -> Call[RefundRecord]:
        """Refund one transaction, at once where the account may; the answer is the refund alone.

        Source: gateway contract, H.2.
        """
        fields, read = requests.refund_fields(refund_id, amount), _plain(objects.read_refund_record)
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
        body = requests.form({**fields, "txn_id": txn_id, "refund_type": refund_type})
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
        path, body = f"/v2/txns/{_segment(txn_uuid)}/capture", requests.capture_form(amount, idempotence_key)
        return self._post("capture", path, routing_id, body, _record)

    def void(self, txn_uuid: str, *, routing_id: str) -> Call[OrderRecord]:
        """Release the money that is held; `txn_uuid` is not the `txn_id`. Source: gateway contract, L."""
        return self._post("void", f"/v2/txns/{_segment(txn_uuid)}/void", routing_id, b"", _record)

    # --- mandates

    def execute_mandate(self, execution: MandateExecution, *, routing_id: str) -> Call[TxnRecord]:
        """Charge by a mandate: makes the order and its transaction. Source: gateway contract, L."""
        body = requests.execution_form(execution, self._config.merchant_id)
        return self._post("execute mandate", "/txns", routing_id, body, _plain(objects.read_txn))

    def revoke_mandate(self, mandate_id: str, *, routing_id: str) -> Call[MandateRecord]:
        """End a mandate. Source: gateway contract, L."""
        path, body = f"/mandates/{_segment(mandate_id)}", requests.form({"command": "revoke"})
        return self._post("revoke mandate", path, routing_id, body, _plain(objects.read_mandate))

    # --- customers; routed by the customer's own id

    def create_customer(
        self, customer: Customer, *, mobile_country_code: str = "", client_auth_token: bool = False
    ) -> Call[CustomerRecord]:
        """Register a customer. Source: gateway contract, B.5."""
        body = requests.customer_form(customer, country_code=mobile_country_code, client_auth_token=client_auth_token)
        read = _plain(objects.read_customer)
        return self._post("create customer", "/customers", customer.customer_id, body, read)

    def get_customer(self, customer_id: str, *, client_auth_token: bool = False) -> Call[CustomerRecord | None]:
        """Ask for a customer by our id or Juspay's; None where there is none. Source: gateway contract, B.5."""
        query = "?options.get_client_auth_token=true" if client_auth_token else ""
        path = f"/customers/{_segment(customer_id)}{query}"
        return self._get("get customer", path, customer_id, _plain(objects.read_customer), lambda _: None)

    def update_customer(
        self, customer: Customer, *, mobile_country_code: str = "", client_auth_token: bool = False
    ) -> Call[CustomerRecord]:
        """Change what is known of a customer; what is empty stays as it is. Source: gateway contract, B.5."""
        path = f"/customers/{_segment(customer.customer_id)}"
        body = requests.customer_update_form(
            customer, country_code=mobile_country_code, client_auth_token=client_auth_token
        )
        return self._post("update customer", path, customer.customer_id, body, _plain(objects.read_customer))

    def payment_methods(self, customer_id: str) -> Call[Mapping[str, object]]:
        """Ask for what a customer has saved, as Juspay lists it. Source: gateway contract, L; its shape: not found."""
        path = f"/customers/{_segment(customer_id)}/payment_methods"
        return self._get("list payment methods", path, customer_id, _plain(objects.read_object))

    def verify_vpa(self, vpa: str, *, routing_id: str) -> Call[VpaRecord]:
        """Ask whether a UPI address is one. Source: gateway contract, L."""
        body = requests.form({"vpa": vpa, "merchant_id": self._config.merchant_id})
        return self._post("verify VPA", "/v2/upi/verify-vpa", routing_id, body, _plain(objects.read_vpa))

    # --- how a call is made

    def _status(
        self,
        order_id: str,
        query: str,
        routing_id: str,
        read: Callable[[bytes, Reply], T],
        nothing: Callable[[Reply], T],
    ) -> Call[T]:
        path = f"/orders/{_segment(order_id)}{query}"

        def absent(reply: Reply) -> T:
            named = answers.read_named_order(reply.body)
            if named is not None and named.lower() != order_id.lower():
                raise Unreadable("another order was not found")
            return nothing(reply)

        if self._envelope:
            body = requests.json_body({"order_id": order_id})
            return self._sealed("order status", "/v4/order-status", routing_id, body, read, absent, is_read=True)
        return self._get("order status", path, routing_id, read, absent)

    def _get(
        self,
        operation: str,
        path: str,
        routing_id: str,
        read: Callable[[bytes, Reply], T],
        absent: Callable[[Reply], T] | None = None,
    ) -> Call[T]:
        return Call(
            operation=operation,
            method="GET",
            path=path,
            headers={**self._signed, "x-routing-id": _routed(routing_id)},
            read=lambda reply: _read(operation, reply, read, absent),
            is_read=True,
        )

    def _post(
        self,
        operation: str,
        path: str,
        routing_id: str,
        body: bytes,
        read: Callable[[bytes, Reply], T],
        content_type: str = _FORM,
    ) -> Call[T]:
        return Call(
            operation=operation,
            method="POST",
            path=path,
            headers={**self._signed, "x-routing-id": _routed(routing_id), "Content-Type": content_type},
            read=lambda reply: _read(operation, reply, read, None),
            body=body,
        )

    def _sealed(
        self,
        operation: str,
        path: str,
        routing_id: str,
        body: bytes,
        read: Callable[[bytes, Reply], T],
        absent: Callable[[Reply], T] | None = None,
        is_read: bool = False,
    ) -> Call[T]:
        """Make a call of JWT mode: no API key in it, errors plain. Source: gateway contract, A.5."""
        envelope = cast("Envelope", self._envelope)
        return Call(
            operation=operation,
            method="POST",
            path=path,
            headers={**self._unsigned, "x-routing-id": _routed(routing_id), "Content-Type": _JSON},
            read=lambda reply: _read(operation, reply, lambda sealed, _: read(envelope.open(sealed), reply), absent),
            body=envelope.seal(body),
            is_read=is_read,
        )

    def _session(self, request: OrderRequest, session: SessionAnswer) -> SessionAnswer:
        if session.order_id.lower() != request.order_id.lower():
            raise Unreadable("a session of another order")
        if session.payment_link and not self._is_ours(session.payment_link):
            raise Unreadable("a payment link to another origin")
        return session

    def _is_ours(self, link: str) -> bool:
        try:
            return origin_of(link) in self._links_to
        except ValueError:
            return False


def _read(operation: str, reply: Reply, read: Callable[[bytes, Reply], T], absent: Callable[[Reply], T] | None) -> T:
    try:
        if reply.is_success:
            return read(reply.body, reply)
        if absent and says_no_such_object(reply.http_status, reply.body):
            return absent(reply)
    except NO_USE as exc:
        raise translated(operation, exc) from without_frames(exc)
    raise refusal(operation, reply.http_status, reply.body, reply.retry_after_s)


def _answer(body: bytes, reply: Reply) -> Answer:
    return Answer(body=answers.read_order(body), dated=reply.dated)


def _refunded(body: bytes, reply: Reply) -> Answer:
    return Answer(body=answers.read_refunded(body), dated=reply.dated)


def _record(body: bytes, _: Reply) -> OrderRecord:
    return objects.read_order_record(body)


def _plain(read: Callable[[bytes], T]) -> Callable[[bytes, Reply], T]:
    return lambda body, _: read(body)


def _segment(text: str) -> str:
    """Percent-encode an id as one path segment; an empty or dotted one would name another route."""
    if text in ("", ".", "..") or len(text) > _ID_MAX:
        raise ValueInvalid("invalid_id")
    return quote(text, safe="")


def _routed(routing_id: str) -> str:
    # Quoting changes no id that we take, and keeps a line end out of a header.
    if len(routing_id) > _ID_MAX:
        raise ValueInvalid("invalid_id")
    return quote(routing_id, safe="@+")
