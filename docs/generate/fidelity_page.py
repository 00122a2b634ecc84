"""Writes `docs/reference/fidelity.md`: what the sandbox and the client do as Juspay does, and how sure that is.

The rows are read off the sandbox's own tables (routes, switches, faults, events, magic values) and off
`docs/reference/fidelity/*.toml`, which hold everything else and what each row rests on.
"""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Final

from generate.fidelity import basis
from generate.fidelity.behaviours import BEHAVIOURS, CHAPTERS, GAPS, Chapter
from generate.fidelity.reading import Row
from generate.fidelity.records import MARKS, Behaviour
from generate.fidelity.sources import LINKS, PACKAGES
from generate.markdown import contract_link, grid, slug
from paystate.entrypoints.sandbox import config
from paystate.entrypoints.sandbox.config import EVENTS, RETRY_DELAYS_S, SandboxConfig
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS, SEAMS
from paystate.entrypoints.sandbox.gateway.endings import MAGIC_AMOUNTS
from paystate.entrypoints.sandbox.gateway.methods import MAGIC_CARDS, MAGIC_VPAS
from paystate.entrypoints.sandbox.routes import sealed, serve
from paystate.entrypoints.sandbox.routes.calls import Route

CONTRACT: Final = "../gateway-contract.md"
ROUTES: Final = (*serve.ROUTES, *sealed.ROUTES)
_TESTS: Final = "../../tests"


def page() -> str:
    """Return the whole page."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# How true the sandbox and the client are"
    yield ""
    yield "<!-- Made by `make docs` from the sandbox's tables and the rows in fidelity/. Do not edit: change those. -->"
    yield ""
    yield (
        "The sandbox plays Juspay on one machine, and the client calls the real one. Both are based on public pages:"
        " nobody here has seen Juspay's own code. So each thing they do is listed with how sure we are, the page it was"
        f" read from, and the test that shows it. [What we know of Juspay]({CONTRACT}) says what those pages say."
    )
    yield ""
    yield from (f"- [{title}](#{slug(title)})" for title in _titles())
    yield ""
    yield from _how_to_read()
    yield from _decisions()
    for chapter in CHAPTERS:
        yield from _chapter(chapter)
    yield from _routes()
    yield from _switches()
    yield from _faults()
    yield from _events()
    yield from _values()
    yield from _gaps()
    yield from _definitions()


def _titles() -> Iterator[str]:
    yield from ("How to read this page", "Decisions")
    yield from (chapter.title for chapter in CHAPTERS if _below_its_title(chapter))
    yield from ("Routes", "Switches", "Faults", "Webhook events", "Values with a meaning", "Not played")


def _how_to_read() -> Iterator[str]:
    yield "## How to read this page"
    yield ""
    counted = Counter(_marks())
    rows = ([f"**{mark}**", says, str(counted[mark])] for mark, says in MARKS.items())
    yield from grid(("Mark", "What it means", "Rows here"), rows)
    yield (
        "*Where* says who does it: the sandbox, our client (`paystate.adapters.juspay`), or the service that uses the"
        " client. A switch is a field of the sandbox's settings, with its default. *Shown by* leads to the test that"
        " fails if it is not so. A word under *Source* leads to the page."
    )
    yield ""


def _decisions() -> Iterator[str]:
    yield "## Decisions"
    yield ""
    yield "Where Juspay's pages are silent or disagree, this is what we do. Each decision of the contract has its row."
    yield ""
    yield from _behaviours(one for one in BEHAVIOURS if one.decides)


def _chapter(chapter: Chapter) -> Iterator[str]:
    rows = _below_its_title(chapter)
    if rows:
        yield f"## {chapter.title}"
        yield ""
        yield from _behaviours(rows)


def _below_its_title(chapter: Chapter) -> Sequence[Behaviour]:
    """Return the chapter's rows but for its decisions, which stand in a table of their own."""
    return [one for one in chapter.behaviours if not one.decides]


def _behaviours(rows: Iterable[Behaviour]) -> Iterator[str]:
    head = ("Contract", "What is done", "Mark", "Source", "Where", "Shown by")
    yield from grid(
        head,
        (
            [_ref(one.section), one.message, one.mark, _sources(one.sources), _where(one), _shown(one.shown_by)]
            for one in rows
        ),
    )


def _where(one: Behaviour) -> str:
    return f"{one.at}; `{one.switch}` ({_default(one.switch)})" if one.switch else one.at


def _shown(test: str) -> str:
    path, _, name = test.partition("::")
    said = name.removeprefix("test_").replace("_", " ")
    return f"[{said}]({_TESTS}/{path})"


def _routes() -> Iterator[str]:
    yield "## Routes"
    yield ""
    yield (
        "These are the calls of a merchant's server that the sandbox answers. Faults and the ledger use the call's"
        " name. If the client can make the call, its method is named."
    )
    yield ""
    head = ("Verb", "Path", "Name", "What it does", "Client", "Contract", "Mark", "Source")
    yield from grid(head, (_route(row) for row in ROUTES))


def _route(row: Route) -> list[str]:
    rests_on = basis.ROUTES[route_key(row)]
    return [
        f"`{row.verb}`",
        f"`{row.plain_path}`",
        f"`{row.name}`",
        row.message,
        " ".join(f"`{method}`" for method in rests_on.client) or "-",
        _ref(row.ref),
        row.mark,
        _sources(rests_on.sources),
    ]


