"""The published description of the service.

It adds what Litestar cannot read off the routes: bodies that are read by hand, answers with examples, and problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from attrs import frozen
from litestar import Request, Response, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    Example,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
    Tag,
)
from litestar.serialization import encode_json

from paystate.entrypoints.interface.problem_kinds import KINDS
from paystate.entrypoints.service.api import problems
from paystate.entrypoints.service.api.scopes import SCOPES
from paystate.entrypoints.setup.credentials import Scope

API_KEY: Final = [{"api_key": list[str]()}]
TOKEN: Final = [{"checkout_token": list[str]()}]
API_KEY_OR_TOKEN: Final = [*API_KEY, *TOKEN]
PUBLIC: Final = [dict[str, list[str]]()]
SIGNED: Final = PUBLIC
BASIC: Final = [{"webhook_login": list[str]()}]

OF_AN_ORDER: Final = ("unauthenticated", "forbidden", "not_found", "storage_unavailable")
"""What every route about one order may refuse with."""
UPSTREAM: Final = ("upstream_rejected", "upstream_invalid", "upstream_unavailable", "upstream_unknown")
_BARE: Final = ("bad_request", "headers_too_large", "overloaded")
"""What a connection refuses with before any route is asked, and so never with a page."""
_EVERYWHERE: Final = (
    *_BARE,
    "duplicate_parameter",
    "unknown_parameter",
    "wrong_host",
    "rate_limited",
    "internal_error",
)
_BODY: Final = (
    "invalid_json",
    "duplicate_key",
    "invalid_encoding",
    "too_deep",
    "request_timeout",
    "body_too_large",
    "unsupported_encoding",
    "unsupported_media_type",
    "validation_failed",
    "unknown_field",
)


@frozen(kw_only=True)
class Answer:
    """One success: its model and an example of it."""

    model: Any
    example: Any
    message: str
    media_type: str = "application/json"


@dataclass
class ScopedOperation(Operation):
    """An operation that may say which scope an API key needs for it."""

    required_scope: str | None = field(default=None, metadata={"alias": "x-required-scope"})


def described(
    *,
    answers: Mapping[int, Answer],
    refuses: Iterable[str] = (),
    takes: Any = None,
    example: Any = None,
    body_says: str = "",
    media_type: str = "application/json",
    parameters: Iterable[Parameter] = (),
    refuses_with_page: bool = False,
) -> type[Operation]:
    """Describe one operation: what it takes, what it answers and with which codes it refuses.

    Args:
        refuses_with_page: A browser is told by a page that something was refused, and by nothing else.
    """
    codes = (*refuses, *(_BODY if takes not in (None, dict) else ()), *_EVERYWHERE)
    successes = {str(status): _success(answer) for status, answer in answers.items()}
    responses = successes | _problems(codes, as_page=refuses_with_page)
    body = _request_body(takes, example, body_says, media_type) if takes is not None else None
    extra = list(parameters)

    @dataclass
    class Described(ScopedOperation):
        def __post_init__(self) -> None:
            self.responses = {**responses}
            self.request_body = body
            own = {getattr(p, "name", "") for p in extra}
            self.parameters = [*(p for p in self.parameters or [] if getattr(p, "name", "") not in own), *extra] or None

    return Described


def config(models: Iterable[Any], others: Mapping[str, PathItem]) -> OpenAPIConfig:
    """What is served under `/docs`: JSON alone, since the usual viewers are loaded from other people's hosts.

    Args:
        models: The bodies whose schemas are shown.
        others: The routes that Litestar does not describe.
    """
    return OpenAPIConfig(
        title="Paystate",
        version="1",
        description="A merchant's side of a Juspay HyperCheckout payment. Amounts are strings, times are UTC.",
        openapi_router=Router(
            "/docs", route_handlers=[], include_in_schema=False, dto=None, return_dto=None, after_request=_no_page
        ),
        render_plugins=[_Completed(models, others)],
        use_handler_docstrings=True,
        components=Components(security_schemes=_SCHEMES),
        tags=[
            Tag(name="orders", description="For the merchant's backend."),
            Tag(name="refunds", description="For the merchant's backend."),
            Tag(name="holds", description="For the merchant's backend."),
            Tag(name="review", description="For the merchant's people."),
            Tag(name="announcements", description="For the merchant's backend."),
            Tag(name="days", description="For whoever closes the day."),
            Tag(name="settlements", description="For whoever holds the bank's reports against the orders."),
            Tag(name="checkouts", description="For the merchant's backend and its app."),
            Tag(name="returns", description="For the shopper's browser."),
            Tag(name="webhooks", description="For Juspay."),
            Tag(name="service", description="For whoever runs the service."),
        ],
    )


def _no_page(response: Response[Any]) -> Response[Any]:
    """Litestar has a page of its own for what is not there; ours is the table's."""
    if response.status_code == KINDS["not_found"].status:
        raise problems.ApiProblem("not_found")
    return response


