"""What the page's script asks while it runs Juspay's SDK: steps 1 to 7, passed on to Paystate as they come."""

from __future__ import annotations

from typing import Any, Final, cast

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from paystate.entrypoints.engine import Refused, as_dict
from paystate.entrypoints.storefront.standing import standing
from paystate.entrypoints.storefront.storefront import AnyRequest, Storefront, storefront_of

_UNCHANGED: Final = "The payload of the step before, unchanged, with where the page is to be shown"
_OPENS: Final = {"show_loader": "The SDK is busy opening the page", "hide_loader": "The payment page is open"}

Answer = Response[Any]


@get("/sdk/prefetch")
async def prefetch(request: AnyRequest) -> Answer:
    """Step 1: what the SDK's preFetch takes; nothing in it is secret."""
    storefront = storefront_of(request)
    payload = storefront.pay.prefetch_payload()
    if shopper := storefront.shoppers.of(request):
        storefront.note_once(shopper, 1, "The page lets the SDK prefetch", sent=payload)
    return _told(payload)


@post("/orders/{order_id:str}/checkouts", status_code=201)
async def start(request: AnyRequest, order_id: FromPath[str]) -> Answer:
    """Step 2: a checkout for this page, and the signed payload of initiate. Each page that is open has its own."""
    storefront = storefront_of(request)
    known = await storefront.order_of(request, order_id)
    if not_now := await _not_to_be_paid(storefront, order_id):
        return not_now
    made = await storefront.pay.start_checkout(customer=known.customer_id, prefetched=True)
    given = {"checkout_id": made.checkout_id, "initiate_payload": made.initiate_payload}
    storefront.note(order_id, 2, "Paystate signs initiate", sent={"customer": known.customer_id}, came=given)
    return _told(given, 201)


@post("/orders/{order_id:str}/checkouts/{checkout_id:str}/process", status_code=200)
async def process(request: AnyRequest, order_id: FromPath[str], checkout_id: FromPath[str]) -> Answer:
    """Step 4: the signed order, which the SDK's process takes."""
    storefront = storefront_of(request)
    await storefront.check_own(request, order_id, checkout_id)
    if not_now := await _not_to_be_paid(storefront, order_id):
        return not_now
    payload = await storefront.pay.sign_process(checkout_id, order_id)
    if isinstance(payload, Refused):
        storefront.note(order_id, 4, "Paystate signs nothing", sent={"order_id": order_id}, came=payload)
        return _refused(payload)
    storefront.rows.pays_in(order_id, checkout_id)
    storefront.note(order_id, 4, "Paystate signs the order", sent={"order_id": order_id}, came=payload)
    return _told(payload)


@post("/orders/{order_id:str}/checkouts/{checkout_id:str}/events", status_code=202)
async def event(
    request: AnyRequest, order_id: FromPath[str], checkout_id: FromPath[str], data: JSONBody[dict[str, Any]]
) -> Answer:
    """Step 6: an event of the SDK, as it came. It is a hint; the answer says what it did to the checkout's step."""
    storefront = storefront_of(request)
    await storefront.check_own(request, order_id, checkout_id)
    noted = await storefront.pay.sdk_event(checkout_id, data)
    if isinstance(noted, Refused):
        return _refused(noted)
    if _has_ended(data):
        storefront.rows.comes_back(order_id)
    name = str(data.get("event", ""))
    match name:
        case "initiate_result":
            storefront.note(order_id, 3, "The SDK has answered initiate", sent=_UNCHANGED, came=data)
        case "show_loader" | "hide_loader":
            storefront.note(order_id, 5, _OPENS[name], sent=_UNCHANGED, came=data)
        case _:
            storefront.note(order_id, 6, f"The SDK says {name}", sent=data, came=noted)
    return _told(as_dict(noted), 202)


@post("/orders/{order_id:str}/checkouts/{checkout_id:str}/terminate", status_code=200)
async def terminate(request: AnyRequest, order_id: FromPath[str], checkout_id: FromPath[str]) -> Answer:
    """Step 7: the page is done with the SDK."""
    storefront = storefront_of(request)
    await storefront.check_own(request, order_id, checkout_id)
    ended = await storefront.pay.terminate(checkout_id)
    if isinstance(ended, Refused):
        return _refused(ended)
    storefront.note(order_id, 7, "The page is done with the SDK", came={"state": ended.state})
    return _told({"state": ended.state})


HANDLERS: Final = (prefetch, start, process, event, terminate)


def _has_ended(event: dict[str, Any]) -> bool:
    """Whether the SDK is done in a way that may have moved money; it knows for sure only that one pressed "back"."""
    payload = event.get("payload")
    status = cast("dict[str, Any]", payload).get("status") if isinstance(payload, dict) else None
    return event.get("event") == "process_result" and status != "backpressed"


async def _not_to_be_paid(storefront: Storefront, order_id: str) -> Answer | None:
    """The refusal where the order's page offers no payment; None where it does."""
    _, said = await standing(storefront, order_id)
    if said.may_pay:
        return None
    return _told({"code": "not_to_be_paid", "detail": f"{said.heading}. {said.told}"}, 409)


def _told(body: object, status: int = 200) -> Answer:
    return Response(body, status_code=status, headers={"Cache-Control": "no-store"})


def _refused(refused: Refused) -> Answer:
    return _told({"code": refused.code, "detail": refused.detail}, 409)
