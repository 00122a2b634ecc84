"""Writes `docs/reference/webhooks.md`: every event that Juspay may send, and the notice that it gives.

The rows are the reader's own table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generate.markdown import contract_link, grid
from paystate.adapters.juspay.notices import EVENTS

_CONTRACT: Final = "../gateway-contract.md"
_INTRODUCTION: Final = f"""# Webhooks, event by event

Made by `make docs` from the table that reads them.

Juspay sends a webhook when something has happened. Paystate's service takes each in the same way: it checks who sends
it, stores the body, answers 200 and asks Juspay for the order. No event's name decides anything, so one that is not
listed here is taken like the rest.

If you use the client alone, you can read a body whole. `read_notice(body)` of `paystate.adapters.juspay` gives a notice
of one of the kinds below; an event that is new to us gives an `UnknownNotice` with its name, and only a body that is no
JSON object is refused. A notice is a claim: check the sender first, then ask for the order and act on that answer.
`notice.key` is the same for every repeat: the event's id, or the body's digest where there is none.

Where things stand in a body, by what Juspay has published:

- Events of orders and refunds, `TXN_CREATED` and `LOAN_ACTIVE` hold the order: `notice.order`.
- `TXN_CHARGED` and `TXN_FAILED` hold the transaction alone: `notice.txn`, with its `order_id`. `notice.order` is None.
- Events of mandates hold the mandate alone: `notice.mandate`, with the `order_id` that it was made with.
- Events of notifications hold the notification. They name a mandate and no order.
- How a chargeback looks is nowhere published. Everything that came is in `notice.content`, here as everywhere.

An order in a webhook hides a good deal behind the word `FILTERED`, at times even `effective_amount`: such a member is
empty. Transactions and mandates name no merchant. Paystate takes theirs to be the one whose address and password the
webhook came with, and asks Juspay for the order in the same way. The envelope is that of
{contract_link("I.2", _CONTRACT)}.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_table()]).rstrip("\n") + "\n"


def _table() -> Iterator[str]:
    rows = ((f"`{event.name}`", event.message, f"`{event.kind.__name__}`", event.source) for event in EVENTS.values())
    yield f"The names are from {contract_link('I.3', _CONTRACT)}. *Recorded* means that a published body has it,"
    yield "or a client of Juspay's; *secondary* that others say so and we could not check it."
    yield ""
    yield from grid(("Event", "What it says", "Kind", "The name is"), rows)
