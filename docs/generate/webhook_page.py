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

Juspay sends a webhook when something has happened. Paystate's service treats all of them alike: it checks the sender,
stores the body, answers 200 and asks Juspay for the order. The name of an event decides nothing, so an event that is
not listed here is treated like the others.

If you use the client alone, you can read the whole body. `read_notice(body)` of `paystate.adapters.juspay` gives a
notice of one of the kinds below. An unknown event gives an `UnknownNotice` with its name. Only a body that is not a
JSON object is refused. A notice is a claim: check the sender first, then ask for the order and act on that answer.
`notice.key` is the same for every repeat: the event's id, or the body's digest if it has no id.

According to what Juspay has published, a body is built like this:

- Events of orders and refunds, `TXN_CREATED` and `LOAN_ACTIVE` hold the order: `notice.order`.
- `TXN_CHARGED` and `TXN_FAILED` hold the transaction alone: `notice.txn`, with its `order_id`. `notice.order` is None.
- Events of mandates hold the mandate alone: `notice.mandate`, with the `order_id` that it was made with.
- Events of notifications hold the notification. They name a mandate and no order.
- The form of a chargeback is not published. `notice.content` has everything that came, as it does for all events.

An order in a webhook hides many members behind the word `FILTERED`, sometimes even `effective_amount`. Such a member is
empty. Transactions and mandates name no merchant. Paystate takes the merchant whose address and password the webhook
came with, and asks Juspay for the order in the same way. The envelope is that of
{contract_link("I.2", _CONTRACT)}.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_table()]).rstrip("\n") + "\n"


def _table() -> Iterator[str]:
    rows = ((f"`{event.name}`", event.message, f"`{event.kind.__name__}`", event.source) for event in EVENTS.values())
    yield f"The names are from {contract_link('I.3', _CONTRACT)}. *Recorded* means that a published body has it,"
    yield "or one of Juspay's clients. *Secondary* means that others say so and we could not check it."
    yield ""
    yield from grid(("Event", "What it says", "Kind", "The name is"), rows)
