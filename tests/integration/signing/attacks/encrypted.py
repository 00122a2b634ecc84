"""Forgeries of the encrypted part. Each is right in everything but one thing."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from integration.signing.attacks.forging import OLD, PAYLOAD, Forge, bit_flipped, changed, same_bytes, standard
from integration.signing.attacks.signed import KEY_REFERENCES
from integration.signing.juspay_side import JWE_MEMBERS, JWS_MEMBERS, JuspaySide, as_object, b64, header_text, raw


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
