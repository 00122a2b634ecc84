"""Writes the generated pages: lifecycle, README's picture, what happens when, fidelity, webhooks, announcements,
metrics, the sandbox's routes, speed.

The lifecycle page is made here; `diagrams` draws, `what_happens_when` writes the stories, `fidelity_page` accounts for
the sandbox, `webhook_page` lists the events, `announcement_page` what merchants are told, `metrics_page` what is
scraped, `sandbox_page` the sandbox's routes with bodies. Every state, rule and sentence is read off the program's own
tables, so the pages cannot differ from what the program does. Only `performance_page` tells what was measured once.
`python -m generate.write` writes, `--check` only compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from generate import (
    announcement_page,
    diagrams,
    fidelity_page,
    metrics_page,
    performance_page,
    sandbox_page,
    webhook_page,
    what_happens_when,
)
from generate.markdown import contract_link, grid, slug
from paystate.core.checkouts import checkout
from paystate.core.checkouts.checkout import CheckoutState
from paystate.core.describe import citations, wording
from paystate.core.describe.citations import RuleGroup
from paystate.core.lifecycle import guards, statuses
from paystate.core.lifecycle.table import MOVING, NAMED, Rule, Table
from paystate.core.orders import attempt, refund
from paystate.core.orders.derived import Status
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.refund import RefundState
from paystate.entrypoints.verification import report
from paystate.entrypoints.verification.planted_faults import FAULTS
from paystate.entrypoints.verification.report import Exploration
from paystate.entrypoints.verification.unreachable import UNNAMED_GUARDS, UNREACHABLE

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = Path("docs/reference/lifecycle.md")
BOOK: Final = Path("docs/what-happens-when.md")
FIDELITY: Final = Path("docs/reference/fidelity.md")
WEBHOOKS: Final = Path("docs/reference/webhooks.md")
ANNOUNCEMENTS: Final = Path("docs/reference/announcements.md")
METRICS: Final = Path("docs/reference/metrics.md")
SANDBOX: Final = Path("docs/reference/sandbox.md")
SANDBOX_OPENAPI: Final = Path("docs/reference/sandbox.openapi.json")
PERFORMANCE: Final = Path("docs/reference/performance.md")
README: Final = Path("README.md")
BEGIN: Final = "<!-- the lifecycle, made by `make docs` -->"
END: Final = "<!-- end of the lifecycle -->"
CONTRACT: Final = "../gateway-contract.md"
EXPLORED: Final = "How this was explored"


# --- the tables, as a reader meets them -------------------------------------------------------------------------------


@frozen(kw_only=True)
class Chapter:
    """One table of the core and the words around it.

    Attributes:
        families: States drawn inside one frame, by the frame's title.
        states_are: Heading of the states' column.
    """

    group: RuleGroup
    message: str
    families: Mapping[str, tuple[str, ...]] = {}
    states_are: str = "State"
    draws: bool = True

    @property
    def table(self) -> Table[Any]:
        """Its table; raises LookupError for a group without one."""
        if self.group.table is None:
            raise LookupError(self.group.title)
        return self.group.table


_ALIVE: Final = tuple(s for s in CheckoutState if s not in (CheckoutState.TERMINATED, CheckoutState.EXPIRED))
_LISTED: Final = (*refund.SOFT, RefundState.SUCCESS)

CHAPTERS: Final = (
    Chapter(
        group=citations.ATTEMPT,
        message=(
            "An attempt is what Juspay calls a transaction. Its inputs are Juspay's answers to our own questions, and"
            " nothing else: no webhook, return URL or SDK event is an input here. `UNSEEN` is an attempt of which we"
            " know nothing yet. `PARTIAL`, `CHARGED` and `AUTO_REFUNDED` are proved money and only ever go forward."
        ),
        families={"Money is proved, for good": attempt.HARD},
    ),
    Chapter(
        group=citations.REFUND,
        message=(
            "A refund is reserved and stored before anything is sent (`REQUESTED`). Then only Juspay's list of the"
            " order's refunds decides, or a person where Juspay itself does not know. Every state but `FAILURE` and"
            " `REJECTED` keeps the refund's amount back from other refunds."
        ),
        families={"Juspay lists it, or a person settled it": _LISTED},
    ),
    Chapter(
        group=citations.CHECKOUT,
        message=(
            "A checkout follows the steps of the app. The app is believed for nothing but the step it is in: no money"
            " moves here, and no order ever waits for a checkout."
        ),
        families={"The checkout is alive": _ALIVE},
    ),
    Chapter(
        group=citations.ORDER,
        message=(
            "An order's status is not stored and not set: it is worked out from its attempts, its refunds and Juspay's"
            " newest answer. So this table moves nothing; it says which commands a status allows. An allowed command"
            f" still has to pass the rules without a table (G1 to {guards.GUARDS[-1].id}, below)."
        ),
        states_are="Status",
        draws=False,
    ),
    Chapter(
        group=citations.SALE,
        message=(
            "Cash, cancelling and another price are the merchant's own word. Juspay is told of a price only, and none"
            " of these moves money: what Juspay answers decides, here as everywhere."
        ),
        states_are="Status",
        draws=False,
    ),
)

# --- the page ---------------------------------------------------------------------------------------------------------


def page() -> str:
    """The whole of `docs/reference/lifecycle.md`."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# The lifecycle, rule by rule"
    yield ""
    yield "<!-- Made by `make docs` from the rules in core/. Do not edit: change the rules. -->"
    yield ""
    yield (
        "Everything Paystate decides, it decides by one of the rules on this page. A refusal of the service names its"
        " rule and links to it on a page that the service has itself, `/docs/rules`, and the terminal links to this"
        " one; the timeline of an order names the rules behind each moment. A rule that is not on this page does not"
        " exist."
    )
    yield ""
    yield from _contents()
    yield from _how_to_read()
    yield from _whole()
    yield from _statuses()
    for chapter in CHAPTERS:
        yield from _chapter(chapter)
    yield from _rules_without_table()
    yield from _catalogue()
    yield from _explored(report.small())


