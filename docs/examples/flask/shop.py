"""A tea shop on Flask with Paystate inside: `flask --app shop run --port 8000`, and `paystate worker` beside it.

Its own rows stand in its own database. Whether a sale is paid is never kept there: Paystate knows, and is asked.
"""

import os
import secrets
import sqlite3
from typing import Any, TypeVar

from flask import Flask, Response, abort, jsonify, redirect, request

from paystate.entrypoints.engine import BlockingPaystate, Refused, UnknownId, ValueInvalid, as_dict

PRICES = {"assam": "349.50", "darjeeling": "640.00"}
T = TypeVar("T")

app = Flask(__name__)
# Each process of a server that forks must open its own. gunicorn loads this file after the fork, unless told --preload.
shop = BlockingPaystate.open(os.environ.get("PAYSTATE_SETTINGS", "paystate.toml")).merchant("teashop")


def rows() -> sqlite3.Connection:
    return sqlite3.connect("shop.sqlite3", isolation_level=None)


rows().execute("create table if not exists sales (order_id text primary key, customer text, tea text, shipped int)")


def allowed(answer: T | Refused) -> T:
    """What a rule refuses is no fault: it says which rule, and what may be done instead."""
    if isinstance(answer, Refused):
        told = jsonify(code=answer.code, detail=answer.detail, legal=answer.legal)
        told.status_code = 409
        abort(told)
    return answer


@app.errorhandler(UnknownId)
def not_found(fault: UnknownId) -> Any:
    return jsonify(code=fault.code), 404


@app.errorhandler(ValueInvalid)
def invalid(fault: ValueInvalid) -> Any:
    return jsonify(code=fault.code, pointer=fault.pointer, detail=fault.rule), 422


@app.post("/buy/<tea>")
def buy(tea: str) -> Any:
    if tea not in PRICES:
        abort(404)
    customer = request.headers["X-Customer"]  # in place of your own login
    order_id = f"T{secrets.token_hex(8)}"
    rows().execute("insert into sales values (?, ?, ?, 0)", (order_id, customer, tea))
    allowed(shop.open_order(order_id, PRICES[tea], "INR", customer=customer))
    checkout = shop.start_checkout(customer=customer)
    initiate = dict(checkout.initiate_payload)
    return jsonify(order_id=order_id, checkout_id=checkout.checkout_id, initiate_payload=initiate), 201


@app.post("/checkouts/<checkout_id>/events")
def event(checkout_id: str) -> Any:
    return jsonify(as_dict(allowed(shop.sdk_event(checkout_id, request.get_json())))), 202


@app.post("/checkouts/<checkout_id>/process/<order_id>")
def process(checkout_id: str, order_id: str) -> Any:
    return jsonify(dict(allowed(shop.sign_process(checkout_id, order_id))))


@app.get("/checkouts/<checkout_id>/result")
def result(checkout_id: str) -> Any:
    return jsonify(as_dict(shop.result(checkout_id)))


@app.post("/webhooks/juspay/teashop")
def webhook() -> Response:
    reply = shop.receive_webhook(request.headers.items(), request.get_data())
    return Response(reply.body, reply.status, dict(reply.headers))


@app.get("/return/teashop")
def come_back() -> Any:
    back = shop.handle_return(request.query_string)
    return redirect(back.location, 303) if back.location else "We are checking your payment."


# From here on for your staff only: put your own login in front.


@app.post("/orders/<order_id>/ship")
def ship(order_id: str) -> Any:
    if not shop.order(order_id).may_fulfil:
        return jsonify(code="not_paid"), 409
    shipped = rows().execute("update sales set shipped = 1 where order_id = ? and shipped = 0", (order_id,))
    return jsonify(shipped_now=shipped.rowcount == 1)


@app.post("/orders/<order_id>/refund/<amount>")
def refund(order_id: str, amount: str) -> Any:
    return jsonify(as_dict(allowed(shop.refund(order_id, amount, key=request.args["key"]))))
