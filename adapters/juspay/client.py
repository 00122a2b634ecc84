"""Juspay's servers over httpx: the `PaymentGateway` of one merchant, and the calls beside it.

Owns the routes, the headers, the time and size limits, and what is repeated: reads, within one total deadline; a call
that changes something is sent once and never again from here. What an answer means for an order is the core's.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx
from attrs import Attribute, define, field, frozen

from paystate.adapters.juspay import answers, requests
from paystate.adapters.juspay.answers import CustomerRecord
from paystate.adapters.juspay.errors import gateway_errors, refusal, says_no_such_object
from paystate.adapters.juspay.origins import checked_origin, origin_of
from paystate.adapters.juspay.values import Unreadable
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, ValueInvalid
from paystate.core.evidence import Answer, NotFound
from paystate.core.facts import Customer
from paystate.core.money import Money
from paystate.core.ports import OrderRequest, SessionAnswer, Sleep

__all__ = ["CustomerRecord", "JuspayClient", "JuspayConfig", "http_client"]

T = TypeVar("T")

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"


def _origins(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(checked_origin, urls))


def _visible(_: object, attribute: Attribute[str], value: str) -> None:
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"{attribute.name} must be visible ASCII")


def _positive(_: object, attribute: Attribute[Any], value: float) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} must be above zero")


def _not_negative(_: object, attribute: Attribute[Any], value: float) -> None:
    if not value >= 0:
        raise ValueError(f"{attribute.name} must not be negative")


@frozen(kw_only=True)
class JuspayConfig:
    """What is needed to speak for one merchant; times in seconds.

    Attributes:
        base_url: An origin, `https` unless it is loopback; credentials go nowhere else.
        allowed_origins: Where given, `base_url` must be one of them. Payment links may point to them too.
        client_id: `payment_page_client_id`.
        version: Shapes the answers (gateway contract, A.3, a decision).
        read_timeout_s: Longest silence in a read; `write_timeout_s` in a session or refund call.
        total_timeout_s: For the whole call, repeated reads included.
        read_retries: How often a read without a usable answer is repeated.

    Raises:
        ValueError: A value is out of its range; the text names the field, never its content.
    """

    base_url: str = field(converter=checked_origin)
    merchant_id: str = field(validator=_visible)
    client_id: str = field(validator=_visible)
    api_key: str = field(repr=False, validator=_visible)
    version: str = field(default="2023-06-30", validator=_visible)
    allowed_origins: tuple[str, ...] = field(default=(), converter=_origins)
    connect_timeout_s: float = field(default=3.0, validator=_positive)
    read_timeout_s: float = field(default=10.0, validator=_positive)
    write_timeout_s: float = field(default=20.0, validator=_positive)
    total_timeout_s: float = field(default=25.0, validator=_positive)
    answer_bytes_max: int = field(default=2 * 1024 * 1024, validator=_positive)
    read_retries: int = field(default=1, validator=_not_negative)
    retry_delay_s: float = field(default=0.2, validator=_not_negative)

    def __attrs_post_init__(self) -> None:
        if self.allowed_origins and self.base_url not in self.allowed_origins:
            raise ValueError("base_url is not among the allowed origins")


def http_client(
    *, connections_max: int = 50, keepalive_s: float = 30.0, ssl_context: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """Make the one client of a process: no proxy from the environment, no redirects, no cookies, bounded connections.

    Args:
        ssl_context: To share between clients, or for a private certificate authority; must check certificates.

    Raises:
        ValueError: The context would accept any certificate.
    """
    context = ssl_context or httpx.create_ssl_context(trust_env=False)
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError("the TLS context must check certificates and host names")
    limits = httpx.Limits(
        max_connections=connections_max, max_keepalive_connections=connections_max, keepalive_expiry=keepalive_s
    )
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(verify=context, trust_env=False, follow_redirects=False, limits=limits, cookies=no_cookies)


@frozen(kw_only=True)
class _Call:
    """One request, and how often and how long it may be tried.

    Attributes:
        silence_s: Longest wait for the next byte.
    """

    operation: str
    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    silence_s: float
    body: bytes = field(default=b"", repr=False)
    retries: int = 0


@frozen
class _Reply:
    http_status: int
    body: bytes = field(repr=False)
    dated: datetime | None


@define
class _Progress:
    """How far a request got, as the transport tells it; one that tells nothing may have sent."""

    connecting: bool = False
    sending: bool = False

    async def trace(self, event: str, _: object) -> None:
        if event.startswith("connection.connect_") and event.endswith(".started"):
            self.connecting = True
        elif event.endswith(".send_request_headers.started"):
            self.sending = True

    @property
    def never_sent(self) -> bool:
        return self.connecting and not self.sending


class JuspayClient:
    """Juspay for one merchant.

    All methods raise GatewayUnreachable, OutcomeUnknown or GatewayRejected, as `PaymentGateway` says; see
    `paystate.adapters.juspay.errors` for which is which. ValueInvalid is raised for an id that is no path segment.
    """

    def __init__(self, config: JuspayConfig, http: httpx.AsyncClient, *, sleep: Sleep = asyncio.sleep) -> None:
        """Use `http` (see `http_client`), which belongs to the caller and may serve many merchants."""
        self._config = config
        self._http = http
        self._sleep = sleep
        self._links_to = {config.base_url, *config.allowed_origins}
        credentials = base64.b64encode(f"{config.api_key}:".encode()).decode("ascii")
        self._headers = {
            "Authorization": f"Basic {credentials}",
            "x-merchantid": config.merchant_id,
            "version": config.version,
            "Accept": _JSON,
            "Accept-Encoding": "identity",
            "User-Agent": "paystate",
        }

    # --- the port

    async def create_session(self, request: OrderRequest, *, routing_id: str) -> SessionAnswer:
        """Create (or link to) the order and return what the SDK needs, its payload's text unchanged.

        An answer without `sdk_payload`, for another order, or with a payment link to an origin that is not allowed is
        OutcomeUnknown: it must not be handed on. Source: gateway contract, B.1 and B.2.
        """
        body = requests.session_body(request, self._config.client_id)
        call = self._post("create session", "/session", routing_id, _JSON, body)
        return await self._run(call, lambda reply: self._session(request, reply))

    async def order_status(self, order_id: str, *, routing_id: str) -> Answer:
        """Ask for the order; `NotFound` where Juspay says that it knows none. Source: gateway contract, F."""
        call = self._get("order status", f"/orders/{_segment(order_id)}", routing_id)
        return await self._run(call, lambda reply: _status(order_id, reply))

    async def refund(self, order_id: str, refund_id: str, amount: Money, *, routing_id: str) -> Answer:
        """Send one refund call, the amount in it; the answer is the whole order. Source: gateway contract, H.1."""
        path = f"/orders/{_segment(order_id)}/refunds"
        call = self._post("refund", path, routing_id, _FORM, requests.refund_form(refund_id, amount))
        return await self._run(call, _order("refund"))

    # --- beside the port

    async def create_order(self, request: OrderRequest, *, routing_id: str) -> Answer:
        """Create an order without a session. Source: gateway contract, B.3."""
        call = self._post("create order", "/orders", routing_id, _FORM, requests.order_form(request))
        return await self._run(call, _order("create order"))

    async def update_order(self, order_id: str, amount: Money, *, routing_id: str) -> Answer:
        """Change the amount of an order that nobody paid yet. Source: gateway contract, B.4."""
        path = f"/orders/{_segment(order_id)}"
        call = self._post("update order", path, routing_id, _FORM, requests.order_update_form(amount))
        return await self._run(call, _order("update order"))

    async def create_customer(self, customer: Customer) -> CustomerRecord:
        """Register a customer, routed by the customer's own id. Source: gateway contract, B.5."""
        body = requests.customer_form(customer)
        call = self._post("create customer", "/customers", customer.customer_id, _FORM, body)
        return await self._run(call, lambda reply: answers.read_customer(_success("create customer", reply)))

    async def get_customer(self, customer_id: str) -> CustomerRecord | None:
        """Ask for a customer by our id or Juspay's; None where there is none. Source: gateway contract, B.5."""
        call = self._get("get customer", f"/customers/{_segment(customer_id)}", customer_id)
        try:
            return await self._run(call, lambda reply: answers.read_customer(_success("get customer", reply)))
        except GatewayRejected as error:
            if says_no_such_object(error):
                return None
            raise

    # --- how a call is made

    def _get(self, operation: str, path: str, routing_id: str) -> _Call:
        config = self._config
        return _Call(
            operation=operation,
            method="GET",
            path=path,
            headers=self._headers_of(routing_id),
            silence_s=config.read_timeout_s,
            retries=config.read_retries,
        )

    def _post(self, operation: str, path: str, routing_id: str, content_type: str, body: bytes) -> _Call:
        return _Call(
            operation=operation,
            method="POST",
            path=path,
            headers={**self._headers_of(routing_id), "Content-Type": content_type},
            silence_s=self._config.write_timeout_s,
            body=body,
        )

    def _headers_of(self, routing_id: str) -> dict[str, str]:
        # Quoting changes no id that we take, and keeps a line end out of a header.
        return {**self._headers, "x-routing-id": quote(routing_id, safe="@+")}

    async def _run(self, call: _Call, read: Callable[[_Reply], T]) -> T:
        """Make the call within the total deadline; at its end, whether any try began to send decides the error."""
        progress = _Progress()
        try:
            async with asyncio.timeout(self._config.total_timeout_s):
                return await self._try(call, read, progress)
        except TimeoutError as exc:
            error = GatewayUnreachable if progress.never_sent else OutcomeUnknown
            raise error(f"{call.operation}: no answer in time") from exc

    async def _try(self, call: _Call, read: Callable[[_Reply], T], progress: _Progress) -> T:
        for _ in range(call.retries):
            try:
                return await self._once(call, read, progress)
            except (GatewayUnreachable, OutcomeUnknown):
                await self._sleep(self._config.retry_delay_s)
        return await self._once(call, read, progress)

    async def _once(self, call: _Call, read: Callable[[_Reply], T], progress: _Progress) -> T:
        with gateway_errors(call.operation):
            return read(await self._send(call, progress))

    async def _send(self, call: _Call, progress: _Progress) -> _Reply:
        """Send one request and take its answer: the seam at which another HTTP library could stand.

        The request is built here and not by the client, whose cookies and default headers stay out of it.
        """
        connect_s = self._config.connect_timeout_s
        timeout = httpx.Timeout(call.silence_s, connect=connect_s, pool=connect_s)
        request = httpx.Request(
            call.method,
            self._config.base_url + call.path,
            headers=call.headers,
            content=call.body or None,
            extensions={"timeout": timeout.as_dict(), "trace": progress.trace},
        )
        response = await self._http.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            return _Reply(response.status_code, await self._limited(response), _dated(response.headers))
        finally:
            await response.aclose()

    async def _limited(self, response: httpx.Response) -> bytes:
        """Read the body up to the limit; a compressed one, which was not asked for, is refused unopened."""
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unreadable("an encoded answer")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._config.answer_bytes_max:
                raise Unreadable("too long an answer")
        return bytes(body)

    def _session(self, request: OrderRequest, reply: _Reply) -> SessionAnswer:
        session = answers.read_session(_success("create session", reply))
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


