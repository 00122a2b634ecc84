"""JWT mode: both sides' keys, as on the dashboard (ours)."""

from __future__ import annotations

from typing import Any, Final

from paystate.entrypoints.sandbox.control.calls import Control, Told
from paystate.entrypoints.sandbox.control.request_bodies import Nothing, UploadJwtKey
from paystate.entrypoints.sandbox.control.steering import public_key_given
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen
from paystate.entrypoints.sandbox.sandbox import Sandbox


def _shown(sandbox: Sandbox) -> dict[str, object]:
    return {
        "keys": [{"key_id": one.key_id, "public_key": one.public_pem} for one in sandbox.jwt.own],
        "merchants": {one.merchant_id: list(sandbox.jwt.key_ids(one.merchant_id)) for one in sandbox.config.merchants},
    }


def _renew(told: Told[Nothing]) -> dict[str, object]:
    return {"key_id": told.sandbox.jwt.renew().key_id} | _shown(told.sandbox)


def _withdraw(told: Told[Nothing]) -> dict[str, object]:
    try:
        told.sandbox.jwt.withdraw(told.names["key_id"])
    except ValueError as exc:
        raise CannotHappen(str(exc)) from exc
    return _shown(told.sandbox)


def _upload(told: Told[UploadJwtKey]) -> dict[str, object]:
    jwt, merchant_id = told.sandbox.jwt, told.merchant_id
    with public_key_given():
        key_id = jwt.upload(merchant_id, told.body.public_key, told.body.key_id)
    return {"key_id": key_id, "key_ids": list(jwt.key_ids(merchant_id))}


def _forget(told: Told[Nothing]) -> dict[str, object]:
    try:
        told.sandbox.jwt.forget(told.merchant_id, told.names["key_id"])
    except ValueError as exc:
        raise CannotHappen(str(exc)) from exc
    return _shown(told.sandbox)


_THEIRS: Final = "/merchants/{merchant_id:str}/jwt-keys"

ROUTES: Final[tuple[Control[Any], ...]] = (
    Control(
        "GET", "/jwt", "Shows the sandbox's public keys for JWT mode, and the ids of each merchant's.", Nothing,
        lambda told: _shown(told.sandbox),
    ),
    Control(
        "POST", "/jwt/keys", "Makes the sandbox a new key pair, used from now on; the older ones stay in use.",
        Nothing, _renew,
    ),
    Control("DELETE", "/jwt/keys/{key_id:str}", "Uses a pair of the sandbox's no more.", Nothing, _withdraw),
    Control("POST", _THEIRS, "Uploads a merchant's public key; its older ones stay in use.", UploadJwtKey, _upload),
    Control("DELETE", f"{_THEIRS}/{{key_id:str}}", "Takes a merchant's key no more.", Nothing, _forget),
)  # fmt: skip
