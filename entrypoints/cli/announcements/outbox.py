"""Deliveries on the terminal: listed, shown, sent again; and those to whom they go, taken up again or forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from paystate.core.announcements.subscription import kinds_wanted
from paystate.core.errors import ValueInvalid
from paystate.core.ports.outbox import DeliveryRow, DeliveryState, OutboxRow
from paystate.core.ports.store import Store
from paystate.core.timestamps import stamp
from paystate.core.use_cases.announcements import replay as replaying
from paystate.core.use_cases.announcements.replay import Kinds, Replayed, Wish
from paystate.entrypoints.cli.lookups import (
    check_set_up,
    merchant_named,
    order_id_named,
    person_named,
    zone_of_merchant,
)
from paystate.entrypoints.cli.terminal import Terminal, in_zone_of, print_rows, print_values, printed_as_json, say
from paystate.entrypoints.interface.views.announcement_views import delivery_view, event_of, replay_view
from paystate.entrypoints.setup import bootstrap, logs
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

_log: Final = Logger("paystate.outbox")

PAGE: Final = 50
SHOWN_MAX: Final = 200
"""Announcements that a replay names one by one in a table; all are counted, and all are named in JSON."""
GONE_S: Final = 15 * 60
"""Whoever hears nothing for so long, though something waits, may be forgotten; the alert on late deliveries agrees."""
_HEADINGS: Final = ("announced", "what", "order", "endpoint", "state", "id")
_REPLAYED: Final = ("announced", "what", "order", "to", "id")


@frozen(kw_only=True)
class Only:
    """Which deliveries are listed."""

    endpoint: str = ""
    order_id: str = ""
    state: DeliveryState | None = None
    before: int | None = None


async def show_list(settings: Settings, merchant: str | None, console: Terminal, only: Only) -> None:
    """Print deliveries, newest first."""
    merchant_id = merchant_named(settings, merchant)
    if only.order_id:
        order_id_named(only.order_id, "--order")
    async with bootstrap.opened_store(settings) as store:
        rows = await store.deliveries(
            merchant_id,
            subscriber=only.endpoint,
            order_id=only.order_id,
            state=only.state,
            before=only.before,
            limit=PAGE + 1,
        )
        known = await store.subscriptions(bootstrap.clock(settings, None).now())
    if not rows:
        check_set_up(settings, merchant_id)
    if printed_as_json(console, lambda: _page(rows)):
        return
    in_zone_of(console, zone_of_merchant(settings, merchant_id))
    if rows:
        print_rows(_HEADINGS, map(_cells, rows[:PAGE]), console)
    ours = [one for one in known if one.merchant_id == merchant_id]
    is_anybody = bool(_endpoints(settings, merchant_id)) or any(one.handles for one in ours)
    say(_notes(rows, is_anybody=is_anybody), console)
    for one in ours:
        if one.paused_at is not None:
            begins = f"{one.subscriber} gets nothing since {stamp(one.paused_at)}: it answered 410 (Gone)."
            say((f"{begins} `paystate outbox resume {one.subscriber}` sends to it again.",), console)


def _page(rows: Sequence[DeliveryRow]) -> dict[str, object]:
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    return {"deliveries": [delivery_view(row) for row in rows[:PAGE]], "next": more}


def _notes(rows: Sequence[DeliveryRow], *, is_anybody: bool) -> list[str]:
    if not rows:
        nobody = "No endpoint is set up and no handler is known, so nothing is sent."
        return ["Nothing was sent or is to be sent." if is_anybody else nobody]
    if len(rows) > PAGE:
        return [f"There are more: add `--before {rows[PAGE - 1].id}`."]
    return []


def _cells(row: DeliveryRow) -> tuple[str, ...]:
    one = row.announcement
    return stamp(one.at), one.once_key, one.order_id, row.subscriber, _state(row), one.event_id


def _state(row: DeliveryRow) -> str:
    tries = f"{row.tries} {'try' if row.tries == 1 else 'tries'}"
    last = f"after {tries}, {row.outcome}" if row.outcome else ""
    if row.state is not DeliveryState.WAITING:
        return f"{row.state} {last}"
    if row.due_at is None:
        return "waits behind another one of its order"
    return f"due {stamp(row.due_at)} {last}".strip()


async def show(settings: Settings, merchant: str | None, event_id: str, console: Terminal) -> None:
    """Print one announcement and what became of it."""
    merchant_id = merchant_named(settings, merchant)
    async with bootstrap.opened_store(settings) as store:
        row = await _announcement(settings, store, merchant_id, event_id)
        event = await event_of(store, row)
        deliveries = await store.deliveries(merchant_id, event_id=event_id)
    if printed_as_json(
        console, lambda: {"announcement": event, "deliveries": [delivery_view(one) for one in deliveries]}
    ):
        return
    in_zone_of(console, zone_of_merchant(settings, merchant_id))
    (fact,) = event.data.facts
    print_values(
        (
            ("what", row.once_key),
            ("id", row.event_id),
            ("order", f"{row.order_id}, version {row.version}"),
            ("announced", stamp(row.at)),
            ("because", fact.title),
            ("order then", f"{event.data.order.status}, may fulfil: {'yes' if event.data.order.may_fulfil else 'no'}"),
        ),
        console,
    )
    if deliveries:
        print_rows(_HEADINGS, map(_cells, deliveries), console)
    else:
        say(("It was sent to nobody. It can be pulled.",), console)


async def _announcement(settings: Settings, store: Store, merchant_id: str, event_id: str) -> OutboxRow:
    row = await store.announcement(merchant_id, event_id)
    if row is None:
        check_set_up(settings, merchant_id)
        message = f"{merchant_id} has no announcement {event_id}, or it is kept no more"
        fix = "`paystate outbox replay --order ORDER --dry-run --by NAME` lists all that an order announced"
        raise ConfigError(ConfigProblem("id", message, fix))
    return row


async def replay(
    settings: Settings,
    merchant: str | None,
    wish: Wish,
    endpoint: str,
    console: Terminal,
    *,
    by: str,
    dry_run: bool,
) -> None:
    """Deliver announcements once more, or only say which. Who had it done is logged, also if it fails midway."""
    merchant_id, person = merchant_named(settings, merchant), person_named(by).person
    _check(wish)
    endpoints, clock = _endpoints(settings, merchant_id), bootstrap.clock(settings, None)
    shown: list[Replayed] = []
    count = 0
    async with bootstrap.opened_store(settings) as store:
        everybody = await replaying.everybody(store, clock, merchant_id, endpoints)
        if not everybody and endpoint:
            check_set_up(settings, merchant_id)
        kinds = _only_to(endpoint, everybody)
        if dry_run:
            found = replaying.would_replay(store, clock, merchant_id, kinds, wish)
        else:
            found = replaying.replay(store, clock, merchant_id, kinds, wish)
        try:
            async for one in found:
                count += 1
                if console.collects or count <= SHOWN_MAX:
                    shown.append(one)
        finally:
            if count and not dry_run:
                _log_replay(merchant_id, count, person)
    if not count:
        check_set_up(settings, merchant_id)
    if printed_as_json(console, lambda: replay_view(shown, dry_run=dry_run)):
        return
    in_zone_of(console, zone_of_merchant(settings, merchant_id))
    if shown:
        print_rows(_REPLAYED, map(_replayed_cells, shown), console)
    handlers = sorted({name for one in shown for name in one.to} - endpoints.keys())
    say([*_of_replay(count, kinds, dry_run=dry_run), *_by_programs(handlers)], console)


def _log_replay(merchant_id: str, count: int, by: str) -> None:
    """One line on standard error, as the console writes it: a delivery is no fact of its order's journal."""
    logs.configure()
    _log.info("delivered again", merchant_id=merchant_id, count=count, by=by)


