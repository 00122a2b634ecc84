"""The documentation, held to the code: generated pages are fresh, links lead somewhere, examples are what they say."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeGuard, cast

import msgspec
import pytest
import rich_click as click
from generate import diagrams, what_happens_when, write
from litestar.routes import ASGIRoute

from paystate.core.describe.citations import RULES, TABLES
from paystate.core.errors import ValueInvalid
from paystate.core.lifecycle.table import MOVING, Table
from paystate.core.orders.derived import Status
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import TABLE as REFUNDS
from paystate.core.orders.refund import RefundState
from paystate.core.policy import Policy
from paystate.core.use_cases.result import Result
from paystate.entrypoints.cli.main import main
from paystate.entrypoints.demo.stories import STORIES
from paystate.entrypoints.interface import request_models
from paystate.entrypoints.interface.bodies import Body, converted
from paystate.entrypoints.interface.views import order_models
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.app import create_app
from paystate.entrypoints.service.api.problems import ProblemBody
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import (
    JwtSettings,
    MerchantSettings,
    Mode,
    PolicySettings,
    PostgresSettings,
    Settings,
)
from paystate.entrypoints.setup.settings_file import read
from paystate.entrypoints.verification import report
from paystate.entrypoints.verification.report import Exploration

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
HOW_TO = DOCS / "how-to" / "put-paystate-in-your-backend.md"
SHOWN_KINDS = {
    *("python", "json", "toml", "csv", "text", "mermaid"),
    *("php", "java"),
    *("html", "js", "kotlin", "swift", "dart"),  # tests/e2e/apps looks at them
    *("nginx", "ini", "sh", "http"),
}
READ_AN_ORDER = DOCS / "how-to" / "read-an-order.md"

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A page without its blocks and code spans, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", _FENCED.sub("", text(path)))


def blocks(path: Path, language: str) -> list[str]:
    return [body for kind, body in _FENCED.findall(text(path)) if kind == language]


def anchors(path: Path) -> set[str]:
    """Every place in a page that a link can name: what is set by hand, and each heading's own."""
    page = _FENCED.sub("", text(path))
    plain = (re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading) for heading in _HEADING.findall(page))
    return {
        *_ANCHOR.findall(page),
        *("".join(c for c in h.lower().replace(" ", "-") if c.isalnum() or c in "-_") for h in plain),
    }


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- what is made from the rules


