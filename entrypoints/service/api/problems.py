"""What every refusal and every fault looks like to a caller: the one table of codes, and how a row of it is rendered.

The HTTP status of every answer that is not a success is here. Texts are fixed; nothing a caller sent is ever repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from attrs import frozen
from litestar.connection import Request
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response import Response

from paystate.core.describe.citations import help_for
from paystate.core.errors import (
    AnswerUnusable,
    ConcurrentUpdate,
    GatewayRejected,
    GatewayUnreachable,
    OutcomeUnknown,
    SignatureInvalid,
    StorageUnavailable,
    ValueInvalid,
)
from paystate.core.orders.facts import Refused
from paystate.entrypoints.service.api.response_headers import note_code, note_fault, request_id

MEDIA_TYPE: Final = "application/problem+json"


@frozen
class Kind:
    """One row of the table.

    Attributes:
        retry_after_s: What `Retry-After` says unless the caller of `ApiProblem` knows better.
        closes: The rest of the request is not read, so the connection cannot be used again.
        code: What the caller is told, where another row has the same code.
    """

    status: int
    title: str
    retry_after_s: int | None = None
    closes: bool = False
    code: str = ""


_INVALID: Final = {
    "invalid_amount": "The amount is not accepted",
    "invalid_currency": "The currency is not accepted",
    "invalid_order_id": "The order id is not well formed",
    "invalid_customer_id": "The customer id is not well formed",
    "invalid_merchant_id": "The merchant id is not well formed",
    "invalid_return_url": "The return URL is not allowed",
    "validation_failed": "A value is missing or not well formed",
    "unknown_field": "A field is not known",
    "amount_exceeds_refundable": "The amount is more than may be refunded",
    "amount_exceeds_held": "The amount is more than is held",
    "idempotency_key_reused": "The idempotency key belongs to something else",
    "unknown_transaction": "No answer of Juspay's has shown this transaction on the order",
    "verdict_not_legal": "The verdict does not settle this reason",
}

KINDS: Final[Mapping[str, Kind]] = {
    # The request cannot be read.
    "bad_request": Kind(400, "The request cannot be understood"),
    "invalid_json": Kind(400, "The body is not one JSON document"),
    "duplicate_key": Kind(400, "The body names a member twice"),
    "invalid_encoding": Kind(400, "The body is not plain UTF-8"),
    "too_deep": Kind(400, "The body is nested too deeply"),
    "duplicate_parameter": Kind(400, "A parameter is given twice"),
    "signature_invalid": Kind(400, "The signature is not valid"),
    "idempotency_key_required": Kind(400, "An Idempotency-Key header is required"),
    "idempotency_key_invalid": Kind(400, "The Idempotency-Key header is not well formed"),
    "request_timeout": Kind(408, "The body did not arrive in time", closes=True),
    "body_too_large": Kind(413, "The body is too large", closes=True),
    "unsupported_encoding": Kind(415, "A compressed body is not accepted", closes=True),
    "unsupported_media_type": Kind(415, "The media type is not accepted", closes=True),
    # The caller may not.
    "unauthenticated": Kind(401, "Valid credentials are required"),
    "sealed_body_invalid": Kind(401, "The sealed body cannot be trusted", code="signature_invalid"),
    "signature_required": Kind(401, "A sealed body is required"),
    "forbidden": Kind(403, "These credentials are not for this route"),
    "not_found": Kind(404, "There is nothing here"),
    "method_not_allowed": Kind(405, "The method is not allowed here"),
    # The values do not do.
    **{code: Kind(422, title) for code, title in _INVALID.items()},
    # The rules say no.
    "order_exists": Kind(409, "Another order has this id"),
    "order_not_payable": Kind(409, "The order cannot be paid now"),
    "order_not_cancellable": Kind(409, "The order cannot be cancelled now"),
    "order_not_amendable": Kind(409, "The order's price cannot be changed now"),
    "cash_not_expected": Kind(409, "The order is not paid in cash"),
    "cash_told_otherwise": Kind(409, "The opposite was recorded of the cash before"),
    "order_not_refundable": Kind(409, "The order cannot be refunded now"),
    "customer_mismatch": Kind(409, "The order is another customer's"),
    "too_many_refunds": Kind(409, "The order has as many refunds as it can have"),
    "order_not_held": Kind(409, "The order's money cannot be taken or released now"),
    "hold_busy": Kind(409, "A capture or release is under way"),
    "too_many_holds": Kind(409, "The order has as many captures and releases as it can have"),
    "hold_not_sendable": Kind(409, "The capture or release cannot be sent now"),
    "refund_not_sendable": Kind(409, "The refund cannot be sent now"),
    "reason_not_open": Kind(409, "There is no such open reason"),
    "checkout_wrong_step": Kind(409, "The checkout is in another step"),
    "checkout_expired": Kind(409, "The checkout's time is over"),
    "rate_limited": Kind(429, "Too many of these requests now", retry_after_s=60),
    # The world outside failed.
    "internal_error": Kind(500, "Something went wrong here"),
    "upstream_rejected": Kind(502, "Juspay refused the call"),
    "upstream_invalid": Kind(502, "Juspay's answer cannot be used"),
    "upstream_unavailable": Kind(503, "Juspay cannot be reached", retry_after_s=5),
    "storage_unavailable": Kind(503, "Nothing can be stored now", retry_after_s=5),
    "upstream_unknown": Kind(504, "Juspay gave no usable answer"),
}
"""Every code there is."""

_POINTERS: Final = {
    "invalid_amount": "/amount",
    "amount_exceeds_refundable": "/amount",
    "amount_exceeds_held": "/amount",
    "unknown_transaction": "/txn_id",
    "verdict_not_legal": "/verdict",
}
"""Which member of the body a rule's refusal is about."""


