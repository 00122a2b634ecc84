"""Routes of a checkout: opened by the merchant's backend, run by the app that holds its token."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get, post
from litestar.connection import Request
from litestar.params import FromPath, QueryParameter
from litestar.response import Response

from paystate.core.checkouts.checkout import Checkout, legal_at, refuses_app, state_at
from paystate.core.ids import CheckoutKey, checked_order_id
from paystate.core.lifecycle.guards import OTHER_CUSTOMER
from paystate.core.orders.facts import Refused
from paystate.core.use_cases import checkout as use
from paystate.core.use_cases.checkout import IssuedCredentials
from paystate.core.use_cases.context import Ports
from paystate.core.use_cases.result import result
from paystate.entrypoints.interface.checkouts import event_from, json_payload, start_checkout
from paystate.entrypoints.interface.request_models import NewCheckout, ProcessIn, ResumeIn, SdkEventIn
from paystate.entrypoints.interface.values import at
from paystate.entrypoints.interface.views.order_models import (
    CheckoutCredentialsView,
    CheckoutView,
    EventAnswer,
    ProcessAnswer,
    ResultView,
)
from paystate.entrypoints.interface.views.order_views import checkout_view
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.app_origins import note_merchant
from paystate.entrypoints.service.api.authentication import (
    caller,
    holder,
    needs_api_key,
    needs_api_key_or_token,
    needs_token,
    ports_of,
    requester,
    runtime_of,
)
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.openapi import (
    API_KEY,
    API_KEY_OR_TOKEN,
    PUBLIC,
    TOKEN,
    UPSTREAM,
    Answer,
    described,
)
from paystate.entrypoints.service.api.parsing import order_named
from paystate.entrypoints.service.api.problems import ApiProblem, refusal

_KNOWN = ("unauthenticated", "origin_not_allowed", "not_found", "storage_unavailable")
_CREDENTIALS = {201: Answer(model=CheckoutCredentialsView, example=examples.CREDENTIALS, message="For the app.")}
_CHECKOUT = {200: Answer(model=CheckoutView, example=examples.CHECKOUT, message="The checkout.")}


@get(
    "/v1/sdk/prefetch-payload",
    summary="Prefetch payload",
    security=PUBLIC,
    tags=["checkouts"],
    operation_class=described(
        answers={200: Answer(model=dict, example=examples.PREFETCH, message="For the SDK's preFetch, unchanged.")},
        refuses=("not_found", "origin_not_allowed", "validation_failed"),
    ),
)
async def prefetch_payload(
    request: Request[Any, Any, Any],
    merchant: Annotated[
        str, QueryParameter(max_length=64, description="Needed only if several merchants are served.")
    ] = "",
) -> Response[bytes]:
    """What the app hands to the SDK's preFetch. Nothing in it is secret."""
    merchants = runtime_of(request).merchants
    if not merchant and len(merchants) > 1:
        raise ApiProblem("validation_failed", pointer="/merchant")
    found = merchants.get(merchant) if merchant else next(iter(merchants.values()), None)
    if found is None:
        raise ApiProblem("not_found")
    note_merchant(request.scope, found.merchant_id)
    return Response(use.prefetch_payload(found).encode(), media_type="application/json")


@post(
    "/",
    summary="Open a checkout",
    operation_class=described(
        takes=NewCheckout,
        example=examples.NEW_CHECKOUT,
        answers=_CREDENTIALS,
        refuses=("unauthenticated", "forbidden", "invalid_customer_id", "storage_unavailable"),
    ),
)
async def new_checkout(request: Request[Any, Any, Any]) -> CheckoutCredentialsView:
    """Open a checkout for a customer: a token for the app, and the payload of the SDK's initiate call."""
    ports, merchant = ports_of(request), caller(request)
    body = await read_json(request, NewCheckout)
    return _credentials_view(ports, await start_checkout(ports, merchant, body, requester(request)))


@post(
    "/{checkout_id:str}/token",
    summary="Renew a checkout",
    operation_class=described(
        answers=_CREDENTIALS, refuses=("unauthenticated", "forbidden", "not_found", "checkout_wrong_step")
    ),
)
async def renew(request: Request[Any, Any, Any], checkout_id: FromPath[str]) -> CheckoutCredentialsView:
    """Get a new token and a new payload; the old token stops working."""
    ports, merchant = ports_of(request), caller(request)
    key = CheckoutKey(merchant.merchant_id, checkout_id)
    if await ports.store.load_checkout(key) is None:
        raise ApiProblem("not_found")
    credentials = await use.renew_checkout(ports, merchant, key, requester(request))
    if isinstance(credentials, Refused):
        raise refusal(credentials)
    return _credentials_view(ports, credentials)


@get(
    "/{checkout_id:str}",
    summary="Read a checkout",
    guards=[needs_api_key_or_token],
    security=API_KEY_OR_TOKEN,
    operation_class=described(answers=_CHECKOUT, refuses=(*_KNOWN, "checkout_expired")),
)
async def read_checkout(request: Request[Any, Any, Any], checkout_id: FromPath[str]) -> CheckoutView:
    """A checkout's step, and the steps that may come next."""
    checkout = holder(request).checkout
    if holder(request).is_app:
        _refuse_expired(ports_of(request), checkout)
    return checkout_view(checkout, ports_of(request).clock.now())


