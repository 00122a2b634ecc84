"""The command line as a person uses it, in a folder of their own."""

import asyncio
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from paystate.entrypoints.cli import main
from paystate.entrypoints.demo.run import START, tell
from paystate.entrypoints.demo.stack import running_stack
from paystate.entrypoints.demo.stories import STORIES

CANARY = "canary-7f3a-do-not-print"
SETTINGS = """
public_url = "http://127.0.0.1:8000"
[merchants.teashop]
client_id = "teashop"
base_url = "http://127.0.0.1:1"
api_key = { env = "TEA_JUSPAY_KEY" }
response_keys = [{ env = "TEA_RESPONSE_KEY" }]
signing_keys = [{ key_id = "k-1", file = "keys/signing.pem" }]
webhook_logins = [{ user = "teashop", password = { env = "TEA_WEBHOOK_PASSWORD" } }]
backend_keys = ["abcdefgh:0000000000000000000000000000000000000000000000000000000000000000"]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("TEA_JUSPAY_KEY", "TEA_RESPONSE_KEY", "TEA_WEBHOOK_PASSWORD"):
        monkeypatch.setenv(name, CANARY)
    return tmp_path


def paystate(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def set_up(folder: Path, settings: str = SETTINGS) -> None:
    (folder / "paystate.toml").write_text(settings, "utf-8")
    assert 0 == paystate("keys", "new").exit_code


def test_help_names_every_command(here: Path) -> None:
    told = paystate("--help").output
    assert all(name in told for name in ("demo", "serve", "worker", "sandbox", "migrate", "doctor", "keys", "order"))


def test_new_keys_are_written_for_their_owner_alone(here: Path) -> None:
    made = paystate("keys", "new")
    assert 0 == made.exit_code
    assert 0o600 == stat.S_IMODE((here / "keys/signing.pem").stat().st_mode)
    assert "pst_test_" in made.output
    assert "BEGIN" not in made.output


def test_keys_that_are_there_are_never_written_over(here: Path) -> None:
    paystate("keys", "new")
    before = (here / "keys/signing.pem").read_bytes()
    assert 1 == paystate("keys", "new").exit_code
    assert before == (here / "keys/signing.pem").read_bytes()


def test_the_doctor_finds_nothing_wrong_with_a_good_set_up(here: Path) -> None:
    set_up(here)
    assert 0 == paystate("migrate").exit_code
    told = paystate("doctor")
    assert (0, True) == (told.exit_code, "Nothing is wrong." in told.output)


def test_migrating_twice_is_harmless(here: Path) -> None:
    set_up(here)
    assert [0, 0] == [paystate("migrate").exit_code, paystate("migrate").exit_code]


@pytest.mark.parametrize(
    ("good", "bad", "setting"),
    [
        ('base_url = "http://127.0.0.1:1"', 'base_url = "http://juspay.example"', "merchants.teashop.base_url"),
        ('base_url = "http://127.0.0.1:1"', 'base_url = "https://api.juspay.in"', "merchants.teashop.environment"),
        ('public_url = "http://127.0.0.1:8000"', 'public_url = "http://pay.example"', "public_url"),
        ("TEA_JUSPAY_KEY", "NOT_SET_ANYWHERE", "merchants.teashop.api_key"),
        ("abcdefgh:0", "abcdefgh:", "merchants.teashop.backend_keys"),
        ('response_keys = [{ env = "TEA_RESPONSE_KEY" }]', "response_keys = []", "merchants.teashop.response_keys"),
        ('client_id = "teashop"', 'clientid = "teashop"', "paystate.toml"),
        ("[merchants.teashop]", "[merchants.teashop", "paystate.toml"),
    ],
)
def test_the_doctor_and_serve_name_what_is_wrong_and_no_secret(here: Path, good: str, bad: str, setting: str) -> None:
    set_up(here, SETTINGS.replace(good, bad))
    for command in ("doctor", "serve"):
        told = paystate(command)
        assert (1, True) == (told.exit_code, f"{setting}: " in told.output)
        assert "to mend it:" in told.output
        assert CANARY not in told.output


def test_the_doctor_sees_a_key_that_others_can_read(here: Path) -> None:
    set_up(here)
    paystate("migrate")
    (here / "keys/signing.pem").chmod(0o644)
    told = paystate("doctor")
    assert (1, True) == (told.exit_code, "merchants.teashop.signing_keys" in told.output)


def test_serving_without_a_database_says_what_to_do(here: Path) -> None:
    set_up(here)
    told = paystate("serve")
    assert (1, True) == (told.exit_code, "paystate migrate" in told.output)


def test_a_borrowed_clock_is_refused_beside_a_real_juspay(here: Path) -> None:
    real = SETTINGS.replace("http://127.0.0.1:1", "https://sandbox.juspay.in")
    set_up(here, real)
    paystate("migrate")
    told = paystate("serve", "--clock-url", "http://127.0.0.1:1/clock")
    assert (1, True) == (told.exit_code, "--clock-url" in told.output)


def test_a_story_that_does_not_exist_is_refused_with_the_names(here: Path) -> None:
    told = paystate("demo", "no-such-story")
    assert (2, True) == (told.exit_code, all(story.name in told.output for story in STORIES))


def test_an_order_is_shown_told_and_explained(here: Path) -> None:
    asyncio.run(_play(here, "lost-refund"))
    shown = paystate("order", "show", "tea-lost-1").output
    told = paystate("order", "timeline", "TEA-lost-1").output
    explained = paystate("order", "explain", "tea-lost-1").output
    assert "REFUNDED" in shown
    assert "a claim, not a proof" in told
    assert "Refund call begun" in told
    assert "everything was given back" in explained


def test_an_order_that_is_not_there_is_said_so(here: Path) -> None:
    set_up(here)
    paystate("migrate")
    told = paystate("order", "show", "nobody-1")
    assert (1, True) == (told.exit_code, "has no order nobody-1" in told.output)


async def _play(folder: Path, name: str) -> None:
    story = next(story for story in STORIES if story.name == name)
    async with running_stack(folder, START) as stack:
        assert () == (await tell(story, stack)).wrong