class FieldError(msgspec.Struct, frozen=True):
    """One value that will not do: where it stands (a JSON pointer) and what is wrong; never the value itself."""

    pointer: str
    code: str


class NamedFact(msgspec.Struct, frozen=True):
    """One thing the rule looked at."""

    name: str
    value: str


class ProblemBody(msgspec.Struct, omit_defaults=True):
    """An answer that is not a success (RFC 9457).

    `errors` comes with 422; `rule`, `detail`, `facts`, `legal` and `help` when a rule of the lifecycle said no.
    """

    type: str
    title: str
    status: int
    code: str
    request_id: str
    errors: tuple[FieldError, ...] | None = None
    rule: str | None = None
    detail: str | None = None
    facts: tuple[NamedFact, ...] | None = None
    legal: tuple[str, ...] | None = None
    help: str | None = None


class ApiProblem(Exception):
    """Raised by routes and guards: answer with a row of the table.

    Args:
        pointer: Which value is at fault, for a 422.
        refused: The rules' own refusal, to be told to somebody who may know the order.
        scheme: Which credentials are wanted, for a 401.
    """

    def __init__(
        self,
        code: str,
        *,
        pointer: str = "",
        refused: Refused | None = None,
        scheme: str = "Bearer",
        headers: Mapping[str, str] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(code)
        self.kind: Final = KINDS[code]
        self.code: Final = self.kind.code or code
        self.pointer: Final = pointer
        self.refused: Final = refused
        self.headers: Final = {**(headers or {}), **_fitting_headers(self.kind, scheme, retry_after_s)}


def refusal(refused: Refused) -> ApiProblem:
    """The rules said no; the caller may know why."""
    return ApiProblem(refused.code, pointer=_POINTERS.get(refused.code, ""), refused=refused)


def answer_fault(request: Request[Any, Any, Any], fault: Exception) -> Response[ProblemBody]:
    """The one handler of everything that is raised, known or not."""
    problem = noted(request, fault)
    return Response(
        _body(problem, request_id(request.scope)),
        status_code=problem.kind.status,
        media_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def noted(request: Request[Any, Any, Any], fault: Exception) -> ApiProblem:
    """Find the row, and leave its code for the log; of a surprise also its name and place."""
    problem = as_problem(fault)
    note_code(request.scope, problem.code)
    if problem.code == "internal_error":
        note_fault(request.scope, fault)
    return problem


def example(code: str) -> Any:
    """What a problem looks like, for the published description."""
    return msgspec.to_builtins(_body(ApiProblem(code), "4f8e1c0f5a6b4c2d9e7a1b3c5d7e9f01"))


def as_problem(fault: Exception) -> ApiProblem:
    """Find the row for anything that can be raised."""
    match fault:
        case ApiProblem():
            return fault
        case ValueInvalid():
            return ApiProblem(fault.code, pointer=fault.pointer)
        case HTTPException():
            return _of_framework(fault)
        case _:
            return ApiProblem(next((code for kinds, code in _FAULTS if isinstance(fault, kinds)), "internal_error"))


_FAULTS: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...]] = (
    ((StorageUnavailable, ConcurrentUpdate), "storage_unavailable"),
    (GatewayUnreachable, "upstream_unavailable"),
    (AnswerUnusable, "upstream_invalid"),
    (OutcomeUnknown, "upstream_unknown"),
    (GatewayRejected, "upstream_rejected"),
    (SignatureInvalid, "signature_invalid"),
)


def _of_framework(fault: HTTPException) -> ApiProblem:
    match fault:
        case NotFoundException():
            return ApiProblem("not_found")
        case MethodNotAllowedException():
            return ApiProblem("method_not_allowed", headers={"Allow": (fault.headers or {}).get("allow", "")})
        case RequestEntityTooLarge():
            return ApiProblem("body_too_large")
        case ValidationException():
            return ApiProblem("validation_failed", pointer=_parameter_of(fault))
        case _:
            return ApiProblem("bad_request" if fault.status_code < 500 else "internal_error")


def _parameter_of(fault: ValidationException) -> str:
    """The first query parameter that the framework complains of."""
    complaints = cast("list[dict[str, str]]", fault.extra or [])
    return f"/{complaints[0].get('key', '')}" if complaints else ""


def _fitting_headers(kind: Kind, scheme: str, retry_after_s: int | None) -> dict[str, str]:
    headers: dict[str, str] = {}
    if kind.status == KINDS["unauthenticated"].status:
        headers["WWW-Authenticate"] = f'{scheme} realm="paystate"'
    if seconds := retry_after_s or kind.retry_after_s:
        headers["Retry-After"] = str(seconds)
    if kind.closes:
        headers["Connection"] = "close"
    return headers


def _body(problem: ApiProblem, id_of_request: str) -> ProblemBody:
    body = ProblemBody(
        type=f"urn:paystate:problem:{problem.code}",
        title=problem.kind.title,
        status=problem.kind.status,
        code=problem.code,
        request_id=id_of_request,
    )
    if body.status == KINDS["validation_failed"].status:
        body.errors = (FieldError(problem.pointer, problem.code),)
    if refused := problem.refused:
        body.rule = refused.rule.id
        body.detail = refused.detail
        body.facts = tuple(NamedFact(name, value) for name, value in refused.facts)
        body.legal = refused.legal
        body.help = help_for(refused.rule)
    return body
