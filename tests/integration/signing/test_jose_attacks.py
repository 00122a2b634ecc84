"""JWT mode under attack: every forgery is refused, with one and the same error, on both ways in.

Each case is a token that is right in everything but one thing; what is right is taken by the same forger first.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from hypothesis import given
from hypothesis import strategies as st
from integration.signing.juspay_side import (
    JWE_MEMBERS,
    JWS_MEMBERS,
    JuspaySide,
    as_call,
    as_object,
    as_webhook,
    b64,
    header_text,
    public_pem_of,
    raw,
)
from joserfc.jwk import RSAKey

from paystate.adapters.signing import jose
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


# --- the signed part

KEY_REFERENCES = {
    "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    "jku": "https://attacker.example.test/keys.json",
    "x5u": "https://attacker.example.test/chain.pem",
    "x5c": ["AAAA"],
    "x5t": "AAAA",
    "x5t#S256": "AAAA",
    "crit": ["exp"],
    "b64": False,
    "zip": "DEF",
    "p2c": 10_000_000,
    "nonce": "AAAA",
}


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def signed_as(alg: Any, sign: Callable[[JuspaySide, bytes], bytes] | None = None) -> Forge:
    def forge(side: JuspaySide) -> list[str]:
        return side.jws(PAYLOAD, sign=partial(sign, side) if sign else None, alg=alg)

    return forge


def nothing(_: JuspaySide, __: bytes) -> bytes:
    return b""


def pss(side: JuspaySide, message: bytes) -> bytes:
    return side.key.sign(message, PSS(mgf=MGF1(SHA256()), salt_length=32), SHA256())


def rs512(side: JuspaySide, message: bytes) -> bytes:
    return side.key.sign(message, PKCS1v15(), SHA512())


def sha1(side: JuspaySide, message: bytes) -> bytes:
    return side.key.sign(message, PKCS1v15(), OLD)


def with_public_pem(side: JuspaySide, message: bytes) -> bytes:
    return hs256(public_pem_of(side.key))(message)


def with_public_pem_stripped(side: JuspaySide, message: bytes) -> bytes:
    return hs256(public_pem_of(side.key).strip())(message)


def with_public_der(side: JuspaySide, message: bytes) -> bytes:
    body = b"".join(public_pem_of(side.key).splitlines()[1:-1])
    return hs256(base64.b64decode(body))(message)


def with_header(more: dict[str, Any]) -> Forge:
    return lambda side: side.jws(PAYLOAD, **more)


def with_part(at: int, breaks: Callable[[str], str]) -> Forge:
    return lambda side: changed(parts := side.jws(PAYLOAD), at, breaks(parts[at]))


def header_said(text: bytes) -> Forge:
    return lambda side: side.jws(PAYLOAD, text)


JWS_ATTACKS: dict[str, Forge] = {
    **{f"alg {alg!r}, no signature": signed_as(alg, nothing) for alg in ("none", "NONE", "None", "nOnE", "", " none")},
    **{f"alg {alg!r}, a real signature": signed_as(alg) for alg in ("none", "HS256", "RS384", "rs256", "RS256 ")},
    **{f"alg is {alg!r}": signed_as(alg) for alg in (None, 256, ["RS256"], {"name": "RS256"}, True)},
    "no signature": signed_as("RS256", nothing),
    "HS256 with Juspay's public PEM": signed_as("HS256", with_public_pem),
    "HS256 with the PEM's text stripped": signed_as("HS256", with_public_pem_stripped),
    "HS256 with Juspay's public DER": signed_as("HS256", with_public_der),
    "RS256 said, HS256 made": signed_as("RS256", with_public_pem),
    "PS256": signed_as("PS256", pss),
    "RS256 said, PS256 made": signed_as("RS256", pss),
    "RS512": signed_as("RS512", rs512),
    "RS256 said, RS512 made": signed_as("RS256", rs512),
    "RS256 said, SHA-1 made": signed_as("RS256", sha1),
    **{f"{name} in the header": with_header({name: value}) for name, value in KEY_REFERENCES.items()},
    "crit, empty": lambda side: side.jws(PAYLOAD, crit=[]),
    "crit with b64": lambda side: side.jws(PAYLOAD, crit=["b64"], b64=False),
    "b64 true": lambda side: side.jws(PAYLOAD, b64=True),
    "the attacker's own key in the header": lambda side: own_key(side),
    **{f"kid {name}": with_header({"kid": kid}) for name, kid in {
        "unknown": "key_other", "empty": "", "path-like": "../../../../dev/null", "path": "/proc/self/environ",
        "SQL-like": "key_juspay' OR '1'='1", "in upper case": "KEY_JUSPAY", "with a space": "key_juspay ",
        "with a NUL": "key_juspay\x00", "of 10 kB": "k" * 10_000, "of 129 characters": "k" * 129,
        "of the merchant's key": "key_ours", "null": None, "a number": 7, "a list": ["key_juspay"],
        "an object": {"key_juspay": 1},
    }.items()},
    "typ is no text": lambda side: side.jws(PAYLOAD, typ=7),
    "cty is no text": lambda side: side.jws(PAYLOAD, cty=None),
    "no header": header_said(b""),
    "the header is no JSON": header_said(b"RS256"),
    "the header is an array": header_said(b'["RS256"]'),
    "the header is a text": header_said(b'"RS256"'),
    "the header is null": header_said(b"null"),
    "an empty header": header_said(b"{}"),
    "alg twice": header_said(b'{"alg":"RS256","kid":"key_juspay","alg":"RS256"}'),
    "alg twice, first none": header_said(b'{"alg":"none","kid":"key_juspay","alg":"RS256"}'),
    "kid twice": header_said(b'{"alg":"RS256","kid":"key_other","kid":"key_juspay"}'),
    "alg twice, once escaped": header_said(b'{"alg":"RS256","kid":"key_juspay","\\u0061lg":"none"}'),
    "trailing text in the header": header_said(b'{"alg":"RS256","kid":"key_juspay"}{}'),
    "a NUL after the header": header_said(b'{"alg":"RS256","kid":"key_juspay"}\x00'),
    "a header in UTF-16": header_said('{"alg":"RS256","kid":"key_juspay"}'.encode("utf-16")),
    "a byte order mark": header_said(b"\xef\xbb\xbf" + b'{"alg":"RS256","kid":"key_juspay"}'),
    "a header that is no UTF-8": header_said(b'{"alg":"RS256","kid":"key_juspay","typ":"\xff"}'),
    "a header beyond ASCII": header_said('{"alg":"RS256","kid":"key_juspay","typ":"\u0939"}'.encode()),
    "a header of 9 KiB": lambda side: side.jws(PAYLOAD, typ="x" * 9 * 1024),
    "a header nested 10,000 deep": header_said(b'{"alg":' + b"[" * 6000),
    "a number of 5,000 digits": header_said(b'{"alg":"RS256","typ":' + b"9" * 5000 + b"}"),
    "another payload": lambda side: changed(side.jws(PAYLOAD), 1, b64(PAYLOAD.replace(b"041", b"042"))),
    "another header": lambda side: changed(side.jws(PAYLOAD), 0, header_text({"kid": "key_juspay", "alg": "RS256"})),
    "another's signature": lambda side: changed(side.jws(PAYLOAD), 2, side.jws(b"{}")[2]),
    "a bit of the signature flipped": lambda side: changed(p := side.jws(PAYLOAD), 2, bit_flipped(p[2])),
    "the signature cut by a byte": lambda side: changed(p := side.jws(PAYLOAD), 2, b64(raw(p[2])[:-1])),
    "the signature longer by a byte": lambda side: changed(p := side.jws(PAYLOAD), 2, b64(raw(p[2]) + b"\x00")),
    "the signature led by a zero": lambda side: changed(p := side.jws(PAYLOAD), 2, b64(b"\x00" + raw(p[2]))),
    "a signature of zeros": signed_as("RS256", lambda _, __: bytes(256)),
    "a signature of one": signed_as("RS256", lambda _, __: bytes(255) + b"\x01"),
    **{f"{name}, {place}": with_part(at, breaks)
       for at, place in enumerate(JWS_MEMBERS)
       for name, breaks in {
           "padding": lambda text: text + "=" * (-len(text) % 4 or 4), "a line break": lambda text: text + "\n",
           "a space before": lambda text: " " + text, "a space within": lambda text: text[:8] + " " + text[8:],
           "the standard alphabet": standard, "a symbol of no alphabet": lambda text: "!" + text[1:],
           "one symbol too many": lambda text: text + "A" * ((1 - len(text)) % 4 or 4),
           "a letter that looks alike": lambda text: "\u0410" + text[1:], "a NUL": lambda text: text + "\x00",
       }.items()},
    "the signature in another text for the same bytes": lambda side: changed(
        p := side.jws(PAYLOAD), 2, same_bytes(p[2])
    ),
    "the header in another text for the same bytes": lambda side: spare_bits(side),
}  # fmt: skip


def own_key(side: JuspaySide) -> list[str]:
    """Signed by a stranger who hands over the key to check it with."""
    stranger = generate_private_key(65537, 2048)
    numbers = stranger.public_key().public_numbers()
    jwk = {"kty": "RSA", "n": b64(numbers.n.to_bytes(256, "big")), "e": "AQAB", "kid": side.key_id}
    return side.jws(PAYLOAD, sign=lambda message: stranger.sign(message, PKCS1v15(), SHA256()), jwk=jwk)


def spare_bits(side: JuspaySide) -> list[str]:
    """Signed over a header whose text another encoder would not make."""
    header = same_bytes(next(text for n in range(3) if len(text := header_text(
        b'{"alg":"RS256","kid":"key_juspay"}' + b" " * n)) % 4))  # fmt: skip
    body = b64(PAYLOAD)
    return [header, body, b64(side.rs256(f"{header}.{body}".encode()))]


@pytest.mark.parametrize("compact", [False, True], ids=["as an object", "compact"])
@pytest.mark.parametrize("name", JWS_ATTACKS)
def test_a_forged_signature_is_refused(envelope: JwtEnvelope, juspay: JuspaySide, name: str, compact: bool) -> None:
    signed = JWS_ATTACKS[name](juspay)
    inner = ".".join(signed).encode() if compact else as_object(JWS_MEMBERS, signed)
    sealed = juspay.jwe(inner)
    assert_refused(envelope, as_call(sealed), as_webhook(sealed))


def general(side: JuspaySide) -> bytes:
    header, payload, signature = side.jws(PAYLOAD)
    one = {"protected": header, "signature": signature}
    return json.dumps({"payload": payload, "signatures": [one, {"protected": header, "signature": "AA"}]}).encode()


def signed_object(side: JuspaySide, **more: Any) -> bytes:
    return json.dumps({**dict(zip(JWS_MEMBERS, side.jws(PAYLOAD), strict=True)), **more}).encode()


def twice(names: Sequence[str], parts: Parts, again: str) -> bytes:
    """An object that says one member twice, both times the same."""
    pairs = [*zip(names, parts, strict=True), (again, parts[list(names).index(again)])]
    return ("{" + ",".join(f'"{name}":"{value}"' for name, value in pairs) + "}").encode()


def signed_twice(name: str) -> Callable[[JuspaySide], bytes]:
    return lambda side: twice(JWS_MEMBERS, side.jws(PAYLOAD), name)


def signed_without(name: str) -> Callable[[JuspaySide], bytes]:
    return lambda side: json.dumps(
        {n: v for n, v in zip(JWS_MEMBERS, side.jws(PAYLOAD), strict=True) if n != name}
    ).encode()


INNER_ATTACKS: dict[str, Callable[[JuspaySide], bytes]] = {
    "nothing": lambda _: b"",
    "the payload itself, unsigned": lambda _: PAYLOAD,
    "two signatures (general JSON form)": general,
    "RFC 7515's own member names": lambda side: json.dumps(
        dict(zip(("protected", "payload", "signature"), side.jws(PAYLOAD), strict=True))
    ).encode(),
    "an unprotected header beside it": lambda side: signed_object(side, unprotected={"alg": "none"}),
    "a header that is an object": lambda side: signed_object(side, header={"alg": "RS256", "kid": "key_juspay"}),
    "a signature that is null": lambda side: signed_object(side, signature=None),
    "a list of signatures": lambda side: signed_object(side, signatures=[]),
    "a payload that is an object": lambda side: signed_object(side, payload=json.loads(PAYLOAD)),
    "an array of parts": lambda side: json.dumps(side.jws(PAYLOAD)).encode(),
    **{f"{name} twice": signed_twice(name) for name in JWS_MEMBERS},
    **{f"no {name}": signed_without(name) for name in JWS_MEMBERS},
    "trailing bytes after the object": lambda side: signed_object(side) + b"{}",
    "a space before the object": lambda side: b" " + signed_object(side),
    "trailing bytes after the compact form": lambda side: ".".join(side.jws(PAYLOAD)).encode() + b"\n",
    "two parts": lambda side: ".".join(side.jws(PAYLOAD)[:2]).encode(),
    "four parts": lambda side: ".".join([*side.jws(PAYLOAD), "AA"]).encode(),
    "four parts, the last empty": lambda side: ".".join([*side.jws(PAYLOAD), ""]).encode(),
    "a detached payload": lambda side: ".".join(changed(side.jws(PAYLOAD), 1, "")).encode(),
    "no text": lambda _: os.urandom(300),
    "nested 20 times": lambda side: nested(side, 20),
    "nested once": lambda side: nested(side, 1),
    "nested once, as an object": lambda side: as_object(JWE_MEMBERS, side.told(PAYLOAD)),
    "signed by the merchant's own key": lambda side: reflected(side, "key_ours"),
    "signed by the merchant's own key under Juspay's id": lambda side: reflected(side, "key_juspay"),
}  # fmt: skip


def nested(side: JuspaySide, times: int) -> bytes:
    inner = as_object(JWS_MEMBERS, side.jws(PAYLOAD))
    for _ in range(times):
        inner = ".".join(side.jwe(inner)).encode()
    return inner


MERCHANT: list[RSAPrivateKey] = []


@pytest.fixture(autouse=True)
def merchant_key(private_key: RSAPrivateKey) -> None:
    MERCHANT[:] = [private_key]


def reflected(side: JuspaySide, key_id: str) -> bytes:
    """What the merchant itself might have said, sent back to it."""
    (key,) = MERCHANT
    signed = side.jws(PAYLOAD, sign=lambda message: key.sign(message, PKCS1v15(), SHA256()), kid=key_id)
    return as_object(JWS_MEMBERS, signed)


@pytest.mark.parametrize("name", INNER_ATTACKS)
def test_what_is_encrypted_must_be_one_signed_thing(envelope: JwtEnvelope, juspay: JuspaySide, name: str) -> None:
    sealed = juspay.jwe(INNER_ATTACKS[name](juspay))
    assert_refused(envelope, as_call(sealed), as_webhook(sealed))


# --- the encrypted part


def encrypted(**how: Any) -> Forge:
    return lambda side: side.jwe(as_object(JWS_MEMBERS, side.jws(PAYLOAD)), **how)


def said(**more: Any) -> Forge:
    return encrypted(more=more)


def outer(text: bytes) -> Forge:
    return encrypted(header=text)


def broken(at: int, breaks: Callable[[str], str]) -> Forge:
    return lambda side: changed(parts := side.told(PAYLOAD), at, breaks(parts[at]))


def deflated(side: JuspaySide, plain: bytes) -> list[str]:
    packer = zlib.compressobj(wbits=-15)
    return side.jwe(packer.compress(plain) + packer.flush(), more={"zip": "DEF"})


JWE_ATTACKS: dict[str, Forge] = {
    "RSA1_5": encrypted(padding=PKCS1v15(), more={"alg": "RSA1_5"}),
    "RSA-OAEP-256 said, RSA1_5 made": encrypted(padding=PKCS1v15()),
    "RSA-OAEP": encrypted(padding=OAEP(mgf=MGF1(OLD), algorithm=OLD, label=None), more={"alg": "RSA-OAEP"}),
    "RSA-OAEP-256 said, RSA-OAEP made": encrypted(padding=OAEP(mgf=MGF1(OLD), algorithm=OLD, label=None)),
    "OAEP with another mask": encrypted(padding=OAEP(mgf=MGF1(OLD), algorithm=SHA256(), label=None)),
    "OAEP with a label": encrypted(padding=OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=b"x")),
    **{f"alg {alg!r}": said(alg=alg) for alg in (
        "dir", "A128KW", "A256KW", "A256GCMKW", "ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-384", "RSA-OAEP-512", "none",
        "rsa-oaep-256", "", None, 1, ["RSA-OAEP-256"],
    )},
    "dir with no encrypted key": lambda side: changed(said(alg="dir")(side), 1, ""),
    "PBES2 with ten million rounds": said(alg="PBES2-HS256+A128KW", p2c=10_000_000, p2s="AAAAAAAAAAA"),
    "ten million rounds beside our own algorithm": said(p2c=10_000_000, p2s="AAAAAAAAAAA"),
    **{f"enc {enc!r}": said(enc=enc) for enc in (
        "A128GCM", "A192GCM", "A128CBC-HS256", "A256CBC-HS512", "XC20P", "none", "a256gcm", "", None, 1,
    )},
    "A128GCM, made with it": encrypted(cek=bytes(16), more={"enc": "A128GCM"}),
    "zip, really compressed": lambda side: deflated(side, as_object(JWS_MEMBERS, side.jws(PAYLOAD))),
    "zip, 64 MiB from 64 KiB": lambda side: deflated(side, bytes(64 * 1024 * 1024)),
    "zip, not compressed": said(zip="DEF"),
    "zip, empty": said(zip=""),
    "zip, null": said(zip=None),
    **{f"{name} in the header": said(**{name: value}) for name, value in KEY_REFERENCES.items()},
    "epk in the header": said(epk={"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
    "apu in the header": said(apu="AA"),
    "iv in the header": said(iv="AA", tag="AA"),
    **{f"kid {name}": said(kid=kid) for name, kid in {
        "unknown": "key_other", "of Juspay's key": "key_juspay", "empty": "", "path-like": "../../../../dev/null",
        "SQL-like": "key_ours'; DROP TABLE keys; --", "of 10 kB": "k" * 10_000, "of 129 characters": "k" * 129,
        "null": None, "a number": 7,
    }.items()},
    "for another's key": lambda side: side.jwe(as_object(JWS_MEMBERS, side.jws(PAYLOAD)), key=side.key.public_key()),
    **{f"an IV of {size} bytes": encrypted(iv=bytes(size)) for size in (8, 11, 13, 16, 64)},
    "no IV": broken(2, lambda _: ""),
    "a bit of the IV flipped": broken(2, bit_flipped),
    **{f"a tag of {size} bytes": encrypted(tag_bytes=size) for size in (15, 13, 12, 8, 4, 1, 0)},
    "a tag of 17 bytes": broken(4, lambda tag: b64(raw(tag) + b"\x00")),
    "a bit of the tag flipped": broken(4, bit_flipped),
    "a tag of zeros": broken(4, lambda _: b64(bytes(16))),
    "a bit of the content flipped": broken(3, bit_flipped),
    "the content cut by a byte": broken(3, lambda content: b64(raw(content)[:-1])),
    "no content": broken(3, lambda _: ""),
    "a header that the tag does not cover": broken(
        0, lambda header: header_text(dict(reversed(json.loads(raw(header)).items())))
    ),
    "a bit of the encrypted key flipped": broken(1, bit_flipped),
    "no encrypted key": broken(1, lambda _: ""),
    "an encrypted key of zeros": broken(1, lambda _: b64(bytes(256))),
    "an encrypted key above the modulus": broken(1, lambda _: b64(b"\xff" * 256)),
    "an encrypted key short of a byte": broken(1, lambda key: b64(raw(key)[1:])),
    "an encrypted key led by a zero": broken(1, lambda key: b64(b"\x00" + raw(key))),
    "an encrypted key of another message": lambda side: changed(side.told(PAYLOAD), 1, side.told(PAYLOAD)[1]),
    **{f"a content key of {size} bytes": encrypted(cek=bytes(size)) for size in (0, 16, 24, 31, 33, 64)},
    "no header": outer(b""),
    "the header is no JSON": outer(b"RSA-OAEP-256"),
    "the header is an array": outer(b"[]"),
    "alg twice": outer(b'{"alg":"RSA1_5","enc":"A256GCM","kid":"key_ours","alg":"RSA-OAEP-256"}'),
    "enc twice": outer(b'{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"key_ours","enc":"A256GCM"}'),
    "no enc": outer(b'{"alg":"RSA-OAEP-256","kid":"key_ours"}'),
    "no alg": outer(b'{"enc":"A256GCM","kid":"key_ours"}'),
    "a header of 9 KiB": said(typ="x" * 9 * 1024),
    **{f"{name}, {place}": broken(at, breaks)
       for at, place in enumerate(JWE_MEMBERS)
       for name, breaks in {
           "padding": lambda text: text + "=" * (-len(text) % 4 or 4), "a line break": lambda text: text + "\n",
           "a space before": lambda text: " " + text, "the standard alphabet": standard,
           "one symbol too many": lambda text: text + "A" * ((1 - len(text)) % 4 or 4),
           "a letter that looks alike": lambda text: "\u0410" + text[1:],
       }.items()},
    **{f"{JWE_MEMBERS[at]} in another text for the same bytes": broken(at, same_bytes) for at in (1, 4)},
}  # fmt: skip


@pytest.mark.parametrize("name", JWE_ATTACKS)
def test_a_forged_encryption_is_refused(envelope: JwtEnvelope, juspay: JuspaySide, name: str) -> None:
    parts = JWE_ATTACKS[name](juspay)
    assert_refused(envelope, as_call(parts), as_webhook(parts))


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


# --- what the cases above rest on


@pytest.mark.parametrize("compact", [False, True], ids=["as an object", "compact"])
def test_what_the_forger_makes_right_is_taken(envelope: JwtEnvelope, juspay: JuspaySide, compact: bool) -> None:
    signed = juspay.jws(PAYLOAD)
    sealed = juspay.jwe(".".join(signed).encode() if compact else as_object(JWS_MEMBERS, signed))
    assert PAYLOAD == envelope.open(as_call(sealed)) == envelope.open_webhook(as_webhook(sealed))


REACH_A_KEY = {
    # Signed: well formed, by the wrong key, for another text, or with another algorithm than it says.
    *("no signature", "RS256 said, HS256 made", "RS256 said, PS256 made", "RS256 said, RS512 made"),
    *("RS256 said, SHA-1 made", "another payload", "another header", "another's signature"),
    *("a bit of the signature flipped", "the signature cut by a byte", "the signature longer by a byte"),
    *("the signature led by a zero", "a signature of zeros", "a signature of one"),
    *("the signature in another text for the same bytes", "one symbol too many, payload"),
    *("one symbol too many, signature", "kid of the merchant's key"),
    # Either: a key id that is nobody's is looked up like any other.
    *("kid unknown", "kid empty", "kid path-like", "kid path", "kid SQL-like", "kid in upper case"),
    *("kid with a space", "kid with a NUL"),
    # Encrypted: well formed, and not what the key, the tag or the header says.
    *("RSA-OAEP-256 said, RSA1_5 made", "RSA-OAEP-256 said, RSA-OAEP made", "OAEP with another mask"),
    *("OAEP with a label", "kid of Juspay's key", "for another's key", "a bit of the IV flipped"),
    *("a bit of the tag flipped", "a tag of zeros", "a bit of the content flipped", "the content cut by a byte"),
    *("no content", "a header that the tag does not cover", "a bit of the encrypted key flipped"),
    *("no encrypted key", "an encrypted key of zeros", "an encrypted key above the modulus"),
    *("an encrypted key short of a byte", "an encrypted key led by a zero", "an encrypted key of another message"),
    *(f"a content key of {size} bytes" for size in (0, 16, 24, 31, 33, 64)),
    *("one symbol too many, encryptedKey", "one symbol too many, encryptedPayload"),
    *("encryptedKey in another text for the same bytes", "tag in another text for the same bytes"),
}


def test_only_what_is_in_form_reaches_a_key(juspay: JuspaySide) -> None:
    reached: list[str] = []
    for attacks, check in ((JWS_ATTACKS, jose.verify), (JWE_ATTACKS, jose.decrypt)):
        for name, forge in attacks.items():

            def find(_: str | None, name: str = name) -> Sequence[RSAKey]:
                reached.append(name)
                return ()

            with pytest.raises(SignatureInvalid):
                check(forge(juspay), find)
    assert set(reached) == REACH_A_KEY


@pytest.mark.parametrize("at", range(5))
def test_every_changed_symbol_of_a_token_is_refused(envelope: JwtEnvelope, juspay: JuspaySide, at: int) -> None:
    parts = juspay.told(b"{}")
    for place in range(0, len(parts[at]), max(1, len(parts[at]) // 60)):
        text = parts[at]
        other = text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
        refusal(envelope.open, as_call(changed(parts, at, other)))


def test_a_key_that_cannot_be_decrypted_goes_the_same_way_as_one_that_can(
    envelope: JwtEnvelope, juspay: JuspaySide, monkeypatch: pytest.MonkeyPatch
) -> None:
    content_key: list[bytes] = []
    gcm = jose._A256GCM["A256GCM"]
    usual = gcm.decrypt

    def watched(ciphertext: bytes, tag: bytes, cek: bytes, iv: bytes, aad: bytes) -> bytes:
        content_key.append(cek)
        return usual(ciphertext, tag, cek, iv, aad)

    monkeypatch.setattr(gcm, "decrypt", watched)
    for name in ("a bit of the tag flipped", "a bit of the encrypted key flipped", "a content key of 31 bytes"):
        refusal(envelope.open, as_call(JWE_ATTACKS[name](juspay)))
    assert [32, 32, 32] == [len(key) for key in content_key]
    assert 3 == len(set(content_key))


TOKENS = st.lists(st.binary(max_size=300).map(b64) | st.text(max_size=20), max_size=7)
MEMBERS = st.dictionaries(
    st.sampled_from([*JWE_MEMBERS, "JWT", "x"]), st.text(max_size=300) | st.none() | st.integers()
)


@given(st.binary(max_size=2000) | MEMBERS.map(lambda found: json.dumps(found).encode()) | TOKENS.map(as_webhook))
def test_whatever_comes_is_refused_and_nothing_else_is_raised(envelope: JwtEnvelope, body: bytes) -> None:
    for opened in (envelope.open, envelope.open_webhook):
        refusal(opened, body)


@given(data=st.data())
def test_a_real_token_with_something_changed_is_refused(
    envelope: JwtEnvelope, juspay: JuspaySide, data: st.DataObject
) -> None:
    call = as_call(juspay.told(PAYLOAD))
    at = data.draw(st.integers(0, len(call) - 1))
    cut = call[:at] + data.draw(st.binary(max_size=3)) + call[at + data.draw(st.integers(0, 3)) :]
    try:
        same = json.loads(cut) == json.loads(call)
    except ValueError:
        same = False
    if not same:
        refusal(envelope.open, cut)


@pytest.mark.parametrize("sealed", [b"[" * 5_000_000, b'{"header":"' + b"A" * 5_000_000], ids=["brackets", "a text"])
def test_what_is_too_large_is_not_read(envelope: JwtEnvelope, sealed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Any:
        raise AssertionError

    monkeypatch.setattr(jose, "_object", never)
    for opened in (envelope.open, envelope.open_webhook):
        refusal(opened, sealed)
