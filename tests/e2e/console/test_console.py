"""The console as it is run: over HTTP, on a SQLite file, with orders that the sandbox has played."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest
from attrs import frozen
from e2e.programs import Ended, Program, ended, started
from e2e.shop import kept_port
from patience import HANGS_S, until

from paystate.entrypoints.console.access import COOKIE
from paystate.entrypoints.demo.stack import MERCHANT_ID, TRUSTS_NOBODY, Stack, running_stack
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.setup.notes import signature_failures

START = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
PASSWORD = "correct horse battery"
BY = ("--by", "Meera")


async def told(stack: Stack, *line: str, typed: str = "") -> tuple[int, str]:
    """Run a command with something piped in; returns how it ended, and what it printed or what was wrong."""
    done = await ran(stack, *line, typed=typed)
    return done.returncode, done.stderr if done.returncode else done.stdout


async def ran(stack: Stack, *line: str, typed: str = "") -> Ended:
    """The same with what came on standard error beside it."""
    return await ended(*line, "--settings", stack.settings_file, typed=typed)


def filled(html: str) -> dict[str, str]:
    form = html.rpartition("<main")[2].rpartition('<form method="post"')[2]
    return dict(re.findall(r'<input [^>]*?name="([^"]*)"[^>]*? value="([^"]*)"', form.partition("</form>")[0]))


async def signed_in(http: httpx.AsyncClient, name: str) -> dict[str, str]:
    """The headers of a browser in which somebody is signed in; httpx keeps a secure cookie from plain HTTP."""
    origin = str(http.base_url).rstrip("/")
    fields = {"name": name, "password": PASSWORD}
    answer = await http.post("/sign-in", data=fields, headers={"origin": origin})
    found = re.match(f"{COOKIE}=([^;]*)", answer.headers.get_list("set-cookie")[0])
    assert found
    return {"cookie": f"{COOKIE}={found[1]}", "origin": origin}


@frozen
class Open:
    """A console that is served, somebody's browser before it, and the order `tea-1`, which is paid."""

    stage: Stage
    browser: httpx.AsyncClient
    program: Program
    case: str = "/orders/teashop/tea-1"


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Open]:
    """The console with Omar, an operator, and Asha, an admin; of refunds above 100 rupees two have to agree."""
    with kept_port() as port:
        url = f"http://127.0.0.1:{port}"
        async with (
            running_stack(folder, START) as stack,
            httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY, timeout=HANGS_S) as http,
            httpx.AsyncClient(base_url=url, trust_env=False, verify=TRUSTS_NOBODY, timeout=HANGS_S) as browser,
        ):
            table = f'\n[console]\npublic_url = "{url}"\nport = {port}\nsecond_person_above = {{ INR = "100" }}\n'
            stack.settings_file.write_text(stack.settings_file.read_text() + table)
            for name, role in (("omar", "operator"), ("asha", "admin")):
                add = ("console", "user", "add", name, "--role", role, *BY)
                assert (0, f"{name} may sign in as {role}.\n") == await told(stack, *add, typed=PASSWORD + "\n")
            stage = Stage(stack, http)
            await stage.paid("tea-1", "349.50")
            line = ("console", "serve", "--settings", stack.settings_file, "--clock-url", stack.clock_url)
            program = await started(None, *line)
            try:
                await until(partial(serves, program, browser))
                yield Open(stage, browser, program)
            finally:
                if program.returncode is None:
                    program.terminate()
                await program.wait()


async def serves(program: Program, browser: httpx.AsyncClient) -> bool:
    assert program.returncode is None
    try:
        return (await browser.get("/sign-in")).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_caller_s_refund_from_the_search_to_juspay_with_two_people(tmp_path: Path) -> None:
    async with opened(tmp_path) as console:
        browser, case = console.browser, console.case
        omar = await signed_in(browser, "omar")
        found = await browser.get("/search", params={"q": "asha"}, headers=omar)
        assert case == found.headers["location"]
        assert "\u20b9349.50" in (await browser.get(case, headers=omar)).text

        form = filled((await browser.get(f"{case}/refund", headers=omar)).text)
        sent = await browser.post(f"{case}/refund", data={**form, "words": "broken"}, headers=omar)
        assert case == sent.headers["location"]
        assert [] == await console.stage.refund_calls("tea-1")

        asha = await signed_in(browser, "asha")
        (waiting,) = re.findall(r'href="(/requests/[^"]+)"', (await browser.get("/requests", headers=asha)).text)
        form = filled((await browser.get(waiting, headers=asha)).text)
        agreed = await browser.post(f"{waiting}/agree", data=form, headers=asha)
        assert case == agreed.headers["location"]

        async def is_sent() -> bool:
            return len(await console.stage.refund_calls("tea-1")) == 1

        await until(is_sent)
        page = (await browser.get(case, headers=asha)).text
        assert "asked for by omar (console), agreed to by asha (console): broken" in page


