"""What forgers share: the payload, ways to change a token, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from integration.signing.juspay_side import JuspaySide, b64, raw

from paystate.adapters.signing.envelope import JwtEnvelope
from paystate.core.errors import SignatureInvalid

PAYLOAD = b'{"order_id":"tea-041","status":"CHARGED"}'
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

OLD = SHA1()  # noqa: S303

Parts = Sequence[str]
Forge = Callable[[JuspaySide], Any]


def refusal(opened: Callable[[bytes], bytes], sealed: bytes) -> SignatureInvalid:
    with pytest.raises(SignatureInvalid) as caught:
        opened(sealed)
    return caught.value


def assert_refused(envelope: JwtEnvelope, call: bytes, webhook: bytes) -> None:
    for error in (refusal(envelope.open, call), refusal(envelope.open_webhook, webhook)):
        assert ("jwt",) == error.args
        assert error.__cause__ is None


def changed(parts: Parts, at: int, text: str) -> list[str]:
    return [text if place == at else part for place, part in enumerate(parts)]


def bit_flipped(text: str) -> str:
    whole = bytearray(raw(text))
    whole[len(whole) // 2] ^= 1
    return b64(bytes(whole))


def same_bytes(text: str) -> str:
    """Another text for the same bytes: the last symbol's bits that nobody needs are set."""
    assert len(text) % 4
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | 1]


def standard(text: str) -> str:
    """In the standard alphabet, with something in it that differs."""
    found = text.replace("-", "+").replace("_", "/")
    return found if found != text else "+" + text[1:]


def twice(names: Sequence[str], parts: Parts, again: str) -> bytes:
    """An object that says one member twice, both times the same."""
    pairs = [*zip(names, parts, strict=True), (again, parts[list(names).index(again)])]
    return ("{" + ",".join(f'"{name}":"{value}"' for name, value in pairs) + "}").encode()
