"""What `paystate demo --keep` opens to be clicked through: pages for people, on what the stories have left."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx
from litestar import get, post

from paystate.entrypoints import storefront
from paystate.entrypoints.demo.kept_console import console
from paystate.entrypoints.demo.script import expect, json_of, webhook_path
from paystate.entrypoints.demo.stack import MERCHANT_ID, TRUSTS_NOBODY, Stack, free_ports
from paystate.entrypoints.setup.settings_checks import load
from paystate.entrypoints.storefront.pages import Page, message, page, see
from paystate.entrypoints.storefront.storefront import AnyRequest, storefront_of

SHOPPER: Final = "asha"
"""Whose orders the stories are."""
_COME_IN: Final = "/come-in"
_KEY: Final = secrets.token_urlsafe(24)
"""Lets one in as the stories' shopper, for as long as this program runs. A cookie lets nobody in here."""


@asynccontextmanager
async def pages(stack: Stack, order_ids: Sequence[str]) -> AsyncGenerator[Mapping[str, str]]:
    """Open them, and yield the address of each under what it is called."""
    (port,) = free_ports(1)
    place = storefront.Place(
        settings=load(stack.settings_file),
        merchant_id=MERCHANT_ID,
        juspay_url=stack.sandbox_url,
        file=stack.settings_file.with_name("shop.sqlite3"),
        port=port,
        more=(ask_whether_to_come_in, come_in),
    )
    async with (
        storefront.running(place, stack.our_clock) as shop,
        console(stack) as desk,
        httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY) as http,
    ):
        await _send_webhooks_to(shop.url, stack, http)
        yield {
            "shop": f"{shop.url}/",
            f"the shop as {SHOPPER} sees it": f"{shop.url}{_COME_IN}?with={_KEY}",
            **await _payment_page(order_ids, stack, http),
            **desk,
            "sandbox": f"{stack.sandbox_url}/",
        }


@get(_COME_IN)
async def ask_whether_to_come_in(request: AnyRequest) -> Page:
    """Show a button: a link that another site leads to changes nothing by itself."""
    if not _has_key(request.query_params.get("with", "")):
        return _nowhere(request)
    return page(request, "come_in.html", shopper=SHOPPER, key=_KEY)


@post(_COME_IN, status_code=303)
async def come_in(request: AnyRequest) -> Page:
    """Be the stories' shopper in this browser."""
    if not _has_key(str((await request.form()).get("with", ""))):
        return _nowhere(request)
    storefront_of(request).shoppers.greet(request, SHOPPER)
    return see(request, "/orders")


def _has_key(key: str) -> bool:
    return secrets.compare_digest(key.encode(), _KEY.encode())


def _nowhere(request: AnyRequest) -> Page:
    return message(request, 404, "This link leads nowhere", "Please take it as it was printed.")


async def _send_webhooks_to(shop_url: str, stack: Stack, http: httpx.AsyncClient) -> None:
    """As on Juspay's dashboard: from now on the shop takes them, and hands them to Paystate."""
    user, password = stack.webhook_login
    target = {"url": f"{shop_url}{webhook_path()}", "username": user, "password": password}
    control = f"{stack.sandbox_url}/_control/merchants/{MERCHANT_ID}/webhook"
    expect(await http.post(control, json=target), 200)


async def _payment_page(order_ids: Sequence[str], stack: Stack, http: httpx.AsyncClient) -> Mapping[str, str]:
    """That of the last order which Juspay knows; no page where it knows none."""
    for order_id in reversed(order_ids):
        known = await http.get(f"{stack.sandbox_url}/_control/orders/{order_id}")
        if known.is_success:
            return {"payment page, last order": f"{stack.sandbox_url}/payment-page/order/{json_of(known)['juspay_id']}"}
    return {}
