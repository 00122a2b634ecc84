"""Webhooks: the outbox of events and their delivery to merchants (contract section I).

It records what was announced, to whom, when each attempt is due, and the attempts themselves. Each event's body is
fixed when it is announced. An attempt happens when the sandbox's clock has passed its time. So if the clock leaps far
ahead, all attempts of that time are made one after the other.
"""

from __future__ import annotations

import asyncio
import heapq
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Literal

import httpx

from paystate.entrypoints.sandbox.clock import Clock, utc_text
from paystate.entrypoints.sandbox.config import SandboxConfig, WebhookTarget
from paystate.entrypoints.sandbox.gateway.ledger import Ledger
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.jwt import JwtKeys, SealBroken
from paystate.entrypoints.sandbox.wire.bodies import Body, encoded

State = Literal["waiting", "held", "delivered", "undelivered"]

SUCCESS: Final = 200
"""Documented: anything else is sent again; that other 2xx count as failed too is a decision (contract I.1)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One copy of an event as it is to be sent.

    Attributes:
        body: The envelope, or bytes as they are.
        wrong_password: The first try has a wrong one.
        waits_for_next: It is held until the order's next event was queued, and sent after that.
    """

    event_id: str
    event_name: str
    body: Body | bytes
    delay_s: float = 0.0
    wrong_password: bool = False
    waits_for_next: bool = False


@dataclass(slots=True)
class Delivery:
    """One copy of one event on its way to one merchant."""

    event_id: str
    event_name: str
    merchant_id: str
    order_id: str
    body: bytes
    due_at: datetime
    attempts: int = 0
    state: State = "waiting"
    wrong_password: bool = False