async def test_a_forged_webhook_shows_among_the_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature_failures, "WRITTEN_EVERY_S", 0)
    async with opened(tmp_path) as console:
        stack, asha = console.stage.stack, await signed_in(console.browser, "asha")
        user = stack.webhook_login[0]
        hooks = f"{stack.service_url}/webhooks/juspay/{MERCHANT_ID}"
        assert 401 == (await console.stage.http.post(hooks, content=b"{}", auth=(user, "wrong"))).status_code

        async def is_told() -> bool:
            page = (await console.browser.get("/operations", headers=asha)).text
            return f"login or header was wrong (unauthenticated), which named {user}<" in page

        await until(is_told)


async def test_a_console_that_is_stopped_ends_its_open_pages_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as console:
        asha = await signed_in(console.browser, "asha")
        async with console.browser.stream("GET", f"/news{console.case}", headers=asha) as open_page:
            lines = open_page.aiter_lines()
            assert "event: news" == await anext(lines)
            console.program.terminate()
            async for _ in lines:  # a stream that is cut off raises; so it would be if it was waited for
                pass
        assert 0 == await console.program.wait()


async def test_people_of_the_console_are_looked_after_at_the_terminal(tmp_path: Path) -> None:
    async with running_stack(tmp_path, START) as stack:
        add = ("console", "user", "add", "Asha", "--role", "viewer", *BY)
        code, printed = await told(stack, *add, typed="short\n")
        assert 1 == code
        assert "password: must have 12 to 200 characters" in printed
        assert 1 == (await told(stack, *add, typed=""))[0]
        assert (0, "asha may sign in as viewer.\n") == await told(stack, *add, typed=PASSWORD)
        code, printed = await told(stack, *add, typed=PASSWORD)
        assert 1 == code
        assert "asha is there already" in printed
        assert 0 == (await told(stack, "console", "user", "add", "omar", "--role", "operator", "--no-password", *BY))[0]
        assert 0 == (await told(stack, "console", "user", "password", "asha", *BY, typed=PASSWORD))[0]
        role = ("console", "user", "role", "ASHA", "--role", "operator", *BY)
        assert (0, "asha may act as operator from the next sign-in on.\n") == await told(stack, *role)
        assert 0 == (await told(stack, "console", "user", "disable", "asha", *BY))[0]
        _, printed = await told(stack, *role)
        assert "asha is operator now.\nasha is disabled since " in printed
        assert "nobody's at this console" in (await told(stack, "console", "user", "disable", "nobody", *BY))[1]
        _, listed = await told(stack, "console", "user", "list", "--json")
        people = {row["name"]: (row["role"], row["signs in"]) for row in json.loads(listed)["rows"]}
        assert {"asha": ("operator", "password"), "omar": ("operator", "by the proxy")} == people
        code, printed = await told(stack, "console", "serve")
        assert 1 == code
        assert "console: is not set up" in printed


@pytest.mark.parametrize(
    ("line", "event", "role"),
    [
        (("add", "omar", "--role", "operator"), "user added", "operator"),
        (("role", "vik", "--role", "admin"), "user's role changed", "admin"),
        (("password", "vik"), "user's password changed", "viewer"),
        (("disable", "vik"), "user disabled", "viewer"),
    ],
)
async def test_each_change_of_who_may_sign_in_is_logged_with_who_did_it(
    tmp_path: Path, line: tuple[str, ...], event: str, role: str
) -> None:
    async with running_stack(tmp_path, START) as stack:
        await told(stack, "console", "user", "add", "vik", "--role", "viewer", *BY, typed=PASSWORD)
        done = await ran(stack, "console", "user", *line, *BY, typed=PASSWORD)
        assert 0 == done.returncode
        (entry,) = map(json.loads, done.stderr.splitlines())
        assert (event, line[1], role, "Meera") == (entry["message"], entry["user"], entry["role"], entry["by"])
        assert PASSWORD not in done.stderr
        refused = await ran(stack, "console", "user", *line, "--by", "", typed=PASSWORD)
        assert (1, True) == (refused.returncode, "--by" in refused.stderr)
