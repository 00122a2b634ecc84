"""How a webhook is let in: its sender is known, it fits, it can be opened, it is stored; then it may be answered 200.

No order is loaded or changed before the answer, and the body is not received before the sender is known.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
from attrs import frozen

from paystate.core.errors import SignatureInvalid
from paystate.core.ports.store import InboxVerdict
from paystate.core.signature_failures import WEBHOOK, SignatureFailure
from paystate.core.use_cases.webhooks import take_webhook
from paystate.entrypoints.interface.bodies import is_packed
from paystate.entrypoints.interface.problem_kinds import KINDS
from paystate.entrypoints.setup.credentials import (
    Credentials,
    has_webhook_headers,
    is_webhook_login,
    webhook_user,
)
from paystate.entrypoints.setup.runtime import Runtime

BODY_BYTES_MAX: Final = 1024 * 1024
TAKEN: Final = b"{}"
"""What is answered, with 200, once it is stored."""
_PROVES_NOTHING: Final = frozenset({"unauthenticated", "signature_required", "sealed_body_invalid"})
"""Codes of webhooks whose sender, or whose body, is not proved."""
_NOBODY: Final = Credentials(api_keys=(), webhook_logins=())

Headers = Sequence[tuple[str, str]]
"""Names in lower case with their values, in their order, doubles included."""


@frozen
class NotAdmitted:
    """A webhook that was not stored.

    Attributes:
        code: A row of the table of problems.
        key_id: The key or the user that it named and did not prove, if that is one of the merchant's.
    """

    code: str
    key_id: str = ""


class _Sealed(msgspec.Struct):
    """The one member by which a sealed webhook is known."""

    jwt: msgspec.Raw | msgspec.UnsetType = msgspec.field(name="JWT", default=msgspec.UNSET)


async def admit(
    runtime: Runtime, merchant_id: str, headers: Headers, read: Callable[[], Awaitable[bytes]]
) -> InboxVerdict | NotAdmitted:
    """Take one webhook. Once its sender is known, every body that fits is stored.

    Args:
        read: Brings the body; called at most once, and only for a sender who is known.

    Returns:
        `WAITING`, the verdict with which it is quarantined at once, or why it was not taken.

    Raises:
        StorageUnavailable: It was not stored, so Juspay must send it again.
    """
    verdict = await _admitted(runtime, merchant_id, headers, read)
    if isinstance(verdict, NotAdmitted) and verdict.code in _PROVES_NOTHING:
        answered = KINDS[verdict.code].code or verdict.code
        runtime.note_failure(SignatureFailure(merchant_id, WEBHOOK, answered, verdict.key_id))
    return verdict


async def _admitted(
    runtime: Runtime, merchant_id: str, headers: Headers, read: Callable[[], Awaitable[bytes]]
) -> InboxVerdict | NotAdmitted:
    current = runtime.current  # Once: they may be replaced while the body arrives.
    credentials = current.credentials.get(merchant_id, _NOBODY)
    authorization = _authorization(headers)
    if not _is_genuine(authorization, headers, credentials):
        return NotAdmitted("unauthenticated", webhook_user(authorization, credentials))
    if is_packed(value for name, value in headers if name == "content-encoding"):
        return NotAdmitted("unsupported_encoding")
    body = await read()
    if len(body) > BODY_BYTES_MAX:
        return NotAdmitted("body_too_large")
    opened = _opened(body, credentials)
    if isinstance(opened, NotAdmitted):
        return opened
    return await take_webhook(runtime.ports, current.merchants[merchant_id], runtime.read_webhook, opened)


def _authorization(headers: Headers) -> str | None:
    """The one header of that name; two of them are as good as none."""
    given = [value for name, value in headers if name == "authorization"]
    return given[0] if len(given) == 1 else None


def _is_genuine(authorization: str | None, headers: Headers, credentials: Credentials) -> bool:
    return is_webhook_login(authorization, credentials) & has_webhook_headers(dict(headers), credentials)


def _opened(body: bytes, credentials: Credentials) -> bytes | NotAdmitted:
    """What the webhook says. A sealed one is opened at once, so that no change of keys can make a kept one unreadable.

    Source: gateway contract, I.5.
    """
    if not _is_sealed(body):
        return body if credentials.takes_plain_webhooks else NotAdmitted("signature_required")
    if credentials.open_webhook is None:
        return NotAdmitted("sealed_body_invalid")  # Not kept: nobody could read it later. Juspay sends it again.
    try:
        return credentials.open_webhook(body)
    except SignatureInvalid as wrong:
        return NotAdmitted("sealed_body_invalid", wrong.key_id)


def _is_sealed(body: bytes) -> bool:
    if b"JWT" not in body:
        return False
    try:
        return msgspec.json.decode(body, type=_Sealed).jwt is not msgspec.UNSET
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
