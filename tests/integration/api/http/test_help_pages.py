"""The pages that refusals link to: every rule and every error code, for a person with nothing but a browser."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from integration.api.world import World

from paystate.core.describe.citations import RULES
from paystate.entrypoints.interface.problem_kinds import KINDS, rows_by_code

PUBLIC_URL = "https://pay.example.test"
BOTH = ("/docs/rules", "/docs/errors")
EVERY_PAGE = (*BOTH, "/return/shop")


class Elements(HTMLParser):
    """Every element that has an id, with all the text inside it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.tags: set[str] = set()
        self._open: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        name = dict(attrs).get("id") or ""
        assert name not in self.texts, name
        if tag not in ("meta", "link"):
            self._open.append((tag, name))
        if name:
            self.texts[name] = ""

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            if name:
                self.texts[name] += data


async def elements(shop: World, path: str) -> Elements:
    answer = await shop.get(path, token="")
    assert 200 == answer.status_code
    return Elements(answer.text)


def plain(text: str) -> str:
    """A sentence without the marks of code, which the page shows in another face."""
    return text.replace("`", "")


async def test_every_rule_has_its_place_and_its_sentence(shop: World) -> None:
    shown = (await elements(shop, "/docs/rules")).texts
    assert [] == [rule.id for rule in RULES.values() if rule.message not in shown.get(rule.id.lower(), "")]


async def test_every_code_has_its_place_with_status_title_and_what_to_do(shop: World) -> None:
    shown = (await elements(shop, "/docs/errors")).texts
    assert [] == [
        (code, text)
        for code, kinds in rows_by_code().items()
        for kind in kinds
        for text in (str(kind.status), kind.title, plain(kind.fix))
        if text not in shown.get(code, "")
    ]


def test_a_code_of_two_statuses_has_one_place() -> None:
    assert [400, 401] == [kind.status for kind in rows_by_code()["signature_invalid"]]
    assert set(KINDS.values()) == {kind for kinds in rows_by_code().values() for kind in kinds}


async def test_the_link_of_a_refusal_leads_to_its_rule(shop: World) -> None:
    await shop.charged()
    refused = (await shop.refund("100.01", "k-1")).json()
    address, _, anchor = refused["help"].removeprefix(PUBLIC_URL).partition("#")
    assert refused["detail"] in (await elements(shop, address)).texts[anchor]


async def test_the_link_of_an_error_without_a_rule_leads_to_its_code(shop: World) -> None:
    problem = (await shop.get("/v1/orders/nothing")).json()
    address, _, anchor = problem["help"].removeprefix(PUBLIC_URL).partition("#")
    assert problem["title"] in (await elements(shop, address)).texts[anchor]


@pytest.mark.parametrize("path", BOTH)
async def test_links_within_a_page_lead_somewhere(shop: World, path: str) -> None:
    page = (await shop.get(path, token="")).text
    linked = set(re.findall(r'href="#([^"]+)"', page))
    assert linked
    assert set() == linked - Elements(page).texts.keys()


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_a_page_runs_nothing_and_loads_nothing(shop: World, path: str) -> None:
    answer = await shop.get(path, token="")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        == answer.headers["content-security-policy"]
    )
    assert set() == {"script", "link", "img", "iframe"} & Elements(answer.text).tags
    assert not re.search(r"\son\w+=|src=|url\(", answer.text)


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_a_page_suits_a_phone_and_the_dark(shop: World, path: str) -> None:
    page = (await shop.get(path, token="")).text
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert "prefers-color-scheme: dark" in page


async def test_texts_are_escaped(shop: World) -> None:
    page = (await shop.get("/docs/rules", token="")).text
    quoting = [rule.message for rule in RULES.values() if "'" in rule.message]
    assert quoting
    assert [] == [message for message in quoting if message in page or message not in unescape(page)]