def _check(wish: Wish) -> None:
    if not wish.says_which:
        fix = "give an ID, --order, --since or --dead"
        raise ConfigError(ConfigProblem("replay", "does not say which announcements", fix))
    if wish.order_id:
        order_id_named(wish.order_id, "--order")


def _endpoints(settings: Settings, merchant_id: str) -> Kinds:
    """What each endpoint of the settings wants."""
    endpoints = settings.merchants[merchant_id].subscribers if merchant_id in settings.merchants else ()
    try:
        return {one.name: kinds_wanted(one.events) for one in endpoints}
    except ValueError:
        fix = "`paystate doctor` says which; correct it first"
        raise ConfigError(ConfigProblem("endpoints", "have events that are never announced", fix)) from None


def _only_to(name: str, kinds: Kinds) -> Kinds:
    try:
        return replaying.only_to(name, kinds)
    except ValueInvalid as wrong:
        names = ", ".join(kinds) or "none is set up, and no program has made a handler known"
        raise ConfigError(ConfigProblem("--endpoint", wrong.rule, f"name one of: {names}")) from None


def _of_replay(count: int, kinds: Kinds, *, dry_run: bool) -> list[str]:
    if not count:
        return ["Nothing of that was announced."]
    more = [f"{count - SHOWN_MAX:,} more are not listed here; --json lists all."] if count > SHOWN_MAX else []
    if dry_run:
        return [*more, f"{count:,} would {'come again' if kinds else 'be there to pull'}. Nothing is changed."]
    if kinds:
        return [*more, f"{count:,} come again. The worker in `paystate serve` or `paystate worker` will send them."]
    return [
        *more,
        f"{count:,} can be pulled. What was kept no more comes at the end, all else behind an earlier cursor.",
    ]


