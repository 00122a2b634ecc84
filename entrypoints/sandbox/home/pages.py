"""The sandbox's own pages, and the forms on them: a second door to the control API, for people (ours).

A form posts to the row of the control table that a program would call, below `/_home` in place of `/_control`. Its
fields become the same body, and the same act reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from inspect import isawaitable
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Router, get, route
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from paystate.entrypoints.sandbox.config import EVENTS
from paystate.entrypoints.sandbox.control.calls import Control, Told
from paystate.entrypoints.sandbox.control.gatekeeping import refuse_strangers
from paystate.entrypoints.sandbox.control.request_bodies import Refused, body_from_fields, checked_query
from paystate.entrypoints.sandbox.control.routes import ROUTES
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS, FaultKind
from paystate.entrypoints.sandbox.gateway.ledger import KINDS
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen
from paystate.entrypoints.sandbox.home import facts
from paystate.entrypoints.sandbox.home.rendering import HEADERS, AnyRequest, page
from paystate.entrypoints.sandbox.page.rendering import Page
from paystate.entrypoints.sandbox.parsing import BodyInvalid, Fields, read_fields
from paystate.entrypoints.sandbox.sandbox import Sandbox, sandbox_of

_ROOT: Final = "/_home"
_PARAM: Final = "params."
_WHOLE: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_FRACTION: Final = re.compile(r"[0-9]{1,12}\.[0-9]{1,6}", re.ASCII)
_STEPS: Final = ((60, "1 minute"), (600, "10 minutes"), (3600, "1 hour"), (86_400, "1 day"))
_KINDS: Final = (("", "all"), *((kind, kind) for kind in KINDS))
_LABELS: Final = {
    "advance_s": "Seconds to move it",
    "order_id": "Order id",
    "amount": "Amount",
    "calls": "How many times",
}
"""What the forms call a member into which somebody types."""
_BY_FORM: Final = tuple(row for row in ROUTES if row.verb != "GET")


@get("/")
async def show_home(request: AnyRequest) -> Page:
    """Show everything at a glance."""
    return _shown(request, "/")


@get([f"{_ROOT}/orders", f"{_ROOT}/faults", f"{_ROOT}/webhooks", f"{_ROOT}/ledger"])
async def show_list(request: AnyRequest) -> Page:
    """Show the newest of one kind; of faults all that there are."""
    return _shown(request, request.url.path)


@get(f"{_ROOT}/orders/{{juspay_id:str}}")
async def show_order(request: AnyRequest) -> Page:
    """Show one order, and what can be done to it."""
    return _shown(request, request.url.path)


@get(f"{_ROOT}/webhooks/{{place:int}}")
async def show_webhook(request: AnyRequest) -> Page:
    """Show one webhook with its body and the answers to it."""
    return _shown(request, request.url.path)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a form was refused, and what was typed into it, which its page shows again."""

    problem: str
    status: int
    typed: Mapping[str, str]


def _shown(request: AnyRequest, path: str, refusal: _Refusal | None = None) -> Page:
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    query = {str(name): str(value) for name, value in request.query_params.items()}
    did = query.pop("did", "")
    row = _BY_FORM[int(did)] if did.isascii() and did.isdigit() and int(did) < len(_BY_FORM) else None
    status = refusal.status if refusal else 200
    told = {
        "here": path,
        "problem": refusal.problem if refusal else "",
        "typed": refusal.typed if refusal else {},
        "done": (row.done or row.message) if row else "",
        "clock": facts.clock_facts(sandbox),
        "steps": _STEPS,
        "labels": _LABELS,
    }
    first, _, rest = path.removeprefix(_ROOT).strip("/").partition("/")
    match first:
        case "":
            return page("home.html", status, **told, **_home(sandbox))
        case "orders" if not rest:
            return page("orders.html", status, **told, orders=facts.orders_part(sandbox, facts.LISTED_MAX))
        case "orders" if (order := sandbox.world.page_order(rest)) is not None:
            return page(
                "order.html",
                status,
                **told,
                order=facts.order_facts(order),
                webhooks=facts.deliveries_part(sandbox, facts.LISTED_MAX, order),
                ledger=facts.ledger_part(
                    sandbox, facts.LISTED_MAX, merchant_id=order.merchant_id, order_id=order.order_id
                ),
                event_options=[(name, name) for name in EVENTS],
                status_options=[(name, name) for name in sandbox.view.status_ids],
            )
        case "faults":
            armed = [facts.armed_row(sandbox, one) for one in sandbox.faults.armed]
            return page(
                "faults.html",
                status,
                **told,
                armed=armed,
                groups=facts.fault_groups(),
                merchants=[one.merchant_id for one in sandbox.config.merchants],
                chosen={name: query.get(name, "") for name in ("merchant_id", "order_id")},
            )
        case "webhooks" if not rest:
            return page("webhooks.html", status, **told, webhooks=facts.deliveries_part(sandbox, facts.LISTED_MAX))
        case "webhooks" if _WHOLE.fullmatch(rest) and (webhook := facts.delivery_facts(sandbox, int(rest))) is not None:
            return page("webhook.html", status, **told, webhook=webhook)
        case "ledger":
            chosen = {name: query.get(name, "") for name in ("merchant_id", "order_id", "kind")}
            ledger = facts.ledger_part(sandbox, facts.LISTED_MAX, **{name: one or None for name, one in chosen.items()})
            merchants = [("", "all"), *((one.merchant_id, one.merchant_id) for one in sandbox.config.merchants)]
            options = {"kind_options": _KINDS, "merchant_options": merchants}
            return page("ledger.html", status, **told, ledger=ledger, chosen=chosen, **options)
        case _:
            return page("nothing.html", 404, **told)


