"""One server-to-server call, one row of the route table, and what all route groups read from a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, Protocol, TypeVar, cast

from litestar import Request
from litestar.types import Method as HttpMethod

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.config import Merchant
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.jwt import Channel
from paystate.entrypoints.sandbox.marks import Mark
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.sdk.return_url import is_web_address
from paystate.entrypoints.sandbox.wire import bodies
from paystate.entrypoints.sandbox.wire.answers import Answer

_LISTED_MAX: Final = 100
_LISTED: Final = 10
_WHOLE: Final = re.compile(r"[0-9]{1,10}", re.ASCII)

T = TypeVar("T")

About = Literal["order", "txn", "customer", "other"]
Caller = Literal["key", "client", "anyone"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, read; `path_id` is what the path names, or `order_id` where the path names nothing."""

    sandbox: Sandbox
    merchant: Merchant
    now: datetime
    fields: Mapping[str, Any]
    path_id: str

    def order(self, not_found_status: int = 400) -> Order:
        """Return the order that the call names; raise the `NOT_FOUND` refusal if there is none."""
        order = self.sandbox.world.order(self.merchant.merchant_id, self.path_id)
        if order is None:
            raise errors.order_not_found(self.path_id, not_found_status)
        return order

    def order_answer(self, order: Order) -> Answer:
        """Return the order as it is now, in full."""
        return Answer(bodies.order_body(order, self.view))

    @property
    def view(self) -> bodies.View:
        """How orders are shown in the answer: with the gateway's own words where asked for (documented, contract F)."""
        is_full = self.text("options.add_full_gateway_response").lower() == "true"
        return replace(self.sandbox.view, full_gateway_answer=is_full)

    def text(self, name: str) -> str:
        """Return a field as text, empty if absent."""
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def texts(self) -> dict[str, str]:
        """Return all fields that are plain values, as text: what Juspay echoes. Metadata may be an object (ours)."""
        told = ((name, _echoed(name, value)) for name, value in self.fields.items())
        return {name: text for name, text in told if text is not None}

    def require(self, *names: str) -> None:
        """Raise the `INVALID_INPUT` refusal that lists those of the fields that are absent or empty."""
        missing = [name for name in names if self.fields.get(name) in (None, "")]
        if missing:
            raise errors.invalid_input(*((name, "Is mandatory") for name in missing))

    def amount(self) -> Decimal:
        """Return the field `amount`; raise the `INVALID_INPUT` refusal if it is not one."""
        amount = parsed_amount(self.fields.get("amount"))
        if amount is None:
            raise errors.invalid_input(("amount", "Above zero, with two decimals at most"))
        return amount

    def number(self, name: str, default: int) -> int:
        """Return a field that is a whole number, 0 or more; raise the `INVALID_INPUT` refusal if it is not one."""
        text = self.text(name)
        if not text:
            return default
        if not _WHOLE.fullmatch(text):
            raise errors.invalid_input((name, "A whole number, 0 or more"))
        return int(text)

    def part_of(self, found: Sequence[T], body: Callable[[T], bodies.Body]) -> Answer:
        """Return that part of a list which `count` and `offset` ask for (recorded, contract B.5 and L)."""
        count, offset = min(self.number("count", _LISTED), _LISTED_MAX), self.number("offset", 0)
        listed = [body(one) for one in found[offset : offset + count]]
        return Answer({"count": len(listed), "offset": offset, "total": len(found), "list": listed})

    def check_return_url(self) -> None:
        """Raise the `INVALID_INPUT` refusal if `return_url` is given and no web address."""
        target = self.text("return_url")
        if target and not is_web_address(target):
            raise errors.invalid_input(("return_url", "A full http or https address"))

    def token_asked_for(self) -> bodies.Body:
        """Return the `juspay` block where the option asks for it (documented, contract B.3 and B.5)."""
        if self.text("options.get_client_auth_token").lower() != "true":
            return {}
        return bodies.token_body(*self.sandbox.world.issue_token(self.merchant.merchant_id, self.now))


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the route table.

    Attributes:
        name: What faults and the ledger call it.
        ref: Section of the gateway contract that it rests on.
        message: What it does, in a sentence.
        about: What `path_id` names; faults that are narrowed to an order look there.
        caller: Who may call: with the API key alone; also with a client auth token; or without either, in the name of
            the merchant that the call names.
    """

    verb: HttpMethod
    path: str
    name: str
    act: Callable[[Call], Answer]
    mark: Mark
    ref: str
    message: str
    about: About = "order"
    caller: Caller = "key"

    @property
    def plain_path(self) -> str:
        """The path as the ledger and the fidelity page write it."""
        return self.path.replace(":str", "").replace("path_id", "id")


@dataclass(frozen=True, slots=True)
class Reading:
    """Who calls, with which fields, and through which channel the answer goes back if the call was sealed."""

    merchant: Merchant
    fields: Mapping[str, Any]
    channel: Channel | None = None


class Dialect(Protocol):
    """How a call is read from the wire and its answer written: in plain, or sealed."""

    async def read(self, row: Route, request: Request[Any, Any, Any], sandbox: Sandbox) -> Reading:
        """Return who calls and with which fields.

        Raises:
            Refusal: The caller is not known, or the body cannot be read.
        """
        ...

    def write(self, reading: Reading, answer: Answer) -> Answer:
        """Return the answer as it is sent to that caller."""
        ...


def _echoed(name: str, value: object) -> str | None:
    if isinstance(value, str | int | Decimal):
        return str(value)
    if isinstance(value, dict) and name.startswith("metadata."):
        return bodies.encoded(cast("bodies.Body", value)).decode()
    return None
