"""Webhooks: the outbox of events and their delivery to merchants (contract section I).

It records what was announced, to whom, when each attempt is due, and the attempts themselves. Each event's body is
fixed when it is announced. An attempt happens when the sandbox's clock has passed its time. So if the clock leaps far
ahead, all attempts of that time are made one after the other.
"""

from __future__ import annotations

import asyncio
import heapq
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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

ANSWER_BYTES_MAX: Final = 2048
"""How much of a merchant's answer is kept for people to look at (ours)."""

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


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to deliver, and what was answered: the beginning of its body, as text."""

    at: datetime
    status: int | None
    answer: str = ""
    problem: str | None = None


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
    tries: list[Try] = field(default_factory=list[Try])
    place: int = 0
    """Where it stands among all deliveries."""


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
        self.keep: Callable[[], None] = lambda: None
        """Called before each attempt: where what happened is kept in a file, it is in there before anybody is told."""
        self.deliveries: list[Delivery] = []
        self.touched: dict[int, Delivery] = {}
        """Those that may differ from what a file holds of them, by place. Whoever keeps the file empties it."""
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
        for one in newly_held:
            self._list(one)
        held.extend(newly_held)

    def put_back(self, one: Delivery) -> None:
        """Take a delivery that was kept in a file."""
        self._list(one)
        if one.state == "waiting":
            self._wait(one)
        elif one.state == "held":
            self._held.setdefault((one.merchant_id, one.order_id), []).append(one)

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
        """Make every attempt whose time has come, in order of time; return how many there were.

        What `keep` raises goes to the caller, and the attempt is still to be made.
        """
        made = 0
        async with self._one_at_a_time:
            while self._is_due():
                self.keep()
                await self._attempt(heapq.heappop(self._waiting)[2])
                made += 1
        return made

    def _queue(self, one: Delivery) -> None:
        self._list(one)
        self._wait(one)

    def _list(self, one: Delivery) -> None:
        one.place = len(self.deliveries)
        self.deliveries.append(one)
        self.touched[one.place] = one

    def _release(self, held: list[Delivery], due_at: datetime) -> None:
        for one in held:
            one.due_at, one.state = due_at, "waiting"
            self._wait(one)
        held.clear()

    def _wait(self, one: Delivery) -> None:
        self._queued_count += 1
        self.touched[one.place] = one
        heapq.heappush(self._waiting, (one.due_at, self._queued_count, one))

    def _delay(self, attempt: int) -> timedelta:
        """Return how long after its `attempt`-th try a delivery is tried again."""
        seconds = self._config.webhook_retry_delays_s[attempt - 1]
        return timedelta(seconds=seconds / self._config.webhook_time_compression)

    def _is_due(self) -> bool:
        return bool(self._waiting) and self._waiting[0][0] <= self._clock.now()

    async def _attempt(self, one: Delivery) -> None:
        planned_at = one.due_at
        made = await self._post(self.targets.get(one.merchant_id), one)
        self.touched[one.place] = one
        one.tries.append(made)
        one.attempts += 1
        one.wrong_password = False
        if made.status == SUCCESS:
            one.state = "delivered"
        elif one.attempts > len(self._config.webhook_retry_delays_s):
            one.state = "undelivered"
        else:
            one.due_at += self._delay(one.attempts)
            self._wait(one)
        self._ledger.webhook(
            made.at,
            event_id=one.event_id,
            event_name=one.event_name,
            order_id=one.order_id,
            merchant_id=one.merchant_id,
            attempt=one.attempts,
            planned_at=utc_text(planned_at),
            status=made.status,
            delivered=made.status == SUCCESS,
            problem=made.problem,
        )

    async def _post(self, target: WebhookTarget | None, one: Delivery) -> Try:
        """Send once: Basic and the merchant's own headers (documented); the time-out is a decision (contract I.1)."""
        if target is None:  # its merchant had an address before a restart
            return Try(self._clock.now(), None, problem="no address")
        target = _with_wrong_password(target) if one.wrong_password else target
        headers = {**target.headers, "Content-Type": "application/json"}
        auth = httpx.BasicAuth(target.username, target.password) if target.username else httpx.Auth()
        client = httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=self._config.webhook_timeout_s)
        try:
            async with client, asyncio.timeout(self._config.webhook_timeout_s):
                body = self._sealed(one, target.jwt_key_id) if target.jwt_key_id else one.body
                async with client.stream("POST", target.url, content=body, headers=headers, auth=auth) as answer:
                    return Try(self._clock.now(), answer.status_code, await _beginning(answer))
        except (
            SealBroken,
            httpx.HTTPError,
            httpx.InvalidURL,
            OSError,
            ValueError,
        ) as exc:  # the last: a header that cannot be sent
            return Try(self._clock.now(), None, problem=type(exc).__name__)

    def _sealed(self, one: Delivery, key_id: str) -> bytes:
        """Return the body of an encrypted webhook (documented, contract I.5); each attempt is sealed anew (ours)."""
        channel = self._jwt.channel_to(one.merchant_id, key_id, one_id=self._config.jwt_one_key_id)
        return encoded({"JWT": channel.sealed_compact(one.body, inner_object=self._config.jwt_webhook_object)})


async def _beginning(answer: httpx.Response) -> str:
    """Return the beginning of an answer's body; who answers without end is not read to the end."""
    read = b""
    async for part in answer.aiter_bytes(ANSWER_BYTES_MAX):
        read += part
        if len(read) >= ANSWER_BYTES_MAX:
            break
    return read[:ANSWER_BYTES_MAX].decode("utf-8", "replace")


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
