"""`/_control/...` for JWT mode: both sides' keys, as on the dashboard (ours)."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, delete, get, post

from paystate.entrypoints.sandbox.control.routes import answered, merchant_id_of
from paystate.entrypoints.sandbox.parsing import Fields
from paystate.entrypoints.sandbox.sandbox import Sandbox

AnyRequest = Request[Any, Any, Any]


@get("/_control/jwt")
async def read_keys(request: AnyRequest) -> Response[bytes]:
    """Show our public keys, and the ids of each merchant's."""
    return await answered(request, lambda sandbox, _: _shown(sandbox))


@post("/_control/jwt/keys")
async def renew(request: AnyRequest) -> Response[bytes]:
    """Make a new pair of ours; it signs and is to be encrypted to from now on, the older ones stay in use."""
    return await answered(request, lambda sandbox, _: {"key_id": sandbox.jwt.renew().key_id} | _shown(sandbox))


@delete("/_control/jwt/keys/{key_id:str}", status_code=200)
async def withdraw(request: AnyRequest) -> Response[bytes]:
    """Use a pair of ours no more."""
    key_id = str(request.path_params["key_id"])
    return await answered(request, lambda sandbox, _: _withdraw(sandbox, key_id))


@post("/_control/merchants/{merchant_id:str}/jwt-keys")
async def upload(request: AnyRequest) -> Response[bytes]:
    """Upload a merchant's public key for JWT mode; its older ones stay in use."""
    return await answered(request, lambda sandbox, body: _upload(sandbox, merchant_id_of(sandbox, request), body))


@delete("/_control/merchants/{merchant_id:str}/jwt-keys/{key_id:str}", status_code=200)
async def forget(request: AnyRequest) -> Response[bytes]:
    """Take a merchant's key no more."""
    key_id = str(request.path_params["key_id"])
    return await answered(
        request,
        lambda sandbox, _: _forget(sandbox, merchant_id_of(sandbox, request), key_id),
    )


HANDLERS: Final = (read_keys, renew, withdraw, upload, forget)


def _shown(sandbox: Sandbox) -> dict[str, object]:
    return {
        "keys": [{"key_id": one.key_id, "public_key": one.public_pem} for one in sandbox.jwt.own],
        "merchants": {one.merchant_id: list(sandbox.jwt.key_ids(one.merchant_id)) for one in sandbox.config.merchants},
    }


def _withdraw(sandbox: Sandbox, key_id: str) -> dict[str, object]:
    sandbox.jwt.withdraw(key_id)
    return _shown(sandbox)


def _forget(sandbox: Sandbox, merchant_id: str, key_id: str) -> dict[str, object]:
    sandbox.jwt.forget(merchant_id, key_id)
    return _shown(sandbox)


def _upload(sandbox: Sandbox, merchant_id: str, body: Fields) -> dict[str, object]:
    pem, key_id = body.get("public_key"), body.get("key_id")
    if not isinstance(pem, str) or not isinstance(key_id, str | None):
        raise ValueError("give public_key, and key_id if it is to have one of yours")
    return {"key_id": sandbox.jwt.upload(merchant_id, pem, key_id), "key_ids": list(sandbox.jwt.key_ids(merchant_id))}
