"""What is said of a payload whose signature does not verify: every mistake by its own case."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_curve_key
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from integration.signing.juspay_side import public_pem_of

from paystate.adapters.signing.diagnose.payload import explain_payload
from paystate.adapters.signing.diagnose.search import Explanation, Verdict

TEXT = '{"order_id":"tea-1","amount":"1.00","first_name":"Ash\u0101"}'.encode()


def signed(key: RSAPrivateKey, text: bytes = TEXT) -> bytes:
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256()))


def parts_at(found: Explanation) -> list[int]:
    return [step.number for step in found.steps if step.verdict is Verdict.DIFFERS and step.number < len(found.steps)]


def test_a_right_signature_is_right(private_key: RSAPrivateKey) -> None:
    found = explain_payload(TEXT, signed(private_key), public_pem_of(private_key))
    assert (True, {Verdict.SAME}) == (found.is_good, {step.verdict for step in found.steps})
    assert "The signature is right." == found.conclusion


def test_the_line_break_at_the_end_of_the_signature_s_file_is_no_mistake(private_key: RSAPrivateKey) -> None:
    assert explain_payload(TEXT, signed(private_key) + b"\n", public_pem_of(private_key)).is_good


@pytest.mark.parametrize(
    ("message", "sent", "was_signed"),
    [
        ("white space around", TEXT + b"\n", TEXT),
        ("line break at its end", TEXT, TEXT + b"\n"),
        ("Windows line breaks", b"{\r\n}", b"{\n}"),
        ("byte order mark", b"\xef\xbb\xbf" + TEXT, TEXT),
        ("without spaces at first", b'{"a": "1", "b": "2"}', b'{"a":"1","b":"2"}'),
        ("with spaces at first", b'{"a":"1","b":"2"}', b'{"a": "1", "b": "2"}'),
        ("letters as codes", TEXT, json.dumps(json.loads(TEXT), separators=(",", ":")).encode()),
        ("members sorted", b'{"b":"2","a":"1"}', b'{"a":"1","b":"2"}'),
        ("before it was quoted", json.dumps(TEXT.decode()).encode(), TEXT),
        ("the digest of the text in hex", TEXT, hashlib.sha256(TEXT).hexdigest().encode()),
        ("digested twice", TEXT, hashlib.sha256(TEXT).digest()),
    ],
)
def test_each_change_of_the_text_is_found(
    private_key: RSAPrivateKey, message: str, sent: bytes, was_signed: bytes
) -> None:
    found = explain_payload(sent, signed(private_key, was_signed), public_pem_of(private_key))
    assert message in found.conclusion
    assert ([2], False) == (parts_at(found), found.is_good)


def test_each_other_way_to_sign_is_found(private_key: RSAPrivateKey) -> None:
    others = {
        "SHA-1": private_key.sign(TEXT, PKCS1v15(), SHA1()),  # noqa: S303 - what is to be recognised
        "SHA-512": private_key.sign(TEXT, PKCS1v15(), SHA512()),
        "PSS": private_key.sign(TEXT, PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH), SHA256()),
    }
    for says, signature in others.items():
        found = explain_payload(TEXT, base64.b64encode(signature), public_pem_of(private_key))
        assert says in found.conclusion
        assert ([3], False) == (parts_at(found), found.is_good)


def test_each_other_spelling_of_the_signature_is_found(private_key: RSAPrivateKey) -> None:
    right = signed(private_key)
    raw = base64.b64decode(right)
    others = {
        "in hex": raw.hex().encode(),
        "white space": right[:76] + b"\n" + right[76:],
        "the base64 is base64url": base64.urlsafe_b64encode(raw).rstrip(b"="),
        "percent-encoded": right.replace(b"=", b"%3D"),
    }
    for says, signature in others.items():
        found = explain_payload(TEXT, signature, public_pem_of(private_key))
        assert says in found.conclusion
        assert ([4], False) == (parts_at(found), found.is_good)


def test_two_mistakes_at_once_are_found(private_key: RSAPrivateKey) -> None:
    raw = base64.b64decode(signed(private_key, TEXT))
    assert [2, 4] == parts_at(explain_payload(TEXT + b"\n", raw.hex().encode(), public_pem_of(private_key)))


def test_another_key_fits_in_no_way(private_key: RSAPrivateKey, juspay_key: RSAPrivateKey) -> None:
    found = explain_payload(TEXT, signed(private_key), public_pem_of(juspay_key))
    assert "fits in no way that we know" in found.conclusion
    assert not found.is_good


@pytest.mark.parametrize("signature", [b"", b"c2hvcnQ=", b"\xff\xfe", b"0" * 10])
def test_what_is_no_signature_of_this_key_is_said_to_be_none(private_key: RSAPrivateKey, signature: bytes) -> None:
    found = explain_payload(TEXT, signature, public_pem_of(private_key))
    assert "256 bytes in base64 are needed" in found.conclusion
    assert ([4], False) == (parts_at(found), found.is_good)


def test_what_is_no_public_key_of_rsa_is_said_to_be_none(private_key: RSAPrivateKey, pem: bytes) -> None:
    curve = new_curve_key(SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for says, public in (("not a PEM public key", b"-"), ("not a PEM public key", pem), ("not an RSA key", curve)):
        found = explain_payload(TEXT, signed(private_key), public)
        assert says in found.conclusion
        assert ([1], False) == (parts_at(found), found.is_good)


def test_a_text_that_is_not_json_is_compared_all_the_same(private_key: RSAPrivateKey) -> None:
    assert explain_payload(b"\xff no", signed(private_key, b"\xff no"), public_pem_of(private_key)).is_good
    assert not explain_payload(b"\xff no", signed(private_key), public_pem_of(private_key)).is_good
