"""Runs the shop on this machine: Paystate inside, a worker, and the handler that ships."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Final

import msgspec
import uvicorn
from attrs import frozen
from litestar.handlers import HTTPRouteHandler

from paystate.core.ports.runtime import Clock
from paystate.core.urls import LOOPBACK
from paystate.entrypoints.engine import Paystate, Settings
from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.storefront.app import create_app
from paystate.entrypoints.storefront.rows import Rows
from paystate.entrypoints.storefront.shipping import ship_what_is_paid
from paystate.entrypoints.storefront.shopper import Shoppers
from paystate.entrypoints.storefront.storefront import Storefront

SHUTDOWN_S: Final = 2
"""Pages keep asking; nobody waits for an answer that matters when the shop closes."""
SDK_PATH: Final = "/hyper-sdk-web/HyperServices.js"


@frozen(kw_only=True)
class Place:
    """Where a shop is opened.

    Attributes:
        settings: Paystate's; the shop takes the place of their `public_url`, as it answers Juspay's two calls itself.
        juspay_url: Where the SDK is served: a sandbox on this machine.
        file: The shop's own database.
        port: On 127.0.0.1.
        more: Routes beside the shop's own.
    """

    settings: Settings
    merchant_id: str
    juspay_url: str
    file: Path
    port: int
    more: Sequence[HTTPRouteHandler] = ()


class PortTaken(Exception):
    """Another program has the shop's port."""


@asynccontextmanager
async def running(place: Place, clock: Clock) -> AsyncGenerator[Storefront]:
    """Serve the shop while the block runs; raises PortTaken where another program has its port."""
    url = f"http://{LOOPBACK}:{place.port}"
    async with AsyncExitStack() as opened:
        listener = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, place.port))
        except OSError:
            raise PortTaken(f"port {place.port} of {LOOPBACK} is taken by another program") from None
        rows = opened.enter_context(closing(Rows(place.file)))
        pay = await opened.enter_async_context(Paystate.open(_at(place, url), clock=clock))
        shop = pay.merchant(place.merchant_id)
        ship_what_is_paid(shop, rows)
        await opened.enter_async_context(pay.worker())
        storefront = Storefront(
            pay=shop,
            rows=rows,
            shoppers=Shoppers(rows.cookie_key()),
            now=clock.now,
            url=url,
            sdk_url=f"{place.juspay_url}{SDK_PATH}",
        )
        config = uvicorn.Config(
            create_app(storefront, place.more),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
        await opened.enter_async_context(embedded(config, listener))
        yield storefront


def _at(place: Place, url: str) -> Settings:
    """The settings, where Juspay calls the shop, and shoppers are sent to it in the end."""
    merchant = place.settings.merchants[place.merchant_id]
    hosts = (*merchant.return_hosts, f"{LOOPBACK}:{place.port}")
    merchants = {**place.settings.merchants, place.merchant_id: msgspec.structs.replace(merchant, return_hosts=hosts)}
    return msgspec.structs.replace(place.settings, public_url=url, merchants=merchants)
