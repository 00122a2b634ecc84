"""Run a checkout: open it, sign what the SDK needs, note what the app reports, end it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from attrs import field, frozen

from paystate.core.checkouts import checkout as rules
from paystate.core.checkouts import sdk_payloads
from paystate.core.checkouts.checkout import (
    Checkout,
    CheckoutDecisionResult,
    CheckoutOpened,
    Issued,
    OpenCheckout,
    Renew,
    ResumePayment,
    SignProcessFor,
    Terminate,
)
from paystate.core.errors import ValueInvalid
from paystate.core.evidence import SdkEvent
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import SignProcess
from paystate.core.orders.facts import Customer, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.ports.gateway import OrderRequest
from paystate.core.requester import Requester
from paystate.core.use_cases.calls import called, routing_id
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import hint
from paystate.core.use_cases.transact import transact


@frozen(kw_only=True)
class IssuedCredentials:
    """What the app is given.

    Attributes:
        token: The checkout's bearer token; shown this once, kept only as a digest.
        payload: The SDK's envelope, as JSON text, to be passed on unchanged.
    """

    checkout: Checkout
    token: str = field(repr=False)
    payload: str = field(repr=False)


def token_digest(token: str) -> str:
    """How a token is kept: SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def prefetch_payload(merchant: Merchant) -> str:
    """The SDK's preFetch envelope; nothing in it is secret."""
    return sdk_payloads.prefetch(merchant.account)


async def start_checkout(
    ports: Ports, merchant: Merchant, *, customer: Customer, by: Requester | None = None
) -> IssuedCredentials:
    """Open a checkout for a customer and sign its initiate payload.

    Raises:
        ValueInvalid: `invalid_customer_id` where there is none: a checkout may pay any order of its customer, so guests
            without ids of their own could pay, and see, each other's orders.
    """
    if not customer.customer_id:
        raise ValueInvalid("invalid_customer_id", rule="must not be empty: give each guest a random id")
    now = ports.clock.now()
    opened = CheckoutOpened(
        merchant_id=merchant.merchant_id,
        checkout_id=ports.ids.checkout_id(),
        customer_id=customer.customer_id,
        email=customer.email,
        phone=customer.phone,
        first_name=customer.first_name,
        last_name=customer.last_name,
    )
    token, issued = _issue(ports, merchant, now)
    key = CheckoutKey(merchant.merchant_id, opened.checkout_id)
    decided = await ports.store.transact_checkout(
        key, lambda known: rules.decide(known, OpenCheckout(opened, issued, by), merchant.policy, now)
    )
    assert not isinstance(decided, Refused)  # noqa: S101 - opening is never refused; for the type checker
    return IssuedCredentials(checkout=decided.after, token=token, payload=_initiate(ports, merchant, opened, now))


async def renew_checkout(
    ports: Ports, merchant: Merchant, key: CheckoutKey, by: Requester | None = None
) -> IssuedCredentials | Refused:
    """Hand out a fresh token and initiate payload; the old token is worthless from then on.

    Raises:
        LookupError: No such checkout.
    """
    now = ports.clock.now()
    token, issued = _issue(ports, merchant, now)
    decided = await ports.store.transact_checkout(
        key, lambda known: rules.decide(known, Renew(issued, by), merchant.policy, now)
    )
    if isinstance(decided, Refused):
        return decided
    payload = _initiate(ports, merchant, decided.after.opened, now)
    return IssuedCredentials(checkout=decided.after, token=token, payload=payload)


