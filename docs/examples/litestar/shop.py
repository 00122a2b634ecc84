"""A tea shop on Litestar with Paystate inside: `uvicorn shop:app --port 8000`.

Its own rows stand in its own database. Whether a sale is paid is never kept there: Paystate knows, and is asked.
"""

import os
import secrets
import sqlite3
from typing import Annotated, Any, TypeVar

from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Redirect

from paystate.entrypoints.engine import EventAnswer, Paystate, RefundView, Refused, ResultView, UnknownId, ValueInvalid
from paystate.entrypoints.engine.litestar_plugin import PaystatePlugin

PRICES = {"assam": "349.50", "darjeeling": "640.00"}
rows = sqlite3.connect("shop.sqlite3", check_same_thread=False, isolation_level=None)
rows.execute("create table if not exists sales (order_id text primary key, customer text, tea text, shipped int)")
T = TypeVar("T")
Pay = NamedDependency[Paystate]
Customer = Annotated[str, HeaderParameter(name="x-customer")]  # in place of your own login


def allowed(answer: T | Refused) -> T:
    """What a rule refuses is no fault: it says which rule, and what may be done instead."""
    if isinstance(answer, Refused):
        raise HTTPException(answer.detail, status_code=409, extra={"code": answer.code, "legal": answer.legal})
    return answer


def not_found(_: Request[Any, Any, Any], fault: UnknownId) -> Response[Any]:
    return Response({"code": fault.code}, status_code=404)


def invalid(_: Request[Any, Any, Any], fault: ValueInvalid) -> Response[Any]:
    return Response({"code": fault.code, "pointer": fault.pointer, "detail": fault.rule}, status_code=422)


@post("/buy/{tea:str}")
async def buy(tea: FromPath[str], customer: Customer, pay: Pay) -> dict[str, Any]:
    if tea not in PRICES:
        raise NotFoundException
    shop, order_id = pay.merchant("teashop"), f"T{secrets.token_hex(8)}"
    rows.execute("insert into sales values (?, ?, ?, 0)", (order_id, customer, tea))
    allowed(await shop.open_order(order_id, PRICES[tea], "INR", customer=customer))
    checkout = await shop.start_checkout(customer=customer)
    initiate = checkout.initiate_payload
    return {"order_id": order_id, "checkout_id": checkout.checkout_id, "initiate_payload": initiate}


@post("/checkouts/{checkout_id:str}/events", status_code=202)
async def event(checkout_id: FromPath[str], data: dict[str, Any], pay: Pay) -> EventAnswer:
    return allowed(await pay.merchant("teashop").sdk_event(checkout_id, data))


@post("/checkouts/{checkout_id:str}/process/{order_id:str}", status_code=200)
async def process(checkout_id: FromPath[str], order_id: FromPath[str], pay: Pay) -> dict[str, Any]:
    return dict(allowed(await pay.merchant("teashop").sign_process(checkout_id, order_id)))


@get("/checkouts/{checkout_id:str}/result")
async def result(checkout_id: FromPath[str], pay: Pay) -> ResultView:
    return await pay.merchant("teashop").result(checkout_id)


@post("/webhooks/juspay/teashop")
async def webhook(request: Request[Any, Any, Any], pay: Pay) -> Response[bytes]:
    reply = await pay.merchant("teashop").receive_webhook(request.headers.multi_items(), await request.body())
    return Response(reply.body, status_code=reply.status, headers=dict(reply.headers))


@get("/return/teashop")
async def come_back(request: Request[Any, Any, Any], pay: Pay) -> Redirect | Response[str]:
    back = await pay.merchant("teashop").handle_return(request.scope["query_string"])
    return Redirect(back.location, status_code=303) if back.location else Response("We are checking your payment.")


# From here on for your staff only: put your own login in front.


@post("/orders/{order_id:str}/ship", status_code=200)
async def ship(order_id: FromPath[str], pay: Pay) -> dict[str, bool]:
    if not (await pay.merchant("teashop").order(order_id)).may_fulfil:
        raise HTTPException(status_code=409, extra={"code": "not_paid"})
    shipped = rows.execute("update sales set shipped = 1 where order_id = ? and shipped = 0", (order_id,))
    return {"shipped_now": shipped.rowcount == 1}


@post("/orders/{order_id:str}/refund/{amount:str}", status_code=200)
async def refund(
    order_id: FromPath[str], amount: FromPath[str], key: Annotated[str, QueryParameter()], pay: Pay
) -> RefundView:
    return allowed(await pay.merchant("teashop").refund(order_id, amount, key=key))


app = Litestar(
    [buy, event, process, result, webhook, come_back, ship, refund],
    plugins=[PaystatePlugin(os.environ.get("PAYSTATE_SETTINGS", "paystate.toml"), worker=True)],
    exception_handlers={UnknownId: not_found, ValueInvalid: invalid},
)