def route_key(row: Route) -> str:
    """Return verb and path as the ledger writes them, by which `basis` knows a route."""
    return f"{row.verb} {row.plain_path}"


def _switches() -> Iterator[str]:
    yield "## Switches"
    yield ""
    yield "Each is a field of the sandbox's settings; its default is our decision, or what Juspay documents."
    yield ""
    said = switch_sentences()
    rows = ((name, one, said[name]) for name, one in basis.SWITCHES.items())
    head = ("Switch", "Default", "What it does", "Contract", "Mark", "Source")
    yield from grid(
        head,
        (
            [f"`{name}`", _default(name), says, _ref(one.section), one.mark, _sources(one.sources)]
            for name, one, says in rows
        ),
    )


def _faults() -> Iterator[str]:
    yield "## Faults"
    yield ""
    yield (
        "This is what can go wrong on purpose. The mark says how sure we are that it happens with Juspay. *Ours* are"
        " things that any network or any stranger can do."
    )
    yield ""
    for seam, title in SEAMS.items():
        yield f"### {title}"
        yield ""
        rows = ((kind, basis.FAULTS[kind.name]) for kind in FAULTS if kind.seam == seam)
        yield from grid(
            ("Fault", "What happens", "Contract", "Mark", "Source"),
            (
                [f"`{kind.name}`", kind.message, _ref(one.section), kind.mark, _sources(one.sources)]
                for kind, one in rows
            ),
        )


def _events() -> Iterator[str]:
    yield "## Webhook events"
    yield ""
    yield (
        "Every name that the client [reads](webhooks.md), and whether a merchant of the sandbox may subscribe to it."
        " The service stores a webhook of any name, and then looks at the order."
    )
    yield ""
    yield from grid(
        ("Event", "The sandbox sends it", "Contract", "Mark", "Source"),
        (
            [f"`{name}`", "yes" if name in EVENTS else "no", _ref(one.section), one.mark, _sources(one.sources)]
            for name, one in basis.EVENTS.items()
        ),
    )


def _values() -> Iterator[str]:
    yield "## Values with a meaning"
    yield ""
    rows = (
        [f"`{one.value}`", one.message, _ref("K"), one.mark, _sources(_value_sources(one.value))]
        for one in (*MAGIC_VPAS, *MAGIC_CARDS)
    )
    yield from grid(("UPI id or card", "What happens", "Contract", "Mark", "Source"), rows)
    yield "Of an amount, the last two digits can say how a refund, a capture or a release of held money ends:"
    yield ""
    amounts = ([one.what, f"`.{one.digits}`", one.message, _ref("K"), one.mark] for one in MAGIC_AMOUNTS)
    yield from grid(("What", "Digits", "What happens", "Contract", "Mark"), amounts)


def _value_sources(value: str) -> Sequence[str]:
    return basis.VALUES[value].sources if value in basis.VALUES else ()


def _gaps() -> Iterator[str]:
    yield "## Not played"
    yield ""
    yield "This is on Juspay's pages, but the sandbox does not do it."
    yield ""
    yield from grid(
        ("Contract", "What is missing", "Source"),
        ([_ref(one.section), one.message, _sources(one.sources)] for one in GAPS),
    )


def _definitions() -> Iterator[str]:
    cited = {key for sources in _cited() for key in sources}
    yield from (f"[{key}]: {LINKS[key]}" for key in LINKS if key in cited)
    yield from (f"[{key}]: {CONTRACT}#{key}" for key in PACKAGES if key in cited)


def _cited() -> Iterator[Sequence[str]]:
    yield from (one.sources for one in BEHAVIOURS)
    yield from (one.sources for one in GAPS)
    tables: Sequence[Mapping[str, Row]] = (basis.FAULTS, basis.EVENTS, basis.SWITCHES, basis.ROUTES, basis.VALUES)
    yield from (one.sources for table in tables for one in table.values())


def _marks() -> Iterator[str]:
    yield from (one.mark for one in BEHAVIOURS)
    yield from (row.mark for row in ROUTES)
    yield from (kind.mark for kind in FAULTS)
    yield from (one.mark for one in (*basis.EVENTS.values(), *basis.SWITCHES.values()))
    yield from (one.mark for one in (*MAGIC_VPAS, *MAGIC_CARDS))
    yield from (one.mark for one in MAGIC_AMOUNTS)


def switch_sentences() -> Mapping[str, str]:
    """Return what stands below each field of `SandboxConfig`, by its name."""
    (settings,) = (
        node
        for node in ast.parse(inspect.getsource(config)).body
        if isinstance(node, ast.ClassDef) and node.name == SandboxConfig.__name__
    )
    said = dict[str, str]()
    for field, below in zip(settings.body, settings.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                said[name] = " ".join(text.split())
            case _:
                pass
    return said


def _default(switch: str) -> str:
    value: object = next(one.default for one in fields(SandboxConfig) if one.name == switch)
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{len(RETRY_DELAYS_S)} times" if value is RETRY_DELAYS_S else str(value)


def _ref(section: str) -> str:
    return contract_link(section, CONTRACT)


def _sources(keys: Sequence[str]) -> str:
    return " ".join(f"[{key}]" for key in keys) or "-"
