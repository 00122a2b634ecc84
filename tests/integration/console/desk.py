"""A console in this process beside the service of `integration.api.world`, with people who may sign in."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from html import unescape
from typing import Any

import httpx
from attrs import define
from integration.api.world import World, on_routes, world
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import AsyncTestClient

from paystate.core.console.users import ConsoleUser, Role
from paystate.entrypoints.console.access import COOKIE
from paystate.entrypoints.console.app import app_on, state_of
from paystate.entrypoints.console.known_browsers import BROWSER
from paystate.entrypoints.console.rendering import TOLD
from paystate.entrypoints.setup.tables.console import ConsoleProxy, ConsoleSettings

ORIGIN = "https://console.example.test"
PEOPLE = {"vik": Role.VIEWER, "omar": Role.OPERATOR, "asha": Role.ADMIN, "zoya": Role.ADMIN}


class PlainHasher:
    """Keeps passwords as they are: a real hash takes long on purpose, and has a test of its own."""

    async def hashed(self, password: str) -> str:
        return f"plain {password}"

    async def fits(self, password: str, password_hash: str) -> bool:
        return f"plain {password}" == password_hash


@define
class Desk:
    """A browser at the console, in the words of a test."""

    http: AsyncTestClient[Any]
    shop: World
    token: str = ""
    browser: str = ""
    """The cookie that makes the browser known."""
    told: str = ""
    """What the next page tells, once."""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        answer = await self.http.get(path, headers=self._headers(headers))
        self.told = cookie_in(answer, TOLD) if TOLD in answer.headers.get("set-cookie", "") else self.told
        return answer

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        given = {"origin": ORIGIN, **headers}
        answer = await self.http.post(path, data=fields, headers=self._headers(given))
        self.told = cookie_in(answer, TOLD) if TOLD in answer.headers.get("set-cookie", "") else self.told
        return answer

    async def sends(self, page: str, path: str, **fields: str) -> httpx.Response:
        """Open a page, fill in its form, and send it to `path`."""
        return await self.post(path, {**filled((await self.get(page)).text), **fields})

    async def signs_in(self, name: str, password: str = "") -> httpx.Response:
        fields = {"name": name, "password": password or f"{name} has a long one"}
        answer = await self.post("/sign-in", fields)
        if 303 == answer.status_code:
            self.token, self.browser = token_in(answer), cookie_in(answer, BROWSER)
        return answer

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        given = {"host": "console.example.test", **{name.replace("_", "-"): text for name, text in more.items()}}
        has = {COOKIE: self.token, BROWSER: self.browser, TOLD: self.told}
        cookies = "; ".join(f"{name}={value}" for name, value in has.items() if value)
        return {**given, "cookie": cookies} if cookies else given


def token_in(answer: httpx.Response) -> str:
    return cookie_in(answer, COOKIE)


def cookie_in(answer: httpx.Response, name: str) -> str:
    sent = dict(one.partition(";")[0].split("=", 1) for one in answer.headers.get_list("set-cookie"))
    return sent[name].strip('"')


def filled(html: str) -> dict[str, str]:
    """The fields of the last form of a page, as the page fills them."""
    form = html.rpartition("<main")[2].rpartition('<form method="post"')[2].partition("</form>")[0]
    return {
        name: unescape(value) for name, value in re.findall(r'<input [^>]*?name="([^"]*)"[^>]*? value="([^"]*)"', form)
    }


def csrf_in(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def told(answer: httpx.Response) -> tuple[str, str]:
    """Where an answer leads, and what will be told there."""
    word, _, path = cookie_in(answer, TOLD).partition(" ")
    assert path == answer.headers["location"]
    return path, word


@cache
def _routes() -> Litestar:
    """The console's routes without a console behind them: putting them together takes longer than most tests."""
    return app_on(State())


@asynccontextmanager
async def opened_desk(
    *, proxy: ConsoleProxy | None = None, above: dict[str, str] | None = None, public_url: str = ORIGIN, **merchant: Any
) -> AsyncGenerator[Desk]:
    async with world(alone=True, **merchant) as shop:
        for name, role in PEOPLE.items():
            kept = await PlainHasher().hashed(f"{name} has a long one")
            user = ConsoleUser(name=name, role=role, password_hash=kept, added_at=shop.clock.now())
            assert await shop.store.add_console_user(user)
        settings = ConsoleSettings(public_url=public_url, proxy=proxy, second_person_above=above or {"INR": "80"})
        app = on_routes(_routes(), state_of(shop.runtime, settings, PlainHasher()))
        async with AsyncTestClient(app) as http:
            http.follow_redirects = False
            yield Desk(http, shop)
