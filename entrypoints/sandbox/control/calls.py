"""One call of the control API, and one row of its table; the acts themselves stand beside this file, by subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic

from litestar.types import Method as HttpMethod

from paystate.entrypoints.sandbox.config import Merchant
from paystate.entrypoints.sandbox.control.request_bodies import BodyT, Refused
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Told(Generic[BodyT]):
    """One call, read: whichever door it came through, an act gets the same.

    Attributes:
        names: What the path names.
        query: What the query says, of what the row lets it say.
    """

    sandbox: Sandbox
    body: BodyT
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def order(self) -> Order:
        """The order that the path names, of the merchant that the query names; raises `Refused`."""
        return order_of(self.sandbox, self.names["order_id"], self.query.get("merchant_id"))

    @property
    def merchant_id(self) -> str:
        """The merchant that the path names; raises `Refused`."""
        return known_merchant(self.sandbox, self.names["merchant_id"]).merchant_id


@dataclass(frozen=True, slots=True)
class Control(Generic[BodyT]):
    """One row of the table: an act, where it stands below `/_control`, and the body that it takes.

    `done` is what a person is told afterwards, where a form on the sandbox's pages asks for it.
    """

    verb: HttpMethod
    path: str
    message: str
    body: type[BodyT]
    act: Callable[[Told[BodyT]], Any]
    query: tuple[str, ...] = ()
    done: str = ""


OF_MERCHANT: Final = ("merchant_id",)
"""The query of a call about one order: whose it is, where several merchants have one of that id."""


def order_of(sandbox: Sandbox, order_id: str, merchant_id: str | None = None) -> Order:
    """Return the order of that id, without regard to case; raises `Refused`."""
    merchants = [one.merchant_id for one in sandbox.config.merchants if merchant_id in (None, one.merchant_id)]
    found = [order for one in merchants if (order := sandbox.world.order(one, order_id)) is not None]
    if not found:
        raise Refused(404, "no_such_order", "no such order")
    return min(found, key=lambda order: order.created)


def known_merchant(sandbox: Sandbox, merchant_id: str) -> Merchant:
    """Return the merchant of that id; raises `Refused`."""
    merchant = sandbox.config.merchant(merchant_id)
    if merchant is None:
        raise Refused(404, "no_such_merchant", "no such merchant")
    return merchant
