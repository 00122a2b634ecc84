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
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from paystate.adapters.signing import mac
from paystate.adapters.signing.keyring import KeyRing, KeyState, parse_key
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
    ours = [g for g in groups("rsa_pkcs1_2048_sig_gen_test.json") if g["sha"] == "SHA-256"]
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
    assert len(ours) == 3
    assert min(done, as_text) > 0


def test_hmac_tags() -> None:
    good = 0
    for group in groups("hmac_sha256_test.json"):
        for case in group["tests"]:
            key, message, tag = (bytes.fromhex(case[part]) for part in ("key", "msg", "tag"))
            whole = case["result"] == "valid" and group["tagSize"] == 256
            assert accepts(mac.verify, key, message, tag) == whole, case["tcId"]
            good += whole
    assert good > 0
