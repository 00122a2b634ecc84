"""`paystate explain-signature`, as somebody uses it whose shoppers come back to a refused page."""

import base64
import hmac
import json
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from click.testing import CliRunner, Result

from paystate.adapters.signing.keyring import KeyRing, KeyState, load_key
from paystate.adapters.signing.return_url import form_encoded, signed_string
from paystate.adapters.signing.rsa import RsaSigner
from paystate.entrypoints.cli.main import main

KEY = "canary-response-key-7f3a"
PARAMETERS = {"order_id": "tea-1", "status": "CHARGED", "status_id": "21", "cart": "blue cup"}
SETTINGS = """
public_url = "http://127.0.0.1:8000"
[merchants.teashop]
client_id = "teashop"
base_url = "http://127.0.0.1:1"
api_key = { env = "TEA_JUSPAY_KEY" }
response_keys = [{ env = "TEA_RESPONSE_KEY" }]
"""


def url_signed_over(text: str, key: str = KEY) -> str:
    tag = base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()
    query = "&".join(f"{name}={quote_plus(value)}" for name, value in [*PARAMETERS.items(), ("signature", tag)])
    return f"https://pay.example.com/return/teashop?{query}&signature_algorithm=HMAC-SHA256"


RIGHT = url_signed_over(signed_string(PARAMETERS.items()))
UNENCODED = url_signed_over("&".join(sorted(f"{name}={form_encoded(value)}" for name, value in PARAMETERS.items())))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "paystate.toml").write_text(SETTINGS, "utf-8")
    monkeypatch.setenv("TEA_RESPONSE_KEY", KEY)
    return tmp_path


def explain(*args: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["explain-signature", *args], input=typed)


def test_a_right_url_is_told_so() -> None:
    told = explain(RIGHT)
    assert (0, True) == (told.exit_code, "The signature is right." in told.output)


def test_an_ampersand_behind_the_url_changes_nothing() -> None:
    assert 0 == explain(f"{RIGHT}&").exit_code


def test_the_step_where_the_sides_part_is_told_with_our_text_beside_it() -> None:
    told = explain(UNENCODED)
    assert 1 == told.exit_code
    assert "5  differs    encode the whole once more" in told.output
    assert "here: cart%3Dblue%2Bcup%26order_id" in told.output
    assert "The two sides differ at step 5: the joined text is not encoded once more." in told.output


def test_the_url_may_come_from_the_input() -> None:
    assert 0 == explain(typed=f"{RIGHT}\n").exit_code


def test_the_key_may_stand_in_a_file_or_a_variable_or_be_typed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "another-canary"
    url = url_signed_over(signed_string(PARAMETERS.items()), other)
    (here / "key.txt").write_text(f"{other}\n", "utf-8")
    monkeypatch.setenv("OTHER_KEY", other)
    ways = [explain(url, "--key-file", "key.txt"), explain(url, "--key-env", "OTHER_KEY")]
    ways.append(explain(url, "--ask-key", typed=f"{other}\n"))
    assert [0, 0, 0] == [told.exit_code for told in ways]
    assert not any(other in told.output for told in ways)
    assert 1 == explain(url).exit_code


@pytest.mark.parametrize("url", [RIGHT, UNENCODED, url_signed_over("x"), f"{RIGHT}&order_id=x"])
def test_no_key_and_no_digest_is_printed(url: str) -> None:
    told = explain(url).output
    right = hmac.digest(KEY.encode(), signed_string(PARAMETERS.items()).encode(), "sha256")
    shown = [base64.b64encode(right).decode(), quote_plus(base64.b64encode(right).decode()), right.hex(), KEY]
    assert not [text for text in shown if text.lower() in told.lower()]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((RIGHT, "--key-env", "NOT_SET"), "NOT_SET is not set"),
        ((RIGHT, "--key-file", "missing.txt"), "cannot be read"),
        ((RIGHT, "--key-file", "empty.txt"), "response key"),
        ((RIGHT, "--merchant", "other"), "other is not set up"),
        (("--payload", "paystate.toml"), "is needed here"),
        (("--payload", "long.txt", "--signature", "empty.txt", "--public-key", "empty.txt"), "too long"),
    ],
)
def test_what_cannot_be_done_is_told_with_how_to_mend_it(here: Path, args: tuple[str, ...], message: str) -> None:
    (here / "empty.txt").write_text("")
    (here / "long.txt").write_bytes(b"x" * 70_000)
    told = explain(*args)
    assert 1 == told.exit_code
    assert message in told.output
    assert "to fix it" in told.output


def test_a_key_that_is_not_to_be_had_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEA_RESPONSE_KEY")
    told = explain(RIGHT)
    assert 1 == told.exit_code
    assert "response_keys: cannot be read from TEA_RESPONSE_KEY" in told.output


def test_a_payload_is_compared_with_the_public_key(here: Path) -> None:
    assert 0 == CliRunner().invoke(main, ["keys", "new"]).exit_code
    signer = RsaSigner(KeyRing([load_key("k-1", here / "keys/signing.pem", KeyState.ACTIVE)]))
    text = json.dumps({"order_id": "tea-1"})
    (here / "signature.txt").write_text(signer.sign(text).value)
    public = next(path for path in (here / "keys").iterdir() if "BEGIN PUBLIC KEY" in path.read_text())
    told: list[Result] = []
    for sent in (text, f"{text}\n"):
        (here / "details.json").write_text(sent)
        told.append(explain("--payload", "details.json", "--signature", "signature.txt", "--public-key", str(public)))
    assert [0, 1] == [one.exit_code for one in told]
    assert "The two sides differ at step 2: the text has white space around it" in told[1].output


def test_a_key_s_file_may_begin_with_a_byte_order_mark(here: Path) -> None:
    (here / "response.key").write_bytes(b"\xef\xbb\xbf" + KEY.encode() + b"\r\n")
    assert 0 == explain(RIGHT, "--key-file", "response.key").exit_code


@pytest.mark.parametrize("text", ["[" * 30_000, '{"a":' * 10_000], ids=["lists", "objects"])
def test_a_payload_that_is_nested_too_deeply_is_compared_all_the_same(here: Path, text: str) -> None:
    assert 0 == CliRunner().invoke(main, ["keys", "new"]).exit_code
    public = next(path for path in (here / "keys").iterdir() if "BEGIN PUBLIC KEY" in path.read_text())
    (here / "details.json").write_text(text)
    (here / "signature.txt").write_text(base64.b64encode(bytes(256)).decode())
    told = explain("--payload", "details.json", "--signature", "signature.txt", "--public-key", str(public))
    assert (1, True) == (told.exit_code, "The signature fits in no way that we know." in told.output)
