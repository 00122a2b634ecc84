"""What the engine's methods return that the API has no body for, and the one thing they raise that is their own.

Whatever else they return are the bodies of the API, member by member: `paystate.entrypoints.interface.views`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from attrs import field, frozen

from paystate.core.errors import PaystateError
from paystate.core.orders.facts import Refused
from paystate.entrypoints.interface.refusals import refusal_view
from paystate.entrypoints.setup.help_links import published_rule_link

Asgi = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application, in no framework's own types."""


class UnknownId(PaystateError, LookupError):
    """An id names no order or checkout of the merchant, or no merchant.

    Attributes:
        code: `not_found`, as in the API.
    """

    code: Final = "not_found"


@frozen(kw_only=True)
class CheckoutCredentials:
    """What the app is given.

    Attributes:
        token: The checkout's bearer token, for the app to call the API with; shown this once.
        state: The checkout's step.
        initiate_payload: A JSON object for the SDK's initiate call, to be passed on unchanged.
        legal: The steps that may come next.
    """

    checkout_id: str
    token: str = field(repr=False)
    token_expires_at: datetime
    state: str
    initiate_payload: Mapping[str, Any] = field(repr=False)
    legal: tuple[str, ...]


@frozen(kw_only=True)
class Reply:
    """What Juspay is to be answered; hand it to any framework.

    Attributes:
        status: The HTTP status. 200 says that the webhook is stored; after anything else Juspay sends it again.
        body: JSON.
        headers: `Content-Type`, and what the status asks for.
        code: Why it was not taken, from the API's list of problems; empty with 200.
    """

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    code: str = ""


@frozen(kw_only=True)
class ShopperReturn:
    """A shopper who came back from Juspay. How the payment ended is not in it: ask `order` or `result`.

    Attributes:
        is_genuine: Whether Juspay signed the address; if not, show a page that says nothing of a payment.
        order_id: The order; empty where it is not one of ours.
        location: The order's own `return_url` with its id; empty where it has none.
    """

    is_genuine: bool
    order_id: str = ""
    location: str = ""


@frozen
class TryLater:
    """Nothing was done: the order's budget of questions to Juspay is used up for now.

    Attributes:
        retry_after_s: Seconds until there is one again; at least 1.
    """

    retry_after_s: int


def as_dict(answer: Any) -> Any:
    """An answer as plain dictionaries, lists and strings, for a framework's own JSON; instants become ISO 8601.

    `Refused` has the members that a refusal has in the API: `code`,
    `rule`, `detail`, `facts`, `legal`, and `help`, which leads to the published page. Lists and
    dictionaries of answers may hold some.
    """
    return msgspec.json.decode(msgspec.json.encode(_shown(answer)))


def _shown(answer: Any) -> Any:
    """With each refusal as its members: msgspec would show every field of the rule."""
    match answer:
        case Refused():
            return refusal_view(answer, published_rule_link(answer.rule))
        case Mapping():
            return {name: _shown(value) for name, value in cast("Any", answer).items()}
        case list() | tuple():
            return [_shown(one) for one in cast("Any", answer)]
        case _:
            return answer
