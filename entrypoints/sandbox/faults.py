"""Faults as data: each a row with a name, a sentence and a mark. Owns what can go wrong on purpose, and when.

A fault acts at one of three seams, so a new one is a new row and a small function:

- `request`: before a call has any effect; gives a `Refusal` to answer with.
- `answer`: after the effect; gives the answer to send in its place, or none at all.
- `webhook`: when an event is queued; gives the delays (seconds) of its copies, from `(0,)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, Literal

from paystate.entrypoints.sandbox.amounts import json_number
from paystate.entrypoints.sandbox.answers import Answer
from paystate.entrypoints.sandbox.errors import Refusal, rate_limited, server_error

Params = Mapping[str, Any]
Delays = tuple[float, ...]
Seam = Literal["request", "answer", "webhook"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table. `routes` are the call names it acts on where none is asked for; none: all calls."""

    name: str
    says: str
    mark: str
    act: Callable[[Any, Params], Any]
    seam: Seam
    routes: frozenset[str] = frozenset()
    params: Params = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class ArmedFault:
    """A fault that waits for its next `calls` occasions."""

    id: int
    kind: FaultKind
    calls: int
    order_id: str | None
    route: str | None
    params: Params

    def fits(self, seam: Seam, route: str, order_id: str | None) -> bool:
        """Whether it acts on this occasion."""
        if self.kind.seam != seam or self.calls < 1:
            return False
        if self.order_id is not None and self.order_id.lower() != (order_id or "").lower():
            return False
        routes = {self.route} if self.route else self.kind.routes
        return not routes or route in routes


def _drop(_: Delays, __: Params) -> Delays:
    return ()


def _duplicate(delays: Delays, params: Params) -> Delays:
    return delays * int(params["copies"])


def _delay(delays: Delays, params: Params) -> Delays:
    return tuple(delay + float(params["seconds"]) for delay in delays)


def _fail(_: None, __: Params) -> Refusal:
    return server_error()


def _throttle(_: None, __: Params) -> Refusal:
    return rate_limited()


def _lose(answer: Answer, params: Params) -> Answer:
    return replace(answer, lost_after_s=float(params["hold_s"]))


def _garble(answer: Answer, _: Params) -> Answer:
    return replace(answer, body=b"<html><body>Bad gateway</body></html>", media_type="text/html")


def _other_amount(answer: Answer, params: Params) -> Answer:
    amount = json_number(Decimal(str(params["amount"])))
    return _changed(answer, amount=amount, effective_amount=amount)


def _other_status(answer: Answer, params: Params) -> Answer:
    return _changed(answer, status=str(params["status"]), status_id=int(params["status_id"]))


def _changed(answer: Answer, **members: object) -> Answer:
    body = answer.body
    return replace(answer, body={**body, **members}) if isinstance(body, Mapping) else answer


_STATUS: Final = frozenset({"order_status"})
_MONEY: Final = frozenset({"session", "refund", "order_status"})

FAULTS: Final = (
    FaultKind("webhook_drop", "The event is never delivered.", "inferred", _drop, "webhook"),
    FaultKind(
        "webhook_duplicate", "The same event comes several times.", "documented", _duplicate, "webhook",
        params={"copies": 2},
    ),
    FaultKind(
        "webhook_delay", "The event comes late, after newer ones.", "secondary", _delay, "webhook",
        params={"seconds": 300},
    ),
    FaultKind("status_5xx", "The call answers 500 and has no effect.", "documented", _fail, "request", _STATUS),
    FaultKind("rate_limited", "The call answers 429 and has no effect.", "secondary", _throttle, "request", _STATUS),
    FaultKind(
        "timeout_after_effect", "The call has its effect, its answer never comes.", "ours", _lose, "answer", _MONEY,
        params={"hold_s": 0},
    ),
    FaultKind("not_json", "The call has its effect, a proxy's HTML page answers.", "ours", _garble, "answer", _MONEY),
    FaultKind(
        "wrong_amount", "Order status names another amount than the order's.", "ours", _other_amount, "answer",
        _STATUS, params={"amount": "1.00"},
    ),
    FaultKind(
        "unknown_status", "Order status names a status outside the known set.", "inferred", _other_status, "answer",
        _STATUS, params={"status": "SOMETHING_NEW", "status_id": 99},
    ),
)  # fmt: skip


class FaultInvalid(ValueError):
    """There is no such fault, or it can't be armed so."""


class Faults:
    """The faults that are armed in one sandbox."""

    def __init__(self) -> None:
        """Start with none."""
        self.armed: list[ArmedFault] = []
        self._count = 0

    def arm(
        self, name: str, *, order_id: str | None, route: str | None, calls: int, params: Mapping[str, Any]
    ) -> ArmedFault:
        """Arm a fault for its next `calls` occasions.

        Raises:
            FaultInvalid: No such name, `calls` below 1, or a parameter that the kind has not.
        """
        kind = next((one for one in FAULTS if one.name == name), None)
        if kind is None or calls < 1 or not set(params) <= set(kind.params):
            raise FaultInvalid("no such fault, or not with these calls or params")
        self._count += 1
        armed = ArmedFault(self._count, kind, calls, order_id, route, {**kind.params, **params})
        self.armed.append(armed)
        return armed

    def clear(self, fault_id: int | None = None) -> None:
        """Disarm one fault, or all."""
        self.armed = [one for one in self.armed if fault_id is not None and one.id != fault_id]

    def refusal(self, route: str, order_id: str | None) -> tuple[Refusal | None, list[str]]:
        """Return the refusal that an armed fault puts before the call, and the names of those that acted."""
        acting = self._take("request", route, order_id, most=1)
        return (acting[0].kind.act(None, acting[0].params) if acting else None), _names(acting)

    def answer(self, answer: Answer, route: str, order_id: str | None) -> tuple[Answer, list[str]]:
        """Return the answer that goes out, and the names of the faults that acted."""
        acting = self._take("answer", route, order_id)
        for one in acting:
            answer = one.kind.act(answer, one.params)
        return answer, _names(acting)

    def delays(self, event_name: str, order_id: str) -> Delays:
        """Return after how many seconds each copy of an event is sent."""
        delays: Delays = (0.0,)
        for one in self._take("webhook", event_name, order_id):
            delays = one.kind.act(delays, one.params)
        return delays

    def _take(self, seam: Seam, route: str, order_id: str | None, most: int | None = None) -> list[ArmedFault]:
        acting = [one for one in self.armed if one.fits(seam, route, order_id)][:most]
        for one in acting:
            one.calls -= 1
        self.armed = [one for one in self.armed if one.calls > 0]
        return acting


def _names(acting: Sequence[ArmedFault]) -> list[str]:
    return [one.kind.name for one in acting]
