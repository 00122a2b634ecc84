"""Serving on a real socket, with TLS and as a program."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import ssl
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography import x509
from integration.sandbox.playing import HEADERS, KEY, SESSION, START, bakery, key_pair
from patience import HANGS_S

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, create_app, local_certificate, running
from paystate.entrypoints.sandbox.config import FileInvalid, config_from_file, merchants_from_file
from paystate.entrypoints.sandbox.server import demo_config

MERCHANT_FILE = """
[merchants.florist]
api_key = "FLORISTKEY"
response_key = "secret"
[merchants.florist.public_keys]
k1 = "florist.pub"
[merchants.florist.webhook]
url = "http://127.0.0.1:9/hook"
username = "u"
password = "p"
"""


async def test_it_serves_on_a_free_port_and_dates_by_its_clock() -> None:
    app = create_app(SandboxConfig((bakery(),)), SandboxClock(START, frozen=True))
    async with running(app) as url, httpx.AsyncClient(timeout=HANGS_S) as client:
        answer = await client.get(f"{url}/_control/clock")
    assert ["Tue, 06 May 2031 07:08:09 GMT"] == answer.headers.get_list("date")
    assert "server" not in answer.headers


async def test_links_name_the_bound_address_and_not_the_host_header() -> None:
    app = create_app(SandboxConfig((bakery(),)), SandboxClock(START, frozen=True))
    async with running(app) as url, httpx.AsyncClient(timeout=HANGS_S) as client:
        headers = {**HEADERS, "host": "evil.test"}
        answer = await client.post(f"{url}/session", json=SESSION, headers=headers, auth=(KEY, ""))
    assert answer.json()["payment_links"]["web"].startswith(f"{url}/payment-page/")


async def test_links_name_the_configured_address_where_there_is_one() -> None:
    app = create_app(SandboxConfig((bakery(),), base_url="https://juspay.example.test"), SandboxClock())
    async with running(app) as url, httpx.AsyncClient(timeout=HANGS_S) as client:
        answer = await client.post(f"{url}/session", json=SESSION, headers=HEADERS, auth=(KEY, ""))
    assert answer.json()["payment_links"]["web"].startswith("https://juspay.example.test/payment-page/")


async def test_it_speaks_tls_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    files = local_certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(files.ca))
    app = create_app(SandboxConfig((bakery(),)), SandboxClock())
    async with running(app, tls=files) as url, httpx.AsyncClient(verify=trust, timeout=HANGS_S) as client:
        answers = [await client.get(f"{one}/_control/clock") for one in (url, url.replace("127.0.0.1", "localhost"))]
    assert url.startswith("https://127.0.0.1:")
    assert [200, 200] == [answer.status_code for answer in answers]


def test_a_certificate_is_kept_while_it_lasts(tmp_path: Path) -> None:
    files = local_certificate(tmp_path)
    first = files.certificate.read_bytes()
    local_certificate(tmp_path)
    assert first == files.certificate.read_bytes()


def test_a_certificate_that_ends_within_a_day_is_made_anew(tmp_path: Path) -> None:
    files = local_certificate(tmp_path)
    soon = datetime.now(UTC) + timedelta(hours=23)
    trustme.CA().issue_cert("localhost", not_after=soon).cert_chain_pems[0].write_to_path(files.certificate)
    assert local_certificate(tmp_path).lasts_until > soon


def test_a_certificate_is_for_this_machine_and_thirty_days_by_an_authority_of_this_one(tmp_path: Path) -> None:
    files = local_certificate(tmp_path)
    leaf, ca = (x509.load_pem_x509_certificate(file.read_bytes()) for file in (files.certificate, files.ca))
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ["localhost"] == names.get_values_for_type(x509.DNSName)
    assert [IPv4Address("127.0.0.1")] == names.get_values_for_type(x509.IPAddress)
    assert 29 == (files.lasts_until - datetime.now(UTC)).days
    leaf.verify_directly_issued_by(ca)
    assert ca.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(True, 0)
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(False, None)


@pytest.mark.parametrize("missing", ["ca.pem", "localhost.pem", "localhost.key"])
def test_a_certificate_with_a_file_missing_is_made_anew(tmp_path: Path, missing: str) -> None:
    files = local_certificate(tmp_path)
    (tmp_path / missing).unlink()
    before = [path.read_bytes() for path in tmp_path.iterdir()]
    local_certificate(tmp_path)
    assert not set(before) & {path.read_bytes() for path in (files.certificate, files.key, files.ca)}


def test_the_private_key_is_for_its_owner_only(tmp_path: Path) -> None:
    assert 0o600 == local_certificate(tmp_path).key.stat().st_mode & 0o777


async def test_a_taken_port_is_an_error() -> None:
    app = create_app(SandboxConfig((bakery(),)), SandboxClock())
    async with running(app) as url:
        with pytest.raises(OSError, match="in use"):
            async with running(create_app(SandboxConfig(()), SandboxClock()), port=int(url.rsplit(":", 1)[1])):
                pass


def test_merchants_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "florist.pub").write_text("PEM")
    file = tmp_path / "merchants.toml"
    file.write_text(MERCHANT_FILE)
    (florist,) = merchants_from_file(file)
    assert ("florist", "florist", "FLORISTKEY", {"k1": "PEM"}) == (
        florist.merchant_id,
        florist.client_id,
        florist.api_key,
        florist.public_keys,
    )
    assert florist.webhook is not None
    assert "http://127.0.0.1:9/hook" == florist.webhook.url


def test_keys_for_jwt_mode_are_read_from_the_file(tmp_path: Path) -> None:
    private, public = key_pair()
    for name, text in (("ours.pem", private), ("theirs.pem", public)):
        (tmp_path / name).write_text(text)
    file = tmp_path / "sandbox.toml"
    file.write_text(
        '[merchants.bakery]\napi_key = "K"\njwt_keys = { theirs = "theirs.pem" }\n[jwt_keys]\nours = "ours.pem"\n'
    )
    config = config_from_file(file)
    assert ({"ours": private}, {"theirs": public}) == (config.jwt_keys, config.merchants[0].jwt_keys)


def test_the_file_that_the_how_to_shows_can_be_used(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "play-with-the-sandbox.md"
    (block,) = re.findall(r"^```toml\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    private, public = key_pair()
    for name, text in (("sandbox.toml", block), ("bakery.pem", public), ("sandbox-jwt.key", private)):
        (tmp_path / name).write_text(text)
    config = config_from_file(tmp_path / "sandbox.toml")
    (shop,) = config.merchants
    assert shop.webhook is not None
    assert ("key_bakery", ["key_sandbox"], 404) == (
        shop.webhook.jwt_key_id,
        list(config.jwt_keys),
        config.unknown_order_status,
    )


@pytest.mark.parametrize(
    "text",
    [
        "[merchants.bakery",
        "[merchants.bakery]",
        "[merchants]\nbakery = 'K'",
        "[merchants.bakery]\napi_key = 'K'\njwt_keys = { theirs = 'nowhere.pem' }",
        "[merchants.bakery]\napi_key = 'K'\n[jwt_keys]\nours = 'sandbox.toml'",
        "[merchants.bakery]\napi_key = 'K'\n[switches]\nno_such_switch = true",
        "[merchants.bakery]\napi_key = 'K'\n[merchants.bakery.webhook]\nurl = 'http://127.0.0.1:9'\nuser = 'u'",
        "[merchants.bakery]\napi_key = 'K'\n[merchants.bakery.webhook]\nurl = 'http://127.0.0.1:9'\njwt_key_id = 'k'",
    ],
    ids=[
        "no TOML",
        "no API key",
        "no table",
        "no such file",
        "no key in it",
        "no such switch",
        "a wrong member",
        "a key id of nobody",
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: str) -> None:
    file = tmp_path / "sandbox.toml"
    file.write_text(text)
    with pytest.raises(FileInvalid) as caught:
        config_from_file(file)
    assert (str(caught.value).startswith(f"{file}: "), 1) == (True, str(caught.value).count(str(file)))


def test_secrets_do_not_show_in_a_repr() -> None:
    assert KEY not in repr(bakery())


def test_the_tea_shop_keeps_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert demo_config(None) == demo_config(None)
    assert "PRIVATE" not in str(demo_config(None).merchants[0].public_keys)


async def test_it_runs_as_a_program_and_stops_when_asked(tmp_path: Path) -> None:
    # A test run in the background of a shell inherits an ignored SIGINT, and so would the program.
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    serves = "from pathlib import Path; from paystate.entrypoints.sandbox.server import demo_config, run"
    program = f"{heeds}; {serves}; run(demo_config(None), port=0, tls_folder=Path('tls'))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout is not None
    async with asyncio.timeout(HANGS_S):
        told = await process.stdout.readuntil(b"Stop with Ctrl-C.")
        process.send_signal(signal.SIGINT)
        assert 0 == await process.wait()
    for secret in ("sandbox-demo-merchant.key", "sandbox-jwt.key"):
        assert 0o600 == (tmp_path / secret).stat().st_mode & 0o777
    assert f"NODE_EXTRA_CA_CERTS={tmp_path}/tls/ca.pem" in told.decode()
