"""The Idempotency-Key header, which names one refund, capture or release for ever."""

from __future__ import annotations

from typing import Any, Final

from litestar.connection import Request
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType

from paystate.core.ids import checked_idempotency_key
from paystate.entrypoints.service.api.problems import ApiProblem

KEY_REFUSALS: Final = ("idempotency_key_required", "idempotency_key_invalid", "idempotency_key_reused")


def key_parameter(names: str) -> Parameter:
    """The header as the published description shows it; `names` is what it names, such as `the refund`."""
    return Parameter(
        name="Idempotency-Key",
        param_in="header",
        required=True,
        description=f"Names {names} for ever, among all of the merchant's: 1 to 255 visible ASCII characters.",
        schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=255),
    )


def idempotency_key(request: Request[Any, Any, Any]) -> str:
    """The one key of the request; raises ApiProblem and ValueInvalid."""
    given = request.headers.getall("idempotency-key", [])
    if not given:
        raise ApiProblem("idempotency_key_required")
    if len(given) > 1:
        raise ApiProblem("idempotency_key_invalid")
    return checked_idempotency_key(given[0])