def _contents() -> Iterator[str]:
    titles = (
        "How to read this page",
        "The whole flow",
        "Statuses of an order",
        *(chapter.group.title for chapter in CHAPTERS),
        "Rules without a table",
        "Juspay's words and what they mean to us",
        EXPLORED,
    )
    yield from (f"- [{title}](#{slug(title)})" for title in titles)
    yield ""


def _how_to_read() -> Iterator[str]:
    yield "## How to read this page"
    yield ""
    yield (
        "Each table below is total: every input has an answer in every state, and exactly one rule gives it. **Bold**"
        " in a grid means that the state changes. `newer` and `older` do not speak of clocks: every question to Juspay"
        " carries the version of the order that was read when it was asked, and an answer is *older* when a later"
        " question has been answered already."
    )
    yield ""
    yield from grid(("Outcome", "What it means"), ([f"**{name}**", says] for name, says in citations.OUTCOMES.items()))
    yield (
        f"*Contract* is the section of [what we know of Juspay]({CONTRACT}) that a rule rests on. *Mark* says how sure"
        " we are:"
    )
    yield ""
    yield from grid(("Mark", "What it means"), ([f"**{name}**", says] for name, says in citations.MARKS.items()))


def _whole() -> Iterator[str]:
    yield "## The whole flow"
    yield ""
    yield (
        "Each lane is one lifecycle. The checkout follows the app and moves no money. The order follows Juspay's"
        " answers alone. Each refund has a lifecycle of its own. Each lane is drawn in full below."
    )
    yield ""
    yield diagrams.lifecycle()
    yield ""


def _statuses() -> Iterator[str]:
    yield "## Statuses of an order"
    yield ""
    yield (
        "This is the word that the API shows as `status`. It is worked out each time, from evidence alone. `paid`"
        " answers another question: it is true when money is proved and no open reason blocks fulfilment, and it stays"
        " true when the money is given back. The warehouse should look at `may_fulfil`, which also looks at money that"
        " goes back."
    )
    yield ""
    yield diagrams.status_diagram()
    yield ""
    orders = diagrams.sample_orders()
    rows = ([f"`{label}`", wording.STATUS[label], "yes" if is_paid(orders[label]) else "no"] for label in Status)
    yield from grid(("Status", "In plain words", "`paid`, with no open reason"), rows)