@pytest.fixture
def explored_already(explored: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages tell of the exploration of this run."""
    monkeypatch.setattr(report, "small", lambda: explored)


@pytest.mark.long
@pytest.mark.usefixtures("explored_already")
def test_the_generated_pages_are_fresh() -> None:
    assert {} == write.stale()


@pytest.mark.long
@pytest.mark.usefixtures("explored_already")
def test_a_stale_page_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(f"# X\n\n{write.BEGIN}\nold\n{write.END}\nafter\n", "utf-8")
    stale = write.stale(tmp_path)
    assert {
        *(write.PAGE, write.BOOK, write.FIDELITY, write.WEBHOOKS, write.ANNOUNCEMENTS, write.METRICS, write.README),
        *(write.SANDBOX, write.SANDBOX_OPENAPI, write.PERFORMANCE),
    } == set(stale)
    assert stale[write.README].startswith("# X\n")
    assert stale[write.README].endswith("\nafter\n")
    assert 1 == write.main(["--check"], tmp_path)
    assert not (tmp_path / write.PAGE).exists()
    assert 0 == write.main([], tmp_path)
    assert 0 == write.main(["--check"], tmp_path)


def test_outside_a_clone_nothing_is_written(tmp_path: Path) -> None:
    assert 2 == write.main([], tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_a_readme_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        write.with_picture("# X\n")


def test_every_rule_has_an_anchor_in_the_reference() -> None:
    assert set() == {rule_id.lower() for rule_id in RULES} - anchors(ROOT / write.PAGE)


def test_every_rule_is_on_the_page_once_with_its_sentence() -> None:
    page = text(ROOT / write.PAGE)
    for rule in RULES.values():
        assert 1 == page.count(f'<a id="{rule.id.lower()}"></a>'), rule.id
        assert rule.message in page


def test_every_table_has_its_chapter() -> None:
    assert list(TABLES) == [chapter.table for chapter in write.CHAPTERS]


@pytest.mark.parametrize("chapter", write.CHAPTERS, ids=lambda chapter: chapter.table.name)
def test_every_cell_of_a_table_is_in_its_grid(chapter: write.Chapter) -> None:
    table, page = chapter.table, text(ROOT / write.PAGE)
    part = page.partition(f"## {chapter.group.title}\n")[2].partition("\n## ")[0]
    grid = [line for line in part.splitlines() if line.startswith("| `")]
    linked = sum(line.count("](#") for line in grid)
    assert len(table.states) * len(table.inputs) == linked


@pytest.mark.parametrize("chapter", write.CHAPTERS, ids=lambda chapter: chapter.table.name)
def test_states_drawn_as_one_are_moved_by_the_same_rules(chapter: write.Chapter) -> None:
    for group in diagrams.together(chapter.table):
        leaving = [set(_leaving(chapter.table, state)) for state in group]
        assert all(one == leaving[0] for one in leaving)


def _leaving(table: Table[Any], state: str) -> Iterator[str]:
    for input_class in table.inputs:
        rule = table.step(state, input_class).rule
        if rule.outcome in MOVING:
            yield rule.id


def test_every_story_has_its_section_and_every_reason_its_meaning() -> None:
    assert set() == {story.name for story in STORIES} - anchors(ROOT / write.BOOK)
    assert set(ReasonKind) == what_happens_when.MEANS.keys()


# --- links


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for link in _LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link)
    assert [] == broken


def test_every_page_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = (link.partition("#")[0] for link in _LINK.findall(prose(page)) if "://" not in link)
        waiting += [(page.parent / link).resolve() for link in links if link]
    assert set() == set(PAGES) - seen


def test_docs_name_neither_a_place_outside_nor_a_machine() -> None:
    needle = re.compile(r"\.\./shared|CONTRACT\.md|(?<![\w.~-])/(?:home|tmp)/")
    assert [] == [name(page) for page in PAGES if needle.search(text(page))]


# --- examples


NEED_JUSPAY = [DOCS / "how-to" / "call-juspay.md", DOCS / "how-to" / "embed-paystate.md"]
"""Their blocks are run against a sandbox, in `integration/test_call_juspay_examples.py` and `e2e/engine`."""
RECEIVES = DOCS / "how-to" / "be-told.md"
"""Its blocks serve until they are ended, in `integration/delivery/test_receivers.py`."""
EMBEDS = "paystate.toml"
"""What a block elsewhere names that is run there as well."""


@pytest.mark.parametrize("page", [page for page in PAGES if page not in (*NEED_JUSPAY, RECEIVES)], ids=name)
def test_python_blocks_run(page: Path) -> None:
    for block in (block for block in blocks(page, "python") if EMBEDS not in block):
        exec(compile(block, name(page), "exec"), {"__name__": "example"})  # noqa: S102


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_json_blocks_are_json(page: Path) -> None:
    for block in blocks(page, "json"):
        json.loads(block)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_blocks_say_what_they_are(page: Path) -> None:
    assert {kind for kind, _ in _FENCED.findall(text(page))} <= SHOWN_KINDS


def test_the_settings_example_is_whole_and_loads(tmp_path: Path) -> None:
    (block,) = blocks(HOW_TO, "toml")
    path = tmp_path / "paystate.toml"
    path.write_text(block, "utf-8")
    settings = read(path, {})
    (merchant,) = settings.merchants.values()
    table = tomllib.loads(block)
    (told,) = table["merchants"].values()

    assert set(Settings.__struct_fields__) - {"folder", "postgres"} == table.keys()
    assert set(MerchantSettings.__struct_fields__) == told.keys()
    assert set(PolicySettings.__struct_fields__) == told["policy"].keys()
    assert set(JwtSettings.__struct_fields__) == told["jwt"].keys()
    assert (Policy(), Mode.SIGNATURE) == (merchant.policy.policy(), merchant.mode)


def test_the_page_on_postgresql_has_every_setting_of_it_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text(DOCS / "deploy" / "postgresql.md"), re.MULTILINE)
    assert [*PostgresSettings.__struct_fields__] == [name for name, _ in rows]
    told = {name: int(default) for name, default in rows if default.isdigit()}
    assert told == {
        name: getattr(PostgresSettings(), name) for name in ("connections_max", "timeout_s", "prepared_max")
    }


def test_what_the_settings_example_calls_a_default_is_one() -> None:
    (block,) = blocks(HOW_TO, "toml")
    kept = [line for line in block.splitlines() if "# default" not in line]
    short, whole = (tomllib.loads(text) for text in ("\n".join(kept), block))
    fields = {"host": "127.0.0.1", "port": 8000, "worker": True, "database": "paystate.sqlite3"}
    assert {name: whole[name] for name in whole.keys() - short.keys()} == fields
    defaults = Settings(merchants={}, public_url="")
    assert {name: getattr(defaults, name) for name in fields} == fields


def test_the_shopper_is_told_something_for_every_result() -> None:
    page = text(HOW_TO)
    assert [] == [result for result in Result if f"| `{result}` |" not in page]


def test_support_finds_every_status_refund_state_and_reason() -> None:
    page = text(READ_AN_ORDER)
    words = [*Status, *(state for state in REFUNDS.states if state != RefundState.UNSEEN), *ReasonKind]
    assert [] == [word for word in words if f"| `{word}` |" not in page]


def test_answers_in_the_how_to_are_shaped_as_the_service_sends_them() -> None:
    known = {frozenset(view.__struct_fields__) for view in vars(order_models).values() if _is_view(view)}
    known.add(frozenset(examples.PREFETCH))
    problem = set(ProblemBody.__struct_fields__)
    for block in blocks(HOW_TO, "json"):
        shown = json.loads(block)
        assert shown.keys() <= problem if "code" in shown else frozenset(shown) in known, block


def _is_view(thing: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(thing, type) and issubclass(thing, msgspec.Struct) and not issubclass(thing, Body)


def test_bodies_that_the_how_to_sends_are_taken() -> None:
    kinds = (
        request_models.NewOrder,
        request_models.NewCheckout,
        request_models.ProcessIn,
        request_models.ResumeIn,
        request_models.SdkEventIn,
        request_models.NewRefund,
        request_models.NewCapture,
        request_models.SettledReasonIn,
        request_models.AmendIn,
        request_models.CancelIn,
        request_models.CashIn,
    )
    sent = [json.loads(body) for body in re.findall(r"-d '(\{.*?\})'", text(HOW_TO), re.DOTALL)]
    fits = {kind for body in sent for kind in kinds if _fits(body, kind)}
    assert all(any(_fits(body, kind) for kind in kinds) for body in sent)
    assert set(kinds) == fits


def _fits(body: object, kind: type[Body]) -> bool:
    try:
        converted(body, kind)
    except ValueInvalid:
        return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_routes_named_in_the_docs_are_there(page: Path) -> None:
    named = re.findall(r"(?:GET |POST |PATCH |\$PAY)(/[\w/${}.-]+)", text(page))
    plain = {re.sub(r"\$[A-Z]+|\{\w+\}", "x", path).rstrip(".") for path in named}
    ours = ("/v1/", "/return", "/webhooks", "/healthz", "/readyz")
    asked = {path for path in plain if path.startswith(ours) and not path.startswith("/v1/offers/")}  # Juspay's
    assert set() == {path for path in asked if not any(re.fullmatch(route, path) for route in _served())}


@cache
def _served() -> tuple[str, ...]:
    """The service's routes as patterns. One of ASGI is mounted: what follows its path is its own business."""
    app = create_app(cast("Runtime", SimpleNamespace(serves_docs=False)))
    return tuple(
        re.sub(r"\{[^}]*\}", "[^/]+", route.path) + ("(/[^/]+)?" if isinstance(route, ASGIRoute) else "")
        for route in app.routes
    )


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_named_in_the_docs_are_there(page: Path) -> None:
    named = re.findall(r"(?:^    |`|bin/)paystate ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", text(page), re.MULTILINE)
    unknown = [first for first, _ in named if first not in main.commands]
    for first, second in named:
        group = main.commands.get(first)
        stands_alone = isinstance(group, click.Group) and group.invoke_without_command and not second
        if isinstance(group, click.Group) and second not in group.commands and not stands_alone:
            unknown.append(f"{first} {second}")
    assert [] == unknown
