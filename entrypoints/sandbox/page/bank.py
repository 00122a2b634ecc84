"""The bank behind the payment page: a card's one-time password, a bank's or wallet's own page, a UPI app on a phone.

What they look like is ours. That the order is PENDING_VBV for as long as nobody answers is documented (contract G.2).
"""

from __future__ import annotations

import io
from typing import Final

import segno
from litestar import get, post

from paystate.entrypoints.sandbox.gateway.records import Order, Txn
from paystate.entrypoints.sandbox.page.ending import finished
from paystate.entrypoints.sandbox.page.rendering import (
    AnyRequest,
    Page,
    attempt_of,
    facts_of,
    form_of,
    method_text,
    missing,
    page,
    path_of,
)
from paystate.entrypoints.sandbox.parsing import Fields
from paystate.entrypoints.sandbox.sandbox import Sandbox, sandbox_of

PASSWORDS: Final = ("123456", "000000")
"""What the bank sends for a test card (documented, contract K: each for some of them; that all take both is ours)."""

WRONG_MAX: Final = 3
"""After so many wrong ones the bank gives up (ours)."""

_TEMPLATE: Final = {"CARD": "bank_card.html", "UPI": "bank_upi.html"}


@get("/payment-page/order/{juspay_id:str}/bank/{txn_uuid:str}")
async def show_bank(request: AnyRequest) -> Page:
    """Show the bank's page, or go back where the bank has its answer."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    found = attempt_of(sandbox, request)
    if found is None:
        return missing()
    if not sandbox.world.at_bank(found[1]):
        return finished(sandbox, *found, left=False)
    return _bank_page(sandbox, *found)


@post("/payment-page/order/{juspay_id:str}/bank/{txn_uuid:str}")
async def answer_bank(request: AnyRequest) -> Page:
    """Take the shopper's answer at the bank: approve, decline, or leave (which settles nothing)."""
    sandbox, form = sandbox_of(request), await form_of(request)
    now = sandbox.catch_up()
    found = attempt_of(sandbox, request)
    if found is None:
        return missing()
    order, txn = found
    answer = form.get("answer")
    if answer == "approve" and sandbox.world.at_bank(txn) and not _is_password(form):
        txn.wrong_passwords += 1
        if txn.wrong_passwords < WRONG_MAX:
            return _bank_page(sandbox, order, txn, problem="That is not the password that we sent.", status=400)
        answer = "decline"
    if answer == "approve":
        sandbox.world.approve(order, txn, now)
    elif answer == "decline":
        sandbox.world.decline(order, txn, now)
    return finished(sandbox, order, txn, left=answer not in {"approve", "decline"})


@get("/payment-page/order/{juspay_id:str}/phone/{txn_uuid:str}")
async def show_phone(request: AnyRequest) -> Page:
    """Show the UPI app of the shopper's phone: what the QR code leads to, or a collect request."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    found = attempt_of(sandbox, request)
    return missing() if found is None else _phone_page(sandbox, *found)


@post("/payment-page/order/{juspay_id:str}/phone/{txn_uuid:str}")
async def answer_phone(request: AnyRequest) -> Page:
    """Take the shopper's answer in the UPI app; the page on the other screen goes on by itself."""
    sandbox, answer = sandbox_of(request), (await form_of(request)).get("answer")
    now = sandbox.catch_up()
    found = attempt_of(sandbox, request)
    if found is None:
        return missing()
    if answer == "approve":
        sandbox.world.approve(*found, now)
    elif answer == "decline":
        sandbox.world.decline(*found, now)
    return _phone_page(sandbox, *found)


HANDLERS: Final = (show_bank, answer_bank, show_phone, answer_phone)


def _is_password(form: Fields) -> bool:
    """Whether the password is right; a form without the field, as a script's, needs none (ours)."""
    return "otp" not in form or str(form["otp"]).strip() in PASSWORDS


def _bank_page(sandbox: Sandbox, order: Order, txn: Txn, *, problem: str = "", status: int = 200) -> Page:
    phone = f"{path_of(order)}/phone/{txn.txn_uuid}"
    is_upi = txn.method.group == "UPI"
    return page(
        _TEMPLATE.get(txn.method.group, "bank_login.html"),
        status,
        order=facts_of(sandbox, order, txn.price),
        txn=txn,
        method=method_text(txn.method),
        problem=problem,
        tries_left=WRONG_MAX - txn.wrong_passwords,
        passwords=PASSWORDS,
        phone=phone,
        qr=_qr(f"{sandbox.base_url}{phone}") if is_upi and not txn.method.vpa else "",
        watch=f"{path_of(order)}/attempt/{txn.number}",
    )


def _phone_page(sandbox: Sandbox, order: Order, txn: Txn) -> Page:
    return page(
        "phone.html",
        order=facts_of(sandbox, order, txn.price),
        txn=txn,
        method=method_text(txn.method),
        is_open=sandbox.world.at_bank(txn),
        was_approved=txn.approved,
    )


def _qr(address: str) -> str:
    """Return a QR code as an SVG element, in the colours of the page."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, border=2, svgclass="qr", lineclass=None, omitsize=True
    )
    return out.getvalue().decode()