def _chapter(chapter: Chapter) -> Iterator[str]:
    table = chapter.table
    yield f"## {chapter.group.title}"
    yield ""
    yield chapter.message
    yield ""
    if chapter.draws:
        yield diagrams.state_diagram(table, chapter.families)
        yield ""
        yield "An arrow's label names its rules. Only the grid below shows what changes nothing."
        yield ""
    yield from _cells(chapter)
    yield from _rules(table.rules.values(), table)


def _cells(chapter: Chapter) -> Iterator[str]:
    table = chapter.table
    if len(table.inputs) < len(table.states) and not chapter.draws:
        head = (chapter.states_are, *(f"`{name}`" for name in table.inputs))
        rows = ([f"`{state}`", *(_cell(table, state, name) for name in table.inputs)] for state in table.states)
    else:
        head = ("Input", *(f"`{state}`" for state in table.states))
        rows = ([f"`{name}`", *(_cell(table, state, name) for state in table.states)] for name in table.inputs)
    yield from grid(head, rows)


def _cell(table: Table[Any], state: str, input_class: str) -> str:
    rule = table.step(state, input_class).rule
    link = f"[{rule.id}](#{rule.id.lower()})"
    return f"**{link}**" if rule.outcome in MOVING else link


def _rules(rules: Iterable[Rule], table: Table[Any] | None = None) -> Iterator[str]:
    head = ("Rule", "What it says", "Outcome", "Contract", "Mark")
    yield from grid(
        head, ([_anchor(rule), rule.message, _outcome(rule, table), _ref(rule.ref), rule.mark] for rule in rules)
    )


def _anchor(rule: Rule) -> str:
    return f'<a id="{rule.id.lower()}"></a>**{rule.id}**'


def _outcome(rule: Rule, table: Table[Any] | None) -> str:
    if rule.to is None or table is None:
        return rule.outcome
    return f"{rule.outcome} to {'the state that the answer names' if rule.to == NAMED else f'`{rule.to}`'}"


def _ref(ref: str) -> str:
    return contract_link(ref, CONTRACT)


def _rules_without_table() -> Iterator[str]:
    yield "## Rules without a table"
    yield ""
    yield "These rules look at amounts, times or names, so they are code and not rows. They have ids like the others."
    yield ""
    yield "### Of orders and refunds"
    yield ""
    yield from _rules(guards.GUARDS)
    yield "### Of checkouts"
    yield ""
    yield from _rules(checkout.GUARDS)
    yield "### Of settlements"
    yield ""
    yield (
        "A report of a bank or gateway is [held against](../how-to/settle-the-day.md) what orders know. These rules"
        " change no order."
    )
    yield ""
    yield from _rules(citations.SETTLEMENTS.guards)


def _catalogue() -> Iterator[str]:
    yield "## Juspay's words and what they mean to us"
    yield ""
    yield (
        "Words are compared exactly. A word that is not listed here counts as `UNKNOWN`: neither success nor failure,"
        " and Juspay is asked again. The number is shown for reference; the word decides."
    )
    yield ""
    yield "### Orders and transactions"
    yield ""
    head = ("Juspay's word", "Number", "We treat it as", "Meaning", "Contract", "Mark")
    yield from grid(head, (_word(row) for row in statuses.ORDER_STATUSES.values()))
    yield "These occur as a transaction's word only:"
    yield ""
    only = (row for word, row in statuses.TXN_STATUSES.items() if word not in statuses.ORDER_STATUSES)
    yield from grid(head, (_word(row) for row in only))
    yield (
        "A transaction's word never proves more than the order's own word does: a transaction that reads `CHARGED` is a"
        " partial capture while its order reads `PARTIAL_CHARGED`, and counts as `PENDING` beside an order that is not"
        " charged at all."
    )
    yield ""
    yield "### Refunds"
    yield ""
    words = ([f"`{word}`", f"`{kind}`"] for word, kind in statuses.REFUND_STATUSES.items())
    yield from grid(("Juspay's word", "We treat it as"), words)
    yield "### Refused refund calls"
    yield ""
    yield (
        "This is what an error code of a refund call proves. Any other code proves nothing, and then only Juspay's list"
        " of the order's refunds decides."
    )
    yield ""
    codes = ([f"`{code}`", kind] for code, kind in statuses.REFUND_REFUSALS.items())
    yield from grid(("Juspay's code", "It is"), codes)
    message = {
        statuses.Refusal.FINAL: "it was not made, and the same call never will be",
        statuses.Refusal.PROVES_NOTHING: "it may have been made before, or not at all",
        statuses.Refusal.NOT_ACCEPTED: "Juspay did not look at it, so it is safe to send again",
    }
    yield from grid(("It is", "Which means"), ([kind, message[kind]] for kind in statuses.Refusal))


