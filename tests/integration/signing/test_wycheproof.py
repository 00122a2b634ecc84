"""Published signature vectors (C2SP Wycheproof), put to our own wrappers.

The files are not part of this project: the environment variable PAYSTATE_WYCHEPROOF names the folder that holds them.
Without it these tests skip; with it a missing file is a failure.
"""

import base64
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicKey,
    RSAPublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from integration.signing.juspay_side import JWE_MEMBERS, JWS_MEMBERS
from joserfc.jwk import RSAKey

from paystate.adapters.signing import jose, return_url
from paystate.adapters.signing.keyring import KeyInvalid, KeyRing, KeyState, parse_juspay_key, parse_key
from paystate.adapters.signing.pkcs1 import sign
from paystate.adapters.signing.rsa import RsaSigner, verify
from paystate.core.errors import SignatureInvalid

FOLDER = os.environ.get("PAYSTATE_WYCHEPROOF")

pytestmark = pytest.mark.skipif(FOLDER is None, reason="PAYSTATE_WYCHEPROOF names no folder of published vectors")


def groups(name: str) -> list[dict[str, Any]]:
    whole = json.loads((Path(str(FOLDER)) / name).read_text(encoding="utf-8"))
    assert sum(len(group["tests"]) for group in whole["testGroups"]) == whole["numberOfTests"]
    return list(whole["testGroups"])


