"""The command line as a person uses it, in a folder of their own."""

import asyncio
import gzip
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from beginnings import copied_database
from e2e.cli.terminal import CANARY, SETTINGS, paystate, set_up
from patience import HANGS_S

from paystate.entrypoints.demo.run import START, tell
from paystate.entrypoints.demo.stack import TRUSTS_NOBODY, running_stack
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.stories import STORIES
from paystate.entrypoints.sandbox import (
    SandboxClock,
    SandboxConfig,
    create_app,
    demo_merchant,
    generate_key_pair,
    local_certificate,
    running,
)
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS

STORED = Path(__file__).parents[2] / "integration/stored/by_0_1_0_dev/paystate.sqlite.gz"
JWT_KEY, JUSPAY_KEY = '{ key_id = "k", file = "keys/signing.pem" }', '{ key_id = "j", file = "j.pem" }'


def jwt_table(keys: str = JWT_KEY, juspay_keys: int = 1, more: str = "calls = true") -> str:
    theirs = ", ".join([JUSPAY_KEY] * juspay_keys)
    return f"[merchants.teashop.jwt]\nkeys = [{keys}]\njuspay_keys = [{theirs}]\n{more}"


JWT = (
    (jwt_table(keys=""), "merchants.teashop.jwt.keys"),
    (jwt_table(keys=f"{JWT_KEY}, {JWT_KEY}"), "merchants.teashop.jwt.keys"),
    (
        jwt_table(keys=", ".join([JWT_KEY, *[JWT_KEY.replace(" }", ', state = "retiring" }')] * 3])),
        "merchants.teashop.jwt.keys",
    ),
    (jwt_table(juspay_keys=0), "merchants.teashop.jwt.juspay_keys"),
    (jwt_table(juspay_keys=4), "merchants.teashop.jwt.juspay_keys"),
    (jwt_table(more=""), "merchants.teashop.jwt"),
    (jwt_table(more='webhooks = "sometimes"'), "paystate.toml"),
)
SOON = "2026-03-14T14:30:30+05:30"
SIGNED = ("--by", "Meera", "--note", "a slip of theirs")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a story has left behind; nobody writes to it."""
    folder = tmp_path_factory.mktemp("story")
    asyncio.run(_play(folder, "lost-refund"))
    return folder


@pytest.fixture
def played(story: Path, here: Path) -> None:
    shutil.copytree(story, here, dirs_exist_ok=True)


def test_help_names_every_command(here: Path) -> None:
    told = paystate("--help").output
    assert all(name in told for name in ("demo", "serve", "worker", "sandbox", "migrate", "doctor", "keys", "order"))


def test_new_keys_are_written_for_their_owner_alone(here: Path) -> None:
    made = paystate("keys", "new")
    assert 0 == made.exit_code
    assert 0o600 == stat.S_IMODE((here / "keys/signing.pem").stat().st_mode)
    assert "pst_test_" in made.output
    assert "BEGIN" not in made.output


def test_a_folder_that_cannot_be_made_is_told(here: Path) -> None:
    (here / "file").touch()
    made = paystate("keys", "new", "--out", "file/keys")
    assert (1, True) == (made.exit_code, "to fix it:" in made.output)


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


def test_the_doctor_notes_that_nobody_has_a_key_and_calls_it_no_fault(here: Path) -> None:
    """A program that embeds Paystate needs none."""
    set_up(here)
    settings = here / "paystate.toml"
    kept = [line for line in settings.read_text().splitlines() if not line.startswith("backend_keys")]
    settings.write_text("\n".join(kept))
    copied_database(here / "paystate.sqlite3")
    told = paystate("doctor")
    assert (0, True, True) == (
        told.exit_code, "has no key of a backend" in told.output, "Nothing is wrong." in told.output,
    )  # fmt: skip


def test_migrating_twice_is_harmless(here: Path) -> None:
    set_up(here)
    assert [0, 0] == [paystate("migrate").exit_code, paystate("migrate").exit_code]


def test_a_stored_order_that_cannot_be_migrated_is_named_without_its_text(here: Path) -> None:
    set_up(here)
    database = here / "paystate.sqlite3"
    database.write_bytes(gzip.decompress(STORED.read_bytes()))
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("update orders set snapshot = cast(? as text) where id = 7", (b'{"note": "Asha \xff"}',))
    told = paystate("migrate")
    assert (1, False) == (told.exit_code, "Asha" in told.output)
    assert "database: row 7 of orders cannot be read by this program" in told.output
    assert "to fix it: restore that record from a backup" in told.output


@pytest.mark.parametrize("command", ["migrate", "doctor"])
@pytest.mark.parametrize("database", ["nowhere/db", "paystate.toml", ".", "long" * 1000], ids=lambda name: name[:20])
def test_a_database_that_cannot_be_made_is_told(here: Path, database: str, command: str) -> None:
    set_up(here, f'database = "{database}"\n{SETTINGS}')
    told = paystate(command)
    assert (1, True) == (told.exit_code, "database: " in told.output)


@pytest.mark.parametrize(
    ("good", "bad", "setting"),
    [
        ('base_url = "http://127.0.0.1:1"', 'base_url = "http://juspay.example"', "merchants.teashop.base_url"),
        ('base_url = "http://127.0.0.1:1"', 'base_url = "https://api.juspay.in"', "merchants.teashop.environment"),
        ('public_url = "http://127.0.0.1:8000"', 'public_url = "http://pay.example"', "public_url"),
        ("TEA_JUSPAY_KEY", "NOT_SET_ANYWHERE", "merchants.teashop.api_key"),
        (
            "[merchants.teashop]",
            f"[merchants.twin]{SETTINGS.partition('[merchants.teashop]')[2]}[merchants.teashop]",
            "merchants",
        ),
        # The secret itself, where its place is asked for.
        ('env = "TEA_JUSPAY_KEY"', f'env = "{CANARY}"', "merchants.teashop.api_key"),
        ('env = "TEA_JUSPAY_KEY"', f'file = "{CANARY}"', "merchants.teashop.api_key"),
        ('{ env = "TEA_JUSPAY_KEY" }', f'"{CANARY}"', "paystate.toml"),
        ("abcdefgh:0", "abcdefgh:", "merchants.teashop.backend_keys"),
        ('response_keys = [{ env = "TEA_RESPONSE_KEY" }]', "response_keys = []", "merchants.teashop.response_keys"),
        ('client_id = "teashop"', 'clientid = "teashop"', "paystate.toml"),
        ("[merchants.teashop]", "[merchants.teashop", "paystate.toml"),
        ("[merchants.teashop]", 'ca_file = "nowhere.pem"\n[merchants.teashop]', "ca_file"),
        ("[merchants.teashop]", 'ca_file = "paystate.toml"\n[merchants.teashop]', "ca_file"),
        (
            "[merchants.teashop]",
            "[merchants.teashop.policy]\nwebhooks_max = 1000\n[merchants.teashop]",
            "merchants.teashop.policy.webhooks_max",
        ),
        *[
            (
                "[merchants.teashop]",
                f"[merchants.teashop.policy]\n{name} = {value}\n[merchants.teashop]",
                f"merchants.teashop.policy.{name}",
            )
            for name, value in (
                ("looks_end_s", 7 * 86_400 - 1),
                ("looks_end_s", 366 * 86_400 + 1),
                ("order_id_max", 0),
                ("order_id_max", 32),
                ("calls_per_second", 0),
                ("calls_per_second", 1001),
                ("calls_burst", 0),
                ("calls_burst", 5001),
                ("discount_max_percent", -1),
                ("discount_max_percent", 101),
                ("disputes_max", 9),
                ("disputes_max", 1001),
            )
        ],
        ('base_url = "http://127.0.0.1:1"', 'base_url = "https://sandbox juspay.in"', "merchants.teashop.base_url"),
        ('base_url = "http://127.0.0.1:1"', 'base_url = "https://sandbox.juspay.in?"', "merchants.teashop.base_url"),
        ('base_url = "http://127.0.0.1:1"', 'base_url = "https://sandbox..juspay.in"', "merchants.teashop.base_url"),
        (
            'base_url = "http://127.0.0.1:1"',
            'base_url = "https://juspay@attacker.example"',
            "merchants.teashop.base_url",
        ),
        ('base_url = "http://127.0.0.1:1"', r'base_url = "https://attacker.example\\"', "merchants.teashop.base_url"),
        ('base_url = "http://127.0.0.1:1"', 'base_url = "http://127.0.0.1:1/v1"', "merchants.teashop.base_url"),
        ("client_id", 'return_hosts = ["shop.example/x"]\nclient_id', "merchants.teashop.return_hosts"),
        ('public_url = "http://127.0.0.1:8000"', 'public_url = "https://"', "public_url"),
        ('public_url = "http://127.0.0.1:8000"', 'public_url = "https://pay.example/?shop=1"', "public_url"),
        ('public_url = "http://127.0.0.1:8000"', 'public_url = "https://pay.example/a b"', "public_url"),
        ('public_url = "http://127.0.0.1:8000"', r'public_url = "https://pay.example/\\"', "public_url"),
        ('public_url = "http://127.0.0.1:8000"', 'public_url = "ftp://localhost"', "public_url"),
        ("[merchants.teashop]", 'host = ""\n[merchants.teashop]', "host"),
        ("[merchants.teashop]", f"port = {'9' * 5000}\n[merchants.teashop]", "paystate.toml"),
        ("[merchants.teashop]", f"port = {'[' * 5000}\n[merchants.teashop]", "paystate.toml"),
        ("[merchants.teashop]", 'ca_file = "\\u0000"\n[merchants.teashop]', "ca_file"),
        ('{ env = "TEA_JUSPAY_KEY" }', '{ file = "\\u0000" }', "merchants.teashop.api_key"),
        ('{ env = "TEA_RESPONSE_KEY" }', '{ file = "paystate.toml" }', "merchants.teashop.response_keys[0]"),
        ('user = "teashop"', 'user = "tea:shop"', "merchants.teashop.webhook_logins"),
        ("client_id", 'return_hosts = ["https://shop.example"]\nclient_id', "merchants.teashop.return_hosts"),
        (
            "client_id",
            'webhook_headers = { "X Shop" = { env = "TEA_WEBHOOK_PASSWORD" } }\nclient_id',
            "merchants.teashop.webhook_headers",
        ),
        (
            "client_id",
            'webhook_headers = { X-Shop = { file = "paystate.toml" } }\nclient_id',
            "merchants.teashop.webhook_headers.X-Shop",
        ),
        *[("[merchants.teashop]", f"{jwt}\n[merchants.teashop]", name) for jwt, name in JWT],
    ],
)
def test_the_doctor_and_serve_name_what_is_wrong_and_no_secret(here: Path, good: str, bad: str, setting: str) -> None:
    set_up(here, SETTINGS.replace(good, bad))
    for command in ("doctor", "serve"):
        told = paystate(command)
        assert (1, True) == (told.exit_code, f"{setting}: " in told.output)
        assert "to fix it:" in told.output
        assert CANARY not in told.output


def test_the_doctor_sees_a_key_that_others_can_read(here: Path) -> None:
    set_up(here)
    copied_database(here / "paystate.sqlite3")
    (here / "keys/signing.pem").chmod(0o644)
    told = paystate("doctor")
    assert (1, True) == (told.exit_code, "merchants.teashop.signing_keys" in told.output)
    assert "chmod 6" in told.output
    assert "paystate keys new" not in told.output  # a new pair would have to be uploaded, and fix nothing


def test_the_doctor_names_what_is_weak(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(here)
    copied_database(here / "paystate.sqlite3")
    monkeypatch.setenv("TEA_WEBHOOK_PASSWORD", "a")
    told = paystate("doctor")
    assert (1, True) == (told.exit_code, "merchants.teashop.webhook_logins[0].password: can be guessed" in told.output)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("nowhere.pem", "FileNotFoundError"),
        ("\\u0000", "cannot be read"),
        ("keys/signing.pem", "a private key, where Juspay's public one is needed"),
        ("keys/signing.public.pem", "is our own key"),
        ("paystate.toml", "no readable PEM"),
    ],
)
def test_the_doctor_sees_that_juspay_s_key_is_none(here: Path, file: str, message: str) -> None:
    jwt = jwt_table().replace("j.pem", file)
    set_up(here, f"{SETTINGS}{jwt}")
    copied_database(here / "paystate.sqlite3")
    told = paystate("doctor")
    assert (1, True, True) == (told.exit_code, "merchants.teashop.jwt: " in told.output, message in told.output)


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_a_sandbox_with_tls_is_reached_by_who_trusts_its_authority(here: Path, is_trusted: bool) -> None:
    tls = local_certificate(here / "sandbox-tls")
    merchant = replace(demo_merchant(generate_key_pair()[1]), api_key=f"{CANARY}-TEA_JUSPAY_KEY")
    async with running(create_app(SandboxConfig((merchant,)), SandboxClock()), tls=tls) as url:
        settings = SETTINGS.replace("http://127.0.0.1:1", url)
        set_up(here, f'ca_file = "{tls.ca}"\n{settings}' if is_trusted else settings)
        copied_database(here / "paystate.sqlite3")
        told = await asyncio.to_thread(paystate, "doctor", "--online")
    assert is_trusted == ("Juspay does not answer: its certificate is not one that we trust" not in told.output)
    assert is_trusted == ("base_url" not in told.output)
    assert is_trusted == ("set `ca_file`, above the merchants" not in told.output)


def test_no_production_account_has_an_authority_of_its_own(here: Path) -> None:
    tls = local_certificate(here / "sandbox-tls")
    set_up(here, f'ca_file = "{tls.ca}"\n{SETTINGS}environment = "production"\n')
    assert "ca_file: is set beside a production account" in paystate("doctor").output


def test_serving_without_a_database_says_what_to_do(here: Path) -> None:
    set_up(here)
    told = paystate("serve")
    assert (1, True) == (told.exit_code, "paystate migrate" in told.output)


def test_a_borrowed_clock_is_refused_beside_a_real_juspay(here: Path) -> None:
    real = SETTINGS.replace("http://127.0.0.1:1", "https://sandbox.juspay.in")
    set_up(here, real)
    copied_database(here / "paystate.sqlite3")
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
    assert "The refund is sent to Juspay" in told
    assert "everything that was taken was given back" in explained


def test_an_order_is_told_as_it_was(here: Path) -> None:
    asyncio.run(_play(here, "lost-refund"))
    told = [paystate("order", "at", "tea-lost-1", instant).output for instant in ("2026-03-14T08:59:59Z", SOON)]
    assert "The order was not opened yet.\n" == told[0]
    assert "Order tea-lost-1 of 199.00 INR is CHARGED." in told[1]
    assert "Juspay is asked again" not in told[1]


def test_an_instant_without_a_zone_is_refused(here: Path) -> None:
    set_up(here)
    copied_database(here / "paystate.sqlite3")
    told = paystate("order", "at", "A1", "2026-03-14T09:00:00")
    assert (1, True) == (told.exit_code, "with a zone" in told.output)


@pytest.mark.parametrize(
    ("supposed", "message"),
    [
        (("--refund", "0.01"), "It would be refused: The amount is more than what was captured"),
        (("--pay",), "(rule O2)"),
        (("--juspay", "CHARGED", "--amount", "1.00"), "A person would have to look"),
        (("--juspay", "charged", "--amount", "1.00"), "A person would have to look"),
        (("--juspay", "Charged", "--listing", "lovhb5pp5nwd7efyixsf", "failure"), "It counts as done until a person"),
        (("--juspay", "CHARGED", "--listing", "lovhb5pp5nwd7efyixsf", "FAILURE"), "It counts as done until a person"),
        (("--settle", "mismatch:amount:1", "accepted"), "The order has no such open reason (rule G10)"),
    ],
)
def test_what_would_come_of_something_is_said_and_not_done(
    here: Path, played: None, supposed: tuple[str, ...], message: str
) -> None:
    before = paystate("order", "timeline", "tea-lost-1").output
    told = paystate("order", "what-if", "tea-lost-1", *supposed)
    assert (0, True) == (told.exit_code, message in told.output), told.output
    assert before == paystate("order", "timeline", "tea-lost-1").output


@pytest.mark.parametrize(
    "supposed",
    [
        (),
        ("--pay", "--refund", "1.00"),
        ("--refund", "one"),
        ("--settle", "x", "paid"),
        ("--pay", "--amount", "1.00"),
        ("--refund", "1.00", "--captured", "1.00"),
        ("--refund", "1.00", "--txn", "teashop-tea-lost-1-1"),
        ("--pay", "--listing", "lovhb5pp5nwd7efyixsf", "SUCCESS"),
        ("--juspay", "CHARGED", "--listing", "mistyped", "SUCCESS"),
    ],
)
def test_a_supposition_that_makes_no_sense_is_refused(here: Path, played: None, supposed: tuple[str, ...]) -> None:
    told = paystate("order", "what-if", "tea-lost-1", *supposed)
    assert (1, True) == (told.exit_code, "to fix it" in told.output)


def test_what_a_person_must_look_at_is_listed_shown_and_settled(here: Path) -> None:
    asyncio.run(_underpaid(here))
    assert "mismatch: Juspay answered" in paystate("review", "list").output
    shown = paystate("review", "show", "tea-odd-1").output
    assert "mismatch:amount:1" in shown
    wrong = paystate("review", "settle", "tea-odd-1", "mismatch:amount:1", "--verdict", "done", *SIGNED)
    assert (1, True, True) == (
        wrong.exit_code,
        "(rule G11)" in wrong.output,
        "/lifecycle.md#g11" in wrong.output,
    )
    settled = paystate("review", "settle", "tea-odd-1", "mismatch:amount:1", "--verdict", "accepted", *SIGNED)
    assert (0, True) == (settled.exit_code, "No reason is open now." in settled.output)
    assert "No order waits for a person.\n" == paystate("review", "list").output
    assert (
        "Meera settled mismatch:amount:1 as accepted: a slip of theirs"
        in paystate("order", "timeline", "tea-odd-1").output
    )


@pytest.mark.parametrize("signed", [("--by", "", "--note", "n"), ("--by", "Meera", "--note", "\x1b[31mred")])
def test_a_verdict_needs_a_name_and_plain_words(here: Path, signed: tuple[str, ...]) -> None:
    asyncio.run(_underpaid(here))
    told = paystate("review", "settle", "tea-odd-1", "mismatch:amount:1", "--verdict", "accepted", *signed)
    assert 1 == told.exit_code
    assert "mismatch:amount:1" in paystate("review", "show", "tea-odd-1").output


def test_the_faults_of_the_sandbox_are_listed(here: Path) -> None:
    told = paystate("sandbox", "faults").output
    assert [] == [one.name for one in FAULTS if f"  {one.name} " not in told or one.message not in told]


def test_an_order_that_is_not_there_is_said_so(here: Path) -> None:
    set_up(here)
    copied_database(here / "paystate.sqlite3")
    told = paystate("order", "show", "nobody-1")
    assert (1, True) == (told.exit_code, "has no order nobody-1" in told.output)


async def _underpaid(folder: Path) -> None:
    """An order of which Juspay names another amount."""
    async with (
        running_stack(folder, START) as stack,
        httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY, timeout=HANGS_S) as http,
    ):
        stage = Stage(stack, http)
        await stage.fault("wrong_amount", "Juspay names another amount", order_id="tea-odd-1", calls=50)
        await stage.open_order("tea-odd-1", "50.00")
        app = await stage.app()
        await app.process("tea-odd-1")
        await app.pay()
        await stage.eventually("a reason", lambda: stage.order("tea-odd-1"), lambda order: bool(order["review"]))


async def _play(folder: Path, name: str) -> None:
    story = next(story for story in STORIES if story.name == name)
    async with running_stack(folder, START) as stack:
        assert () == (await tell(story, stack)).wrong