def _word(row: statuses.StatusWord) -> list[str]:
    number = "-" if row.status_id is None else str(row.status_id)
    return [f"`{row.word}`", number, f"`{row.kind}`", row.message, _ref(row.ref), row.mark]


def _explored(exploration: Exploration) -> Iterator[str]:
    yield f"## {EXPLORED}"
    yield ""
    yield (
        "A program tries all of the rules above. In small worlds it tries every input in every state, with the rules"
        " that the service uses, until it finds nothing new or reaches the world's bound. `paystate explore` runs it on"
        f" any machine. It found {exploration.states:,} states in {exploration.steps:,} steps, took"
        f" {exploration.pairs:,} pairs of answers in both orders, and found nothing wrong. `make prove` does the same"
        " in larger worlds."
    )
    yield ""
    rows = ([one.name, one.bounds, f"{one.states:,}", f"{one.steps:,}", f"{one.pairs:,}"] for one in exploration.worlds)
    yield from grid(("World", "What it holds", "States", "Steps", "Pairs of answers"), rows)
    yield "These laws are checked at every step. Tests call them by these numbers:"
    yield ""
    yield from grid(("Law", "What must hold"), ([law.name, law.message] for law in report.laws()))
    yield (
        f"The tables have {exploration.cells} cells. Only these were never reached. Each has its rule all the same. The"
        " exploration fails if one of them is reached, or if another is not."
    )
    yield ""
    yield from grid(
        ("Table", "Cells", "Why nothing reaches them"),
        ([one.table, str(len(one.cells)), one.because] for one in UNREACHABLE),
    )
    yield "Every rule without a table was named by some step, except these:"
    yield ""
    yield from grid(
        ("Rule", "Why no step names it"),
        ([f"[{rule_id}](#{rule_id.lower()})", because] for rule_id, because in UNNAMED_GUARDS.items()),
    )
    yield (
        f"A search that finds nothing may be unable to find anything. So {len(FAULTS)} faults were planted in the"
        " rules, one at a time. The search found each of them, in the smallest number of steps:"
    )
    yield ""
    yield from grid(
        ("What was broken", "World", "Law", "Steps"),
        ([one.breaks, one.world, one.law, str(one.steps)] for one in FAULTS),
    )


# --- text -------------------------------------------------------------------------------------------------------------


def with_picture(readme: str) -> str:
    """The README with today's picture between its two marks; raises ValueError where they are missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README} has no place for the picture")
    return f"{before}{BEGIN}\n\n{diagrams.lifecycle()}\n\n{END}{after}"


def stale(root: Path = ROOT) -> dict[Path, str]:
    """What should be written, by file, where it differs from what stands there."""
    readme = (root / README).read_text("utf-8")
    should = {
        PAGE: (_written(root / PAGE), page()),
        BOOK: (_written(root / BOOK), what_happens_when.page()),
        FIDELITY: (_written(root / FIDELITY), fidelity_page.page()),
        WEBHOOKS: (_written(root / WEBHOOKS), webhook_page.page()),
        ANNOUNCEMENTS: (_written(root / ANNOUNCEMENTS), announcement_page.page()),
        METRICS: (_written(root / METRICS), metrics_page.page()),
        SANDBOX: (_written(root / SANDBOX), sandbox_page.page()),
        SANDBOX_OPENAPI: (_written(root / SANDBOX_OPENAPI), sandbox_page.openapi()),
        PERFORMANCE: (_written(root / PERFORMANCE), performance_page.page()),
        README: (readme, with_picture(readme)),
    }
    return {name: after for name, (before, after) in should.items() if before != after}


def _written(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write what is stale; with `--check` only name it, and return 1 if there is any; 2 where there are no pages."""
    if not (root / README).exists():
        sys.stderr.write("The pages can only be written in a clone of the repository.\n")
        return 2
    changed = stale(root)
    for name, text in changed.items():
        if "--check" not in arguments:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        sys.stderr.write(f"{name} {'is stale: run `make docs`' if '--check' in arguments else 'was written'}\n")
    return 1 if changed and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
