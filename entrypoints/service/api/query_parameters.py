"""Which query parameters a route takes: those that its handler declares, and no others.

A parameter that is not known is most often one that is misspelt. Ignoring it would answer another question than the
one that was asked: every order, where those of one customer were wanted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

from litestar.handlers.base import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from paystate.entrypoints.interface.bodies import escaped
from paystate.entrypoints.service.api.problems import ApiProblem

TAKES_ANY: Final = "takes_any_query"
"""Member of a route's `opt`, for routes that others call with whatever they like: Juspay's returns and webhooks."""


def only_known_parameters(app: ASGIApp) -> ASGIApp:
    """Middleware: refuse a query parameter that the route does not know, and name those that it knows."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["query_string"]:
            _refuse_unknown(scope["query_string"], scope["route_handler"])
        await app(scope, receive, send)

    return checked


def _refuse_unknown(query: bytes, handler: BaseRouteHandler) -> None:
    if TAKES_ANY in handler.opt:
        return
    known = names_known(handler)
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            takes = f"which takes {', '.join(known)}" if known else "which takes none"
            raise ApiProblem(
                "unknown_parameter", pointer=f"/{escaped(name)}", rule=f"is not known to this route, {takes}"
            )


@lru_cache(maxsize=256)
def names_known(handler: BaseRouteHandler) -> tuple[str, ...]:
    """The query parameters that a route's handler declares, as they are written in an address."""
    declared = handler.parsed_fn_signature.parameters.items()
    return tuple(
        field.kwarg_definition.name or name
        for name, field in declared
        if isinstance(field.kwarg_definition, QueryParameter)
    )
