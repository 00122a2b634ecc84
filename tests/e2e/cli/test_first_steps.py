"""The first steps of somebody new: what does not work yet is said in a line, and what is left running can be tried."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from beginnings import copied_database
from e2e.cli.terminal import SETTINGS, paystate, set_up
from e2e.programs import ended
from patience import HANGS_S

from paystate.entrypoints.sandbox import (
    SandboxClock,
    SandboxConfig,
    create_app,
    demo_merchant,
    generate_key_pair,
    running,
)
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_file import read

RUN = "from paystate.entrypoints.cli.start import main; main()"
CLOCK = "/_control/clock"
GUIDE = Path(__file__).parents[3] / "docs/how-to/put-paystate-in-your-backend.md"


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX")
@pytest.mark.parametrize("name", ["paystate.toml", "keys/signing.pem", "paystate.sqlite3", "secret", "ca.pem"])
async def test_the_doctor_waits_for_no_pipe(here: Path, name: str) -> None:
    in_file = SETTINGS.replace('env = "TEA_RESPONSE_KEY"', 'file = "secret"') if name == "secret" else SETTINGS
    set_up(here, f'ca_file = "ca.pem"\n{in_file}' if name == "ca.pem" else in_file)
    copied_database(here / "paystate.sqlite3")
    (here / name).unlink(missing_ok=True)
    os.mkfifo(here / name, 0o600)
    told = await ended("doctor")
    assert (1, True) == (told.returncode, "to fix it:" in told.stderr)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://127.0.0.1:1/clock", "https://127.0.0.1:1", "http://clock.example", "noon"]
)
def test_an_address_that_tells_no_time_is_refused(here: Path, url: str) -> None:
    set_up(here)
    copied_database(here / "paystate.sqlite3")
    told = paystate("worker", "--clock-url", url)
    assert (1, True) == (told.exit_code, "--clock-url: tells no time" in told.output)


async def test_the_sandbox_s_own_address_gives_its_clock(here: Path) -> None:
    merchant, then = demo_merchant(generate_key_pair()[1]), datetime(2001, 2, 3, tzinfo=UTC)
    async with running(create_app(SandboxConfig((merchant,)), SandboxClock(then))) as url:
        (here / "paystate.toml").write_text(SETTINGS.replace("http://127.0.0.1:1", url))
        settings = read(here / "paystate.toml", {})
        clocks = [await asyncio.to_thread(bootstrap.clock, settings, f"{url}{path}") for path in ("", "/", CLOCK)]
        shown = [await asyncio.to_thread(clock.now) for clock in clocks]
    assert [then.date()] * 3 == [now.date() for now in shown]


async def test_a_port_that_is_taken_is_told_before_anything_is_said_to_be_served(here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        set_up(here, f"port = {port}\n{SETTINGS}")
        copied_database(here / "paystate.sqlite3")
        done = await ended("serve")
    assert 1 == done.returncode
    assert f"port: 127.0.0.1:{port} cannot be listened at: Address already in use" in done.stderr
    assert not any(word in done.stderr for word in ("serving", "Traceback", '"message"'))


def test_an_installation_of_the_rules_alone_says_what_to_install() -> None:
    without = "import sys; sys.modules['rich_click'] = None; from paystate.entrypoints.cli.start import main; main()"
    done = subprocess.run([sys.executable, "-c", without], timeout=HANGS_S, capture_output=True, text=True, check=False)
    assert (1, True, False) == (
        done.returncode,
        'pip install "paystate[service]"' in done.stderr,
        "Trace" in done.stderr,
    )


@pytest.mark.skipif(os.name != "posix", reason="SIGTERM and SIGHUP are POSIX")
@pytest.mark.parametrize("ending", ["SIGTERM", "SIGHUP"])
def test_the_guide_s_first_call_works_with_the_demo_s_key_and_ending_it_leaves_nothing_behind(
    tmp_path: Path, ending: str
) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-c", RUN, "demo", "--keep", "straight"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    try:
        assert demo.stdout
        told = ""
        while "Ctrl-C stops everything" not in told:
            line = demo.stdout.readline()
            assert line, told
            told += line
        names = ("service", "the backend's API key", "the shop as asha sees it", "payment page, last order")
        service, key, shop, page = (re.search(rf"{name} +(\S+)", told) for name in names)
        assert service
        assert key
        assert shop
        assert page
        with httpx.Client(trust_env=False, follow_redirects=True) as browser:
            own = {"Origin": urljoin(shop[1], "/").rstrip("/")}
            key_of_asha = parse_qs(urlsplit(shop[1]).query)["with"][0]
            assert "Come in as asha" in browser.get(shop[1]).text
            seen = browser.post(urljoin(shop[1], "/come-in"), data={"with": key_of_asha}, headers=own)
            assert "Given back" in seen.text  # the order of the story, in the shopper's own list
            order = browser.get(urljoin(shop[1], "/orders/tea-straight-1")).text
            steps = ("The app says process_result", "A webhook came", "Juspay says CHARGED")
            assert [True, True, True] == [step in order for step in steps]
            assert 200 == browser.get(page[1]).status_code
        first = re.search(r"curl \$PAY/v1/orders -H .*? -d '(\{.*?\})'", GUIDE.read_text("utf-8"), re.DOTALL)
        assert first
        headers = {"authorization": f"Bearer {key[1]}"}
        answer = httpx.post(f"{service[1]}/v1/orders", json=json.loads(first[1]), headers=headers, trust_env=False)
        assert (201, "A1") == (answer.status_code, answer.json()["order_id"])
        assert any(tmp_path.iterdir())
        demo.send_signal(signal.Signals[ending])
        demo.wait(HANGS_S)
    finally:
        demo.kill()
        demo.communicate()
    assert [] == list(tmp_path.iterdir())
