"""A tea shop on FastAPI with Paystate inside, both in one PostgreSQL database: `uvicorn shop:app --port 8000`.

A paid sale gets its parcel in the transaction that notes that the shop was told. Whether it is paid, Paystate says.
"""

import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

import asyncpg
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from paystate.entrypoints.engine import EventView, Paystate, Refused, Shop, UnknownId, ValueInvalid, as_dict

PRICES = {"assam": "349.50", "darjeeling": "640.00"}
TABLES = """create table if not exists sales (order_id text primary key, customer text, tea text);
create table if not exists parcels (order_id text primary key, tea text, asked int)"""
PACK = "insert into parcels select order_id, tea, 0 from sales where order_id = $1 on conflict do nothing"
SHIP = "update parcels set asked = asked + 1 where order_id = $1 returning asked"
T = TypeVar("T")


@asynccontextmanager
async def life(app: FastAPI) -> AsyncGenerator[None]:
    async with asyncpg.create_pool(os.environ["PAYSTATE_DATABASE"]) as rows, Paystate.open("paystate.toml") as pay:
        await rows.execute(TABLES)
        pay.on("order.paid")(pack)
        app.state.shop, app.state.rows = pay.merchant("teashop"), rows
        async with pay.worker():
            yield


async def pack(event: EventView, tx: asyncpg.Connection) -> None:
    """Called once for each paid order, in Paystate's own transaction: both are kept, or neither."""
    await tx.execute(PACK, event.data.order_id)


def the_shop(request: Request) -> Shop:
    shop: Shop = request.app.state.shop
    return shop


app = FastAPI(lifespan=life)
TeaShop = Annotated[Shop, Depends(the_shop)]
Customer = Annotated[str, Header(alias="x-customer")]  # in place of your own login


def allowed(answer: T | Refused) -> T:
    """What a rule refuses is no fault: it says which rule, and what may be done instead."""
    if isinstance(answer, Refused):
        raise HTTPException(409, {"code": answer.code, "detail": answer.detail, "legal": answer.legal})
    return answer


@app.exception_handler(UnknownId)
@app.exception_handler(ValueInvalid)
async def invalid(_: Request, fault: UnknownId | ValueInvalid) -> JSONResponse:
    if isinstance(fault, UnknownId):
        return JSONResponse({"code": fault.code}, 404)
    return JSONResponse({"code": fault.code, "pointer": fault.pointer, "detail": fault.rule}, 422)


@app.post("/buy/{tea}", status_code=201)
async def buy(tea: str, customer: Customer, shop: TeaShop) -> dict[str, Any]:
    if tea not in PRICES:
        raise HTTPException(404)
    order_id = f"T{secrets.token_hex(8)}"
    await app.state.rows.execute("insert into sales values ($1, $2, $3)", order_id, customer, tea)
    allowed(await shop.open_order(order_id, PRICES[tea], "INR", customer=customer))
    checkout = await shop.start_checkout(customer=customer)
    initiate = checkout.initiate_payload
    return {"order_id": order_id, "checkout_id": checkout.checkout_id, "initiate_payload": initiate}


@app.post("/checkouts/{checkout_id}/events", status_code=202)
async def event(checkout_id: str, event: dict[str, Any], shop: TeaShop) -> Any:
    return as_dict(allowed(await shop.sdk_event(checkout_id, event)))


@app.post("/checkouts/{checkout_id}/process/{order_id}")
async def process(checkout_id: str, order_id: str, shop: TeaShop) -> dict[str, Any]:
    return dict(allowed(await shop.sign_process(checkout_id, order_id)))


@app.get("/checkouts/{checkout_id}/result")
async def result(checkout_id: str, shop: TeaShop) -> Any:
    return as_dict(await shop.result(checkout_id))


@app.post("/webhooks/juspay/teashop")
async def webhook(request: Request, shop: TeaShop) -> Response:
    reply = await shop.receive_webhook(request.headers, await request.body())
    return Response(reply.body, reply.status, dict(reply.headers))


@app.get("/return/teashop")
async def come_back(request: Request, shop: TeaShop) -> Response:
    back = await shop.handle_return(request.url.query)
    return RedirectResponse(back.location, 303) if back.location else Response("We are checking your payment.")


# From here on for your staff only: put your own login in front.


@app.post("/orders/{order_id}/ship")
async def ship(order_id: str, shop: TeaShop) -> dict[str, bool]:
    if not (await shop.order(order_id)).may_fulfil:
        raise HTTPException(409, {"code": "not_paid"})
    if (asked := await app.state.rows.fetchval(SHIP, order_id)) is None:
        raise HTTPException(409, {"code": "not_packed"})
    return {"shipped_now": asked == 1}


@app.post("/orders/{order_id}/refund/{amount}")
async def refund(order_id: str, amount: str, key: str, shop: TeaShop) -> Any:
    return as_dict(allowed(await shop.refund(order_id, amount, key=key)))
