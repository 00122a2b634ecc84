"""From what a person named on the command line to what the database holds.

Several commands share these look-ups, and what is said if there is no such thing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, tzinfo

from paystate.core.errors import ValueInvalid
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.money import Money
from paystate.core.orders.order import Order
from paystate.core.policy import Policy
from paystate.core.ports.store import InboxRow, Orders, Store
from paystate.core.requester import Requester, check_person
from paystate.core.text import NAME_MAX, NOTE_MAX
from paystate.entrypoints.cli.common import not_blank
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings


def merchant_named(settings: Settings, merchant: str | None) -> str:
    """The merchant, or the only one there is; raises ConfigError where one has to be named, and for a blank name."""
    if merchant is not None:
        return not_blank(merchant, "--merchant")
    if len(settings.merchants) != 1:
        names = ", ".join(settings.merchants)
        raise ConfigError(ConfigProblem("--merchant", "is needed here", f"name one of: {names}"))
    return next(iter(settings.merchants))


def merchants_named(settings: Settings, merchant: str | None) -> Sequence[str]:
    """The merchant, or all there are; raises ConfigError for one that is not set up."""
    if merchant is None:
        return [*settings.merchants]
    check_set_up(settings, not_blank(merchant, "--merchant"))
    return [merchant]


def policy_of(settings: Settings, merchant_id: str) -> Policy:
    """What the merchant has chosen; raises ConfigError for one that is not set up."""
    check_set_up(settings, merchant_id)
    return settings.merchants[merchant_id].policy.policy()


def zone_of_merchant(settings: Settings, merchant_id: str) -> tzinfo:
    """Where the merchant's people read the clock; UTC for one that is not set up; raises ConfigError for no zone."""
    if merchant_id not in settings.merchants:
        return UTC
    try:
        return settings.merchants[merchant_id].zone
    except (KeyError, OSError, ValueError):
        setting = f"merchants.{merchant_id}.time_zone"
        fix = 'give a name of the IANA database, such as "Asia/Kolkata"'
        raise ConfigError(ConfigProblem(setting, "is no time zone that this machine knows", fix)) from None


def check_set_up(settings: Settings, merchant_id: str) -> None:
    """Raise ConfigError for a merchant that is not set up: that nothing is found of it says nothing."""
    if merchant_id not in settings.merchants:
        raise _not_set_up(settings, f"{merchant_id} is not set up")


def has_no(settings: Settings, merchant_id: str, what: str, setting: str, fix: str) -> ConfigError:
    """That a merchant has no such thing, and of one that is not set up, that as well: most often it is misspelled."""
    if merchant_id not in settings.merchants:
        return _not_set_up(settings, f"{merchant_id} is not set up, and no {what} of it is stored")
    return ConfigError(ConfigProblem(setting, f"{merchant_id} has no {what}", fix))


def _not_set_up(settings: Settings, message: str) -> ConfigError:
    names = ", ".join(settings.merchants)
    fix = "add it to the settings"
    return ConfigError(ConfigProblem("--merchant", message, f"name one of: {names}; or {fix}" if names else fix))


def order_id_named(order_id: str, setting: str = "order") -> str:
    """The id; raises ConfigError for what can be no order's."""
    try:
        return checked_order_id(order_id)
    except ValueInvalid:
        raise ConfigError(ConfigProblem(setting, "is not an order id", "use 1 to 31 of A-Z a-z 0-9 _ -")) from None


@asynccontextmanager
async def order_named(settings: Settings, merchant: str | None, order_id: str) -> AsyncGenerator[tuple[Store, Order]]:
    """The database and one order in it; raises ConfigError if there is none."""
    key = OrderKey(merchant_named(settings, merchant), order_id_named(order_id))
    async with bootstrap.opened_store(settings) as store:
        yield store, await order_in(settings, store, key)


async def order_in(settings: Settings, store: Orders, key: OrderKey, setting: str = "order") -> Order:
    """The order; raises ConfigError if there is none."""
    order = await store.load(key)
    if order is None:
        raise has_no(settings, key.merchant_id, f"order {key.order_id}", setting, "check the id and the merchant")
    return order


def person_named(by: str) -> Requester:
    """Who stands at the terminal; raises ConfigError for what is no person's name."""
    person = Requester(by)
    try:
        check_person(person, "/by")
    except ValueInvalid as wrong:
        fix = f"give a name of up to {NAME_MAX} characters, on one line"
        raise ConfigError(ConfigProblem("--by", wrong.rule, fix)) from None
    return person


def note_refused(wrong: ValueInvalid) -> ConfigProblem:
    """What is wrong with a note."""
    return ConfigProblem("--note", wrong.rule, f"give a note of up to {NOTE_MAX} characters, on one line")


def amount_named(order: Order, amount: str, setting: str) -> Money:
    """An amount of the order's currency, in major units; raises ConfigError if it is not one."""
    try:
        return Money.parse(amount, order.amount.currency)
    except ValueInvalid:
        fix = "give major units, such as 100.00"
        raise ConfigError(ConfigProblem(setting, f"is not an amount of {order.amount.currency}", fix)) from None


@asynccontextmanager
async def webhook_named(
    settings: Settings, merchant: str | None, row_id: int
) -> AsyncGenerator[tuple[Store, InboxRow]]:
    """The database and one webhook in it; raises ConfigError if there is none."""
    merchant_id = merchant_named(settings, merchant)
    async with bootstrap.opened_store(settings) as store:
        row = await store.inbox_row(merchant_id, row_id)
        if row is None:
            fix = "`paystate inbox list --all` shows which there are"
            raise has_no(settings, merchant_id, f"webhook {row_id}", "webhook", fix)
        yield store, row
