"""An operation on held money: one capture or one release, under one id, for ever.

The record says what was asked for and counts its calls. How it ended follows from the order
(`paystate.core.orders.held_money`): Juspay lists no captures, so only the attempt that holds the money shows it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import frozen

from paystate.core.orders.refund import LastCall


class HoldKind(StrEnum):
    """What is to become of the held money."""

    CAPTURE = "capture"
    VOID = "void"


class HoldState(StrEnum):
    """How an operation stands."""

    REQUESTED = "REQUESTED"
    """Asked for, and not known to have ended; no other one is taken meanwhile."""
    REJECTED = "REJECTED"
    """Juspay refused the only call that can have reached it."""
    FAILED = "FAILED"
    """Juspay tells that it failed, or the money is still held after the last call that the policy permits."""
    OVERTAKEN = "OVERTAKEN"
    """The hold ended in another way than was asked."""
    DONE = "DONE"


FAILS: Final = {HoldKind.CAPTURE: "CAPTURE_FAILED", HoldKind.VOID: "VOID_FAILED"}
"""Juspay's word for a hold that an operation could not end. Source: gateway contract, F.2."""
UNDER_WAY: Final = frozenset({"CAPTURE_INITIATED", "VOID_INITIATED"})
"""Juspay's words while it works on the hold. Source: gateway contract, F.2."""


@frozen(kw_only=True)
class HoldOperation:
    """One capture or release that was asked for.

    Attributes:
        hold_id: Its id here; with a capture of a part it is what Juspay tells a repeat by.
        key: Idempotency key that it was requested under.
        txn_id: The attempt whose money it is about.
        amount_minor: Minor units of the order's currency; of a release, all that is held.
        is_whole: It is about all of the held money.
        since: When it was requested.
        since_version: Order's version after that.
        tries: Calls that were begun, each counted before it was made.
        not_sent: How many of them are known never to have reached Juspay.
        sent_at: Begin of the newest call.
        sent_version: Order's version after that call was counted; an answer asked at or after it can know of the call.
        is_last_try: The policy permits no call after the newest one.
        refusal: Juspay's error code for the newest call, or `""`.
        is_refused: That was a definite no to the only call that can have reached Juspay.
        failed_asked: Newest question whose answer told that a capture, or a release, failed, or -1.
    """

    hold_id: str
    kind: HoldKind
    key: str
    txn_id: str
    amount_minor: int
    is_whole: bool
    since: datetime
    since_version: int
    tries: int = 0
    not_sent: int = 0
    sent_at: datetime | None = None
    sent_version: int = -1
    is_last_try: bool = False
    last_call: LastCall = LastCall.NONE
    refusal: str = ""
    is_refused: bool = False
    failed_asked: int = -1

    @property
    def calls_that_left(self) -> int:
        """Calls that may have reached Juspay."""
        return self.tries - self.not_sent

    @property
    def was_told_failed(self) -> bool:
        """Whether an answer that can know of the newest call told that it failed."""
        return 0 <= self.sent_version <= self.failed_asked
