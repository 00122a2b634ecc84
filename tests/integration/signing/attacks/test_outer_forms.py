"""An answer of Juspay's is one object, a webhook is one token, and nothing else is taken for either."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from integration.signing.attacks.forging import PAYLOAD, changed, refusal, twice
from integration.signing.juspay_side import JWE_MEMBERS, JWS_MEMBERS, JuspaySide, as_call, as_object, as_webhook

from paystate.adapters.signing.envelope import JwtEnvelope


def without(name: str) -> Callable[[JuspaySide], bytes]:
    def forge(side: JuspaySide) -> bytes:
        whole = json.loads(as_call(side.told(PAYLOAD)))
        return json.dumps({known: value for known, value in whole.items() if known != name}).encode()

    return forge


def told_twice(name: str) -> Callable[[JuspaySide], bytes]:
    return lambda side: twice(JWE_MEMBERS, side.told(PAYLOAD), name)


def with_member(name: str, value: Any) -> Callable[[JuspaySide], bytes]:
    return lambda side: json.dumps({**json.loads(as_call(side.told(PAYLOAD))), name: value}).encode()


ODD_VALUES: tuple[Any, ...] = (None, 1, [], {}, True)
RFC_7516 = ("protected", "encrypted_key", "iv", "ciphertext", "tag")
CALL_ATTACKS: dict[str, Callable[[JuspaySide], bytes]] = {
    "nothing": lambda _: b"",
    "the payload itself": lambda _: PAYLOAD,
    "only signed": lambda side: as_object(JWS_MEMBERS, side.jws(PAYLOAD)),
    "the compact form": lambda side: ".".join(side.told(PAYLOAD)).encode(),
    "a webhook": lambda side: as_webhook(side.told(PAYLOAD)),
    "RFC 7516's own member names": lambda side: as_object(RFC_7516, side.told(PAYLOAD)),
    "an array of it": lambda side: b"[" + as_call(side.told(PAYLOAD)) + b"]",
    "two of it": lambda side: as_call(side.told(PAYLOAD)) * 2,
    "cut": lambda side: as_call(side.told(PAYLOAD))[:-1],
    "a NUL at the end": lambda side: as_call(side.told(PAYLOAD)) + b"\x00",
    "in UTF-16": lambda side: as_call(side.told(PAYLOAD)).decode().encode("utf-16"),
    "a byte order mark": lambda side: b"\xef\xbb\xbf" + as_call(side.told(PAYLOAD)),
    "5 MB of spaces after it": lambda side: as_call(side.told(PAYLOAD)) + b" " * 5_000_000,
    "3 MB of content": lambda side: as_call(side.jwe(bytes(3_000_000))),
    "nested a million deep": lambda _: b"[" * 1_000_000,
    **{f"no {name}": without(name) for name in JWE_MEMBERS},
    **{f"{name} twice": told_twice(name) for name in JWE_MEMBERS},
    **{f"{name} is {value!r}": with_member(name, value) for name in JWE_MEMBERS for value in ODD_VALUES},
    "an unprotected header": with_member("unprotected", {"alg": "dir"}),
    "a header for the recipient": with_member("recipients", [{"header": {"kid": "key_ours"}}]),
    "additional data": with_member("aad", "AA"),
    "a member that means nothing": with_member("note", "hello"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALL_ATTACKS)
def test_an_answer_is_juspay_s_object_and_nothing_else(envelope: JwtEnvelope, juspay: JuspaySide, name: str) -> None:
    assert ("jwt",) == refusal(envelope.open, CALL_ATTACKS[name](juspay)).args


WEBHOOK_ATTACKS: dict[str, Callable[[JuspaySide], bytes]] = {
    "nothing": lambda _: b"",
    "the token without its member": lambda side: ".".join(side.told(PAYLOAD)).encode(),
    "an answer": lambda side: as_call(side.told(PAYLOAD)),
    "four parts": lambda side: as_webhook(side.told(PAYLOAD)[:4]),
    "six parts": lambda side: as_webhook([*side.told(PAYLOAD), "AA"]),
    "six parts, the last empty": lambda side: as_webhook([*side.told(PAYLOAD), ""]),
    "six parts, the first empty": lambda side: as_webhook(["", *side.told(PAYLOAD)]),
    "ten thousand parts": lambda _: as_webhook([""] * 10_000),
    "no parts": lambda _: as_webhook([""]),
    "only signed": lambda side: as_webhook(side.jws(PAYLOAD)),
    "a space after the token": lambda side: as_webhook(changed(p := side.told(PAYLOAD), 4, p[4] + " ")),
    "the member twice": lambda side: as_webhook(side.told(PAYLOAD))[:-1] + b',"JWT":"x"}',
    "another member beside it": lambda side: as_webhook(side.told(PAYLOAD))[:-1] + b',"id":"evt"}',
    "the member in lower case": lambda side: as_webhook(side.told(PAYLOAD)).replace(b"JWT", b"jwt"),
    "an object in the member": lambda side: b'{"JWT":' + as_call(side.told(PAYLOAD)) + b"}",
    "a list in the member": lambda side: json.dumps({"JWT": side.told(PAYLOAD)}).encode(),
    "5 MB": lambda side: as_webhook(side.told(PAYLOAD)) + b" " * 5_000_000,
}


@pytest.mark.parametrize("name", WEBHOOK_ATTACKS)
def test_a_webhook_is_one_token_and_nothing_else(envelope: JwtEnvelope, juspay: JuspaySide, name: str) -> None:
    assert ("jwt",) == refusal(envelope.open_webhook, WEBHOOK_ATTACKS[name](juspay)).args
