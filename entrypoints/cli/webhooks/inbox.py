"""Webhooks on the terminal: listed, shown, and processed again.

What may be shown of a body is decided here. Nobody is asked, and only a replay changes anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from rich.console import Console

from paystate.adapters.juspay.webhooks import read_webhook
from paystate.core.describe.wording import webhook_verdict, webhook_verdict_explained
from paystate.core.ports.store import InboxRow
from paystate.core.timestamps import stamp
from paystate.core.use_cases import webhooks
from paystate.entrypoints.cli.lookups import (
    check_set_up,
    merchant_named,
    order_id_named,
    webhook_named,
    zone_of_merchant,
)
from paystate.entrypoints.cli.terminal import in_zone_of, print_rows, print_values, say
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings import Settings

PAGE: Final = 50
_HEADINGS: Final = ("id", "received", "event", "order", "verdict", "again", "")
_OTHER_BODY, _FLOOD, _NO_BODY = "!", "+", "-"
_ENVELOPE: Final = ("id", "event_name", "date_created")
_ORDER: Final = ("order_id", "merchant_id", "status", "status_id", "amount", "currency", "txn_id")
_REFUND: Final = ("unique_request_id", "id", "amount", "status")
_REFUNDS_MAX: Final = 25
_PLAIN: Final = re.compile(r"[A-Za-z0-9 _.:+/-]{0,128}", re.ASCII)
"""What may reach a terminal: no control character, and no sign that an e-mail address needs."""
_NOT_SHOWN: Final = "(kept, not shown)"


async def show_list(
    settings: Settings, merchant: str | None, console: Console, *, everything: bool, order_id: str, before: int | None
) -> None:
    """Print the webhooks that could not be used, or all of them, newest first."""
    merchant_id = merchant_named(settings, merchant)
    if order_id:
        order_id_named(order_id, "--order")
    async with bootstrap.opened_store(settings) as store:
        rows = await store.inbox(
            merchant_id, order_id=order_id, quarantined=not everything, before=before, limit=PAGE + 1
        )
    if not rows:
        check_set_up(settings, merchant_id)
        say(("No webhook has come." if everything else "Every webhook could be used, or still waits.",), console)
        return
    in_zone_of(console, zone_of_merchant(settings, merchant_id))
    print_rows(_HEADINGS, map(_cells, rows[:PAGE]), console)
    say(_notes(rows), console)


async def show(settings: Settings, merchant: str | None, row_id: int, console: Console) -> None:
    """Print one webhook, and of its body what a support person needs."""
    async with webhook_named(settings, merchant, row_id) as (_, row):
        in_zone_of(console, zone_of_merchant(settings, row.merchant_id))
        print_values(_facts(row), console)
        say(("", *_body(row)), console)


async def replay(settings: Settings, merchant: str | None, row_id: int, console: Console, *, dry_run: bool) -> None:
    """Let a webhook wait once more, or only say what would become of it."""
    async with webhook_named(settings, merchant, row_id) as (store, row):
        verdict = await webhooks.would_settle(store, settings.merchants, read_webhook, row)
        if not dry_run:
            await webhooks.replay(store, row.merchant_id, row_id)
    begins = (
        f"Webhook {row_id} is unchanged ({webhook_verdict(row.verdict)})."
        if dry_run
        else f"Webhook {row_id} waits again. The worker in `paystate serve` or `paystate worker` will process it."
    )
    say((begins, f"As things stand, the result is: {webhook_verdict_explained(verdict)}"), console)


def _cells(row: InboxRow) -> Sequence[str]:
    marks = _OTHER_BODY * row.conflicts + _FLOOD * row.is_flood + _NO_BODY * row.is_body_dropped
    again = str(row.repeats or "")
    return str(row.id), stamp(row.received_at), _name(row), _order_id(row), webhook_verdict(row.verdict), again, marks


def _order_id(row: InboxRow) -> str:
    """The order's id as Juspay spelled it; the key that it is found by is in lower case."""
    told = read_webhook(row.body)
    spelled = (told.order_id if told else None) or ""
    return spelled if spelled.lower() == row.order_key else row.order_key or ""


def _notes(rows: Sequence[InboxRow]) -> Iterator[str]:
    """What the table's signs mean, and where it goes on."""
    if any(row.conflicts for row in rows):
        yield f"{_OTHER_BODY}  another body came under the same event id"
    if any(row.is_flood for row in rows):
        yield f"{_FLOOD}  stands for all webhooks of an order that had too many to keep each; the newest is kept"
    if any(row.is_body_dropped for row in rows):
        yield f"{_NO_BODY}  the body is no longer kept"
    if len(rows) > PAGE:
        yield f"For older ones, add --before {rows[PAGE - 1].id}"


def _facts(row: InboxRow) -> Iterator[tuple[str, str]]:
    yield "webhook", str(row.id)
    yield "received", stamp(row.received_at)
    yield "event", _name(row) or "has no name"
    yield "event id", _plain(row.event_id)
    yield "order", _order_id(row) or "no order of this merchant"
    yield "verdict", webhook_verdict_explained(row.verdict)
    if row.conflicts:
        yield "take care", "another body came under the same event id; neither proves anything"
    if row.is_flood:
        yield "counts", f"{row.repeats + 1} webhooks of an order that had too many to keep each"
    else:
        yield "came again", f"{row.repeats} times" if row.repeats else "no"
        yield "SHA-256", row.digest


def _body(row: InboxRow) -> Iterator[str]:
    if row.is_body_dropped:
        why = "it was too old, or the quarantine was full"
        yield f"The body, of {row.body_bytes:,} bytes, is no longer kept: {why}."
        return
    yield f"The body, of {len(row.body):,} bytes, in part:"
    yield from _body_lines(row.body)


def _body_lines(body: bytes) -> Iterator[str]:
    """The members that hold no person's data, one a line; nothing else of a body is ever shown."""
    try:
        told = json.loads(body.decode(), parse_int=str, parse_float=str, parse_constant=str)
    except UnicodeDecodeError as wrong:
        yield f"  It is not UTF-8: byte {wrong.start} is wrong."
        return
    except json.JSONDecodeError as wrong:
        yield f"  It is not JSON: {wrong.msg}, at character {wrong.pos}."
        return
    except RecursionError:
        yield "  It is nested too deeply to be read."
        return
    yield from (f"  {name}: {value}" for name, value in _members(told))
    yield "  Everything else is kept but not shown: it may be personal data."


def _members(told: object) -> Iterator[tuple[str, str]]:
    yield from _picked(told, _ENVELOPE, "")
    order = _member(_member(told, "content"), "order")
    yield from _picked(order, _ORDER, "order.")
    refunds = _member(order, "refunds")
    listed = cast("list[object]", refunds) if isinstance(refunds, list) else []
    for number, refund in enumerate(listed[:_REFUNDS_MAX]):
        yield from _picked(refund, _REFUND, f"order.refunds[{number}].")


def _picked(value: object, names: tuple[str, ...], prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        yield from ((prefix + name, _plain(members[name])) for name in names if name in members)


def _member(value: object, key: str) -> object:
    return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None


def _name(row: InboxRow) -> str:
    return _plain(row.event_name)


def _plain(value: object) -> str:
    """A value as it may be shown."""
    if value is None:
        return "null"
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else _NOT_SHOWN