def _by_programs(handlers: Sequence[str]) -> list[str]:
    """Who delivers to handlers: this program does not have their code."""
    if not handlers:
        return []
    names = ", ".join(handlers)
    return [
        f"The worker of your own program that registers them with `pay.on` calls the handlers: {names}.",
        "A handler runs again for what it has done already.",
    ]


def _replayed_cells(one: Replayed) -> tuple[str, ...]:
    to = ", ".join([*one.to, *(f"{name} (being sent)" for name in one.under_way)]) or "nobody; it can be pulled"
    return stamp(one.at), one.announced.once_key, one.key.order_id, to, one.event_id


async def resume(settings: Settings, merchant: str | None, endpoint: str, console: Terminal) -> None:
    """Send to an endpoint again."""
    merchant_id = merchant_named(settings, merchant)
    async with bootstrap.opened_store(settings) as store:
        is_resumed = await store.resume_subscriber(merchant_id, endpoint)
    if not is_resumed:
        check_set_up(settings, merchant_id)
        fix = "`paystate outbox list` says which endpoints get nothing"
        raise ConfigError(ConfigProblem("endpoint", f"{endpoint} was not stopped", fix))
    since = "`paystate outbox replay --dead --by NAME` or `--since` sends what it has missed."
    say((f"{endpoint} gets what is announced from now on. {since}",), console)


async def unsubscribe(settings: Settings, merchant: str | None, name: str, console: Terminal) -> None:
    """Forget a subscriber that is there no more.

    One for whom a program works is left alone: it would be told nothing until its program starts again.
    """
    merchant_id, now = merchant_named(settings, merchant), bootstrap.clock(settings, None).now()
    if name in _endpoints(settings, merchant_id):
        fix = "take it out of the settings and restart the service first"
        raise ConfigError(ConfigProblem("name", f"{name} is an endpoint of the settings", fix))
    async with bootstrap.opened_store(settings) as store:
        known = {one.subscriber: one for one in await store.subscriptions(now) if one.merchant_id == merchant_id}
        if name not in known:
            check_set_up(settings, merchant_id)
            fix = f"name one of: {', '.join(known) or 'there is none'}"
            raise ConfigError(ConfigProblem("name", f"nobody is known as {name}", fix))
        (backlog,) = await store.delivery_backlog([(merchant_id, name)])
        since = backlog.waiting.since
        if known[name].paused_at is None and (since is None or (now - since).total_seconds() < GONE_S):
            fix = "end the program that has it, and try again when something has waited for a quarter of an hour"
            raise ConfigError(ConfigProblem("name", f"{name} is not behind, so a program may work for it", fix))
        await store.unsubscribe(merchant_id, name, now, outcome="forgotten")
    again = "Whoever takes that name again begins with what is announced from then on."
    say((f"{name} is forgotten, and what waited for it ({backlog.waiting.count:,}) is given up. {again}",), console)
