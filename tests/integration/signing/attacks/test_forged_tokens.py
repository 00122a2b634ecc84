"""JWT mode under attack: every forgery is refused, with one and the same error, on both ways in.

What the forger makes right is taken, so each case is refused for the one thing that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from integration.signing.attacks.encrypted import JWE_ATTACKS
from integration.signing.attacks.forging import PAYLOAD, assert_refused, refusal
from integration.signing.attacks.signed import JWS_ATTACKS
from integration.signing.juspay_side import JWS_MEMBERS, JuspaySide, as_call, as_object, as_webhook
from joserfc.jwk import RSAKey

from paystate.adapters.signing import jose
from paystate.adapters.signing.envelope import JwtEnvelope
from paystate.core.errors import SignatureInvalid

# --- forgeries


@pytest.mark.parametrize("compact", [False, True], ids=["as an object", "compact"])
@pytest.mark.parametrize("name", JWS_ATTACKS)
def test_a_forged_signature_is_refused(envelope: JwtEnvelope, juspay: JuspaySide, name: str, compact: bool) -> None:
    signed = JWS_ATTACKS[name](juspay)
    inner = ".".join(signed).encode() if compact else as_object(JWS_MEMBERS, signed)
    sealed = juspay.jwe(inner)
    assert_refused(envelope, as_call(sealed), as_webhook(sealed))


@pytest.mark.parametrize("name", JWE_ATTACKS)
def test_a_forged_encryption_is_refused(envelope: JwtEnvelope, juspay: JuspaySide, name: str) -> None:
    parts = JWE_ATTACKS[name](juspay)
    assert_refused(envelope, as_call(parts), as_webhook(parts))


# --- what they rest on


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
