"""Keys and RSA signatures: what loads, what is refused, and that signatures are the standard's."""

import base64
import copy
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from integration.signing.juspay_side import public_pem_of

from paystate.adapters.signing.keyring import KeyInvalid, KeyRing, KeyState, SigningKey, load_key, parse_key
from paystate.adapters.signing.rsa import RsaSigner, new_key, verify
from paystate.adapters.signing.secret_files import FileUnusable, open_to, read_file
from paystate.core.errors import PaystateError, SignatureInvalid
from paystate.core.ports.signing import Signer

CANARY = b"CANARY-comment-in-a-key-file"
PAYLOAD = '{"order_id":"tea-041","amount":"120.50","note":"é\\u0939 \u0939"}'

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def port(signer: RsaSigner) -> Signer:
    """Let the type checkers see that the port is met."""
    return signer


def key_of(pem: bytes, key_id: str = "key_1", state: KeyState = KeyState.ACTIVE) -> SigningKey:
    return parse_key(key_id, pem, state)


SOMEBODY = 4711
"""A user who is not root."""


def fix_for(pem: bytes) -> str:
    with pytest.raises(KeyInvalid) as caught:
        parse_key("key_1", pem, KeyState.ACTIVE)
    return caught.value.fix


def says(pem: bytes, password: bytes | None = None) -> str:
    with pytest.raises(KeyInvalid) as caught:
        parse_key("key_1", pem, KeyState.ACTIVE, password=password)
    assert caught.value.key_id == "key_1"
    return str(caught.value)


# --- signing


def test_a_signature_verifies_over_exactly_the_text_s_bytes(pem: bytes, private_key: RSAPrivateKey) -> None:
    signature = RsaSigner(KeyRing([key_of(pem)])).sign(PAYLOAD)
    raw = base64.b64decode(signature.value, validate=True)
    assert signature.key_id == "key_1"
    assert "\n" not in signature.value
    assert base64.b64encode(raw).decode() == signature.value
    private_key.public_key().verify(raw, PAYLOAD.encode(), PKCS1v15(), SHA256())
    verify(private_key.public_key(), PAYLOAD.encode(), raw)


def test_signing_again_gives_the_same(pem: bytes) -> None:
    signer = RsaSigner(KeyRing([key_of(pem)]))
    assert signer.sign(PAYLOAD) == signer.sign(PAYLOAD)
    assert signer.sign(PAYLOAD) != signer.sign(PAYLOAD + " ")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command to compare with")
def test_another_program_verifies_it(pem: bytes, private_key: RSAPrivateKey, tmp_path: Path) -> None:
    key = key_of(pem)
    (tmp_path / "public.pem").write_bytes(public_pem_of(private_key))
    (tmp_path / "signature").write_bytes(base64.b64decode(RsaSigner(KeyRing([key])).sign(PAYLOAD).value))
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature"],
        cwd=tmp_path,
        input=PAYLOAD.encode(),
        capture_output=True,
        check=False,
    )
    assert done.stdout == b"Verified OK\n"


def test_every_changed_byte_is_refused(private_key: RSAPrivateKey) -> None:
    message = b'{"amount":"1.00"}'
    signature = private_key.sign(message, PKCS1v15(), SHA256())
    public = private_key.public_key()
    for whole, place in ((message, 0), (signature, 1)):
        for at in range(len(whole)):
            changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            with pytest.raises(SignatureInvalid):
                verify(public, changed if place == 0 else message, changed if place == 1 else signature)