def _home(sandbox: Sandbox) -> dict[str, object]:
    return {
        "merchant_options": [(one.merchant_id, one.merchant_id) for one in sandbox.config.merchants],
        "merchants": [facts.merchant_facts(sandbox, one) for one in sandbox.config.merchants],
        "orders": facts.orders_part(sandbox, facts.GLANCED_MAX),
        "webhooks": facts.deliveries_part(sandbox, facts.GLANCED_MAX),
        "armed": [facts.armed_row(sandbox, one) for one in sandbox.faults.armed],
        "ledger": facts.ledger_part(sandbox, facts.GLANCED_MAX),
    }


def _form_handler(number: int, row: Control[Any]) -> HTTPRouteHandler:
    async def take(request: AnyRequest) -> Page:
        return await _taken(number, row, request)

    path = f"{_ROOT}{row.path}" + ("/delete" if row.verb == "DELETE" else "")
    return route(path, http_method="POST", name=f"POST {path}")(take)


async def _taken(number: int, row: Control[Any], request: AnyRequest) -> Page:
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    names = {name: str(value) for name, value in request.path_params.items()}
    back, form = "/", Fields()
    try:
        form = await read_fields(request)
        back = _back(str(form.pop("back", "/")))
        query = checked_query(dict(request.query_params), row.query)
        done = row.act(Told(sandbox, body_from_fields(_members(form), row.body), names, query))
        if isawaitable(done):
            await done
    except (Refused, CannotHappen, BodyInvalid) as exc:
        typed = {name: str(value) for name, value in form.items()}
        return _shown(request, back, _Refusal(_reads(exc), exc.status if isinstance(exc, Refused) else 400, typed))
    return Redirect(f"{back}?did={number}", status_code=303, headers=HEADERS)


def _reads(refusal: Exception) -> str:
    """Return the refusal in the words of the page: a field is called as its label calls it."""
    misfit = refusal.misfit if isinstance(refusal, Refused) else None
    label = _LABELS.get(misfit.member) if misfit else None
    if misfit is None or label is None:
        return str(refusal)
    if misfit.code == "missing_member":
        return f"“{label}” is missing"
    return str(refusal).replace(misfit.member, f"“{label}”", 1)


def _back(given: str) -> str:
    """Return the path of one of our pages: where the form stood."""
    try:
        path = urlsplit(given).path
    except ValueError:
        return "/"
    return path if path.startswith(f"{_ROOT}/") and not path.startswith("//") else "/"


def _members(form: Mapping[str, Any]) -> Fields:
    """Return the body that a form's fields make: what is left empty is left out, `params.x` stands within `params`."""
    given = {name: value for name, value in form.items() if value != ""}
    kind = next((one for one in FAULTS if one.name == given.get("name")), None)
    params = {
        name.removeprefix(_PARAM): _param(kind, name.removeprefix(_PARAM), str(value))
        for name, value in given.items()
        if name.startswith(_PARAM)
    }
    whole = {name: value for name, value in given.items() if not name.startswith(_PARAM)}
    return {**whole, "params": params} if params else whole


def _param(kind: FaultKind | None, name: str, text: str) -> object:
    """Return a parameter as JSON would have it; what is no number where one is wanted stays text, and is refused."""
    if kind is None or isinstance(kind.params.get(name, ""), str):
        return text
    return int(text) if _WHOLE.fullmatch(text) else Decimal(text) if _FRACTION.fullmatch(text) else text


HANDLERS: Final = (
    Router(
        "/",
        route_handlers=[
            show_home,
            show_list,
            show_order,
            show_webhook,
            *(_form_handler(number, row) for number, row in enumerate(_BY_FORM)),
        ],
        before_request=refuse_strangers,
    ),
)
