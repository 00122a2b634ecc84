"""Each page can be used by keyboard, by ear and without a script, and holds nothing that a policy forbids (ours)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest
from integration.sandbox.page.reading import CARD, Element, Read, answer_bank, opened, pay, read
from integration.sandbox.playing import Player

from paystate.entrypoints.sandbox.page.static import _FOLDER

Way = Callable[[Player], Awaitable[httpx.Response]]


async def _choice(player: Player) -> httpx.Response:
    return await player.http.get(await opened(player))


async def _problem(player: Player) -> httpx.Response:
    return await pay(player, await opened(player), kind="card", card="1", expiry="", cvv="")


async def _bank(player: Player, **form: str) -> httpx.Response:
    return await player.http.get((await pay(player, await opened(player), **form)).headers["location"])


async def _wrong_password(player: Player) -> httpx.Response:
    return await answer_bank(player, await pay(player, await opened(player), **CARD), answer="approve", otp="1")


async def _phone(player: Player) -> httpx.Response:
    at_bank = await pay(player, await opened(player), kind="intent")
    return await player.http.get(at_bank.headers["location"].replace("/bank/", "/phone/"))


async def _result(player: Player) -> httpx.Response:
    return await answer_bank(player, await pay(player, await opened(player, return_url=""), **CARD), answer="approve")


async def _panel(player: Player) -> httpx.Response:
    return await player.http.get(f"{await opened(player)}/bank-says")


PAGES: dict[str, Way] = {
    "choice": _choice,
    "problem": _problem,
    "card": lambda player: _bank(player, **CARD),
    "login": lambda player: _bank(player, kind="nb", nb="NB_SBI"),
    "scan": lambda player: _bank(player, kind="intent"),
    "wrong-password": _wrong_password,
    "phone": _phone,
    "result": _result,
    "panel": _panel,
    "missing": lambda player: player.http.get("/payment-page/order/ordeh_none"),
}

each_page = pytest.mark.parametrize("way", PAGES.values(), ids=PAGES)


@each_page
async def test_no_page_holds_a_script_a_style_or_an_address_of_somebody_else(player: Player, way: Way) -> None:
    answer = await way(player)
    page = read(answer)
    assert ["/payment-page/page.js"] == [one.attributes.get("src") for one in page.all("script")]
    assert [] == list(page.all("style"))
    assert [] == [name for one in page.elements for name in one.attributes if name == "style" or name.startswith("on")]
    assert [] == re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text)
    policy = answer.headers["content-security-policy"]
    assert ("unsafe" in policy, policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")) == (
        False,
        True,
    )


@each_page
async def test_each_field_has_a_label_and_each_text_that_it_names_is_there(player: Player, way: Way) -> None:
    page = read(await way(player))
    assert [] == [one.attributes for one in page.all("input", "select") if not _has_label(page, one)]
    named = [word for one in page.elements for word in (one.attributes.get("aria-describedby") or "").split()]
    assert [] == [word for word in named if page.by_id(word) is None]


@each_page
async def test_each_page_has_one_heading_one_main_part_a_title_and_a_language(player: Player, way: Way) -> None:
    page = read(await way(player))
    assert (1, 1, "en") == (
        len(list(page.all("h1"))),
        len(list(page.all("main"))),
        next(page.all("html")).attributes["lang"],
    )
    assert next(page.all("title")).text.strip()


@each_page
async def test_no_id_stands_twice(player: Player, way: Way) -> None:
    ids = [one.attributes["id"] for one in read(await way(player)).elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("way", [_problem, _wrong_password])
async def test_a_title_says_that_there_is_a_problem(player: Player, way: Way) -> None:
    assert next(read(await way(player)).all("title")).text.startswith("Problem: ")


def _has_label(page: Read, element: Element) -> bool:
    attributes = element.attributes
    if attributes.get("type") == "hidden":
        return True
    if attributes.get("type") in {"radio", "checkbox"}:  # these stand within their labels
        place = page.elements.index(element)
        return page.elements[place - 1].tag == "label" and bool(page.elements[place - 1].text.strip())
    return any(one.attributes.get("for") == attributes.get("id") for one in page.all("label"))


# --- contrast: WCAG 2.2, 1.4.3 (text, 4.5) and 1.4.11 (the border of a field, 3)

STYLE = (_FOLDER / "style.css").read_text("utf-8")
SCHEMES: dict[str, str] = dict(zip(("light", "dark"), re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL), strict=True))
PAIRS = [
    *[(ink, "paper", 4.5) for ink in ("ink", "soft", "act", "good", "bad", "wait")],
    *[(ink, "ground", 4.5) for ink in ("ink", "soft", "act")],
    *[(ink, "act-soft", 4.5) for ink in ("ink", "soft", "bad")],
    ("bad", "bad-soft", 4.5),
    ("ink", "wait-soft", 4.5),
    ("act-ink", "act", 4.5),
    *[("edge", ground, 3) for ground in ("paper", "ground", "act-soft")],
]


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    whole = digits if len(digits) == 6 else "".join(one * 2 for one in digits)
    shares = [int(whole[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_and_borders_stand_out(scheme: str) -> None:
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", SCHEMES["light"]))
    colours |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", SCHEMES[scheme]))
    low = [
        (a, b, round(contrast(colours[a], colours[b]), 2))
        for a, b, least in PAIRS
        if contrast(colours[a], colours[b]) < least
    ]
    assert [] == low


def test_what_black_on_white_comes_to() -> None:
    assert 21 == round(contrast("#000", "#ffffff"), 2)
