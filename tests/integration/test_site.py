"""The pages as a site: each has its place in the navigation, and reads and links as on a code host.

Zensical builds it. What a code host shows is told by markdown-it, which reads CommonMark.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from generate import site
from markdown_it import MarkdownIt

PLACES = site.places()
PAGES = {path: place for path, place in PLACES.items() if place.suffix == ".md"}
GO_LIVE = site.DOCS / "how-to" / "go-live.md"
CONTRIBUTING = site.ROOT / "CONTRIBUTING.md"
MAIN = "https://github.com/paystate/paystate/blob/main"

_LOADED = re.compile(
    r'<(?:script|img|iframe)\b[^>]*\bsrc="?([^\s">]+)|<link\b[^>]*\brel="?stylesheet[^>]*\bhref="?([^\s">]+)'
)


# --- the navigation


def test_the_navigation_names_each_page_once() -> None:
    navigation = tomllib.loads(site.settings(PLACES))["project"]["nav"]
    assert [] == site.misnamed(navigation, [place.as_posix() for place in PAGES.values()])


@pytest.mark.parametrize(
    ("navigation", "wrong"),
    [
        (["index.md"], ["glossary.md"]),
        (["index.md", "glossary.md", {"More": ["index.md"]}], ["index.md"]),
        (["index.md", {"Words": "glossary.md"}, "gone.md"], ["gone.md"]),
    ],
    ids=["forgotten", "named twice", "gone"],
)
def test_a_page_in_the_wrong_number_of_places_is_noticed(navigation: site.Navigation, wrong: list[str]) -> None:
    assert wrong == site.misnamed(navigation, ["index.md", "glossary.md"])


def test_nothing_is_laid_out_while_a_page_has_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "BUILT", tmp_path)
    monkeypatch.setattr(site, "places", lambda: {**PLACES, site.DOCS / "new.md": Path("new.md")})
    with pytest.raises(SystemExit, match=r"each page once: new\.md"):
        site.lay_out()
    assert [] == list(tmp_path.iterdir())


# --- one page


@pytest.mark.parametrize(
    ("page", "link", "leads_to"),
    [
        (GO_LIVE, "be-told.md#pull", "be-told.md#pull"),
        (GO_LIVE, "../index.md", "../index.md"),
        (GO_LIVE, "../../SECURITY.md", "../SECURITY.md"),
        (CONTRIBUTING, "docs/adr/README.md", "adr/README.md"),
        (GO_LIVE, "../../core/money.py", f"{MAIN}/core/money.py"),
        (GO_LIVE, "../deploy/nginx/paystate.conf", f"{MAIN}/docs/deploy/nginx/paystate.conf"),
        (CONTRIBUTING, "README.md#two-commands", f"{MAIN}/README.md#two-commands"),
        (GO_LIVE, "#keys", "#keys"),
        (GO_LIVE, "https://juspay.io/in/docs", "https://juspay.io/in/docs"),
        (GO_LIVE, "gone.md", "gone.md"),
    ],
)
def test_a_link_leads_to_the_same_thing_as_on_a_code_host(page: Path, link: str, leads_to: str) -> None:
    assert f"See [it]({leads_to})." == site.for_site(f"See [it]({link}).", page, PLACES)


def test_code_is_left_as_it_is() -> None:
    text = "```python\ncalls[0](../../core/money.py)\n```\n"
    assert text == site.for_site(text, GO_LIVE, PLACES)


def test_only_a_page_with_a_diagram_loads_what_draws_it() -> None:
    drawn = site.for_site("# Flow\n\n```mermaid\nflowchart TB\n```\n", GO_LIVE, PLACES)
    assert drawn.endswith('<script src="../mermaid.js"></script>\n')
    assert "<script" not in site.for_site("# Flow\n", GO_LIVE, PLACES)


# --- the whole site


def test_a_broken_link_is_refused(tmp_path: Path) -> None:
    settings = tmp_path / "zensical.toml"
    settings.write_text('[project]\nsite_name = "Tea"\ndocs_dir = "pages"\n', "utf-8")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.md").write_text("# Tea\n\nSee [it](gone.md).\n", "utf-8")
    with pytest.raises(SystemExit, match="not built"):
        site.build(settings)


@pytest.mark.long
def test_the_site_shows_each_page_as_a_code_host_does_and_loads_nothing_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "BUILT", tmp_path)
    site.main([])
    html = tmp_path / "html"
    built = {page.relative_to(html): page.read_text("utf-8") for page in html.rglob("*.html")}
    assert {place_built(place) for place in PAGES.values()} == built.keys() - {Path("404.html")}

    commonmark = MarkdownIt("commonmark").enable("table")
    shown = {page: f"<article>{commonmark.render(page.read_text('utf-8'))}</article>" for page in PAGES}
    assert [] == [
        page.name for page, place in PAGES.items() if reading(shown[page]) != reading(built[place_built(place)])
    ]

    loaded = {source for page in built.values() for found in _LOADED.findall(page) for source in found if source}
    assert "mermaid.js" in loaded
    assert [] == sorted(source for source in loaded if "//" in source)


def place_built(place: Path) -> Path:
    return (place.with_name("index.md") if place.name == "README.md" else place).with_suffix(".html")


COUNTED = frozenset({"h1", "h2", "h3", "h4", "ol", "ul", "li", "code", "table", "tr", "td", "th", "strong", "em"})


class Reader(HTMLParser):
    """Reads an article: its words, and how many there are of each thing. A diagram's text is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.things: Counter[str] = Counter()
        self.words: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        kind = told.get("class") or ""
        if tag in ("article", "script", "aside") or "mermaid" in kind or kind == "headerlink":
            self.within.append(tag)
        if self.within == ["article"]:
            self.things.update({tag} & COUNTED)
            self.things["links"] += tag == "a" and "href" in told

    def handle_endtag(self, tag: str) -> None:
        if [tag] == self.within[-1:]:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        if self.within == ["article"]:
            self.words.append(data)


def reading(page: str) -> tuple[Counter[str], str]:
    """What a reader sees of the article of a page."""
    reader = Reader()
    reader.feed(page)
    return reader.things, re.sub(r"\W", "", "".join(reader.words))