async def sign_process(ports: Ports, merchant: Merchant, checkout: Checkout, order: Order) -> str | Refused:
    """Return the process envelope of `order` as JSON text; looks at the order begin with it.

    The checkout's step is decided first, then the order's; after a crash between the two, asking again repairs it.

    Raises:
        GatewayUnreachable, OutcomeUnknown, GatewayRejected: Session mode only: Juspay made no session.
    """
    if refused := _order_refuses(merchant, checkout, order, ports.clock.now()):
        return refused
    step: CheckoutDecisionResult = await ports.store.transact_checkout(
        checkout.key,
        lambda known: rules.decide(known, SignProcessFor(order.opened.order_id), merchant.policy, ports.clock.now()),
    )
    if isinstance(step, Refused):
        return step
    command = SignProcess(checkout.opened.customer_id)
    decided = await transact(ports, merchant.policy, order.key, command)
    if isinstance(decided, Refused):
        return decided
    if merchant.signer is None:
        return await _session_payload(ports, merchant, decided.after)
    payable = decided.after  # its price may have changed since the caller read it
    return sdk_payloads.process(
        merchant.account, payable, request_id=ports.ids.request_id(), now=ports.clock.now(), sign=merchant.signer.sign
    )


async def resume_payment(
    ports: Ports, merchant: Merchant, checkout: Checkout, txn_reference: str, *, goes_on: bool
) -> str | Refused:
    """Return the SDK's call that answers a `paymentAttempt`; nothing is written down.

    A payment may only go on while its order may still be paid; giving it up is always possible.
    """
    now = ports.clock.now()
    step = rules.decide(checkout, ResumePayment(), merchant.policy, now)
    if isinstance(step, Refused):
        return step
    order = await ports.store.load(OrderKey(merchant.merchant_id, checkout.order_id))
    assert order is not None  # noqa: S101 - its process payload was signed; for the type checker
    if goes_on and (refused := _order_refuses(merchant, checkout, order, now)):
        return refused
    return sdk_payloads.resume_payment(txn_reference, goes_on=goes_on, request_id=ports.ids.request_id())


async def record_event(ports: Ports, merchant: Merchant, checkout: Checkout, event: SdkEvent) -> CheckoutDecisionResult:
    """Note what the app tells. A `process_result` asks for a look at the order, and proves nothing."""
    decided = await ports.store.transact_checkout(
        checkout.key, lambda known: rules.decide(known, event, merchant.policy, ports.clock.now())
    )
    if not isinstance(decided, Refused) and event.name == "process_result" and decided.after.order_id:
        await hint(ports, merchant, OrderKey(merchant.merchant_id, decided.after.order_id), Asker.APP)
    return decided


async def terminate(ports: Ports, merchant: Merchant, key: CheckoutKey) -> CheckoutDecisionResult:
    """End a checkout; money is untouched."""
    return await ports.store.transact_checkout(
        key, lambda known: rules.decide(known, Terminate(), merchant.policy, ports.clock.now())
    )


def _order_refuses(merchant: Merchant, checkout: Checkout, order: Order, now: datetime) -> Refused | None:
    """What the order would say, so that a refusal leaves the checkout's step alone as well."""
    decided = decide(order, SignProcess(checkout.opened.customer_id), merchant.policy, now)
    return decided if isinstance(decided, Refused) else None


def _issue(ports: Ports, merchant: Merchant, now: datetime) -> tuple[str, Issued]:
    token = ports.ids.token()
    expires_at = now + timedelta(seconds=merchant.policy.checkout_ttl_s)
    return token, Issued(token_digest=token_digest(token), expires_at=expires_at)


def _initiate(ports: Ports, merchant: Merchant, opened: CheckoutOpened, now: datetime) -> str:
    return sdk_payloads.initiate(
        merchant.account,
        opened,
        request_id=ports.ids.request_id(),
        now=now,
        sign=merchant.signer.sign if merchant.signer else None,
    )


async def _session_payload(ports: Ports, merchant: Merchant, order: Order) -> str:
    opened = order.opened
    request = OrderRequest(
        order_id=opened.order_id,
        amount=order.amount,
        customer=opened.customer,
        return_url=merchant.return_url,
        description=opened.description,
        capture=opened.capture,
    )
    answer = await called(ports, merchant, merchant.gateway.create_session(request, routing_id=routing_id(order)))
    return answer.sdk_payload
