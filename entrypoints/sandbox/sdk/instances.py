"""SDK instances as the sandbox keeps them: where each stands, what it waits for, what was asked of it (ours)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from paystate.entrypoints.sandbox.gateway.methods import Choice
from paystate.entrypoints.sandbox.gateway.records import Order, Txn

Event = dict[str, object]

Payload = Mapping[str, Any]


class Stage(StrEnum):
    """Where an SDK instance stands (contract D.9)."""

    CREATED = "created"
    INITIATED = "initiated"
    PROCESSING = "processing"
    TERMINATED = "terminated"


class SdkRefused(Exception):
    """A payload is not accepted; `code` is the SDK's error code."""

    def __init__(self, message: str, code: str = "JP_001") -> None:
        """Hold the text and the code."""
        super().__init__(message)
        self.code: Final = code


class ActRefused(Exception):
    """The shopper can't do this now; the message says why."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request to the SDK (documented, contract D.1)."""

    request_id: str
    service: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that the app was told of, and has not resumed yet (documented, contract D.4)."""

    reference: str
    choice: Choice
    bank: str
    """What the bank is answered then; `wait` where the shopper answers it on the hosted page."""


@dataclass(slots=True)
class OpenPage:
    """The page that one process call opened, and the attempt made on it."""

    envelope: Envelope
    order: Order
    txn: Txn | None = None
    waiting: Waiting | None = None


@dataclass(slots=True)
class Instance:
    """One SDK instance in one app."""

    id: str
    stage: Stage = Stage.CREATED
    merchant_id: str = ""
    shown_in: str = ""
    """`integrationType`: `iframe` or `redirection` in a browser, empty in an app (documented, contract D.3)."""
    page: OpenPage | None = None
    events: list[Event] = field(default_factory=list[Event])