class Outbox:
    """All deliveries of one sandbox, and the merchants' present webhook settings."""

    def __init__(self, config: SandboxConfig, clock: Clock, ledger: Ledger, jwt: JwtKeys) -> None:
        """Start empty, with the targets of the config's merchants."""
        self._jwt = jwt
        self._config = config
        self._clock = clock
        self._ledger = ledger
        self._one_at_a_time = asyncio.Lock()
        self.targets: dict[str, WebhookTarget] = {
            one.merchant_id: one.webhook for one in config.merchants if one.webhook is not None
        }
        self.deliveries: list[Delivery] = []
        self._waiting: list[tuple[datetime, int, Delivery]] = []
        self._held: dict[tuple[str, str], list[Delivery]] = {}
        self._queued_count = 0

    def is_wanted(self, name: str, order: Order) -> bool:
        """Whether the order's merchant has an address for webhooks and wants such events."""
        target = self.targets.get(order.merchant_id)
        return target is not None and name in target.events

    def queue(self, letters: Sequence[Letter], order: Order, at: datetime) -> None:
        """Queue the copies of an event of the order; then those that were held for it."""
        queued = [_delivery(one, order, at) for one in letters if not one.waits_for_next]
        for one in queued:
            self._queue(one)
        held = self._held.setdefault((order.merchant_id, order.order_id), [])
        if queued:
            self._release(held, max(one.due_at for one in queued))
        newly_held = [_delivery(one, order, at) for one in letters if one.waits_for_next]
        self.deliveries.extend(newly_held)
        held.extend(newly_held)

    def resend(self, order: Order, event_id: str | None) -> int:
        """Queue an order's events (or one of them) once more, unchanged; return how many."""
        mine = [
            one
            for one in self.deliveries
            if (one.merchant_id, one.order_id) == (order.merchant_id, order.order_id)
            and event_id in (None, one.event_id)
        ]
        unique = {one.event_id: one for one in mine}.values()
        for one in unique:
            now = self._clock.now()
            self._queue(Delivery(one.event_id, one.event_name, one.merchant_id, one.order_id, one.body, now))
        return len(unique)

    def count(self, state: State) -> int:
        """Return how many deliveries are in that state."""
        return sum(one.state == state for one in self.deliveries)

    async def deliver_due(self) -> int:
        """Make every attempt whose time has come, in order of time; return how many there were."""
        made = 0
        async with self._one_at_a_time:
            while (one := self._next_due()) is not None:
                await self._attempt(one)
                made += 1
        return made

    def _queue(self, one: Delivery) -> None:
        self.deliveries.append(one)
        self._wait(one)

    def _release(self, held: list[Delivery], due_at: datetime) -> None:
        for one in held:
            one.due_at, one.state = due_at, "waiting"
            self._wait(one)
        held.clear()

    def _wait(self, one: Delivery) -> None:
        self._queued_count += 1
        heapq.heappush(self._waiting, (one.due_at, self._queued_count, one))

    def _delay(self, attempt: int) -> timedelta:
        """Return how long after its `attempt`-th try a delivery is tried again."""
        seconds = self._config.webhook_retry_delays_s[attempt - 1]
        return timedelta(seconds=seconds / self._config.webhook_time_compression)

    def _next_due(self) -> Delivery | None:
        if not self._waiting or self._waiting[0][0] > self._clock.now():
            return None
        return heapq.heappop(self._waiting)[2]

    async def _attempt(self, one: Delivery) -> None:
        planned_at = one.due_at
        target = self.targets[one.merchant_id]
        status, problem = await self._post(_with_wrong_password(target) if one.wrong_password else target, one)
        one.attempts += 1
        one.wrong_password = False
        if status == SUCCESS:
            one.state = "delivered"
        elif one.attempts > len(self._config.webhook_retry_delays_s):
            one.state = "undelivered"
        else:
            one.due_at += self._delay(one.attempts)
            self._wait(one)
        self._ledger.webhook(
            self._clock.now(),
            event_id=one.event_id,
            event_name=one.event_name,
            order_id=one.order_id,
            merchant_id=one.merchant_id,
            attempt=one.attempts,
            planned_at=utc_text(planned_at),
            status=status,
            delivered=status == SUCCESS,
            problem=problem,
        )

    async def _post(self, target: WebhookTarget, one: Delivery) -> tuple[int | None, str | None]:
        """Send once: Basic and the merchant's own headers (documented); the time-out is a decision (contract I.1)."""
        headers = {**target.headers, "Content-Type": "application/json"}
        auth = httpx.BasicAuth(target.username, target.password) if target.username else httpx.Auth()
        client = httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=self._config.webhook_timeout_s)
        try:
            async with client, asyncio.timeout(self._config.webhook_timeout_s):
                body = self._sealed(one, target.jwt_key_id) if target.jwt_key_id else one.body
                answer = await client.post(target.url, content=body, headers=headers, auth=auth)
                return answer.status_code, None
        except (
            SealBroken,
            httpx.HTTPError,
            httpx.InvalidURL,
            OSError,
            ValueError,
        ) as exc:  # the last: a header that cannot be sent
            return None, type(exc).__name__

    def _sealed(self, one: Delivery, key_id: str) -> bytes:
        """Return the body of an encrypted webhook (documented, contract I.5); each attempt is sealed anew (ours)."""
        channel = self._jwt.channel_to(one.merchant_id, key_id, one_id=self._config.jwt_one_key_id)
        return encoded({"JWT": channel.sealed_compact(one.body, inner_object=self._config.jwt_webhook_object)})


def _delivery(letter: Letter, order: Order, at: datetime) -> Delivery:
    return Delivery(
        letter.event_id,
        letter.event_name,
        order.merchant_id,
        order.order_id,
        letter.body if isinstance(letter.body, bytes) else encoded(letter.body),
        at + timedelta(seconds=letter.delay_s),
        state="held" if letter.waits_for_next else "waiting",
        wrong_password=letter.wrong_password,
    )


def _with_wrong_password(target: WebhookTarget) -> WebhookTarget:
    return replace(target, username=target.username or "nobody", password=f"not-{target.password}")


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
