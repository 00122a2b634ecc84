"""JWT mode: what we seal reads as Juspay's documents say, what Juspay seals opens, and keys rotate without a gap."""

import copy
import json
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from integration.signing.juspay_side import (
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

from paystate.adapters.signing import jose
from paystate.adapters.signing.envelope import JwtEnvelope
from paystate.adapters.signing.keyring import (
    KEY_ID_CHARACTERS_MAX,
    JuspayKey,
    KeyInvalid,
    KeyRing,
    KeyState,
    SigningKey,
    load_juspay_key,
    parse_juspay_key,
    parse_key,
)
from paystate.core.errors import SignatureInvalid

PAYLOAD = '{"order_id":"tea-041","amount":"120.50","note":"é\\u0939 \u0939"}'.encode()


def ours_of(pem: bytes, key_id: str, state: str = "active") -> SigningKey:
    return parse_key(key_id, pem, KeyState(state))


def theirs_of(key: RSAPrivateKey, key_id: str) -> JuspayKey:
    return parse_juspay_key(key_id, public_pem_of(key))


def pem_of(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def is_refused(opened: Callable[[bytes], bytes], sealed: bytes) -> bool:
    try:
        opened(sealed)
    except SignatureInvalid:
        return True
    return False


# --- what we send


def test_what_we_seal_is_read_by_another_program(envelope: JwtEnvelope, juspay: JuspaySide) -> None:
    outer, inner, payload = juspay.reads(envelope.seal(PAYLOAD))
    assert {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "key_juspay"} == outer
    assert {"alg": "RS256", "kid": "key_ours"} == inner
    assert PAYLOAD == payload


def test_no_two_bodies_are_sealed_alike(envelope: JwtEnvelope) -> None:
    first, second = (json.loads(envelope.seal(PAYLOAD)) for _ in range(2))
    assert {"header"} == {name for name in first if first[name] == second[name]}


# --- what we get


def test_an_answer_opens(envelope: JwtEnvelope, juspay: JuspaySide) -> None:
    assert PAYLOAD == envelope.open(as_call(juspay.told(PAYLOAD)))


def test_a_webhook_opens(envelope: JwtEnvelope, juspay: JuspaySide) -> None:
    assert PAYLOAD == envelope.open_webhook(as_webhook(juspay.told(PAYLOAD)))


def test_the_signed_part_of_a_webhook_may_have_either_form(envelope: JwtEnvelope, juspay: JuspaySide) -> None:
    signed = juspay.jws(PAYLOAD)
    for inner in (".".join(signed).encode(), as_object(JWS_MEMBERS, signed)):
        assert PAYLOAD == envelope.open_webhook(as_webhook(juspay.jwe(inner)))


@pytest.mark.parametrize("payload", [b"", b"\x00\xff", b"x" * 1_000_000], ids=["empty", "no-text", "a-megabyte"])
def test_any_payload_comes_out_as_it_went_in(envelope: JwtEnvelope, juspay: JuspaySide, payload: bytes) -> None:
    assert payload == envelope.open(as_call(juspay.told(payload)))
    assert payload == juspay.reads(envelope.seal(payload))[2]


def test_the_order_of_members_and_the_spaces_between_them_do_not_matter(
    envelope: JwtEnvelope, juspay: JuspaySide
) -> None:
    sealed = json.loads(as_call(juspay.told(PAYLOAD)))
    assert PAYLOAD == envelope.open(json.dumps(dict(reversed(sealed.items())), indent=4).encode())


@pytest.mark.parametrize("more", [{"typ": "JWT"}, {"cty": "JWT"}, {"typ": "JOSE", "cty": "application/json"}], ids=str)
def test_a_header_may_name_its_type(envelope: JwtEnvelope, juspay: JuspaySide, more: dict[str, Any]) -> None:
    signed = as_object(JWS_MEMBERS, juspay.jws(PAYLOAD, **more))
    assert PAYLOAD == envelope.open(as_call(juspay.jwe(signed, more=more)))


def test_a_token_that_names_no_key_is_tried_with_every_live_one(
    pem: bytes, other_pem: bytes, juspay_key: RSAPrivateKey, juspay: JuspaySide
) -> None:
    ring = KeyRing([ours_of(other_pem, "new"), ours_of(pem, "old", "retiring")])
    newer = generate_private_key(65537, 2048)
    both = JwtEnvelope(ring, [theirs_of(newer, "j2"), theirs_of(juspay_key, "j1")])
    signed = as_object(JWS_MEMBERS, juspay.jws(PAYLOAD, {"alg": "RS256"}))
    assert PAYLOAD == both.open(as_call(juspay.jwe(signed, {"alg": "RSA-OAEP-256", "enc": "A256GCM"})))


def test_a_key_of_another_size_does(juspay_key: RSAPrivateKey) -> None:
    large = generate_private_key(65537, 3072)
    us = JwtEnvelope(KeyRing([ours_of(pem_of(large), "key_ours")]), [theirs_of(juspay_key, "key_juspay")])
    side = JuspaySide(juspay_key, "key_juspay", large.public_key(), "key_ours")
    assert PAYLOAD == us.open(as_call(side.told(PAYLOAD)))
    assert PAYLOAD == side.reads(us.seal(PAYLOAD))[2]


# --- known answers: made once by another program with keys that are used for nothing else

KNOWN = json.loads((Path(__file__).parent / "test_only_jwt_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", KNOWN["opens"], ids=lambda each: each["name"])
def test_known_answers_open(vector: dict[str, str]) -> None:
    us = JwtEnvelope(
        KeyRing([ours_of(KNOWN["merchant_private_pem"].encode(), KNOWN["merchant_key_id"])]),
        [parse_juspay_key(KNOWN["juspay_key_id"], KNOWN["juspay_public_pem"].encode())],
    )
    opened = us.open_webhook if vector["name"].startswith("webhook") else us.open
    assert vector["payload"].encode() == opened(vector["sealed"].encode())


def test_a_signature_has_the_known_bytes() -> None:
    key = load_pem_private_key(KNOWN["merchant_private_pem"].encode(), None)
    assert isinstance(key, RSAPrivateKey)
    made = jose.sign(jose.signature_key(key), KNOWN["merchant_key_id"], KNOWN["signed_payload"].encode())
    assert KNOWN["signed"] == ".".join(made)


# --- keys


@pytest.fixture
def ring(pem: bytes) -> KeyRing:
    return KeyRing([ours_of(pem, "key_ours")])


def test_only_the_active_key_signs_and_only_the_first_of_juspay_s_is_encrypted_to(
    pem: bytes, other_pem: bytes, juspay_key: RSAPrivateKey, private_key: RSAPrivateKey
) -> None:
    ring = KeyRing([ours_of(other_pem, "next", "next"), ours_of(pem, "now")])
    us = JwtEnvelope(ring, [theirs_of(juspay_key, "new"), theirs_of(generate_private_key(65537, 2048), "old")])
    side = JuspaySide(juspay_key, "new", private_key.public_key(), "now")
    outer, inner, _ = side.reads(us.seal(PAYLOAD))
    assert ("new", "now") == (outer["kid"], inner["kid"])


@pytest.mark.parametrize(("state", "opens"), [("next", True), ("retiring", True), ("revoked", False)])
def test_which_keys_of_ours_decrypt(
    pem: bytes, other_pem: bytes, juspay_key: RSAPrivateKey, juspay: JuspaySide, state: str, opens: bool
) -> None:
    ring = KeyRing([ours_of(other_pem, "other"), ours_of(pem, "key_ours", state)])
    us = JwtEnvelope(ring, [theirs_of(juspay_key, "key_juspay")])
    assert opens is not is_refused(us.open, as_call(juspay.told(PAYLOAD)))


def test_one_id_may_stand_for_a_pair_of_keys(pem: bytes, juspay_key: RSAPrivateKey, private_key: RSAPrivateKey) -> None:
    us = JwtEnvelope(KeyRing([ours_of(pem, "key_pair")]), [theirs_of(juspay_key, "key_pair")])
    side = JuspaySide(juspay_key, "key_pair", private_key.public_key(), "key_pair")
    assert PAYLOAD == us.open(as_call(side.told(PAYLOAD)))
    assert PAYLOAD == side.reads(us.seal(PAYLOAD))[2]


def test_one_key_of_juspay_s_may_have_two_ids(ring: KeyRing, juspay_key: RSAPrivateKey, juspay: JuspaySide) -> None:
    us = JwtEnvelope(ring, [theirs_of(juspay_key, "key_newer"), theirs_of(juspay_key, "key_juspay")])
    assert PAYLOAD == us.open(as_call(juspay.told(PAYLOAD)))


def test_juspay_has_one_to_three_keys(ring: KeyRing, juspay_key: RSAPrivateKey) -> None:
    for count in (0, 4):
        with pytest.raises(KeyInvalid, match="1 to 3"):
            JwtEnvelope(ring, [theirs_of(juspay_key, f"j{n}") for n in range(count)])


def test_we_have_three_live_keys_at_most(pem: bytes, juspay_key: RSAPrivateKey) -> None:
    others = [ours_of(pem, f"k{n}", "retiring") for n in range(3)]
    with pytest.raises(KeyInvalid, match="3 live"):
        JwtEnvelope(KeyRing([ours_of(pem, "now"), *others]), [theirs_of(juspay_key, "j")])


def test_an_id_of_juspay_s_comes_once(ring: KeyRing, juspay_key: RSAPrivateKey) -> None:
    with pytest.raises(KeyInvalid, match="twice"):
        JwtEnvelope(ring, [theirs_of(juspay_key, "j"), theirs_of(juspay_key, "j")])


def test_our_own_key_cannot_be_juspay_s(ring: KeyRing, private_key: RSAPrivateKey) -> None:
    with pytest.raises(KeyInvalid, match="our own key"):
        JwtEnvelope(ring, [theirs_of(private_key, "j")])


def says(pem: bytes) -> str:
    with pytest.raises(KeyInvalid) as caught:
        parse_juspay_key("j", pem)
    return str(caught.value)


def test_what_is_no_public_key_of_juspay_s_is_refused(pem: bytes, juspay_key: RSAPrivateKey) -> None:
    assert "a private key" in says(pem)
    assert "a certificate" in says(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for wrong in (b"", b"hello", public_pem_of(juspay_key)[:200]):
        assert "no readable PEM" in says(wrong)
    assert "1024 bits" in says(public_pem_of(generate_private_key(65537, 1024)))  # noqa: S505
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert "not an RSA key" in says(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_key_of_the_weak_kind_is_refused() -> None:
    primes = math.prod((11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157))
    modulus = 65537**3 + 2 * primes * (2**2046 // primes + 1)  # a power of 65537 by each of them
    weak = RSAPublicNumbers(65537, modulus).public_key()
    assert "ROCA" in says(weak.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_key_that_nothing_can_be_encrypted_to_is_refused_before_the_first_payment(juspay_key: RSAPrivateKey) -> None:
    even = RSAPublicNumbers(65537, juspay_key.public_key().public_numbers().n + 1).public_key()
    assert "nothing can be encrypted" in says(even.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_an_id_is_no_longer_than_what_a_token_may_name(juspay_key: RSAPrivateKey, pem: bytes) -> None:
    longest = "k" * KEY_ID_CHARACTERS_MAX
    assert (longest, longest) == (theirs_of(juspay_key, longest).key_id, ours_of(pem, longest).key_id)
    for read in (lambda: theirs_of(juspay_key, f"{longest}k"), lambda: ours_of(pem, f"{longest}k")):
        with pytest.raises(KeyInvalid, match="128"):
            read()


def test_juspay_s_key_may_be_read_by_all(tmp_path: Path, juspay_key: RSAPrivateKey) -> None:
    file = tmp_path / "juspay.pem"
    file.write_bytes(public_pem_of(juspay_key))
    file.chmod(0o644)
    assert juspay_key.public_key() == load_juspay_key("j", file).public_key
    with pytest.raises(KeyInvalid, match="FileNotFoundError"):
        load_juspay_key("j", tmp_path / "none")


# --- rotation


@dataclass
class Wire:
    """Two sides that work while their keys are changed under them."""

    us: JwtEnvelope
    juspay: JwtEnvelope
    exchanges: list[int] = field(default_factory=lambda: [0, 0, 0])
    """How many each thread has been through."""
    failed: list[int] = field(default_factory=list[int])
    is_over: bool = False

    def run(self, number: int) -> None:
        while not self.is_over:
            try:
                sealed, called = self.juspay.seal(PAYLOAD), self.us.seal(PAYLOAD)
                assert PAYLOAD == self.us.open(sealed)
                assert PAYLOAD == self.juspay.open(called)
            except SignatureInvalid:
                self.failed.append(number)
            self.exchanges[number] += 1


def test_both_sides_change_their_keys_under_load_and_nothing_valid_is_refused() -> None:
    a, b, p, q = (generate_private_key(65537, 2048) for _ in range(4))
    pems = {"a": a, "b": b, "p": p, "q": q}

    def side(ours: dict[str, str], theirs: Sequence[str]) -> JwtEnvelope:
        mine = [ours_of(pem_of(pems[key_id]), key_id, state) for key_id, state in ours.items()]
        return JwtEnvelope(KeyRing(mine), [theirs_of(pems[key_id], key_id) for key_id in theirs])

    before = side({"p": "active"}, ["a"]).seal(PAYLOAD)
    steps = [
        # Ours: known here as next, then to Juspay, then active, then the old one goes, there before here.
        (side({"a": "active", "b": "next"}, ["p"]), side({"p": "active"}, ["a"])),
        (side({"a": "active", "b": "next"}, ["p"]), side({"p": "active"}, ["b", "a"])),
        (side({"a": "retiring", "b": "active"}, ["p"]), side({"p": "active"}, ["b", "a"])),
        (side({"a": "revoked", "b": "active"}, ["p"]), side({"p": "active"}, ["b"])),
        # Juspay's: known to both before it is used, then first, then alone.
        (side({"b": "active"}, ["p", "q"]), side({"p": "active", "q": "next"}, ["b"])),
        (side({"b": "active"}, ["q", "p"]), side({"p": "retiring", "q": "active"}, ["b"])),
        (side({"b": "active"}, ["q"]), side({"q": "active"}, ["b"])),
    ]
    wire = Wire(*steps[0])
    threads = [threading.Thread(target=wire.run, args=(number,)) for number in range(len(wire.exchanges))]
    for thread in threads:
        thread.start()
    try:
        for us, juspay in steps:
            wire.us, wire.juspay = us, juspay
            enough = [count + 10 for count in wire.exchanges]  # of each, or a slow one would still be a step behind
            while any(count < most for count, most in zip(wire.exchanges, enough, strict=True)):
                assert all(thread.is_alive() for thread in threads)
                threads[0].join(0.001)
    finally:
        wire.is_over = True
        for thread in threads:
            thread.join()
    assert [] == wire.failed
    assert is_refused(wire.us.open, before)


def test_a_webhook_of_before_a_rotation_is_worth_nothing_after_it(
    pem: bytes, other_pem: bytes, juspay_key: RSAPrivateKey, juspay: JuspaySide
) -> None:
    told = as_webhook(juspay.told(PAYLOAD))
    theirs = [theirs_of(juspay_key, "key_juspay")]
    during = JwtEnvelope(KeyRing([ours_of(other_pem, "new"), ours_of(pem, "key_ours", "retiring")]), theirs)
    after = JwtEnvelope(KeyRing([ours_of(other_pem, "new"), ours_of(pem, "key_ours", "revoked")]), theirs)
    assert PAYLOAD == during.open_webhook(told)
    assert is_refused(after.open_webhook, told)


def test_a_webhook_for_another_merchant_or_environment_is_worth_nothing(
    other_pem: bytes, juspay_key: RSAPrivateKey, juspay: JuspaySide
) -> None:
    other = JwtEnvelope(KeyRing([ours_of(other_pem, "key_ours")]), [theirs_of(juspay_key, "key_juspay")])
    assert is_refused(other.open_webhook, as_webhook(juspay.told(PAYLOAD)))


def key_ids_told(envelope: JwtEnvelope, *tokens: list[str]) -> list[str]:
    told = list[str]()
    for token in tokens:
        with pytest.raises(SignatureInvalid) as caught:
            envelope.open_webhook(as_webhook(token))
        told.append(caught.value.key_id)
        assert "jwt" == str(caught.value)  # whichever it was: its sender learns nothing
    return told


def test_the_error_tells_people_of_the_key_that_failed_on_either_side(
    envelope: JwtEnvelope, juspay: JuspaySide
) -> None:
    cut = juspay.told(PAYLOAD)
    cut[3] = b64(b"cut")
    forged = juspay.jwe(as_object(JWS_MEMBERS, juspay.jws(PAYLOAD, sign=lambda _: bytes(256))))
    assert ["key_ours", "key_juspay"] == key_ids_told(envelope, cut, forged)


def test_a_key_id_that_a_stranger_made_up_or_left_out_is_told_to_nobody(
    envelope: JwtEnvelope, juspay: JuspaySide
) -> None:
    outer = {"alg": "RSA-OAEP-256", "enc": "A256GCM"}
    made_up = juspay.jwe(b"x", {**outer, "kid": "<b>mine</b>"})
    inner_made_up = juspay.jwe(as_object(JWS_MEMBERS, juspay.jws(PAYLOAD, kid="mine")))
    assert ["", "", ""] == key_ids_told(envelope, made_up, inner_made_up, juspay.jwe(b"x", outer))


# --- secrets


def test_no_spelling_and_no_error_holds_key_material(
    pem: bytes, private_key: RSAPrivateKey, envelope: JwtEnvelope, juspay: JuspaySide
) -> None:
    things: list[object] = [envelope, copy.copy(envelope), theirs_of(juspay.key, "j")]
    for wrong in (b"", b"{}", as_call(juspay.jwe(b"no jws")), as_call(juspay.told(PAYLOAD))[:-40]):
        with pytest.raises(SignatureInvalid) as caught:
            envelope.open(wrong)
        things += [caught.value, caught.value.args, caught.value.__cause__, vars(caught.value)]
    seen = " ".join(f"{thing!r} {thing}" for thing in things)
    numbers = private_key.private_numbers()
    assert not any(secret in seen for secret in (str(numbers.d), f"{numbers.p:x}", *pem.decode().splitlines()[1:-1]))
    assert "JwtEnvelope(KeyRing(key_ours: active))" == repr(envelope)


def test_the_header_is_what_the_tag_covers(envelope: JwtEnvelope, juspay: JuspaySide) -> None:
    parts = juspay.told(PAYLOAD)
    said = json.loads(raw(parts[0]))
    other = header_text(dict(reversed(said.items())))
    assert json.loads(raw(other)) == said
    assert is_refused(envelope.open, as_call([other, *parts[1:]]))
