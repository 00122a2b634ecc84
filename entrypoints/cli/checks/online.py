"""Whether an installation that runs is reached, and reaches Juspay, by harmless questions that change nothing.

Of each merchant: Juspay is asked for an order that cannot exist, and our own address for webhooks is called without a
login, as a stranger would. And a worker must work.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Final

from paystate.core.describe.wording import no_worker
from paystate.core.errors import GatewayRejected, GatewayUnreachable, PortError, RateLimited
from paystate.core.evidence import Answer, NotFound
from paystate.core.heartbeats import workers_at
from paystate.core.ports.notifier import Examinable
from paystate.core.ports.runtime import Clock
from paystate.core.urls import is_local
from paystate.core.use_cases.context import Merchant
from paystate.entrypoints.cli.checks.public_address import webhooks_arrive
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.help_links import HOW_TO_BE_TOLD
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import MerchantSettings, Settings

UNKNOWN_ORDER: Final = "paystate-doctor"
SKEW_MAX: Final = timedelta(seconds=30)
"""Juspay's Date is exact to a second and some seconds old; a payload's timestamp must not be in Juspay's future."""

_FIX_KEY: Final = (
    "make an API key at Juspay for this very merchant id and for the server in `base_url` (a sandbox's key opens"
    " nothing in production), and put it where `api_key` says"
)
_FIX_JWT: Final = "check the key ids, the merchant id, and that Juspay has our public key"
_FIX_FORBIDDEN: Final = (
    "the key is known but may not do this from here: see at Juspay whether it is limited, and whether this machine's"
    " outgoing address has to be on a list of allowed addresses"
)
_FIX_ASKED_WRONGLY: Final = "check that the merchant id and `base_url` are those of the same account at Juspay"
_FIX_WAIT: Final = "wait a minute and try again; if it stays so, lower `calls_per_second`"
_FIX_REACH: Final = "check the address, and that this machine can reach it: name look-up, firewall, outgoing proxy"
_FIX_TRUST: Final = (
    "`base_url` has to be Juspay's own https address; if something in between opens TLS, take it out (`ca_file` is only"
    " for a sandbox)"
)
_FIX_TRUST_SANDBOX: Final = "set `ca_file`, above the merchants, to the file that the sandbox has named at its start"
_FIX_CLOCK: Final = "let this machine's clock be set over the network (chrony, systemd-timesyncd)"
_FIX_BROKER: Final = f"the stream has to be there, with the subjects and a duplicate window; see {HOW_TO_BE_TOLD}"
_FIX_WORKER: Final = "start `paystate worker`, or `paystate serve` with a worker inside"


async def online_problems(settings: Settings, clock: Clock) -> AsyncIterator[ConfigProblem]:
    """Every problem found; settings, keys and database are in order already."""
    async with bootstrap.opened_runtime(settings, clock=clock) as runtime:
        for problem in await _worker(runtime):
            yield problem
        for merchant_id, merchant in runtime.merchants.items():
            for problem in await _juspay(merchant, settings.merchants[merchant_id], clock):
                yield problem
            for problem in await webhooks_arrive(settings.public_url, merchant_id):
                yield problem
            for problem in await _subscribers(merchant):
                yield problem


async def _worker(runtime: Runtime) -> list[ConfigProblem]:
    lack = no_worker(workers_at(await runtime.ports.store.heartbeats(), runtime.ports.clock.now()))
    message = f"{lack} Juspay is asked nothing, and no refund is sent."
    return [ConfigProblem("worker", message, _FIX_WORKER)] if lack else []


async def _subscribers(merchant: Merchant) -> list[ConfigProblem]:
    """The brokers; an endpoint would take any question for a message."""
    return [
        ConfigProblem(f"merchants.{merchant.merchant_id}.streams", f"{one.name}: {told}", _FIX_BROKER)
        for one in merchant.subscribers
        if isinstance(one.notifier, Examinable) and (told := await one.notifier.trouble())
    ]


async def _juspay(merchant: Merchant, settings: MerchantSettings, clock: Clock) -> list[ConfigProblem]:
    name = f"merchants.{merchant.merchant_id}"
    try:
        answer = await merchant.gateway.order_status(UNKNOWN_ORDER, routing_id=UNKNOWN_ORDER)
    except GatewayRejected as no:
        return [_rejected(name, no, is_sealed=settings.jwt is not None and settings.jwt.calls)]
    except PortError as failed:
        fix_trust = _FIX_TRUST_SANDBOX if is_local(settings.base_url) else _FIX_TRUST
        return [_unanswered(f"{name}.base_url", failed, fix_trust)]
    return [*_odd(name, answer), *_skew(answer.dated, clock.now(), is_sandbox=is_local(settings.base_url))]


def _rejected(name: str, no: GatewayRejected, *, is_sealed: bool) -> ConfigProblem:
    message = f"Juspay says {no.code} ({no.http_status})"
    match no:
        case RateLimited():
            return ConfigProblem(f"{name}.policy.calls_per_second", message, _FIX_WAIT)
        case GatewayRejected(http_status=401):
            which, fix = ("jwt", _FIX_JWT) if is_sealed else ("api_key", _FIX_KEY)
            return ConfigProblem(f"{name}.{which}", message, fix)
        case GatewayRejected(http_status=403):
            return ConfigProblem(f"{name}.api_key", message, _FIX_FORBIDDEN)
        case _:
            return ConfigProblem(name, message, _FIX_ASKED_WRONGLY)


def _unanswered(setting: str, failed: PortError, fix_trust: str) -> ConfigProblem:
    for cause in _causes(failed):
        if isinstance(cause, ssl.SSLError):
            return ConfigProblem(setting, "Juspay does not answer: its certificate is not one that we trust", fix_trust)
        if isinstance(cause, socket.gaierror):
            return ConfigProblem(setting, "Juspay does not answer: its name is not known here", _FIX_REACH)
    how = "it cannot be reached" if isinstance(failed, GatewayUnreachable) else type(failed).__name__
    return ConfigProblem(setting, f"Juspay does not answer: {how}", _FIX_REACH)


def _causes(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _odd(name: str, answer: Answer) -> Iterator[ConfigProblem]:
    if not isinstance(answer.body, NotFound):
        fix = "check that nothing stands between us and Juspay, and that `base_url` is Juspay's"
        yield ConfigProblem(f"{name}.base_url", f"there is an answer about {UNKNOWN_ORDER}, which cannot exist", fix)


def _skew(dated: datetime | None, now: datetime, *, is_sandbox: bool) -> Iterator[ConfigProblem]:
    if dated is None or abs(now - dated) <= SKEW_MAX:
        return
    seconds = round(abs(now - dated).total_seconds())
    fix = "give the sandbox's address as --clock-url" if is_sandbox else _FIX_CLOCK
    where = "ahead of" if now > dated else "behind"
    yield ConfigProblem("clock", f"this machine's clock is {seconds} s {where} Juspay's", fix)
