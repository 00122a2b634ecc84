"""Builds the pages as a site, with Zensical: `python -m generate.site`, and `--serve` to look at them.

The pages are written for a code host. For the site they are laid out anew in `build/site/pages`, where a link to a file
that is no page leads to the repository. Every page has its place in the navigation of `docs/site/zensical.toml`, once;
otherwise nothing is built, and nothing is built while a link is broken.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Final, TypeAlias

from zensical.main import cli

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
SETTINGS: Final = DOCS / "site" / "zensical.toml"
STYLE: Final = DOCS / "site" / "site.css"
BUILT: Final = ROOT / "build" / "site"
ABOUT_THE_PROJECT: Final = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
DRAWS: Final = Path(str(distribution("mermaidx").locate_file("mermaidx/assets/mermaid.js")))
"""Mermaid itself, which draws in the browser; as a file out of a wheel, since Zensical would load it from a CDN."""
REPOSITORY: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Homepage"]

Navigation: TypeAlias = "str | list[Navigation] | dict[str, Navigation]"
"""A page, pages, or pages under titles, as Zensical's settings have them."""

_PATTERN: Final = re.compile(r'"([^"]*\*[^"]*\.md)"')
_FENCED: Final = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_TARGET: Final = re.compile(r"(?<=\]\()[^)\s#:]+")
"""Where a link leads, without its fragment; of an address elsewhere its scheme, which is no file."""

_DIAGRAM: Final = "\n```mermaid\n"
_FULL_SIZE: Final = '%%{init: {"flowchart": {"useMaxWidth": false}, "state": {"useMaxWidth": false}}}%%\n'
"""A diagram keeps its size and is scrolled where it is too wide: its words stay readable, on a phone too."""


# --- what is shown, and where -----------------------------------------------------------------------------------------


def places() -> dict[Path, Path]:
    """Return all that the site shows, pages and pictures: a path in the repository, and its place on the site."""
    shown = (path for path in sorted(DOCS.rglob("*")) if path.suffix in (".md", ".png"))
    about = (ROOT / name for name in ABOUT_THE_PROJECT)
    return {
        **{path: path.relative_to(DOCS) for path in shown},
        **{path: path.relative_to(ROOT) for path in about},
    }


def settings(places: Mapping[Path, Path]) -> str:
    """Return Zensical's settings; a pattern in the navigation has become the pages that it fits, in their order."""

    def named(pattern: re.Match[str]) -> str:
        return ", ".join(f'"{place}"' for place in places.values() if place.match(pattern[1]))

    return _PATTERN.sub(named, SETTINGS.read_text("utf-8"))


def misnamed(navigation: Navigation, pages: Collection[str]) -> list[str]:
    """Return what the navigation does not name exactly once, and what it names that is no page."""
    count = Counter(_named(navigation))
    return sorted(name for name in {*pages, *count} if count[name] != 1 or name not in pages)


def _named(navigation: Navigation) -> Iterator[str]:
    match navigation:
        case str():
            yield navigation
        case list():
            for entry in navigation:
                yield from _named(entry)
        case dict():
            yield from _named([*navigation.values()])


# --- a page of the code host as a page of the site --------------------------------------------------------------------


def for_site(text: str, page: Path, places: Mapping[Path, Path]) -> str:
    """Return the text of a page with links that lead to the same things from its place on the site."""

    def target(found: re.Match[str]) -> str:
        file = (page.parent / found[0]).resolve()
        if file in places:
            return posixpath.relpath(places[file].as_posix(), places[page].parent.as_posix())
        return f"{REPOSITORY}/blob/main/{file.relative_to(ROOT)}" if file.exists() else found[0]

    def prose(part: str) -> str:
        return _TARGET.sub(target, as_zensical_reads(part))

    whole = "".join(part if part.startswith("```") else prose(part) for part in _FENCED.split(text))
    if _DIAGRAM not in text:
        return whole
    draws = posixpath.relpath(DRAWS.name, places[page].parent.as_posix())
    return f'{whole.replace(_DIAGRAM, _DIAGRAM + _FULL_SIZE)}\n<script src="{draws}"></script>\n'


_BEFORE_A_LIST: Final = re.compile(r"^(?!(?:[-*]|\d+\.) )(\S.*\n)(?=(?:[-*]|1\.) )", re.MULTILINE)
_ENTRY: Final = re.compile(r"^([-*] |\d+\. ).*\n(?:(?: .*)?\n)+", re.MULTILINE)
_BESIDE_EACH_OTHER: Final = re.compile(r"\](?=\s\[)")


def as_zensical_reads(text: str) -> str:
    """Return prose as Zensical has to have it to show what a code host shows: it does not read CommonMark.

    A list needs an empty line before it, and so does an entry after one of several paragraphs. What belongs to an entry
    stands four places in. Of two references in brackets, the second is read as the address of the first.
    """

    def four_in(entry: re.Match[str]) -> str:
        whole = entry[0].replace("\n" + " " * len(entry[1]), "\n    ")
        return f"{whole}\n" if "\n\n" in whole else whole

    return _BESIDE_EACH_OTHER.sub("] ", _ENTRY.sub(four_in, _BEFORE_A_LIST.sub(r"\1\n", text)))


def lay_out() -> Path:
    """Write settings and pages into `build/site`, and return where the settings are; raises SystemExit."""
    shown = places()
    text = settings(shown)
    pages = [place.as_posix() for place in shown.values() if place.suffix == ".md"]
    if wrong := misnamed(tomllib.loads(text)["project"]["nav"], pages):
        raise SystemExit(f"{SETTINGS.relative_to(ROOT)} must name each page once: {', '.join(wrong)}")
    shutil.rmtree(BUILT / "pages", ignore_errors=True)
    for source, place in shown.items():
        target = BUILT / "pages" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".md":
            target.write_text(for_site(source.read_text("utf-8"), source, shown), "utf-8")
        else:
            shutil.copy(source, target)
    for asset in (STYLE, DRAWS):
        shutil.copy(asset, BUILT / "pages")
    (BUILT / SETTINGS.name).write_text(text, "utf-8")
    return BUILT / SETTINGS.name


def build(laid_out: Path) -> None:
    """Build the site beside its settings, in `html`; raises SystemExit where a link is broken."""
    try:
        _zensical("build", "--clean", "--strict", "--config-file", str(laid_out))
    except RuntimeError as broken:
        raise SystemExit(f"the site is not built: {broken}") from broken


def _zensical(*arguments: str) -> None:
    """Run a command of Zensical; raises RuntimeError where the strict one has found something."""
    cli.main(arguments, standalone_mode=False)


def main(arguments: Sequence[str]) -> None:
    """Build the site, or serve it on this machine; raises SystemExit."""
    laid_out = lay_out()
    if "--serve" in arguments:
        _zensical("serve", "--config-file", str(laid_out))
    else:
        build(laid_out)


if __name__ == "__main__":
    main(sys.argv[1:])