@pytest.mark.parametrize("wrong", [b"", b"\x00", b"\x00" * 256, b"\xff" * 256, b"\x00" * 257])
def test_what_is_no_signature_is_refused(private_key: RSAPrivateKey, wrong: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify(private_key.public_key(), b"m", wrong)


def test_another_digest_is_refused(private_key: RSAPrivateKey) -> None:
    with pytest.raises(SignatureInvalid):
        verify(private_key.public_key(), b"m", private_key.sign(b"m", PKCS1v15(), SHA1()))  # noqa: S303


# --- the ring


def test_only_the_active_key_signs(pem: bytes, other_pem: bytes) -> None:
    old, new = key_of(pem, "old", KeyState.RETIRING), key_of(other_pem, "new")
    assert RsaSigner(KeyRing([old, new])).sign(PAYLOAD).key_id == "new"


def test_a_rotation_changes_the_key_that_signs_and_keeps_the_old_one_live_until_it_is_revoked(
    pem: bytes, other_pem: bytes
) -> None:
    rings = [
        KeyRing([key_of(pem, "a", first), key_of(other_pem, "b", second)])
        for first, second in (
            (KeyState.ACTIVE, KeyState.NEXT),
            (KeyState.RETIRING, KeyState.ACTIVE),
            (KeyState.REVOKED, KeyState.ACTIVE),
        )
    ]
    assert ["a", "b", "b"] == [RsaSigner(ring).sign(PAYLOAD).key_id for ring in rings]
    assert [["a", "b"], ["a", "b"], ["b"]] == [[key.key_id for key in ring.live] for ring in rings]


@pytest.mark.parametrize("states", [[], ["next"], ["active", "active"], ["retiring", "revoked"]], ids=str)
def test_exactly_one_key_must_be_active(pem: bytes, states: list[str]) -> None:
    with pytest.raises(KeyInvalid, match="exactly one"):
        KeyRing(key_of(pem, f"k{n}", KeyState(state)) for n, state in enumerate(states))


def test_an_id_comes_once(pem: bytes, other_pem: bytes) -> None:
    with pytest.raises(KeyInvalid, match="twice"):
        KeyRing([key_of(pem), key_of(other_pem, state=KeyState.NEXT)])


# --- loading


def test_both_pem_forms_and_passwords(pem: bytes, private_key: RSAPrivateKey) -> None:
    old = private_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    locked = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))
    assert private_key.public_key() == key_of(pem).public_key
    assert private_key.public_key() == key_of(old).public_key
    opened = parse_key("key_1", locked, KeyState.ACTIVE, password=b"open sesame")
    assert private_key.public_key() == opened.public_key
    assert "no password" in says(locked)
    assert "password is wrong" in says(locked, b"closed")
    assert "none is needed" in says(pem, b"open sesame")


@pytest.mark.parametrize("bits", [1024, 2047])
def test_a_short_key_is_refused(bits: int) -> None:
    short = generate_private_key(65537, bits)
    assert f"{bits} bits" in says(short.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.mark.parametrize("other", [ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()])
def test_another_kind_of_key_is_refused(other: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> None:
    assert "not an RSA key" in says(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_a_small_exponent_is_refused() -> None:
    small = generate_private_key(3, 2048)
    assert "exponent is 3" in says(small.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_primes_that_lie_near_each_other_are_refused() -> None:
    assert "near each other" in says((Path(__file__).parent / "near_primes_only_for_tests.pem").read_bytes())


@pytest.mark.parametrize(
    ("spoilt", "fix"),
    [
        (lambda pem: pem.replace(b"\n", b"\\n"), "printf '%b"),
        (lambda pem: pem.decode().encode("utf-16"), "save it as plain ASCII or UTF-8"),
        (lambda pem: pem[:800], "copy the whole file again"),
        (lambda _: b"", "name the file that `paystate keys new` wrote"),
    ],
    ids=["escaped", "utf-16", "cut", "empty"],
)
def test_what_is_wrong_with_a_key_s_text_is_mended_and_not_thrown_away(
    pem: bytes, spoilt: Callable[[bytes], bytes], fix: str
) -> None:
    assert fix in fix_for(spoilt(pem))


def test_the_fix_for_a_key_s_form_is_to_write_it_anew(private_key: RSAPrivateKey) -> None:
    der = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    locked = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))
    openssh = private_key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert "openssl pkey -inform DER" in fix_for(der)
    assert "take the password off: `openssl pkey -in" in fix_for(locked)
    assert "ssh-keygen -p -m PKCS8" in fix_for(openssh)


def test_a_key_behind_a_byte_order_mark_loads(tmp_path: Path, pem: bytes) -> None:
    (tmp_path / "key.pem").touch(0o600)
    (tmp_path / "key.pem").write_bytes(b"\xef\xbb\xbf" + pem)
    assert key_of(pem).modulus == load_key("key_1", tmp_path / "key.pem", KeyState.ACTIVE).modulus


def test_a_public_key_in_a_private_one_s_place_is_refused(private_key: RSAPrivateKey) -> None:
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        assert "a public key" in says(private_key.public_key().public_bytes(Encoding.PEM, form))


def test_a_certificate_is_refused() -> None:
    assert "a certificate" in says(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


@pytest.mark.parametrize("size", [0, 1, 100, 800, 1650])
def test_a_cut_file_is_refused(pem: bytes, size: int) -> None:
    assert "no readable PEM" in says(pem[:size])


def test_what_is_no_pem_is_refused(private_key: RSAPrivateKey) -> None:
    der = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for wrong in (b"hello", b"\x00" * 100, der):
        assert "no readable PEM" in says(wrong)


def test_a_damaged_key_is_refused(pem: bytes) -> None:
    lines = pem.decode().splitlines()
    for at in range(2, len(lines) - 2):
        line = lines[at]
        damaged = [*lines[:at], line[1:] + line[0], *lines[at + 1 :]]
        assert says("\n".join(damaged).encode())


@pytest.mark.parametrize("key_id", ["", "a\nb", "schlüssel"])
def test_an_id_is_printable(pem: bytes, key_id: str) -> None:
    with pytest.raises(KeyInvalid):
        key_of(pem, key_id)


# --- files


@pytest.fixture
def file(tmp_path: Path, pem: bytes) -> Path:
    path = tmp_path / "private.pem"
    path.write_bytes(CANARY + b"\n" + pem)
    path.chmod(0o600)
    return path


def test_a_file_that_only_its_owner_reads(file: Path, pem: bytes) -> None:
    assert load_key("key_1", file, KeyState.ACTIVE).public_key == key_of(pem).public_key


def owned(by: int, mode: int) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | mode, 1, 1, 1, by, 0, 0, 0, 0, 0))


@posix
@pytest.mark.parametrize(
    ("by", "mode", "is_closed"),
    [
        (SOMEBODY, 0o600, True),
        (SOMEBODY, 0o400, True),
        (SOMEBODY, 0o440, False),
        (0, 0o440, True),
        (0, 0o640, True),
        (0, 0o660, False),
        (0, 0o444, False),
        (0, 0o650, False),
    ],
)
def test_a_file_of_root_s_may_be_read_by_its_group_and_any_other_by_its_owner_alone(
    by: int, mode: int, is_closed: bool
) -> None:
    assert is_closed == ("" == open_to(owned(by, mode)))


@posix
def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(KeyInvalid, match="not a regular file"):
        load_key("key_1", tmp_path / "pipe", KeyState.ACTIVE)


def test_a_file_is_read_without_its_byte_order_mark_and_within_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\xef\xbb\xbfabc")
    assert b"abc" == read_file(file)
    with pytest.raises(FileUnusable, match="too long"):
        read_file(file, bytes_max=5)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o620, 0o601])
