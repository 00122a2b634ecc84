"""What every refusal and every fault looks like to a caller: how a row of the table of codes is rendered.

The rows, and with them the HTTP statuses, stand in `problem_kinds`. Texts are fixed; nothing a caller sent is ever
repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from litestar.connection import Request
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response import Response

from paystate.core.errors import (
    AnswerUnusable,
    ConcurrentUpdate,
    GatewayRejected,
    GatewayUnreachable,
    OutcomeUnknown,
    RecordUnreadable,
    SignatureInvalid,
    StorageUnavailable,
    ValueInvalid,
)
from paystate.core.orders.facts import Refused
from paystate.entrypoints.interface.bodies import rule_in
from paystate.entrypoints.interface.problem_kinds import KINDS, Kind
from paystate.entrypoints.interface.refusals import NamedFact, refusal_view
from paystate.entrypoints.service.api.examples import PUBLIC_URL
from paystate.entrypoints.service.api.response_headers import note_code, note_fault, request_id
from paystate.entrypoints.setup.help_links import error_link, rule_link

MEDIA_TYPE: Final = "application/problem+json"

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


class ProblemBody(msgspec.Struct, omit_defaults=True):
    """An answer that is not a success (RFC 9457).

    `help` is the address of a page about it. `errors` comes with 422, and `detail` then says what the value breaks: a
    pattern, a length, a scale. When a rule of the lifecycle said no, `rule`, `detail`, `facts` and `legal` tell of it,
    and `help` leads to that rule.
    """

    type: str
    title: str
    status: int
    code: str
    request_id: str
    help: str
    errors: tuple[FieldError, ...] | None = None
    rule: str | None = None
    detail: str | None = None
    facts: tuple[NamedFact, ...] | None = None
    legal: tuple[str, ...] | None = None


class ApiProblem(Exception):
    """Raised by routes and guards: answer with a row of the table.

    Args:
        pointer: Which value is at fault, for a 422.
        rule: What that value breaks, for a person.
        refused: The rules' own refusal, to be told to somebody who may know the order.
        scheme: Which credentials are wanted, for a 401.
    """

    def __init__(
        self,
        code: str,
        *,
        pointer: str = "",
        rule: str = "",
        refused: Refused | None = None,
        scheme: str = "Bearer",
        headers: Mapping[str, str] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(code)
        self.kind: Final = KINDS[code]
        self.code: Final = self.kind.code or code
        self.pointer: Final = pointer
        self.rule: Final = rule
        self.refused: Final = refused
        self.headers: Final = {**(headers or {}), **_fitting_headers(self.kind, scheme, retry_after_s)}


def refusal(refused: Refused) -> ApiProblem:
    """The rules said no; the caller may know why."""
    return ApiProblem(refused.code, pointer=_POINTERS.get(refused.code, ""), refused=refused)


def answer_fault(request: Request[Any, Any, Any], fault: Exception) -> Response[ProblemBody]:
    """The one handler of everything that is raised, known or not."""
    problem = noted(request, fault)
    return Response(
        body_of(problem, request_id(request.scope), request.app.state.runtime.public_url),
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
    return msgspec.to_builtins(body_of(ApiProblem(code), "4f8e1c0f5a6b4c2d9e7a1b3c5d7e9f01", PUBLIC_URL))


def as_problem(fault: Exception) -> ApiProblem:
    """Find the row for anything that can be raised."""
    match fault:
        case ApiProblem():
            return fault
        case ValueInvalid():
            return ApiProblem(fault.code, pointer=fault.pointer, rule=fault.rule)
        case HTTPException():
            return _of_framework(fault)
        case _:
            return ApiProblem(next((code for kinds, code in _FAULTS if isinstance(fault, kinds)), "internal_error"))


_FAULTS: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...]] = (
    (RecordUnreadable, "internal_error"),  # to try again does not help
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
            return _of_a_parameter(fault)
        case _:
            return ApiProblem("bad_request" if fault.status_code < KINDS["internal_error"].status else "internal_error")


def _of_a_parameter(fault: ValidationException) -> ApiProblem:
    """The first query parameter that the framework complains of."""
    complaints = cast("list[dict[str, str]]", fault.extra or [])
    if not complaints:
        return ApiProblem("validation_failed")
    first = complaints[0]
    return ApiProblem("validation_failed", pointer=f"/{first.get('key', '')}", rule=rule_in(first.get("message", "")))


def _fitting_headers(kind: Kind, scheme: str, retry_after_s: int | None) -> dict[str, str]:
    headers: dict[str, str] = {}
    if kind.status == KINDS["unauthenticated"].status:
        headers["WWW-Authenticate"] = f'{scheme} realm="paystate"'
    if seconds := retry_after_s or kind.retry_after_s:
        headers["Retry-After"] = str(seconds)
    if kind.closes:
        headers["Connection"] = "close"
    return headers


def body_of(problem: ApiProblem, id_of_request: str, public_url: str) -> ProblemBody:
    """What a caller is told."""
    body = ProblemBody(
        type=f"urn:paystate:problem:{problem.code}",
        title=problem.kind.title,
        status=problem.kind.status,
        code=problem.code,
        request_id=id_of_request,
        help=error_link(public_url, problem.code),
    )
    if body.status == KINDS["validation_failed"].status:
        body.errors = (FieldError(problem.pointer, problem.code),)
        body.detail = f"The value {problem.rule}." if problem.rule else None
    if refused := problem.refused:
        told = refusal_view(refused, rule_link(public_url, refused.rule))
        body.rule, body.detail, body.facts = told.rule, told.detail, told.facts
        body.legal, body.help = told.legal, told.help
    return body