class _Completed(JsonRenderPlugin):
    """The description, made when somebody first asks for it: most processes never are, and it takes some 50 ms."""

    def __init__(self, models: Iterable[Any], others: Mapping[str, PathItem]) -> None:
        super().__init__()
        self._models = models
        self._others = others
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._rendered is None:
            document = request.app.openapi_schema
            _complete(document, self._models, self._others)
            self._rendered = encode_json(document.to_schema())
        return self._rendered


def _complete(document: OpenAPI, models: Iterable[Any], others: Mapping[str, PathItem]) -> None:
    """Add the schemas of all bodies, the scopes, and the routes that Litestar does not describe."""
    _, schemas = msgspec.json.schema_components(
        [*models, problems.ProblemBody], ref_template="#/components/schemas/{name}"
    )
    for named, operation in _scoped(document.paths or {}):
        _require(operation, SCOPES[named])
    document.components.schemas = {name: _Made(made=schema) for name, schema in schemas.items()}
    document.paths = {**(document.paths or {}), **others}


def _scoped(paths: Mapping[str, PathItem]) -> Iterator[tuple[tuple[str, str], ScopedOperation]]:
    for path, item in paths.items():
        for method in ("GET", "POST", "PATCH"):
            operation = getattr(item, method.lower())
            if isinstance(operation, ScopedOperation) and (method, path) in SCOPES:
                yield (method, path), operation


def _require(operation: ScopedOperation, scope: Scope) -> None:
    """Say it three times: as the role of the key that tools read, as a member of our own, and in words."""
    operation.security = [
        {name: [scope.value] if name in API_KEY[0] else roles for name, roles in choice.items()}
        for choice in operation.security or []
    ]
    operation.required_scope = scope.value
    operation.description = f"{operation.description}\n\nAn API key needs the scope `{scope}` for this."


@dataclass
class _Made(Schema):
    """A schema that msgspec made."""

    made: dict[str, Any] | None = None

    def to_schema(self) -> dict[str, Any]:
        return self.made or {}

    def __hash__(self) -> int:
        return id(self)


@dataclass
class _Shown(Example):
    """An example as it stands; Litestar would leave its nulls out."""

    def to_schema(self) -> dict[str, Any]:
        return {"value": self.value}


_SCHEMES: Final[dict[str, SecurityScheme | Reference]] = {
    "api_key": SecurityScheme(type="http", scheme="bearer", description="An API key of the merchant's backend."),
    "checkout_token": SecurityScheme(type="http", scheme="bearer", description="A checkout's token, held by its app."),
    "webhook_login": SecurityScheme(type="http", scheme="basic", description="The login that Juspay is set up with."),
}


def _schema(model: Any) -> Schema | Reference:
    plain = {str: "string", dict: "object"}.get(model)
    return _Made(made={"type": plain}) if plain else _named(model)


def _named(model: Any) -> Reference:
    return Reference(ref=f"#/components/schemas/{model.__name__}")


def _success(answer: Answer) -> OpenAPIResponse:
    content = OpenAPIMediaType(schema=_schema(answer.model), examples={"usual": _Shown(value=answer.example)})
    return OpenAPIResponse(description=answer.message, content={answer.media_type: content})


def _request_body(model: Any, example: Any, message: str, media_type: str) -> RequestBody:
    content = OpenAPIMediaType(schema=_schema(model), examples={"usual": _Shown(value=example)})
    return RequestBody(content={media_type: content}, description=message or None, required=True)


def _problems(codes: Iterable[str], *, as_page: bool) -> dict[str, OpenAPIResponse]:
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(KINDS[code].status, []).append(code)
    shown = _page if as_page else _problem
    return {str(status): shown(names) for status, names in sorted(by_status.items())}


def _page(codes: list[str]) -> OpenAPIResponse:
    examples = dict.fromkeys(codes, _Shown(value="<!doctype html>..."))
    page = OpenAPIMediaType(schema=_schema(str), examples={**examples})
    bare = [code for code in codes if code in _BARE]
    told = _problem(bare).content or {} if bare else {}
    return OpenAPIResponse(
        description=f"A page that tells no more. Because of: {', '.join(codes)}.", content={"text/html": page, **told}
    )


def _problem(codes: list[str]) -> OpenAPIResponse:
    examples = {code: _Shown(value=problems.example(code)) for code in codes}
    content = OpenAPIMediaType(schema=_named(problems.ProblemBody), examples={**examples})
    return OpenAPIResponse(description=f"One of: {', '.join(codes)}.", content={problems.MEDIA_TYPE: content})