def _success(operation: str, reply: _Reply) -> bytes:
    if not 200 <= reply.http_status < 300:
        raise refusal(operation, reply.http_status, reply.body)
    return reply.body


def _order(operation: str) -> Callable[[_Reply], Answer]:
    return lambda reply: Answer(body=answers.read_order(_success(operation, reply)), dated=reply.dated)


def _status(order_id: str, reply: _Reply) -> Answer:
    try:
        return _order("order status")(reply)
    except GatewayRejected as error:
        if not says_no_such_object(error):
            raise
    named = answers.read_named_order(reply.body)
    if named is not None and named.lower() != order_id.lower():
        raise Unreadable("another order was not found")
    return Answer(body=NotFound(), dated=reply.dated)


def _segment(text: str) -> str:
    """Percent-encode an id as one path segment; an empty or dotted one would name another route."""
    if text in ("", ".", ".."):
        raise ValueInvalid("invalid_id")
    return quote(text, safe="")


def _dated(headers: httpx.Headers) -> datetime | None:
    """The answer's `Date`, where it has exactly one that is a date."""
    dates = headers.get_list("date")
    try:
        dated = parsedate_to_datetime(dates[0]) if len(dates) == 1 else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return dated.astimezone(UTC) if dated and dated.tzinfo else None