def accepts(check: Any, *arguments: object) -> bool:
    try:
        check(*arguments)
    except SignatureInvalid:
        return False
    return True


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_rsa_signatures(bits: int) -> None:
    seen: Counter[str] = Counter()
    for group in groups(f"rsa_signature_{bits}_sha256_test.json"):
        key = load_pem_public_key(group["publicKeyPem"].encode())
        assert isinstance(key, RSAPublicKey)
        for case in group["tests"]:
            good = accepts(verify, key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert good == (case["result"] == "valid"), case["tcId"]
            seen[case["result"]] += 1
    assert min(seen["valid"], seen["acceptable"], seen["invalid"]) > 0


def test_rsa_signing_gives_the_published_bytes() -> None:
    ours = [g for g in groups("rsa_pkcs1_2048_sig_gen_test.json") if g["sha"] == "SHA-256" and not _is_small(g)]
    done = as_text = 0
    for group in ours:
        key = parse_key("published", group["privateKeyPem"].encode(), KeyState.ACTIVE)
        signer = RsaSigner(KeyRing([key]))
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            assert sign(key.private_key, message) == signature
            done += 1
            if message.isascii():
                assert base64.b64decode(signer.sign(message.decode()).value) == signature
                as_text += 1
    assert len(ours) == 1
    assert min(done, as_text) > 0


def _is_small(group: dict[str, Any]) -> bool:
    return int(group["privateKey"]["publicExponent"], 16) == 3


def test_a_published_key_with_a_small_exponent_is_refused() -> None:
    small = [group for group in groups("rsa_pkcs1_2048_sig_gen_test.json") if _is_small(group)]
    assert len(small) == 3
    for group in small:
        with pytest.raises(KeyInvalid, match="its exponent is 3"):
            parse_key("published", group["privateKeyPem"].encode(), KeyState.ACTIVE)


def test_hmac_tags() -> None:
    good = 0
    for group in groups("hmac_sha256_test.json"):
        for case in group["tests"]:
            key, message, tag = (bytes.fromhex(case[part]) for part in ("key", "msg", "tag"))
            whole = case["result"] == "valid" and group["tagSize"] == 256
            assert accepts(return_url.verify, key, message, tag) == whole, case["tcId"]
            good += whole
    assert good > 0


# --- JWT mode
#
# Our settings hold RSA keys as PEM, each in a list for one purpose and one algorithm, so a JWK can be put there if it
# is one of RSA and does not say that it is for something else. Where it does, what is good under it is put to it all
# the same: such a token has to be refused for what it says itself.


def number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def jwks_of(group: dict[str, Any], half: str) -> list[dict[str, Any]]:
    whole = group.get(half) or group["private"]
    return list(whole.get("keys", [whole]))


def pem_of(jwk: dict[str, Any]) -> bytes:
    public = RSAPublicNumbers(number(jwk["e"]), number(jwk["n"]))
    if "d" not in jwk:
        return public.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    p, q, d, dp, dq, qi = (number(jwk[name]) for name in ("p", "q", "d", "dp", "dq", "qi"))
    key = RSAPrivateNumbers(p, q, d, dp, dq, qi, public).private_key()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def is_for(jwk: dict[str, Any], **purpose: str) -> bool:
    message = {"use": jwk.get("use"), "alg": jwk.get("alg"), "key_ops": (jwk.get("key_ops") or [None])[0]}
    return all(message[name] in (None, wanted) for name, wanted in purpose.items())


def rsa_keys(group: dict[str, Any], half: str, **purpose: str) -> list[tuple[str, bytes]]:
    jwks = [jwk for jwk in jwks_of(group, half) if jwk["kty"] == "RSA" and "n" in jwk]
    return [(jwk["kid"], pem_of(jwk)) for jwk in jwks if is_for(jwk, **purpose)]


def verifying_keys(group: dict[str, Any], **purpose: str) -> list[RSAKey]:
    keys = [parse_juspay_key(*key) for key in rsa_keys(group, "public", **purpose)]
    return [jose.signature_key(key.public_key) for key in keys]


def decrypting_keys(group: dict[str, Any], **purpose: str) -> list[RSAKey]:
    keys = [parse_key(*key, KeyState.ACTIVE) for key in rsa_keys(group, "private", **purpose)]
    return [jose.encryption_key(key.private_key) for key in keys]


SIGNS = {"use": "sig", "alg": "RS256", "key_ops": "verify"}
OPENS = {"use": "enc", "alg": "RSA-OAEP-256", "key_ops": "decrypt"}


def header_of(token: str) -> dict[str, Any]:
    text = token.partition(".")[0]
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def parts_of(token: str | dict[str, Any], names: tuple[str, ...]) -> list[str]:
    """The parts of a compact token; of a JSON form, those that Juspay's own form would have."""
    return token.split(".") if isinstance(token, str) else jose.members(json.dumps(token), names)


def is_verified(case: dict[str, Any], keys: list[RSAKey]) -> bool:
    return accepts(lambda: jose.verify(parts_of(case["jws"], JWS_MEMBERS), lambda _: keys))


def is_decrypted(case: dict[str, Any], keys: list[RSAKey]) -> bool:
    """Whether it is taken; what is taken must be the published text."""
    try:
        plain = jose.decrypt(parts_of(case["jwe"], JWE_MEMBERS), lambda _: keys)
    except SignatureInvalid:
        return False
    assert bytes.fromhex(case["pt"]) == plain
    return True


@pytest.fixture(scope="module")
def some_key() -> RSAPrivateKey:
    """For a token whose own key we could never hold."""
    return generate_private_key(65537, 2048)


def test_signed_tokens(some_key: RSAPrivateKey) -> None:
    fallback, taken, refused = [jose.signature_key(some_key.public_key())], Counter[str](), Counter[str]()
    for group in groups("json_web_signature_test.json"):
        keys, any_keys = (verifying_keys(group, **purpose) or fallback for purpose in (SIGNS, {}))
        for case in group["tests"]:
            good = is_verified(case, any_keys if case["result"] == "valid" else keys)
            ours = case["result"] == "valid" and header_of(case["jws"])["alg"] == "RS256"
            assert good == ours, case["tcId"]
            (taken if good else refused)[case["result"]] += 1
    assert {"valid": 8} == taken  # all of RS256
    assert {"valid": 38, "invalid": 355} == refused


def test_encrypted_tokens(some_key: RSAPrivateKey) -> None:
    fallback, taken, refused = [jose.encryption_key(some_key)], Counter[str](), Counter[str]()
    for group in groups("json_web_encryption_test.json"):
        keys, any_keys = (decrypting_keys(group, **purpose) or fallback for purpose in (OPENS, {}))
        for case in group["tests"]:
            good = is_decrypted(case, any_keys if case["result"] == "valid" else keys)
            ours = case["result"] == "valid" and header_of(case["jwe"]) == {"alg": "RSA-OAEP-256", "enc": "A256GCM"}
            assert good == ours, case["tcId"]
            (taken if good else refused)[case["result"]] += 1
    assert {"valid": 1} == taken  # the only one of our pair; test_jose.py has more
    assert {"valid": 64, "invalid": 74} == refused


def test_key_sets(some_key: RSAPrivateKey) -> None:
    fallback, seen, at_load = [jose.signature_key(some_key.public_key())], Counter[tuple[str, bool]](), list[str]()
    for group in groups("json_web_key_test.json"):
        try:
            keys = verifying_keys(group, **SIGNS) or fallback
        except (KeyInvalid, ValueError):  # the second from the library: an exponent of 1 is no key at all
            at_load += [group["comment"]]
            continue
        for case in group["tests"]:
            seen[case["result"], is_verified(case, keys)] += 1
    assert ["jws_rsa_roca_key", "keysize_too_small", "exponentOne"] == at_load
    assert {("valid", True): 1, ("valid", False): 4, ("invalid", False): 18} == seen  # the others are of HMAC


def test_signed_and_encrypted_tokens(some_key: RSAPrivateKey) -> None:
    signs, opens = [jose.signature_key(some_key.public_key())], [jose.encryption_key(some_key)]
    seen: Counter[tuple[str, bool]] = Counter()
    for group in groups("json_web_crypto_test.json"):
        if group["comment"] == "jws_rsa_roca_key":
            with pytest.raises(KeyInvalid, match="ROCA"):
                verifying_keys(group, **SIGNS)
            seen["invalid", False] += len(group["tests"])
            continue
        keys = verifying_keys(group, **SIGNS) or signs
        for case in group["tests"]:
            good = is_verified(case, keys) if "jws" in case else is_decrypted(case, opens)
            seen[case["result"], good] += 1
    assert {("valid", True): 1, ("valid", False): 5, ("invalid", False): 77} == seen