def test_a_file_that_others_can_reach_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    if os.geteuid() == 0:
        os.chown(file, SOMEBODY, -1)
    with pytest.raises(KeyInvalid, match=f"mode {mode:o}") as caught:
        load_key("key_1", file, KeyState.ACTIVE)
    assert f"chmod 600 {file}" in caught.value.fix


def test_a_missing_long_or_odd_file_is_refused(file: Path) -> None:
    with pytest.raises(KeyInvalid, match="FileNotFoundError"):
        load_key("key_1", file.with_name("none"), KeyState.ACTIVE)
    with pytest.raises(KeyInvalid):
        load_key("key_1", file.parent, KeyState.ACTIVE)
    file.write_bytes(file.read_bytes() + b" " * 70_000)
    with pytest.raises(KeyInvalid, match="too long"):
        load_key("key_1", file, KeyState.ACTIVE)


@posix
def test_a_new_key_is_written_for_its_owner_and_loads(tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    new_key(private, public)
    key = load_key("fresh", private, KeyState.ACTIVE)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert private.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert public.read_bytes() == public_pem_of(key.private_key)
    assert key.public_key.key_size == 2048
    assert load_pem_public_key(public.read_bytes()) == key.public_key


def test_a_new_key_writes_over_nothing(tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    for there, absent in ((private, public), (public, private)):
        there.write_text("precious")
        with pytest.raises(FileExistsError):
            new_key(private, public)
        assert there.read_text() == "precious"
        assert not absent.exists()
        there.unlink()


# --- secrets


def test_no_spelling_and_no_error_holds_key_material(file: Path, pem: bytes, other_pem: bytes) -> None:
    key = load_key("key_1", file, KeyState.ACTIVE)
    ring = KeyRing([key])
    things: list[object] = [key, ring, RsaSigner(ring), copy.copy(key)]
    for wrong in (pem[:800], CANARY + pem[:-100], CANARY, other_pem.replace(b"PRIVATE", b"PUBLIC")):
        with pytest.raises(PaystateError) as caught:
            parse_key("key_1", wrong, KeyState.ACTIVE)
        things += [caught.value, caught.value.args, vars(caught.value), caught.value.__cause__]
    seen = " ".join(f"{thing!r} {thing}" for thing in things)
    numbers = key.private_key.private_numbers()
    secrets = [CANARY.decode(), *pem.decode().splitlines()[1:-1], str(numbers.d), f"{numbers.p:x}", "BEGIN"]
    assert not any(secret in seen for secret in secrets)
    assert json.dumps(repr(ring)) == '"KeyRing(key_1: active)"'