@post(
    "/{checkout_id:str}/events",
    summary="Tell of an SDK event",
    status_code=202,
    operation_class=described(
        takes=SdkEventIn,
        example=examples.SDK_EVENT,
        answers={202: Answer(model=EventAnswer, example=examples.EVENT_ANSWER, message="It is noted.")},
        refuses=_KNOWN,
    ),
)
async def record_sdk_event(request: Request[Any, Any, Any], checkout_id: FromPath[str]) -> EventAnswer:
    """Pass on an event of the SDK. It is noted, and may move the checkout's step, but proves nothing."""
    ports, held = ports_of(request), holder(request)
    told = event_from(await read_json(request, SdkEventIn))
    decided = await use.record_event(ports, held.merchant, held.checkout, told)
    if isinstance(decided, Refused):
        raise refusal(decided)
    now = ports.clock.now()
    return EventAnswer(
        checkout_id=checkout_id,
        state=state_at(decided.after, now),
        outcome=decided.outcome,
        legal=legal_at(decided.after, now),
    )


@post(
    "/{checkout_id:str}/process",
    summary="Process payload of an order",
    status_code=200,
    operation_class=described(
        takes=ProcessIn,
        example=examples.PROCESS,
        answers={
            200: Answer(model=ProcessAnswer, example=examples.PROCESS_ANSWER, message="For the SDK's process call.")
        },
        refuses=(
            *_KNOWN,
            "invalid_order_id",
            "order_not_payable",
            "checkout_wrong_step",
            "checkout_expired",
            "too_many_payloads",
            *UPSTREAM,
        ),
    ),
)
async def sign_process(request: Request[Any, Any, Any], checkout_id: FromPath[str]) -> ProcessAnswer:
    """Sign an order's process payload for the SDK. From then on Juspay is asked how the payment goes."""
    ports, held = ports_of(request), holder(request)
    body = await read_json(request, ProcessIn)
    with at("/order_id"):
        order_id = checked_order_id(body.order_id)
    order = await order_named(ports, held.merchant, order_id)
    payload = await use.sign_process(ports, held.merchant, held.checkout, order)
    if isinstance(payload, Refused):
        # An app learns nothing of other customers' orders, not even which there are: the rule is not told.
        raise ApiProblem(payload.code) if payload.rule is OTHER_CUSTOMER else refusal(payload)
    return ProcessAnswer(order_id=order.opened.order_id, process_payload=json_payload(payload))


@post(
    "/{checkout_id:str}/resume",
    summary="Let a payment go on",
    status_code=200,
    operation_class=described(
        takes=ResumeIn,
        example=examples.RESUME,
        answers={
            200: Answer(model=ProcessAnswer, example=examples.RESUME_ANSWER, message="For the SDK's process call.")
        },
        refuses=(*_KNOWN, "order_not_payable", "checkout_wrong_step", "checkout_expired"),
    ),
)
async def resume_payment(request: Request[Any, Any, Any], checkout_id: FromPath[str]) -> ProcessAnswer:
    """Answer the SDK's `paymentAttempt`: let the payment go on, if its order may still be paid, or give it up."""
    ports, held = ports_of(request), holder(request)
    body = await read_json(request, ResumeIn)
    payload = await use.resume_payment(ports, held.merchant, held.checkout, body.txn_reference, goes_on=body.goes_on)
    if isinstance(payload, Refused):
        raise refusal(payload)
    return ProcessAnswer(order_id=held.checkout.order_id, process_payload=json_payload(payload))


@post(
    "/{checkout_id:str}/terminate",
    summary="End a checkout",
    status_code=200,
    operation_class=described(answers=_CHECKOUT, refuses=_KNOWN),
)
async def terminate(request: Request[Any, Any, Any], checkout_id: FromPath[str]) -> CheckoutView:
    """The app is done with the SDK. Money is untouched."""
    ports, held = ports_of(request), holder(request)
    decided = await use.terminate(ports, held.merchant, held.checkout.key)
    if isinstance(decided, Refused):
        raise refusal(decided)
    return checkout_view(decided.after, ports.clock.now())


@get(
    "/{checkout_id:str}/result",
    summary="How the payment ended",
    operation_class=described(
        answers={200: Answer(model=ResultView, example=examples.RESULT, message="Coarsely, on proof alone.")},
        refuses=(*_KNOWN, "checkout_expired"),
    ),
)
async def read_result(request: Request[Any, Any, Any], checkout_id: FromPath[str]) -> ResultView:
    """How the payment of the checkout's newest order ended, for the shopper's screen."""
    ports, held = ports_of(request), holder(request)
    _refuse_expired(ports, held.checkout)
    said = await result(ports, held.merchant, held.checkout)
    return ResultView(order_id=said.order_id, result=said.result, is_proved=said.is_proved)


def _credentials_view(ports: Ports, credentials: IssuedCredentials) -> CheckoutCredentialsView:
    checkout, now = credentials.checkout, ports.clock.now()
    assert checkout.issued is not None  # noqa: S101 - credentials are what was issued; for the type checker
    return CheckoutCredentialsView(
        checkout_id=checkout.opened.checkout_id,
        token=credentials.token,
        token_expires_at=checkout.issued.expires_at,
        state=state_at(checkout, now),
        initiate_payload=json_payload(credentials.payload),
        legal=legal_at(checkout, now),
    )


def _refuse_expired(ports: Ports, checkout: Checkout) -> None:
    if refused := refuses_app(checkout, ports.clock.now()):
        raise refusal(refused)


for_backends = Router(
    "/v1/checkouts",
    route_handlers=[new_checkout, renew],
    guards=[needs_api_key],
    security=API_KEY,
    tags=["checkouts"],
)
for_apps = Router(
    "/v1/checkouts",
    route_handlers=[record_sdk_event, sign_process, resume_payment, terminate, read_result],
    guards=[needs_token],
    security=TOKEN,
    tags=["checkouts"],
)
for_both = Router("/v1/checkouts", route_handlers=[read_checkout], tags=["checkouts"])
