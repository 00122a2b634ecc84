"""A page of the payment page as somebody meets it: its elements, their labels, what is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
from attrs import define, field
from integration.sandbox.playing import Player

CARD = {"kind": "card", "card": "4242 4242 4242 4242", "expiry": "08/40", "cvv": "123", "name": "ASHA RAO"}


@define
class Element:
    """One element, and all text inside it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@define
class Read(HTMLParser):
    """A page that is read."""

    elements: list[Element] = field(factory=list)
    _open: list[Element] = field(factory=list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in {"input", "meta", "link", "br", "path"}:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))  # it ends where it begins, so nothing is inside

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    def all(self, *tags: str) -> Iterator[Element]:
        return (one for one in self.elements if one.tag in tags)

    def by_id(self, wanted: str) -> Element | None:
        return next((one for one in self.elements if one.attributes.get("id") == wanted), None)

    def described(self, name: str) -> list[str]:
        """What somebody who does not see the page is told beside the name of a field."""
        ids = (self.named(name).attributes.get("aria-describedby") or "").split()
        return [found.text for one in ids if (found := self.by_id(one))]

    def named(self, name: str) -> Element:
        return next(one for one in self.all("input", "select", "button") if one.attributes.get("name") == name)

    def heading(self) -> str:
        return next(self.all("h1")).text


def read(answer: httpx.Response) -> Read:
    page = Read()
    page.feed(answer.text)
    return page


async def opened(player: Player, **session: Any) -> str:
    """Open an order, and return the path of its page."""
    return f"/payment-page/order/{(await player.session(**session))['id']}"


async def pay(player: Player, path: str, **fields: str) -> httpx.Response:
    """Send the page's form, as a browser does that fills it in once."""
    page = read(await player.http.get(path))
    hidden = {str(one.attributes["name"]): one.attributes["value"] for one in page.all("input") if _is_hidden(one)}
    return await player.http.post(f"{path}/pay", data={**hidden, **fields})


def _is_hidden(element: Element) -> bool:
    return element.attributes.get("type") == "hidden"


async def follow(player: Player, answer: httpx.Response) -> Read:
    """Go where an answer sends the browser, within the sandbox."""
    assert 303 == answer.status_code, answer.text
    return read(await player.http.get(answer.headers["location"]))


async def answer_bank(player: Player, at_bank: httpx.Response, **fields: str) -> httpx.Response:
    return await player.http.post(at_bank.headers["location"], data=fields)
