"""The bodies that the control API takes (ours), and how one is read: strictly, whichever door it came through.

A member that a body does not have is refused, so that a misspelt one is never ignored in silence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.parsing import Misfit

BodyT = TypeVar("BodyT", bound=Struct)

RefundStatus = Literal["PENDING", "SUCCESS", "FAILURE", "MANUAL_REVIEW"]

_NAMED: Final = re.compile(r"Object (missing required|contains unknown) field `(.*)`", re.DOTALL)
_EXPECTED: Final = re.compile(r"Expected `([^`]*)`( [<>]= [0-9]+)?.*", re.DOTALL)
_PLACE: Final = re.compile(r"(.*?) - at (?:`key` in )?`\$\.?(.*)`", re.DOTALL)

CALLS_MAX: Final = 999_999


class Refused(Exception):
    """The control API does not do it; `code` says why to a program, and the message to a person."""

    def __init__(self, status: int, code: str, message: str, misfit: Misfit | None = None) -> None:
        """Hold the HTTP status, and what is wrong with a member where it is one."""
        super().__init__(message)
        self.status: Final = status
        self.code: Final = code
        self.misfit: Final = misfit


def misfitting(misfit: Misfit) -> Refused:
    """Return the refusal for a member that is wrong."""
    return Refused(422, misfit.code, misfit.message, misfit)


class Members(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A body of these members and no others."""


class Nothing(Members, frozen=True):
    """No members."""


class MoveClock(Members, frozen=True):
    """How far to move the clock in seconds, or where to: either may be back."""

    advance_s: float | None = None
    set: Annotated[datetime, Meta(tz=True)] | None = None


class MakeOrder(Members, frozen=True):
    """An order that somebody else made at Juspay; `fields` are those of a session."""

    merchant_id: str
    order_id: str
    amount: str
    currency: str = "INR"
    paid: bool = False
    fields: dict[str, str | int] = {}


class SetMoney(Members, frozen=True):
    """What the next attempt costs beside the price, and what Juspay would refund."""

    discount: str | None = None
    surcharge: str | None = None
    tax: str | None = None
    eligible: str | None = None


class Leg(Members, frozen=True):
    """One part of a payment; `refund` is how the refund of an AUTO_REFUNDED one stands. By UPI, where none is named."""

    amount: str
    status: Literal[
        "CHARGED", "AUTO_REFUNDED", "Failure", "AUTHENTICATION_FAILED", "AUTHORIZATION_FAILED", "JUSPAY_DECLINED",
        "PENDING_VBV", "AUTHORIZING", "STARTED", "VBV_SUCCESSFUL", "TO_BE_CHARGED",
    ] = "CHARGED"  # fmt: skip
    method: dict[Literal["upi", "card", "nb", "wallet", "intent", "cod"], str] = {}
    refund: RefundStatus = "SUCCESS"


class PayInLegs(Members, frozen=True):
    """A payment in two parts or more, which come to what is to be paid."""

    legs: list[Leg]


class Settle(Members, frozen=True):
    """How a pending attempt ends: the newest one, or the one that is named."""

    outcome: Literal["SUCCESS", "FAILURE"]
    txn_id: str | None = None


class SettleRefund(Members, frozen=True):
    """How a refund ends."""

    status: Literal["SUCCESS", "FAILURE", "MANUAL_REVIEW"]


class Resend(Members, frozen=True):
    """Which of an order's events to send again; all of them where none is named."""

    event_id: str | None = None


class Forge(Members, frozen=True):
    """An event of nobody's making about an order, with the right password unless it is to have a wrong one."""

    event_name: str = "ORDER_SUCCEEDED"
    status: str = "CHARGED"
    wrong_password: bool = False


class ArmFault(Members, frozen=True):
    """A fault for the next `calls` occasions, of one merchant, one order or one route where they are named."""

    name: str
    order_id: str | None = None
    merchant_id: str | None = None
    route: str | None = None
    calls: Annotated[int, Meta(ge=1, le=CALLS_MAX)] = 1
    params: dict[str, Any] = {}


class SetWebhook(Members, frozen=True):
    """Where a merchant's webhooks go, with which credentials, and of which events."""

    url: str
    username: str = ""
    password: str = ""
    headers: dict[str, str] = {}
    events: list[str] | None = None
    jwt_key_id: str = ""


