"""Forgeries of the signed part. Each is right in everything but one thing."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from integration.signing.attacks.forging import OLD, PAYLOAD, Forge, bit_flipped, changed, same_bytes, standard
from integration.signing.juspay_side import JWS_MEMBERS, JuspaySide, b64, header_text, public_pem_of, raw

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
