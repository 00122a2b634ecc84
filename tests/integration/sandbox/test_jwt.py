"""JWT mode's sealed bodies: what the sandbox opens, what it sends, what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from integration.sandbox.sealing import TEXT, decoded, encoded, pair, sealed, signed, unsealed

from paystate.entrypoints.sandbox.jwt import JwtKeys, SealBroken


@pytest.fixture
def keys() -> JwtKeys:
    return JwtKeys({"ours": pair("ours")[0]}, {"bakery": {"theirs": pair("theirs")[1]}, "florist": {}})


@pytest.mark.parametrize(
    ("alg", "header"),
    [
        pytest.param("RSA-OAEP-256", {}, id="as documented"),
        pytest.param("RSA-OAEP", {"cty": "JWT"}, id="as the Node client sends it"),
        pytest.param("RSA-OAEP-256", {"kid": "theirs"}, id="the merchant's key id on both"),
    ],
)
def test_a_sealed_body_is_opened(keys: JwtKeys, alg: str, header: dict[str, str]) -> None:
    text, _ = keys.opened("bakery", sealed(signed(), alg=alg, **header))
    assert TEXT == text


def test_a_sealed_body_may_be_compact_as_in_a_webhook(keys: JwtKeys) -> None:
    text, _ = keys.opened("bakery", {"JWT": ".".join(sealed(signed()).values())})
    assert TEXT == text


@pytest.mark.parametrize("token", ["", "a.b.c", ".".join(signed().values()), 5, None])
def test_what_is_not_sealed_does_not_hold_as_compact_either(keys: JwtKeys, token: Any) -> None:
    with pytest.raises(SealBroken):
        keys.opened("bakery", {"JWT": token})


def test_a_compact_signature_inside_is_taken_too(keys: JwtKeys) -> None:
    text, _ = keys.opened("bakery", sealed(".".join(signed().values()).encode()))
    assert TEXT == text


def test_the_answer_goes_to_the_key_that_signed_and_is_signed_with_the_key_that_opened(keys: JwtKeys) -> None:
    keys.upload("bakery", pair("theirs, new")[1], "theirs-new")
    keys.renew()
    _, channel = keys.opened("bakery", sealed(signed()))
    header, inner = unsealed(channel.sealed(b'{"status":"NEW"}'))
    answer = json.loads(inner)
    public = serialization.load_pem_public_key(pair("ours")[1].encode())
    assert isinstance(public, rsa.RSAPublicKey)
    said = f"{answer['header']}.{answer['payload']}".encode()
    public.verify(decoded(answer["signature"]), said, padding.PKCS1v15(), hashes.SHA256())
    assert {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "theirs"} == header
    assert {"alg": "RS256", "kid": "ours"} == json.loads(decoded(answer["header"]))
    assert b'{"status":"NEW"}' == decoded(answer["payload"])


@pytest.mark.parametrize("named", ["ours", "theirs"], ids=["by our id", "by their own, as for both sides"])
def test_the_answer_is_signed_under_the_id_that_the_call_gave_us(keys: JwtKeys, named: str) -> None:
    _, channel = keys.opened("bakery", sealed(signed(), kid=named))
    _, inner = unsealed(channel.sealed(b"{}"))
    assert named == json.loads(decoded(json.loads(inner)["header"]))["kid"]


@pytest.mark.parametrize("inner_object", [False, True], ids=["compact inside", "object inside"])
def test_a_webhook_is_compact(keys: JwtKeys, inner_object: bool) -> None:
    token = keys.channel_to("bakery", "theirs").sealed_compact(TEXT, inner_object=inner_object)
    parts = dict(zip(sealed(b"").keys(), token.split("."), strict=True))
    _, inner = unsealed(parts)
    said = json.loads(inner)["payload"] if inner_object else inner.decode().split(".")[1]
    assert TEXT == decoded(said)


def flipped(body: dict[str, str], member: str) -> dict[str, str]:
    raw = bytearray(decoded(body[member]))
    raw[0] ^= 1
    return {**body, member: encoded(bytes(raw))}


def without(body: dict[str, str], member: str) -> dict[str, str]:
    return {name: part for name, part in body.items() if name != member}


BROKEN: dict[str, Callable[[], dict[str, Any]]] = {
    "no members": dict,
    "a member missing": lambda: without(sealed(signed()), "tag"),
    "a member more": lambda: {**sealed(signed()), "aad": "x"},
    "a member that is no text": lambda: {**sealed(signed()), "iv": 5},
    "a dot in a member": lambda: {**sealed(signed()), "iv": "x.", "tag": ""},
    "a header that is no JSON": lambda: {**sealed(signed()), "header": encoded(b"{")},
    "a header that is no object": lambda: {**sealed(signed()), "header": encoded(b"[]")},
    "a header with an algorithm of no name": lambda: sealed(signed(), enc=["A256GCM"]),
    "no outer key id": lambda: sealed(signed(), kid=None),
    "an unknown outer key id": lambda: sealed(signed(), kid="nobody"),
    "encrypted to another key": lambda: sealed(signed(), key="another"),
    "another content encryption": lambda: sealed(signed(), enc="A128GCM"),
    "compression": lambda: sealed(signed(), zip="DEF"),
    "a critical extension": lambda: sealed(signed(), crit=["x"], x=1),
    "not signed": lambda: sealed(TEXT),
    "not text": lambda: sealed(b"\xff\xfe"),
    "an unknown inner key id": lambda: sealed(signed(kid="nobody")),
    "no inner key id": lambda: sealed(signed(kid=None)),
    "signed with another key": lambda: sealed(signed(key="another")),
    "signed with an unknown algorithm": lambda: sealed(signed(alg="PS256")),
    "signed with none": lambda: sealed({**signed(alg="none"), "signature": ""}),
    "another text than the signed one": lambda: sealed({**signed(), "payload": encoded(b"{}")}),
    "an empty signature": lambda: sealed({**signed(), "signature": ""}),
    "a changed header": lambda: flipped(sealed(signed()), "header"),
    "a changed key": lambda: flipped(sealed(signed()), "encryptedKey"),
    "a changed iv": lambda: flipped(sealed(signed()), "iv"),
    "a changed text": lambda: flipped(sealed(signed()), "encryptedPayload"),
    "a changed tag": lambda: flipped(sealed(signed()), "tag"),
}


@pytest.mark.parametrize("made", BROKEN.values(), ids=BROKEN)
def test_what_does_not_hold_is_refused(keys: JwtKeys, made: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(SealBroken):
        keys.opened("bakery", made())


@pytest.mark.parametrize("merchant_id", ["florist", "nobody"])
def test_the_key_of_another_merchant_opens_nothing(keys: JwtKeys, merchant_id: str) -> None:
    with pytest.raises(SealBroken):
        keys.opened(merchant_id, sealed(signed()))


def test_both_sides_may_have_two_live_keys(keys: JwtKeys) -> None:
    keys.upload("bakery", pair("theirs, new")[1], "theirs-new")
    new = keys.renew()
    by_new = sealed(signed(key="theirs, new", kid="theirs-new"))
    assert TEXT == keys.opened("bakery", sealed(signed()))[0]
    assert TEXT == keys.opened("bakery", by_new)[0]
    assert ["ours", new.key_id] == [one.key_id for one in keys.own]


def test_under_the_merchants_key_id_each_of_our_live_keys_opens(keys: JwtKeys) -> None:
    keys.renew()
    assert TEXT == keys.opened("bakery", sealed(signed(), kid="theirs"))[0]


def test_a_withdrawn_key_opens_nothing(keys: JwtKeys) -> None:
    keys.renew()
    keys.withdraw("ours")
    with pytest.raises(SealBroken):
        keys.opened("bakery", sealed(signed()))


def test_a_forgotten_key_signs_nothing(keys: JwtKeys) -> None:
    keys.forget("bakery", "theirs")
    with pytest.raises(SealBroken):
        keys.opened("bakery", sealed(signed()))


def test_the_last_key_stays(keys: JwtKeys) -> None:
    with pytest.raises(ValueError, match="no other"):
        keys.withdraw("ours")


def test_webhooks_are_signed_with_the_newest_key(keys: JwtKeys) -> None:
    assert keys.renew() == keys.channel_to("bakery", "theirs").own


def test_a_key_id_is_made_where_none_is_given(keys: JwtKeys) -> None:
    key_id = keys.upload("florist", pair("theirs")[1])
    assert (key_id,) == keys.key_ids("florist")
    assert key_id.startswith("key_")
    assert 36 == len(key_id)


def test_only_rsa_keys_are_taken(keys: JwtKeys) -> None:
    with pytest.raises(ValueError, match="PEM"):
        keys.upload("bakery", "-----BEGIN NOTHING-----")


def test_private_keys_do_not_show_in_a_repr(keys: JwtKeys) -> None:
    assert "PRIVATE" not in repr(keys.own) + repr(keys.channel_to("bakery", "theirs"))