class UploadKey(Members, frozen=True):
    """A merchant's public key for signed payloads, PEM."""

    key_id: str
    public_key: str


class UploadJwtKey(Members, frozen=True):
    """A merchant's public key for JWT mode, PEM; without `key_id` it gets one."""

    public_key: str
    key_id: str | None = None


def body_from_json(text: bytes, model: type[BodyT]) -> BodyT:
    """Return the body that a JSON text holds; an empty text is an empty object. Numbers of params are int or Decimal.

    Raises:
        Refused: The text is not a JSON object, or a member is unknown, missing or not what it may be.
    """
    try:
        return msgspec.json.Decoder(model, float_hook=Decimal).decode(text.strip() or b"{}")
    except msgspec.ValidationError as exc:
        raise _refused(str(exc), model) from exc
    except (ValueError, RecursionError) as exc:
        raise Refused(400, "not_json", "the body is no JSON object") from exc


def body_from_fields(fields: Mapping[str, Any], model: type[BodyT]) -> BodyT:
    """Return the body that a form's texts make.

    Raises:
        Refused: As `body_from_json`.
    """
    try:
        return msgspec.convert(dict(fields), model, strict=False)
    except msgspec.ValidationError as exc:
        raise _refused(str(exc), model) from exc


def checked_query(given: Mapping[str, str], allowed: tuple[str, ...]) -> Mapping[str, str]:
    """Return a query that says only what it may; raises `Refused`."""
    for name in given:
        if name not in allowed:
            raise misfitting(_unknown(name, name, allowed))
    return given


def amount_of(text: str, member: str) -> Decimal:
    """Return the amount, above zero.

    Raises:
        Refused: It is none.
    """
    amount = parsed_amount(text)
    if amount is None:
        raise misfitting(Misfit("invalid_member", member, f"{member} is an amount such as 1.00"))
    return amount


def _refused(message: str, model: type[Struct]) -> Refused:
    placed = _PLACE.fullmatch(message)
    told, place = (placed[1], placed[2]) if placed else (message, "")
    named = _NAMED.fullmatch(told)
    if named is None:
        allowed = _choices(model, place)
        reads = (
            f"{place} is one of {', '.join(allowed)}" if allowed else f"{place or 'the body'} must be {_wanted(told)}"
        )
        return misfitting(Misfit("invalid_member", place, reads, allowed))
    member = f"{place}.{named[2]}".removeprefix(".")
    if named[1] == "missing required":
        return misfitting(Misfit("missing_member", member, f"{member} is missing"))
    allowed = (Leg if place else model).__struct_fields__  # legs alone are objects of fixed members within a body
    return misfitting(_unknown(member, named[2], allowed))


def _wanted(told: str) -> str:
    """Return in plain words what a member must be, of the decoder's message."""
    expected = _EXPECTED.fullmatch(told)
    if expected is None:
        return _INSTANT if "datetime" in told else _NUMBER
    names = [name for name in expected[1].split(" | ") if name != "null"]
    bound = (expected[2] or "").replace(" >=", ", at least").replace(" <=", ", at most")
    return " or ".join(_WORDS.get(name, _INSTANT) for name in names) + bound


_INSTANT: Final = "a time with its zone, such as 2026-03-14T09:00:00Z"
_NUMBER: Final = "a number that can be"
_WORDS: Final = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "object": "an object",
    "array": "a list",
}


def _unknown(member: str, name: str, allowed: tuple[str, ...]) -> Misfit:
    near = difflib.get_close_matches(name, allowed, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    known = f"there are {', '.join(allowed)}" if allowed else "there are none"
    return Misfit("unknown_member", member, f"there is no member {member}: {meant}{known}", allowed)


def _choices(model: type[Struct], place: str) -> tuple[str, ...]:
    """Return what the member at that place may be, where that is a list of words."""
    owner = Leg if place.startswith("legs[") else model
    hint = get_type_hints(owner).get(place.rpartition(".")[2])
    hints = (hint, *get_args(hint))
    return next((get_args(one) for one in hints if getattr(one, "__origin__", None) is Literal), ())
